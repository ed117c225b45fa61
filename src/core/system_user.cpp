#include "dvsync/core/system_user.hpp"

#include <algorithm>

#include "dvsync/core/reason.hpp"

namespace dvsync::core {
namespace {

// In the order of the enumeration.
constexpr std::array<std::string_view, column_count> column_names{
    "domainname",
    "firstname",
    "lastname",
    "fullname",
    "internalemailaddress",
    "jobtitle",
    "address1_telephone1",
    "mobilephone",
    "homephone",
    "address1_fax",
    "address1_line1",
    "address1_city",
    "address1_stateorprovince",
    "address1_postalcode",
    "address1_country",
    "islicensed",
    "isdisabled",
    "disabledreason",
    "accessmode",
    "setupuser",
    "azurestate",
    "azuredeletedon",
    "invitestatuscode",
};
static_assert(column_count == static_cast<std::size_t>(Column::invitestatuscode) + 1);
static_assert(text_column_count == static_cast<std::size_t>(Column::islicensed));

constexpr std::array<std::size_t, text_column_count> lengths{
    1024,  // domainname
    256,   // firstname
    256,   // lastname
    200,   // fullname
    100,   // internalemailaddress
    100,   // jobtitle
    64,    // address1_telephone1
    64,    // mobilephone
    50,    // homephone
    64,    // address1_fax
    1024,  // address1_line1
    128,   // address1_city
    128,   // address1_stateorprovince
    40,    // address1_postalcode
    128,   // address1_country
};

}  // namespace

std::string_view name_of(Column column) { return column_names[static_cast<std::size_t>(column)]; }

std::optional<Column> column_named(std::string_view name) {
  const auto found = std::ranges::find(column_names, name);
  if (found == column_names.end()) return std::nullopt;
  return static_cast<Column>(found - column_names.begin());
}

std::size_t length_of(Column text_column) { return lengths[static_cast<std::size_t>(text_column)]; }

Columns difference(const SystemUser& before, const SystemUser& after) {
  Columns columns;
  for (std::size_t i = 0; i < text_column_count; ++i) {
    if (before.texts[i] != after.texts[i]) columns.add(static_cast<Column>(i));
  }
  if (before.islicensed != after.islicensed) columns.add(Column::islicensed);
  if (before.isdisabled != after.isdisabled) columns.add(Column::isdisabled);
  if (before.disabledreason != after.disabledreason) columns.add(Column::disabledreason);
  if (before.accessmode != after.accessmode) columns.add(Column::accessmode);
  if (before.setupuser != after.setupuser) columns.add(Column::setupuser);
  if (before.azurestate != after.azurestate) columns.add(Column::azurestate);
  if (before.azuredeletedon != after.azuredeletedon) columns.add(Column::azuredeletedon);
  if (before.invitestatuscode != after.invitestatuscode) columns.add(Column::invitestatuscode);
  return columns;
}

RowState state_of(const SystemUser* row) {
  if (row == nullptr) return RowState::none;
  if (!row->isdisabled) return RowState::enabled;
  const bool by_sync = row->disabledreason && is_disable_code(*row->disabledreason);
  return by_sync ? RowState::disabled_by_sync : RowState::disabled_otherwise;
}

}  // namespace dvsync::core
