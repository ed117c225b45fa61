#pragma once
// The groups that a pull follows, and why: environments' security groups, groups nested in them, and groups that stand
// for a role or a licence. One group may be all of these.

#include <bitset>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <unordered_map>
#include <vector>

#include "dvsync/source/directory_source.hpp"
#include "message.hpp"
#include "schema.hpp"

namespace dvsync::source::ldap {

struct PullContext;

using RoleSet = std::bitset<role_name_count>;

struct TrackedGroup {
  std::vector<std::string> names;  // as environments name it; of a nested group its DN
  bool security = false;           // its members and owners are wanted
  RoleSet roles;                   // its members hold these
  core::Guid id;
  std::string dn;
  std::string version;  // changes when the entry changes; empty: the server does not say
  // Active Directory:
  std::vector<std::string> nested;         // ids of the groups directly inside, in order
  std::optional<std::int64_t> primary_id;  // by which its users name it, if it is their primary group
  bool told = false;                       // by this pull: nothing is left to read
};

// Where a name leads. `fault` says why nowhere.
struct ResolvedGroup {
  std::optional<core::Guid> id;
  std::string dn;
  std::string version;
  std::string fault;
  std::optional<std::int64_t> primary_id = std::nullopt;
};

// objectGUID, nsUniqueId or entryUUID.
[[nodiscard]] std::optional<core::Guid> group_id_of(const SmallEntry& entry);

class TrackedGroups {
 public:
  // Looks every named group up. What cannot be found is noted in `context.end` as unreadable.
  using Resolve = ResolvedGroup (*)(PullContext&, const std::string& name, const std::stop_token&);
  void resolve(PullContext& context, Resolve resolve_name, const std::stop_token& stop);

  // Adds a group nested in a security group, unless it is followed as one already.
  void add_nested(const ResolvedGroup& group);

  [[nodiscard]] std::vector<TrackedGroup>& all() { return groups_; }
  [[nodiscard]] TrackedGroup* find(const core::Guid& id);
  // The first one of which the pull still has to tell; null: there is none.
  [[nodiscard]] TrackedGroup* first_untold();
  // A user has this primary group now: the group's own list of members does not tell.
  void read_again(std::int64_t primary_id);

 private:
  TrackedGroup& add(const ResolvedGroup& found);

  std::vector<TrackedGroup> groups_;
  std::unordered_map<core::Guid, std::size_t> places_;  // in groups_
};

[[nodiscard]] bool needs_groups(const PullContext& context);

// How much of a group the pull has told: into the group list and the role list of its end.
void report(PullContext& context, const TrackedGroup& group, Completeness coverage);

// Emits what a membership means for a group: a membership record, a role record, or both.
void emit_member(Page& page, const TrackedGroup& group, const MemberRef& member, bool is_group, bool removed);
void emit_owner(Page& page, const TrackedGroup& group, const MemberRef& owner, bool removed);

// What the cursor keeps of a group: its version, what it was read for (another purpose asks for another reading), and
// the groups nested in it.
struct GroupState {
  std::string purpose;
  std::string version;
  std::vector<std::string> nested;  // DNs

  bool operator==(const GroupState&) const = default;
};
[[nodiscard]] std::string purpose_of(const TrackedGroup& group, const PullRequest& request);
// nullopt: nothing, or this pull reads everything anew.
[[nodiscard]] std::optional<GroupState> remembered_state(const PullContext& context, const core::Guid& id);
void remember_state(PullContext& context, const core::Guid& id, const GroupState& state);

}  // namespace dvsync::source::ldap
