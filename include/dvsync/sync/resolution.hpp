#pragma once
// Whom a person or a client means (docs/rules.md, Words): by the mirror, or by asking the directory about that one
// user.

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "dvsync/config/configuration.hpp"
#include "dvsync/core/reason.hpp"
#include "dvsync/source/directory_source.hpp"
#include "dvsync/store/mirror.hpp"
#include "dvsync/store/user_references.hpp"

namespace dvsync::sync {

// Reasons of refusals that no gate gives.
namespace refusal {
inline constexpr const char* ambiguous_user = core::code_of(core::Reason::ambiguous_user).data();
inline constexpr const char* malformed_request = core::code_of(core::Reason::malformed_request).data();
// D7: the directory should be asked, and cannot be.
inline constexpr const char* stale_directory = core::code_of(core::Reason::stale_directory).data();
inline constexpr const char* not_in_directory = core::code_of(core::Reason::not_in_directory).data();
inline constexpr const char* directory_unknown = core::code_of(core::Reason::directory_unknown).data();
}  // namespace refusal

struct Resolved {
  std::string asked;                    // as it was written
  std::optional<core::Guid> object_id;  // nullopt: nobody, for this reason
  std::string reason;
  std::string detail;
  bool silence = false;  // the directory answers nobody now; else the fault lies in the question about this user
};

// A name among living identities only, an object id as it stands. In the order of `users`.
[[nodiscard]] std::vector<Resolved> resolve_users(store::Connection& mirror, const store::MirrorState& state,
                                                  const std::vector<source::UserReference>& users);

// Whether this kind of directory can be asked about one user.
[[nodiscard]] bool can_be_asked(const config::Directory& directory);

// Asks the directory about one user, and brings the answer into the mirror. Whoever cannot be asked is refused; a
// directory that is out of reach is a refusal too (stale_directory), not an exception. Throws StoreError, Interrupted.
[[nodiscard]] Resolved ask_directory(const config::Configuration& configuration, source::DirectorySource& source,
                                     store::Connection& mirror, const source::UserReference& user,
                                     const std::stop_token& stop);

// The same within the caller's transaction on the mirror's session: for who only wants to see, and rolls back. Throws
// SourceError.
[[nodiscard]] Resolved ask_directory_within(const config::Configuration& configuration, source::DirectorySource& source,
                                            store::Connection& mirror, const source::UserReference& user,
                                            const std::stop_token& stop);

// The one whom a run is asked to look at: a living user by name, or an id of any kind. Throws UsageError: unknown, or
// several; who may be meant is named.
[[nodiscard]] core::Guid resolve_user(const config::Configuration& configuration, store::Connection& mirror,
                                      const source::UserReference& user);
// One row of an environment by systemuserid, object id or user name. Throws UsageError: no such row, or several (all
// are named).
[[nodiscard]] store::RowReference row_named(const config::Configuration& configuration,
                                            const config::Environment& environment, store::Connection& session,
                                            const std::string& word);

// An object id, or a user name.
[[nodiscard]] source::UserReference reference_to(const std::string& user);

}  // namespace dvsync::sync
