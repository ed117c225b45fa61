#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "dvsync/core/reason.hpp"
#include "source/graph/delta.hpp"
#include "source/graph/groups.hpp"
#include "source/graph/json.hpp"
#include "source/graph/memberships.hpp"
#include "source/graph/session.hpp"
#include "source/graph/users.hpp"

namespace dvsync::source::graph {
namespace {

namespace json = boost::json;
using Relation = MembershipRecord::Relation;

constexpr std::size_t groups_per_check = 20;  // Graph's limit for checkMemberGroups

// False: the listing starts over. Somebody waits for the answer: a refusal ends the look-up.
bool takes_page(ListingReader& listing, const GraphAnswer& answer) {
  const Outcome outcome = listing.accept(answer);
  if (outcome == Outcome::refused) throw failure(answer, listing.what());
  return outcome == Outcome::page;
}

struct NamedGroup {
  std::string name;
  std::optional<core::Guid> id;
};

class UserLookUp {
 public:
  UserLookUp(Session& session, const PullRequest& request, const std::stop_token& stop);

  LookUp run(const UserReference& user);

 private:
  void read_deleted(const core::Guid& id);
  void read_groups_and_roles(const core::Guid& id);
  void take_owners(std::size_t group, const GraphAnswer& answer, const core::Guid& user);
  void take_roles(std::vector<RoleReader>& roles, const std::vector<GraphAnswer>& answers, std::size_t first,
                  const core::Guid& user);
  bool take_checks(const std::vector<GraphAnswer>& answers, std::size_t first);
  void read_direct_groups(const core::Guid& user);
  void add_membership(const core::Guid& group, Relation relation, const core::Guid& user);
  void nothing_readable();

  Session& session_;
  const std::stop_token& stop_;
  std::vector<NamedGroup> named_;
  std::vector<core::Guid> relevant_;  // named ones and those the cursor knows to be nested in them
  LookUp result_;
};

UserLookUp::UserLookUp(Session& session, const PullRequest& request, const std::stop_token& stop)
    : session_(session), stop_(stop) {
  std::set<core::Guid> relevant;
  for (const std::string& name : request.groups) {
    named_.push_back({name, core::parse_guid(name)});
    if (named_.back().id) {
      relevant.insert(*named_.back().id);
    }
  }
  if (request.nested_groups) {
    for (const GroupCursor& known : group_cursors(request.cursor)) {
      relevant.insert(known.ids.begin(), known.ids.end());
    }
  }
  relevant_.assign(relevant.begin(), relevant.end());
}

LookUp UserLookUp::run(const UserReference& user) {
  const std::string name = user.object_id ? core::to_string(*user.object_id) : user.user_name;
  const GraphAnswer answer = session_.client().send({.url = session_.queries().user(name), .body = {}}, stop_);
  if (answer.status == 404) {
    if (user.object_id) {
      read_deleted(*user.object_id);
    }
    return std::move(result_);
  }
  if (!answer.ok()) throw failure(answer, "the user");
  if (graph_type(text_at(answer.body(), "@odata.type")).kind == ObjectKind::unknown) {
    result_.page.rejected.push_back({.object_id = core::parse_guid(text_at(answer.body(), "id")),
                                     .where = "look-up",
                                     .reason = std::string(core::code_of(core::Reason::unknown_object_type)),
                                     .detail = "its @odata.type is none that dvsync knows"});
    return std::move(result_);
  }
  auto record = read_user(answer.body(), true);
  if (auto* rejected = std::get_if<RejectedRecord>(&record)) {
    rejected->where = "look-up";
    result_.page.rejected.push_back(std::move(*rejected));
    return std::move(result_);
  }
  auto& identity = std::get<IdentityRecord>(record);
  const core::Guid id = identity.object_id;
  result_.page.identities.push_back(std::move(identity));
  read_groups_and_roles(id);
  return std::move(result_);
}

// Only id and time: the recycle bin shows a mangled user name.
void UserLookUp::read_deleted(const core::Guid& id) {
  const GraphAnswer answer = session_.client().send({.url = session_.queries().deleted_user(id), .body = {}}, stop_);
  IdentityRecord record;
  record.object_id = id;
  record.whole = false;
  record.lifecycle = core::Lifecycle::gone;
  if (answer.ok()) {
    auto deleted = read_user(answer.body(), false);
    if (auto* identity = std::get_if<IdentityRecord>(&deleted)) {
      record = std::move(*identity);
      record.lifecycle = core::Lifecycle::soft_deleted;
    }
  } else if (answer.status != 404) {
    throw failure(answer, "the deleted user");
  }
  result_.page.identities.push_back(std::move(record));
}

void UserLookUp::read_groups_and_roles(const core::Guid& id) {
  std::vector<GraphRequest> requests;
  std::vector<RoleReader> roles;
  for (const AdministratorRole& role : administrator_roles) {
    roles.emplace_back(session_.origin(), session_.queries(), role);
    requests.push_back({.url = roles.back().next(), .body = {}});
  }
  const std::size_t first_owner = requests.size();
  for (const NamedGroup& group : named_) {
    if (group.id) {
      requests.push_back({.url = session_.queries().group_owners(*group.id), .body = {}});
    }
  }
  const std::size_t first_check = requests.size();
  for (std::size_t begin = 0; begin < relevant_.size(); begin += groups_per_check) {
    json::array ids;
    for (std::size_t i = begin; i < std::min(begin + groups_per_check, relevant_.size()); ++i) {
      ids.emplace_back(core::to_string(relevant_[i]));
    }
    requests.push_back(
        {.url = session_.queries().check_member_groups(id), .body = json::object{{"groupIds", std::move(ids)}}});
  }
  const std::vector<GraphAnswer> answers = session_.client().batch(requests, stop_);
  take_roles(roles, answers, 0, id);
  std::size_t next_owner = first_owner;
  for (std::size_t i = 0; i < named_.size(); ++i) {
    result_.groups.push_back({.name = named_[i].name,
                              .object_id = named_[i].id.value_or(core::Guid{}),
                              .distinguished_name = {},
                              .detail = {}});
    if (named_[i].id) {
      take_owners(i, answers[next_owner++], id);
    } else {
      result_.groups[i].members = result_.groups[i].owners = Completeness::unreadable;
      result_.groups[i].detail = "it is not named by its object id";
    }
  }
  if (take_checks(answers, first_check)) {
    read_direct_groups(id);
  }
}

void UserLookUp::take_roles(std::vector<RoleReader>& roles, const std::vector<GraphAnswer>& answers, std::size_t first,
                            const core::Guid& user) {
  std::vector<std::string> warnings;
  Page all;
  for (std::size_t i = 0; i < roles.size(); ++i) {
    roles[i].accept(answers[first + i], all, warnings);
    while (!roles[i].done()) {
      roles[i].accept(session_.client().send({.url = roles[i].next(), .body = {}}, stop_), all, warnings);
    }
    result_.roles[static_cast<std::size_t>(roles[i].name())] = roles[i].coverage();
  }
  result_.roles[static_cast<std::size_t>(RoleName::licensed)] = Completeness::not_carried;
  std::copy_if(all.roles.begin(), all.roles.end(), std::back_inserter(result_.page.roles),
               [&](const RoleRecord& role) { return role.member.object_id == user; });
}

void UserLookUp::take_owners(std::size_t group, const GraphAnswer& answer, const core::Guid& user) {
  GroupCompleteness& coverage = result_.groups[group];
  if (answer.status == 403 || answer.status == 404) {
    coverage.members = coverage.owners = Completeness::unreadable;
    coverage.detail = answer.status == 404 ? "the tenant has no such group (any more)"
                                           : "grant the application permission GroupMember.Read.All and admin consent";
    return;
  }
  ListingReader owners(session_.origin(), "the owners of a group", session_.queries().group_owners(coverage.object_id));
  std::optional<GraphAnswer> page;
  for (const GraphAnswer* current = &answer;; current = &*page) {
    if (takes_page(owners, *current)) {
      for (const json::value& item : items_of(*current, owners.what())) {
        const auto reference = read_reference(item);
        if (reference && reference->may_be_user() && reference->id == user) {
          add_membership(coverage.object_id, Relation::owner, user);
        }
      }
    }
    if (owners.done()) return;
    page.emplace(session_.client().send({.url = owners.next(), .body = {}}, stop_));
  }
}

// checkMemberGroups also finds membership by way of other groups: no answer means no membership of any kind.
bool UserLookUp::take_checks(const std::vector<GraphAnswer>& answers, std::size_t first) {
  bool any = false;
  for (std::size_t i = first; i < answers.size(); ++i) {
    if (!answers[i].ok()) {
      if (answers[i].status != 403) throw failure(answers[i], "the user's memberships");
      nothing_readable();
      return false;
    }
    any = any || !items_of(answers[i], "the user's memberships").empty();
  }
  return any;
}

void UserLookUp::nothing_readable() {
  for (GroupCompleteness& group : result_.groups) {
    group.members = Completeness::unreadable;
    group.detail = "grant the application permission GroupMember.Read.All and admin consent";
  }
}

void UserLookUp::read_direct_groups(const core::Guid& user) {
  ListingReader groups(session_.origin(), "the user's groups", session_.queries().direct_groups(user));
  while (!groups.done()) {
    const GraphAnswer answer = session_.client().send({.url = groups.next(), .body = {}}, stop_);
    if (!takes_page(groups, answer)) continue;
    for (const json::value& item : items_of(answer, groups.what())) {
      const auto id = core::parse_guid(text_at(item, "id"));
      if (id && std::binary_search(relevant_.begin(), relevant_.end(), *id)) {
        add_membership(*id, Relation::member, user);
      }
    }
  }
}

void UserLookUp::add_membership(const core::Guid& group, Relation relation, const core::Guid& user) {
  MembershipRecord record;
  record.group = group;
  record.relation = relation;
  record.member.object_id = user;
  result_.page.memberships.push_back(std::move(record));
}

}  // namespace

LookUp look_up(Session& session, const UserReference& user, const PullRequest& request, const std::stop_token& stop) {
  return UserLookUp(session, request, stop).run(user);
}

}  // namespace dvsync::source::graph
