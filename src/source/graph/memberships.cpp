#include "source/graph/memberships.hpp"

#include <algorithm>
#include <iterator>

#include "source/graph/delta.hpp"
#include "source/graph/groups.hpp"

namespace dvsync::source::graph {
namespace {

// Each part may bring some five hundred references: few enough for one page.
constexpr std::size_t parts_per_batch = 20;

}  // namespace

RoleReader::RoleReader(const Origin& origin, const Queries& queries, const AdministratorRole& role)
    : role_(&role),
      listing_(origin, "the members of the role " + std::string(role.title), queries.role_members(role)) {}

void RoleReader::accept(const GraphAnswer& answer, Page& page, std::vector<std::string>& warnings) {
  if (answer.status == 404 && listing_.at_first_page()) {  // never used in this tenant, so not activated: nobody has it
    done_ = true;
    return;
  }
  switch (listing_.accept(answer)) {
    case Outcome::page:
      for (const boost::json::value& item : items_of(answer, listing_.what())) take_member(item, page, warnings);
      break;
    case Outcome::started_over:
      break;
    case Outcome::refused:
      done_ = true;
      coverage_ = Completeness::unreadable;
      warnings.emplace_back(failure(answer, listing_.what(),
                                    answer.status == 403 ? "grant the application permission "
                                                           "RoleManagement.Read.Directory and admin consent"
                                                         : "")
                                .what());
      break;
  }
}

void RoleReader::take_member(const boost::json::value& item, Page& page, std::vector<std::string>& warnings) {
  const auto reference = read_reference(item);
  if (!reference) {
    coverage_ = Completeness::unreadable;
    warnings.push_back(listing_.what() + " came with a member without an id");
  } else if (reference->kind == ObjectKind::group) {
    warnings.push_back("the role " + std::string(role_->title) +
                       " is assigned to a group; only direct assignments count as administrators");
  } else if (reference->may_be_user()) {
    if (reference->kind == ObjectKind::unknown) {
      page.unknown_objects.push_back(
          {.object_id = reference->id, .where = "role " + std::string(role_->title), .reason = {}, .detail = {}});
    }
    RoleRecord record;
    record.role = role_->name;
    record.member.object_id = reference->id;
    page.roles.push_back(std::move(record));
  }
}

MembershipReader::MembershipReader(Session& session, const PullRequest& request)
    : session_(session),
      names_(request.groups),
      nested_groups_(request.nested_groups),
      may_drop_links_(request.reread) {
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
void MembershipReader::continue_from(const Cursor& cursor) {
  for (GroupCursor& known : group_cursors(cursor)) {
    if (nested_groups_ && !known.nested) continue;
    if (nested_groups_) {
      wanted_.insert(known.ids.begin(), known.ids.end());
    }
    std::erase_if(known.ids, [&](const core::Guid& id) { return !wanted_.contains(id) || opened_.contains(id); });
    if (known.link.empty() || known.ids.empty()) continue;
    known.nested = nested_groups_;
    opened_.insert(known.ids.begin(), known.ids.end());
    groups_.emplace_back(session_.origin(), session_.queries(), std::move(known), may_drop_links_);
  }
}

void MembershipReader::read_from_scratch(const std::set<core::Guid>& ids) {
  std::vector<core::Guid> fresh;
  std::set_difference(ids.begin(), ids.end(), opened_.begin(), opened_.end(), std::back_inserter(fresh));
  opened_.insert(fresh.begin(), fresh.end());
  for (std::size_t begin = 0; begin < fresh.size(); begin += ids_per_filter) {
    const std::size_t end = std::min(begin + ids_per_filter, fresh.size());
    GroupCursor chunk{
        .ids = {fresh.begin() + static_cast<std::ptrdiff_t>(begin), fresh.begin() + static_cast<std::ptrdiff_t>(end)},
        .link = {},
        .nested = nested_groups_};
    groups_.emplace_back(session_.origin(), session_.queries(), std::move(chunk), may_drop_links_);
  }
}

bool MembershipReader::done() const {
  const auto is_done = [](const auto& each) { return each.done(); };
  return std::all_of(roles_.begin(), roles_.end(), is_done) && std::all_of(groups_.begin(), groups_.end(), is_done);
}

void MembershipReader::read(Page& page, const std::stop_token& stop) {
  std::vector<RoleReader*> roles;
  std::vector<GroupReader*> groups;
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
  const std::vector<GraphAnswer> answers = session_.client().batch(requests, stop);
  auto answer = answers.begin();
  for (RoleReader* role : roles) {
    role->accept(*answer++, page, warnings_);
  }
  for (GroupReader* group : groups) {
    group->accept(*answer++, page, wanted_);
  }
  split_refused();
  read_from_scratch(wanted_);  // groups just found nested
}

// What makes Graph refuse a query over many groups may be one of them: each is asked for alone.
void MembershipReader::split_refused() {
  std::vector<core::Guid> alone;
  for (const GroupReader& group : groups_) {
    if (group.worth_splitting()) alone.insert(alone.end(), group.ids().begin(), group.ids().end());
  }
  if (alone.empty()) return;
  std::erase_if(groups_, [](const GroupReader& group) { return group.worth_splitting(); });
  for (const core::Guid& id : alone) {
    groups_.emplace_back(session_.origin(), session_.queries(),
                         GroupCursor{.ids = {id}, .link = {}, .nested = nested_groups_}, may_drop_links_);
  }
}

GroupCompleteness MembershipReader::coverage(const std::string& name, const core::Guid& id) const {
  GroupCompleteness coverage{.name = name, .object_id = id, .distinguished_name = {}, .detail = {}};
  for (const GroupReader& group : groups_) {
    const auto& ids = group.ids();
    if (std::find(ids.begin(), ids.end(), id) != ids.end()) {
      const GroupKnowledge knowledge = group.knowledge(id);
      coverage.members = coverage.owners = knowledge.coverage;
      coverage.detail = knowledge.detail;
      coverage.gone = knowledge.gone;
    }
  }
  return coverage;
}

void MembershipReader::report(PullEnd& end) const {
  std::set<core::Guid> reported;
  for (const std::string& name : names_) {
    if (const auto id = core::parse_guid(name)) {
      end.groups.push_back(coverage(name, *id));
      reported.insert(*id);
    } else {
      end.groups.push_back({.name = name,
                            .object_id = {},
                            .distinguished_name = {},
                            .members = Completeness::unreadable,
                            .owners = Completeness::unreadable,
                            .detail = "it is not named by its object id"});
    }
  }
  for (const GroupReader& group : groups_) {
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
  for (const RoleReader& role : roles_) {
    end.roles[static_cast<std::size_t>(role.name())] = role.coverage();
  }
  end.nested_groups_read = nested_groups_;
  end.warnings.insert(end.warnings.end(), warnings_.begin(), warnings_.end());
}

}  // namespace dvsync::source::graph
