#pragma once
// What administrators do to one row by their own decision, rather than the rules': each is one transaction with the
// row, its log line and its run. Rows are locked and looked at again first.

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "dvsync/core/guid.hpp"
#include "dvsync/core/reason.hpp"
#include "dvsync/core/system_user.hpp"
#include "dvsync/store/postgres/connection.hpp"

namespace dvsync::store {

// Who does it, for the log.
struct Act {
  std::int64_t run_id = 0;
  std::string requested_by;
  std::optional<core::Guid> actor;  // modifiedby
};

// What a row marked by hand says: no disable code, so that only what D5 names enables it again.
inline constexpr const char* manual_disable_reason = core::code_of(core::Reason::manually_disabled).data();

// Within the caller's transaction, which has locked the row: nothing is written that is so already, and false
// returned.
bool disable_by_hand(Connection& environment, const Act& act, const core::SystemUser& row);
bool enable_application(Connection& environment, const Act& act, const core::SystemUser& row);
bool mark_invited(Connection& environment, const Act& act, const core::SystemUser& row);
bool set_access_mode(Connection& environment, const Act& act, const core::SystemUser& row, core::AccessMode mode);

// Rows in access mode 4 besides this one, application users not counted. Two who count at once would both find room, so
// the count holds a lock until the transaction ends.
[[nodiscard]] std::int64_t count_other_non_interactive(Connection& environment, const core::Guid& systemuserid);

// Gives a stub the object id, under which the rules bring it in line. False: another row has that id already.
bool link_stub(Connection& environment, const Act& act, const core::SystemUser& stub, const core::Guid& object_id);

struct ApplicationUser {
  core::Guid application_id;
  std::optional<core::Guid> object_id;  // of the service principal
  std::string name;                     // lastname and fullname
  std::string email;                    // empty: none
  std::optional<core::Guid> business_unit;
};
// The new row's systemuserid; nullopt: this application has a row already, or the object id has.
[[nodiscard]] std::optional<core::Guid> add_application(Connection& environment, const Act& act,
                                                        const ApplicationUser& user,
                                                        const std::map<std::string, std::string>& create_values);

}  // namespace dvsync::store
