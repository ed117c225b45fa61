#pragma once
// Whom people and clients mean: user names and object ids, against the mirror, the members of a group, an environment's
// rows.

#include <optional>
#include <string>
#include <vector>

#include "dvsync/core/guid.hpp"
#include "dvsync/source/directory_source.hpp"
#include "dvsync/store/mirror.hpp"
#include "dvsync/store/postgres/connection.hpp"
#include "dvsync/store/system_users.hpp"

namespace dvsync::store {

// The living identities that each name stands for, ignoring case, in the order of `names`; a few of them at most.
[[nodiscard]] std::vector<std::vector<Candidate>> find_by_name(Connection& mirror,
                                                               const std::vector<std::string>& names);

// The direct members of a group that the environments name, or that is nested in one; by object id, or as configured.
// nullopt: the mirror does not carry this group, or does not know all of its members.
[[nodiscard]] std::optional<std::vector<Candidate>> members_of(Connection& mirror, const std::string& group);

// The same, of references that a directory gave.
[[nodiscard]] std::vector<Candidate> find_members(Connection& mirror, const std::vector<source::MemberRef>& members);

// Rows of an environment that a word stands for: systemuserid, object id, application id, or user name ignoring case.
// Rows that are deleted in Dataverse are among them.
struct RowReference {
  core::Guid systemuserid;
  std::optional<core::Guid> object_id;
  std::string domainname;
};
[[nodiscard]] std::vector<RowReference> find_rows(Connection& environment, const std::string& word);

// Other rows with the user name of one of these, ignoring case (D10).
[[nodiscard]] std::vector<Collision> find_namesakes(Connection& environment,
                                                    const std::vector<core::Guid>& systemuserids);

}  // namespace dvsync::store
