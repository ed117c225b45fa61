#include "groups.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#include <utility>

#include "pull_phase.hpp"
#include "source/distinguished_name.hpp"
#include "source/ldap_roles.hpp"
#include "source/ldap_values.hpp"

namespace dvsync::source::ldap {
namespace {

struct WantedGroup {
  std::string name;
  bool security = false;
  RoleSet roles;
};

RoleSet only(RoleName role) { return RoleSet{}.set(static_cast<std::size_t>(role)); }

std::vector<WantedGroup> wanted_groups(const config::LdapPolicy& policy, const std::vector<std::string>& security) {
  std::vector<WantedGroup> wanted;
  for (const std::string& name : security) wanted.push_back({.name = name, .security = true, .roles = {}});
  for (const RoleGroup& group : role_groups(policy)) {
    wanted.push_back({.name = group.name, .security = false, .roles = only(group.role)});
  }
  return wanted;
}

std::string group_key(const core::Guid& id) { return "group:" + core::to_string(id); }

// Remembered, so that a group that was renamed is found, and one that has vanished still reported under its object id.
std::string name_key(const std::string& name) { return "name:" + name; }

void report_unreadable(PullContext& context, const WantedGroup& group, const std::string& fault) {
  const std::string known = context.remembered(name_key(group.name));
  if (!known.empty()) context.end.cursor[name_key(group.name)] = known;
  if (group.security) {
    GroupCompleteness coverage{.name = group.name,
                               .object_id = {},
                               .distinguished_name = std::nullopt,
                               .members = Completeness::unreadable,
                               .owners = Completeness::unreadable,
                               .detail = fault};
    if (const auto id = core::parse_guid(known.empty() ? group.name : known)) coverage.object_id = *id;
    context.end.groups.push_back(std::move(coverage));
  }
  for (std::size_t role = 0; role < role_name_count; ++role) {
    if (!group.roles.test(role)) continue;
    context.end.roles[role] = Completeness::unreadable;
    context.end.warnings.push_back(fmt::format("who administers or is licensed is unknown: {}", fault));
  }
}

}  // namespace

std::optional<core::Guid> group_id_of(const SmallEntry& entry) {
  const LdapId id = ldap_id(entry.first("objectGUID"), entry.first("nsUniqueId"), entry.first("entryUUID"));
  return id.is_stated() ? std::optional(id.guid) : std::nullopt;
}

bool needs_groups(const PullContext& context) {
  return !wanted_groups(context.directory.policy, context.request.groups).empty();
}

void TrackedGroups::resolve(PullContext& context, Resolve resolve_name, const std::stop_token& stop) {
  for (const WantedGroup& wanted : wanted_groups(context.directory.policy, context.request.groups)) {
    ResolvedGroup found = resolve_name(context, wanted.name, stop);
    const std::string known = context.remembered(name_key(wanted.name));
    if (!found.id && !known.empty()) {
      const ResolvedGroup renamed = resolve_name(context, known, stop);
      if (renamed.id) {
        context.end.warnings.push_back(
            fmt::format("the group {} was renamed or moved: it is {} now, and read as before. "
                        "Correct the configuration",
                        wanted.name, renamed.dn));
        found = renamed;
      }
    }
    if (!found.id) {
      report_unreadable(context, wanted, found.fault);
      continue;
    }
    TrackedGroup* group = find(*found.id);
    if (group == nullptr) group = &add(found);
    group->security = group->security || wanted.security;
    group->roles |= wanted.roles;
    context.end.cursor[name_key(wanted.name)] = core::to_string(group->id);
    if (wanted.security) group->names.push_back(wanted.name);
  }
}

void TrackedGroups::add_nested(const ResolvedGroup& nested) {
  TrackedGroup* group = find(*nested.id);
  if (group != nullptr && group->security) return;
  if (group == nullptr) group = &add(nested);
  group->security = true;
  group->names.push_back(nested.dn);
  group->told = false;
}

TrackedGroup* TrackedGroups::find(const core::Guid& id) {
  const auto found = places_.find(id);
  return found == places_.end() ? nullptr : &groups_[found->second];
}

TrackedGroup& TrackedGroups::add(const ResolvedGroup& found) {
  places_.emplace(*found.id, groups_.size());
  TrackedGroup& group = groups_.emplace_back();
  group.id = *found.id;
  group.dn = found.dn;
  group.version = found.version;
  group.primary_id = found.primary_id;
  return group;
}

TrackedGroup* TrackedGroups::first_untold() {
  const auto found = std::ranges::find(groups_, false, &TrackedGroup::told);
  return found == groups_.end() ? nullptr : &*found;
}

void TrackedGroups::read_again(std::int64_t primary_id) {
  for (TrackedGroup& group : groups_) {
    if (group.primary_id == primary_id) group.told = false;
  }
}

void report(PullContext& context, const TrackedGroup& group, Completeness coverage) {
  for (const std::string& name : group.names) {
    context.end.groups.push_back({.name = name,
                                  .object_id = group.id,
                                  .distinguished_name = fold_distinguished_name(group.dn),
                                  .members = coverage,
                                  .owners = coverage,
                                  .detail = {}});
  }
  for (std::size_t role = 0; role < role_name_count; ++role) {
    if (group.roles.test(role)) context.end.roles[role] = coverage;
  }
}

void emit_member(Page& page, const TrackedGroup& group, const MemberRef& member, bool is_group, bool removed) {
  if (group.security) {
    page.memberships.push_back({.group = group.id,
                                .relation = MembershipRecord::Relation::member,
                                .member = member,
                                .member_is_group = is_group,
                                .removed = removed});
  }
  for (std::size_t role = 0; role < role_name_count; ++role) {
    if (group.roles.test(role)) {
      page.roles.push_back({.role = static_cast<RoleName>(role), .member = member, .removed = removed});
    }
  }
}

void emit_owner(Page& page, const TrackedGroup& group, const MemberRef& owner, bool removed) {
  if (!group.security) return;
  page.memberships.push_back({.group = group.id,
                              .relation = MembershipRecord::Relation::owner,
                              .member = owner,
                              .member_is_group = false,
                              .removed = removed});
}

std::string purpose_of(const TrackedGroup& group, const PullRequest& request) {
  const bool nested = group.security && request.nested_groups;
  return fmt::format("{}{}{}", group.security ? "s" : "-", nested ? "n" : "-", group.roles.to_string());
}

std::optional<GroupState> remembered_state(const PullContext& context, const core::Guid& id) {
  if (context.full) return std::nullopt;
  std::istringstream lines(context.remembered(group_key(id)));
  GroupState state;
  if (!std::getline(lines, state.purpose) || !std::getline(lines, state.version)) return std::nullopt;
  for (std::string line; std::getline(lines, line);) state.nested.push_back(line);
  return state;
}

void remember_state(PullContext& context, const core::Guid& id, const GroupState& state) {
  std::string text = state.purpose + "\n" + state.version + "\n";
  for (const std::string& dn : state.nested) text += dn + "\n";
  context.end.cursor[group_key(id)] = std::move(text);
}

}  // namespace dvsync::source::ldap
