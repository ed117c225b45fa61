#include "source/graph/membership_round.hpp"

#include <algorithm>
#include <iterator>

namespace dvsync::source::graph {
namespace {

// Each part may bring some five hundred references: few enough for one page.
constexpr std::size_t parts_per_batch = 20;

}  // namespace

MembershipRound::MembershipRound(Session& session, const PullRequest& request)
    : session_(session), names_(request.groups), nested_groups_(request.nested_groups) {
  for (const std::string& name : names_) {
    if (const auto id = core::parse_guid(name)) {
      wanted_.insert(*id);
    }
  }
  for (const AdministratorRole& role : administrator_roles) {
    roles_.emplace_back(session.origin(), session.queries(), role);
  }
  if (!request.full) {
    continue_from(request.cursor);
  }
  read_from_scratch(wanted_);
}

// A link read without the groups in it cannot serve once nested groups count; the other way round it can.
void MembershipRound::continue_from(const Cursor& cursor) {
  for (GroupCursor& known : group_cursors(cursor)) {
    if (nested_groups_ && !known.nested) {
      continue;
    }
    if (nested_groups_) {
      wanted_.insert(known.ids.begin(), known.ids.end());
    }
    std::erase_if(known.ids, [&](const core::Guid& id) { return !wanted_.contains(id) || opened_.contains(id); });
    if (known.link.empty() || known.ids.empty()) {
      continue;
    }
    known.nested = nested_groups_;
    opened_.insert(known.ids.begin(), known.ids.end());
    groups_.emplace_back(session_.origin(), session_.queries(), std::move(known));
  }
}

void MembershipRound::read_from_scratch(const std::set<core::Guid>& ids) {
  std::vector<core::Guid> fresh;
  std::set_difference(ids.begin(), ids.end(), opened_.begin(), opened_.end(), std::back_inserter(fresh));
  opened_.insert(fresh.begin(), fresh.end());
  for (std::size_t begin = 0; begin < fresh.size(); begin += ids_per_filter) {
    const std::size_t end = std::min(begin + ids_per_filter, fresh.size());
    GroupCursor chunk{
        .ids = {fresh.begin() + static_cast<std::ptrdiff_t>(begin), fresh.begin() + static_cast<std::ptrdiff_t>(end)},
        .link = {},
        .nested = nested_groups_};
    groups_.emplace_back(session_.origin(), session_.queries(), std::move(chunk));
  }
}

bool MembershipRound::done() const {
  const auto is_done = [](const auto& each) { return each.done(); };
  return std::all_of(roles_.begin(), roles_.end(), is_done) && std::all_of(groups_.begin(), groups_.end(), is_done);
}

void MembershipRound::read(Page& page, const std::stop_token& stop) {
  std::vector<RoleRead*> roles;
  std::vector<GroupRead*> groups;
  std::vector<GraphRequest> requests;
  const auto collect = [&](auto& from, auto& into) {
    for (auto& each : from) {
      if (!each.done() && requests.size() < parts_per_batch) {
        into.push_back(&each);
        requests.push_back({.url = each.next(), .body = {}});
      }
    }
  };
  collect(roles_, roles);
  collect(groups_, groups);
  const std::vector<Answer> answers = session_.client().batch(requests, stop);
  auto answer = answers.begin();
  for (RoleRead* role : roles) {
    role->accept(*answer++, page, warnings_);
  }
  for (GroupRead* group : groups) {
    group->accept(*answer++, page, wanted_);
  }
  read_from_scratch(wanted_);  // groups just found nested
}

GroupCoverage MembershipRound::coverage(const std::string& name, const core::Guid& id) const {
  GroupCoverage coverage{.name = name, .object_id = id, .distinguished_name = {}, .detail = {}};
  for (const GroupRead& group : groups_) {
    const auto& ids = group.ids();
    if (std::find(ids.begin(), ids.end(), id) != ids.end()) {
      const GroupKnowledge knowledge = group.knowledge(id);
      coverage.members = coverage.owners = knowledge.coverage;
      coverage.detail = knowledge.detail;
    }
  }
  return coverage;
}

void MembershipRound::report(PullEnd& end) const {
  std::set<core::Guid> reported;
  for (const std::string& name : names_) {
    if (const auto id = core::parse_guid(name)) {
      end.groups.push_back(coverage(name, *id));
      reported.insert(*id);
    } else {
      end.groups.push_back({.name = name,
                            .object_id = {},
                            .distinguished_name = {},
                            .members = Coverage::unreadable,
                            .owners = Coverage::unreadable,
                            .detail = "it is not named by its object id"});
    }
  }
  for (const GroupRead& group : groups_) {
    for (const core::Guid& id : group.ids()) {
      if (reported.insert(id).second) {
        end.groups.push_back(coverage(core::to_string(id), id));
      }
    }
    for (const GroupCursor& next : {group.cursor(), group.unread()}) {
      if (!next.ids.empty()) {
        end.cursor.insert(cursor_entry(next));
      }
    }
  }
  for (const RoleRead& role : roles_) {
    end.roles[static_cast<std::size_t>(role.name())] = role.coverage();
  }
  end.nested_groups_read = nested_groups_;
  end.warnings.insert(end.warnings.end(), warnings_.begin(), warnings_.end());
}

}  // namespace dvsync::source::graph
