#pragma once
// A row: one record of an environment's systemuser table, in Dataverse's own names and option values
// (reference: Microsoft's systemuser entity). Only the columns that the rules read or write.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "dvsync/core/group_teams.hpp"
#include "dvsync/core/guid.hpp"
#include "dvsync/core/identity.hpp"
#include "dvsync/core/security_roles.hpp"

namespace dvsync::core {

// The columns the rules may write. The text columns come first: field mapping speaks of these alone.
enum class Column : std::uint8_t {
  domainname,
  firstname,
  lastname,
  fullname,
  internalemailaddress,
  jobtitle,
  address1_telephone1,
  mobilephone,
  homephone,
  address1_fax,
  address1_line1,
  address1_city,
  address1_stateorprovince,
  address1_postalcode,
  address1_country,
  // not text
  islicensed,
  isdisabled,
  disabledreason,
  accessmode,
  setupuser,
  azurestate,
  azuredeletedon,
  invitestatuscode,
};
inline constexpr std::size_t text_column_count = 15;
inline constexpr std::size_t column_count = 23;

[[nodiscard]] std::string_view name_of(Column column);
[[nodiscard]] std::optional<Column> column_named(std::string_view name);
// The most code points a text column takes (docs/rules.md, Fields).
[[nodiscard]] std::size_t length_of(Column text_column);

// A set of columns.
class Columns {
 public:
  void add(Column column) { bits_ |= bit(column); }
  void remove(Column column) { bits_ &= ~bit(column); }
  [[nodiscard]] bool contains(Column column) const { return (bits_ & bit(column)) != 0; }
  [[nodiscard]] bool empty() const { return bits_ == 0; }
  [[nodiscard]] std::uint32_t bits() const { return bits_; }
  bool operator==(const Columns&) const = default;

 private:
  static std::uint32_t bit(Column column) { return std::uint32_t{1} << static_cast<unsigned>(column); }
  std::uint32_t bits_ = 0;
};

enum class AccessMode : std::int16_t {
  read_write = 0,
  administrative = 1,
  read = 2,
  support = 3,
  non_interactive = 4,
  delegated_admin = 5,
};

enum class AzureState : std::int16_t { exists = 0, soft_deleted = 1, not_found = 2 };

struct SystemUser {
  Guid systemuserid;
  std::optional<Guid> azureactivedirectoryobjectid;
  std::optional<Guid> applicationid;
  std::int16_t deletedstate = 0;  // 1: soft deleted in Dataverse

  std::array<Text, text_column_count> texts;
  bool islicensed = false;
  bool isdisabled = false;
  Text disabledreason;
  std::int16_t accessmode = 0;  // an option value; see AccessMode
  bool setupuser = false;
  std::int16_t azurestate = 0;
  std::optional<Timestamp> azuredeletedon;
  std::int16_t invitestatuscode = 0;
  RowRoles roles;  // in tables of their own; of roles that the environment manages
  TeamSet teams;   // so are these; of the environment's group teams

  Text& operator[](Column column) { return texts[static_cast<std::size_t>(column)]; }
  const Text& operator[](Column column) const { return texts[static_cast<std::size_t>(column)]; }
  bool operator==(const SystemUser&) const = default;
};

// The columns in which two rows differ, out of those the rules may write.
[[nodiscard]] Columns difference(const SystemUser& before, const SystemUser& after);

enum class RowState : std::uint8_t {
  none,
  enabled,             // E
  disabled_by_sync,    // D: disabledreason is one of the disable codes
  disabled_otherwise,  // M: disabled for any other reason, or for none: by something other than the sync
};
[[nodiscard]] RowState state_of(const SystemUser* row);

}  // namespace dvsync::core
