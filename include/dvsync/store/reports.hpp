#pragma once
// Lists of people and runs that no run needs, for those who ask: out of the mirror, the rows and the log.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "dvsync/core/guid.hpp"
#include "dvsync/core/identity.hpp"
#include "dvsync/store/log_reader.hpp"
#include "dvsync/store/mirror.hpp"
#include "dvsync/store/postgres/connection.hpp"

namespace dvsync::store {

// Whoever has an administrator role of the directory, by user name; as far as the directory tells.
struct DirectoryAdministrator {
  core::Guid object_id;
  std::string user_name;
  std::string display_name;
  std::vector<core::Role> roles;
};
[[nodiscard]] std::vector<DirectoryAdministrator> read_administrators(Connection& mirror);

// Rows of these users, and rows that have the role System Administrator.
struct AdministratorRow {
  core::Guid systemuserid;
  std::optional<core::Guid> object_id;
  std::string domainname;
  bool disabled = false;
  std::string disabledreason;
  int access_mode = 0;
  std::optional<bool> system_administrator;  // nullopt: roles cannot be read
};
[[nodiscard]] std::vector<AdministratorRow> administrator_rows(Connection& environment,
                                                               const std::vector<core::Guid>& object_ids);

// The groups that environments name, by name.
struct NamedGroup {
  std::string name;
  GroupKnowledge known;
  std::int64_t direct = 0;
  std::int64_t nested = 0;  // through other groups, and not directly
  std::int64_t owners = 0;
};
[[nodiscard]] std::vector<NamedGroup> read_named_groups(Connection& mirror);

// Living users of a group, by user name.
struct GroupUser {
  core::Guid object_id;
  std::string user_name;
  std::string display_name;
  std::optional<bool> account_enabled;
  bool direct = false;
  bool nested = false;
  bool owner = false;
};
void list_group(Connection& mirror, const core::Guid& group, const std::function<void(const GroupUser&)>& on_user);

// Whole runs that brought the environment in line, oldest first: how late the newest of what they wrote may have been.
struct TimelyRun {
  core::Timestamp finished_at;
  std::chrono::milliseconds lag{0};
};
[[nodiscard]] std::vector<TimelyRun> read_lags(Connection& environment, const std::optional<Since>& since,
                                               const std::optional<Since>& until);

}  // namespace dvsync::store
