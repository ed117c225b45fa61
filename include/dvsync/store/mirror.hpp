#pragma once
// The directory mirror: what it knows, and whole identities out of it. Writing is staging.hpp's.

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "dvsync/config/configuration.hpp"
#include "dvsync/core/identity.hpp"
#include "dvsync/source/directory_source.hpp"
#include "dvsync/store/postgres/connection.hpp"

namespace dvsync::store {

// What the mirror holds of a set.
enum class Known : std::uint8_t {
  complete,
  partial,  // only deltas were seen: who is named is a member, nothing is known of the others
  unreadable,
  not_carried,
};

struct MirrorState {
  core::Guid mirror_id;
  std::optional<std::string> directory;
  std::int64_t version = 0;
  std::optional<core::Guid> mark;  // of this version, which a restored mirror may give out a second time
  bool listing_complete = false;
  bool plans_stated = false;
  bool everybody_licensed = false;
  bool nested_groups_read = false;
  source::Cursor cursor;
  std::int64_t identities = 0;
  std::optional<core::Timestamp> pulled_at;
  core::Timestamp asked_at{};                        // by the server's clock
  std::chrono::steady_clock::time_point asked = {};  // the same by ours
  std::array<Known, source::role_name_count> roles{};
};

// A named group as the mirror knows it.
struct GroupKnowledge {
  std::optional<core::Guid> object_id;
  Known members = Known::unreadable;
  Known owners = Known::unreadable;
  std::string detail;  // why it is not readable
  bool gone = false;   // unreadable, because the directory states that it has no such group
};

// The group of a team, and which of its users are the team's (docs/rules.md D19).
struct TeamGroup {
  GroupKnowledge group;
  core::TeamMembers members = core::TeamMembers::members_and_guests;
};

[[nodiscard]] MirrorState read_state(Connection& mirror);
// What tells whether anything moved, in one short query. Throws StoreError schema: the mirror is empty.
struct MirrorVersion {
  core::Guid mirror_id;
  std::int64_t version = 0;
  std::optional<core::Guid> mark;
  std::optional<std::chrono::seconds> age;  // since the last pull, by the server's clock; nullopt: there was none
  bool has_rejected_records = false;
};
[[nodiscard]] MirrorVersion read_version(Connection& mirror);
// By the name that a configuration gives them: all that some environment names, or these.
using GroupsByName = std::unordered_map<std::string, GroupKnowledge>;
[[nodiscard]] GroupsByName read_groups(Connection& mirror);
[[nodiscard]] GroupsByName read_groups(Connection& mirror, const std::vector<std::string>& names);
// One that is not among them was not part of any pull, and is not readable.
[[nodiscard]] GroupKnowledge group_named(const GroupsByName& groups, const std::string& name);
// The groups that the last pull was asked about.
[[nodiscard]] std::vector<std::string> named_groups(Connection& mirror);

// What each set of plans entitles to, but for those that entitle to nothing. A tenant has few.
using LicencesByPlanSet = std::unordered_map<std::int64_t, core::Licence>;
[[nodiscard]] LicencesByPlanSet read_licences(Connection& mirror, const config::Licenses& licenses);

// Security roles for whoever has any of these plans.
struct RolesOfPlans {
  std::vector<core::Guid> plans;
  core::RoleSet roles = 0;
};

// How one environment looks at identities: its group, its teams, its licence lists, what is known at all.
class IdentityView {
 public:
  // Reads which plan sets give `roles`. `group` null: no security group. `teams`: in the order of the environment's
  // TeamRules.
  IdentityView(Connection& mirror, MirrorState state, const GroupKnowledge* group,
               std::shared_ptr<const LicencesByPlanSet> licences, const std::vector<RolesOfPlans>& roles = {},
               const std::vector<TeamGroup>& teams = {});

  // The columns identity_from() expects, for SELECT … FROM identity.
  [[nodiscard]] const std::string& columns() const { return columns_; }
  [[nodiscard]] core::Identity identity_from(const Rows& rows, int row) const;
  [[nodiscard]] std::int64_t version() const { return state_.version; }
  // Merged after this view was made: to be judged by the next run, or by a fresh view.
  [[nodiscard]] bool newer_than_snapshot(const Rows& rows, int row) const {
    return rows.number(row, 1) > state_.version;
  }
  // Who has a row but no identity: absent if the listing was complete, else unknown.
  [[nodiscard]] core::Identity unknown_identity(const core::Guid& object_id) const;

 private:
  [[nodiscard]] std::optional<core::Licence> licence_of(const Rows& rows, int row, std::int64_t roles) const;
  [[nodiscard]] std::optional<core::RoleSet> plan_roles_of(const Rows& rows, int row) const;
  [[nodiscard]] core::TeamFacts teams_of(const Rows& rows, int row, bool guest) const;
  void add_team(std::uint32_t team, const TeamGroup& of);

  MirrorState state_;
  std::optional<GroupKnowledge> group_;
  std::shared_ptr<const LicencesByPlanSet> licences_;
  std::unordered_map<std::int64_t, core::RoleSet> plan_roles_;  // by plan set; none: no roles
  // Teams by their group: of its members, and of its owners.
  std::unordered_map<core::Guid, core::TeamSet> teams_of_members_;
  std::unordered_map<core::Guid, core::TeamSet> teams_of_owners_;
  core::TeamSet uncertain_teams_;  // who is not named may belong to their groups all the same
  std::vector<core::TeamMembers> team_members_;
  int team_column_ = 0;  // 0: there are no teams
  std::string columns_;
};

// Position of the object id, and of the version, among the columns.
inline constexpr int identity_object_id = 0;
inline constexpr int identity_version = 1;

struct Candidate {
  core::Guid object_id;
  std::string user_name;
};

// Gives the mirror's version its mark, in the transaction that raised it.
void mark_version(Connection& mirror);
// Forgets tombstones that every environment has seen, and the versions below. Only while the listing is complete: an
// identity nobody knows is absent all the same.
void forget_tombstones(Connection& mirror, std::int64_t watermark);

}  // namespace dvsync::store
