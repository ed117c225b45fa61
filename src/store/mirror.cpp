#include "dvsync/store/mirror.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <iterator>

#include "dvsync/store/postgres/copy_line.hpp"
#include "dvsync/store/postgres/values.hpp"
#include "identity_columns.hpp"

namespace dvsync::store {
namespace {

// Which columns a view reads, before the profile.
const std::string facts_of_a_view = "i.object_id, i.version, i.lifecycle, " + microseconds_of("i.deleted_at") +
                                    ", i.account_enabled AND coalesce(i.account_expires > now(), true), i.guest, "
                                    "i.plan_set, i.roles, i.defect, i.agent";
constexpr int first_attribute = 10;
constexpr int direct_column = first_attribute + static_cast<int>(core::attribute_count);

const std::string mark_of_version = "(SELECT mark FROM our.version_history h WHERE h.version = mirror.version)";

enum StoredLifecycle : std::int64_t { present = 0, soft_deleted = 1, deleted = 2, absent = 3 };

std::string guid_array(const std::vector<core::Guid>& guids) {
  std::string text = "{";
  for (const auto& guid : guids) text += (text.size() > 1 ? "," : "") + core::to_string(guid);
  return text + "}";
}

const std::string groups_sql =
    "SELECT n.object_id, g.members, g.owners, n.detail, n.gone, n.name FROM our.named_group n "
    "LEFT JOIN our.directory_group g ON g.object_id = n.object_id";

GroupKnowledge group_from(const Rows& rows, int row) {
  GroupKnowledge group;
  group.object_id = guid_at(rows, row, 0);
  if (!rows.null(row, 1)) group.members = static_cast<Known>(rows.number(row, 1));
  if (!rows.null(row, 2)) group.owners = static_cast<Known>(rows.number(row, 2));
  group.detail = rows.optional_text(row, 3).value_or("");
  group.gone = rows.boolean(row, 4);
  return group;
}

GroupsByName groups_by_name(const Rows& rows) {
  GroupsByName groups;
  for (int row = 0; row < rows.size(); ++row) groups.emplace(rows.text(row, 5), group_from(rows, row));
  return groups;
}

// A yes stands whatever the coverage, unless nothing can be read at all; a no needs the whole set.
std::optional<bool> standing(bool named, Known known) {
  if (known == Known::unreadable || known == Known::not_carried) return std::nullopt;
  if (named) return true;
  return known == Known::complete ? std::optional<bool>(false) : std::nullopt;
}

}  // namespace

MirrorState read_state(Connection& mirror) {
  const auto row = mirror.exec(
      // A record that does not even say whose it is: until it is gone, absence proves nothing.
      "SELECT mirror_id, directory, version, "
      "listing_complete AND NOT EXISTS (SELECT 1 FROM our.rejected_record WHERE object_id IS NULL), plans_stated, "
      "everybody_licensed, nested_groups_read, "
      "cursor, identities, " +
      microseconds_of("pulled_at") + ", " + mark_of_version + ", " + microseconds_of("now()") + " FROM our.mirror");
  if (row.empty()) throw StoreError(StoreError::Kind::schema, "the mirror is empty: run `dvsync migrate`");
  MirrorState state;
  state.mirror_id = guid_at(row, 0, 0).value();
  state.directory = row.optional_text(0, 1);
  state.version = row.number(0, 2);
  state.listing_complete = row.boolean(0, 3);
  state.plans_stated = row.boolean(0, 4);
  state.everybody_licensed = row.boolean(0, 5);
  state.nested_groups_read = row.boolean(0, 6);
  const auto cursor = boost::json::parse(row.text(0, 7));
  for (const auto& [query, link] : cursor.as_object()) {
    state.cursor.emplace(std::string(query), std::string(link.as_string()));
  }
  state.identities = row.number(0, 8);
  state.pulled_at = timestamp_at(row, 0, 9);
  state.mark = guid_at(row, 0, 10);
  state.asked_at = timestamp_at(row, 0, 11).value();
  state.asked = std::chrono::steady_clock::now();
  state.roles.fill(Known::not_carried);
  const auto roles = mirror.exec("SELECT role, coverage FROM our.role_coverage");
  for (int i = 0; i < roles.size(); ++i) {
    state.roles.at(static_cast<std::size_t>(roles.number(i, 0))) = static_cast<Known>(roles.number(i, 1));
  }
  return state;
}

MirrorVersion read_version(Connection& mirror) {
  const auto row = mirror.exec(
      "SELECT mirror_id, version, extract(epoch FROM clock_timestamp() - pulled_at)::bigint, "
      "EXISTS (SELECT 1 FROM our.rejected_record), " +
      mark_of_version + " FROM our.mirror");
  if (row.empty()) throw StoreError(StoreError::Kind::schema, "the mirror is empty: run `dvsync migrate`");
  const auto seconds = row.optional_number(0, 2);
  return {.mirror_id = guid_at(row, 0, 0).value(),
          .version = row.number(0, 1),
          .mark = guid_at(row, 0, 4),
          .age = seconds ? std::optional(std::chrono::seconds(*seconds)) : std::nullopt,
          .has_rejected_records = row.boolean(0, 3)};
}

GroupsByName read_groups(Connection& mirror) { return groups_by_name(mirror.exec(groups_sql)); }

GroupsByName read_groups(Connection& mirror, const std::vector<std::string>& names) {
  if (names.empty()) return {};
  return groups_by_name(mirror.exec(groups_sql + " WHERE n.name = ANY ($1::text[])", {to_array(names)}));
}

GroupKnowledge group_named(const GroupsByName& groups, const std::string& name) {
  const auto found = groups.find(name);
  if (found != groups.end()) return found->second;
  GroupKnowledge group;
  group.detail = "the group was not part of any pull yet";
  return group;
}

std::vector<std::string> named_groups(Connection& mirror) {
  const auto rows = mirror.exec("SELECT name FROM our.named_group ORDER BY name");
  std::vector<std::string> names;
  for (int row = 0; row < rows.size(); ++row) names.emplace_back(rows.text(row, 0));
  return names;
}

LicencesByPlanSet read_licences(Connection& mirror, const config::Licenses& licenses) {
  const auto rows = mirror.exec(
      "SELECT plan_set, plans && $1::uuid[], plans && $2::uuid[] FROM our.plan_set "
      "WHERE plans && $1::uuid[] OR plans && $2::uuid[]",
      {guid_array(licenses.full), guid_array(licenses.on_demand)});
  LicencesByPlanSet licences;
  for (int row = 0; row < rows.size(); ++row) {
    licences.emplace(rows.number(row, 0), core::Licence{rows.boolean(row, 1), rows.boolean(row, 2)});
  }
  return licences;
}

IdentityView::IdentityView(Connection& mirror, MirrorState state, const GroupKnowledge* group,
                           std::shared_ptr<const LicencesByPlanSet> licences, const std::vector<RolesOfPlans>& roles,
                           const std::vector<TeamGroup>& teams)
    : state_(std::move(state)),
      licences_(std::move(licences)),
      columns_(fmt::format("{}, {}", facts_of_a_view, identity_columns::profile_list("i."))) {
  for (const auto& of : roles) {
    const auto sets =
        mirror.exec("SELECT plan_set FROM our.plan_set WHERE plans && $1::uuid[]", {guid_array(of.plans)});
    for (int row = 0; row < sets.size(); ++row) plan_roles_[sets.number(row, 0)] |= of.roles;
  }
  if (group != nullptr) {
    group_ = *group;
    const auto id = group->object_id.value_or(core::Guid{});
    const auto member_of = [&](const char* groups) {
      return ", coalesce('" + core::to_string(id) + "'::uuid = ANY (i." + groups + "), false)";
    };
    columns_ += member_of("direct_groups") + member_of("owned_groups") + member_of("nested_groups");
  }
  if (teams.empty()) return;
  team_column_ = direct_column + (group != nullptr ? 3 : 0);
  columns_ += ", array_to_string(i.direct_groups, ','), array_to_string(i.owned_groups, ',')";
  for (const auto& team : teams) add_team(static_cast<std::uint32_t>(team_members_.size()), team);
}

void IdentityView::add_team(std::uint32_t team, const TeamGroup& of) {
  team_members_.push_back(of.members);
  if (of.group.gone) return;  // that nobody belongs to it is a fact
  const bool owners = of.members == core::TeamMembers::owners;
  const auto known = owners ? of.group.owners : of.group.members;
  if (known != Known::complete) uncertain_teams_.push_back(team);
  if (!of.group.object_id || known == Known::unreadable || known == Known::not_carried) return;
  (owners ? teams_of_owners_ : teams_of_members_)[*of.group.object_id].push_back(team);
}

core::Identity IdentityView::identity_from(const Rows& rows, int row) const {
  core::Identity identity;
  identity.object_id = guid_at(rows, row, identity_object_id).value();
  const auto lifecycle = rows.number(row, 2);
  if (lifecycle == absent) {
    identity.lifecycle = state_.listing_complete ? std::optional(core::Lifecycle::gone) : std::nullopt;
  } else {
    identity.lifecycle = static_cast<core::Lifecycle>(lifecycle);
  }
  identity.deleted_at = timestamp_at(rows, row, 3);
  if (!rows.null(row, 4)) identity.account_enabled = rows.boolean(row, 4);
  identity.guest = rows.boolean(row, 5);
  identity.agent = rows.boolean(row, 9);
  const auto roles = rows.number(row, 7);
  identity.licence = licence_of(rows, row, roles);
  identity.plan_roles = plan_roles_of(rows, row);
  identity.defect = rows.text(row, 8);
  for (std::size_t a = 0; a < core::attribute_count; ++a) {
    const auto column = first_attribute + static_cast<int>(a);
    if (!rows.null(row, column)) identity.profile.values[a].emplace(rows.text(row, column));
  }
  bool carried = false;
  for (std::size_t role = 0; role < core::role_count; ++role) {
    identity.roles.holds[role] = standing((roles >> role & 1) != 0, state_.roles[role]);
    carried = carried || state_.roles[role] != Known::not_carried;
  }
  identity.roles.carried = carried;
  if (!carried) identity.roles.holds.fill(false);
  if (group_) {
    identity.group.direct = standing(rows.boolean(row, direct_column), group_->members);
    // A directory that has no owners for this group has none.
    const bool owner = rows.boolean(row, direct_column + 1);
    identity.group.owner =
        group_->owners == Known::not_carried ? std::optional(false) : standing(owner, group_->owners);
    const auto nested_known = state_.nested_groups_read ? group_->members : Known::unreadable;
    identity.group.nested = standing(rows.boolean(row, direct_column + 2), nested_known);
  }
  if (team_column_ > 0) identity.teams = teams_of(rows, row, identity.guest);
  return identity;
}

core::TeamFacts IdentityView::teams_of(const Rows& rows, int row, bool guest) const {
  // Of members, some teams take those of the tenant only, and some its guests.
  const auto takes = [&](std::uint32_t team) {
    const auto members = team_members_[team];
    return members != (guest ? core::TeamMembers::members : core::TeamMembers::guests);
  };
  core::TeamFacts facts;
  const auto add = [&](int column, const auto& teams_by_group) {
    if (rows.null(row, column)) return;
    for_each_guid(rows.text(row, column), [&](const core::Guid& group) {
      const auto found = teams_by_group.find(group);
      if (found == teams_by_group.end()) return;
      std::ranges::copy_if(found->second, std::back_inserter(facts.belongs), takes);
    });
  };
  add(team_column_, teams_of_members_);
  add(team_column_ + 1, teams_of_owners_);
  std::ranges::sort(facts.belongs);
  if (uncertain_teams_.empty()) return facts;
  facts.unknown = core::without(uncertain_teams_, facts.belongs);
  std::erase_if(facts.unknown, [&](std::uint32_t team) { return !takes(team); });
  return facts;
}

std::optional<core::Licence> IdentityView::licence_of(const Rows& rows, int row, std::int64_t roles) const {
  if (state_.everybody_licensed) return core::Licence{.full = true, .on_demand = false};
  constexpr auto licensed = static_cast<std::size_t>(source::RoleName::licensed);
  if (state_.roles[licensed] != Known::not_carried) {
    const auto member = standing((roles >> licensed & 1) != 0, state_.roles[licensed]);
    if (!member) return std::nullopt;
    return core::Licence{.full = *member, .on_demand = false};
  }
  if (!state_.plans_stated || rows.null(row, 6)) return std::nullopt;
  const auto found = licences_->find(rows.number(row, 6));
  return found == licences_->end() ? core::Licence{} : found->second;
}

std::optional<core::RoleSet> IdentityView::plan_roles_of(const Rows& rows, int row) const {
  if (!state_.plans_stated || rows.null(row, 6)) return std::nullopt;
  const auto found = plan_roles_.find(rows.number(row, 6));
  return found == plan_roles_.end() ? 0 : found->second;
}

core::Identity IdentityView::unknown_identity(const core::Guid& object_id) const {
  core::Identity identity;
  identity.object_id = object_id;
  identity.lifecycle = state_.listing_complete ? std::optional(core::Lifecycle::gone) : std::nullopt;
  return identity;
}

void mark_version(Connection& mirror) {
  mirror.exec("INSERT INTO our.version_history (version) SELECT version FROM our.mirror ON CONFLICT DO NOTHING");
}

void forget_tombstones(Connection& mirror, std::int64_t watermark) {
  mirror.exec(
      "WITH forgotten AS (DELETE FROM our.identity WHERE lifecycle >= 2 AND version <= $1::bigint "
      "AND (SELECT listing_complete FROM our.mirror)) "
      "DELETE FROM our.version_history WHERE version < $1::bigint AND (SELECT listing_complete FROM our.mirror)",
      {std::to_string(watermark)});
}

}  // namespace dvsync::store
