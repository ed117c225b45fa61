#pragma once
// Lists of rows as Dataverse's admin centre shows them (docs/rules.md, The gates, for what is what).

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "dvsync/core/guid.hpp"
#include "dvsync/core/identity.hpp"
#include "dvsync/store/postgres/connection.hpp"

namespace dvsync::store {

enum class UserView : std::uint8_t {
  people,                 // users of the directory, as far as anybody remembers
  enabled,                // people, not disabled
  disabled,               // people, disabled for whatever reason
  stub,                   // imported placeholders: nobody of the directory stands behind them
  application,            // application users
  non_interactive,        // access mode 4; Dataverse allows seven
  administrative,         // access mode 1
  not_in_directory,       // the directory no longer has them: azurestate 2
  invitation_required,    // people who were enabled again, and not invited since
  administrator_no_more,  // people with the role System Administrator who are no administrators of the directory
  without_role,           // people, enabled, and without a security role, direct or through a team
  purgeable,              // of these, the disabled ones: an administrator may delete them, the sync never does
};

struct ListedUser {
  core::Guid systemuserid;
  std::optional<core::Guid> object_id;
  std::string domainname;
  std::string fullname;
  bool disabled = false;
  std::string disabledreason;
  int access_mode = 0;
  bool licensed = false;
  int azure_state = 0;
  std::string modified_on;  // UTC, ISO 8601; empty: never
  // Of a disabled row, where the log still has it; only if history was asked for, as below.
  std::optional<core::Timestamp> disabled_since = {};
  std::optional<std::vector<std::string>> roles = {};  // security roles; nullopt: they cannot be read
};

struct UserListing {
  std::vector<UserView> views = {};
  std::vector<core::Guid> administrators = {};  // of the directory, for administrator_no_more
  bool with_history = false;                    // since when a row is disabled, and its security roles
  // With history: only rows that have been disabled for so long. What the log does not know any more is as old as the
  // row's last change.
  std::optional<std::chrono::seconds> disabled_for = {};
};

// Rows that are in all of these views, by user name; a few thousand in memory at a time.
void list_users(Connection& environment, const UserListing& listing,
                const std::function<void(const ListedUser&)>& on_user);

}  // namespace dvsync::store
