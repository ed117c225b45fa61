#pragma once
// Lists of rows as Dataverse's admin centre shows them (docs/rules.md, The gates, for what is what).

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "dvsync/core/guid.hpp"
#include "dvsync/store/postgres/connection.hpp"

namespace dvsync::store {

enum class UserView : std::uint8_t {
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
};

// Rows that are in all of these views, by user name; a few thousand in memory at a time. `administrators`: of the
// directory, for administrator_no_more.
void list_users(Connection& environment, const std::vector<UserView>& views,
                const std::vector<core::Guid>& administrators, const std::function<void(const ListedUser&)>& on_user);

}  // namespace dvsync::store
