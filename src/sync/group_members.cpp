#include "group_members.hpp"

#include <algorithm>

#include "dvsync/store/user_references.hpp"
#include "dvsync/sync/engine.hpp"

namespace dvsync::sync {
namespace {

// A group that no environment names is not in the mirror: the directory is read for it alone.
std::vector<source::UserReference> read_members(const std::string& group, store::Connection& mirror,
                                                source::DirectorySource& source, const std::stop_token& stop) {
  source::PullRequest request;
  request.groups = {group};
  const auto pull = source.pull(request);
  std::vector<source::MembershipRecord> memberships;
  source::Page page;
  while (pull->next(page, stop)) {
    for (auto& membership : page.memberships) {
      const bool member = membership.relation == source::MembershipRecord::Relation::member;
      if (member && !membership.member_is_group && !membership.removed) memberships.push_back(std::move(membership));
    }
  }
  const auto end = pull->end();
  const auto found =
      std::find_if(end.groups.begin(), end.groups.end(), [&](const auto& one) { return one.name == group; });
  if (found == end.groups.end() || found->members == source::Completeness::unreadable ||
      found->members == source::Completeness::not_carried) {
    const auto why =
        found == end.groups.end() || found->detail.empty() ? "the directory has no such group" : found->detail;
    throw UsageError("the members of group " + group + " cannot be read: " + why);
  }
  std::vector<source::UserReference> users;
  std::vector<source::MemberRef> by_name;
  for (auto& membership : memberships) {
    if (membership.group != found->object_id) continue;
    if (membership.member.kind == source::MemberRef::Kind::object_id) {
      users.push_back({membership.member.object_id, core::to_string(membership.member.object_id)});
    } else {
      by_name.push_back(std::move(membership.member));
    }
  }
  for (const auto& member : store::find_members(mirror, by_name)) users.push_back({member.object_id, member.user_name});
  return users;
}

}  // namespace

std::vector<source::UserReference> members_of(const std::string& group, store::Connection& mirror,
                                              source::DirectorySource& source, const std::stop_token& stop) {
  const auto id = core::parse_guid(group);
  const auto name = id ? core::to_string(*id) : group;
  const auto members = store::members_of(mirror, name);
  if (!members) return read_members(name, mirror, source, stop);
  std::vector<source::UserReference> users;
  for (const auto& member : *members) {
    users.push_back(
        {member.object_id, member.user_name.empty() ? core::to_string(member.object_id) : member.user_name});
  }
  return users;
}

}  // namespace dvsync::sync
