#include <algorithm>
#include <string_view>

#include "dvsync/core/eligibility.hpp"

// Gate 0: the rows that are no directory users, whatever they look like.

namespace dvsync::core {
namespace {

constexpr char ascii_lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

bool equal_ignoring_case(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right, {}, ascii_lower, ascii_lower);
}

// Names that Dataverse itself gives to its service accounts.
std::optional<Reason> placeholder(const SystemUser& row) {
  const Text& name = row[Column::domainname];
  if (!name) return std::nullopt;
  if (equal_ignoring_case(*name, "crmoln@microsoft.com")) return Reason::support_user;
  if (equal_ignoring_case(*name, "crmoln2@microsoft.com")) return Reason::delegated_admin;
  return std::nullopt;
}

Reason kind_without_object_id(const SystemUser& row) {
  if (row.accessmode == static_cast<std::int16_t>(AccessMode::support)) return Reason::support_user;
  if (row.accessmode == static_cast<std::int16_t>(AccessMode::delegated_admin)) return Reason::delegated_admin;
  const Text& name = row[Column::fullname];
  if (name == "SYSTEM" || name == "INTEGRATION") return Reason::system_user;
  return placeholder(row).value_or(Reason::stub_user);
}

}  // namespace

std::optional<Reason> row_type_exclusion(const SystemUser& row) {
  if (row.applicationid) return Reason::application_user;
  if (!row.azureactivedirectoryobjectid) return kind_without_object_id(row);
  if (const std::optional<Reason> reason = placeholder(row)) return reason;
  if (row.deletedstate == 1) return Reason::deleted_in_dataverse;
  return std::nullopt;
}

}  // namespace dvsync::core
