#include "source/file/graph_delivery.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace dvsync::source::file {
namespace {

using Removal = GraphUser::Removal;

constexpr std::string_view gone_on =
    " says that its list goes on elsewhere (@odata.nextLink): follow the link, and put "
    "the items of all pages into one list without it";
constexpr std::string_view too_few =
    " lists fewer members or owners than there are, or as many as $expand gives at most: export members@delta and "
    "owners@delta";
constexpr std::string_view save_the_rest =
    ". Follow @odata.nextLink until an answer has none, and save all of them, one after the other, in this file";

MemberRef reference_to(const core::Guid& id) {
  return {.kind = MemberRef::Kind::object_id, .object_id = id, .name = {}};
}

}  // namespace

GraphDelivery::GraphDelivery(const ReadingContext& context)
    : context_(context), groups_(context.request, GroupRegister::NamedBy::object_id) {}

void GraphDelivery::begin(GraphObject& object) const {
  if (!reading_again_) return;
  const auto owner = second_reading_.find(object.item);
  if (owner == second_reading_.end()) return;
  object.stated = owner->second.kind;
  if (owner->second.kind == ObjectKind::role) {
    object.role_template = owner->second.id;
  } else {
    object.user.set_id(owner->second.id);
  }
}

ObjectKind GraphDelivery::kind_of(const GraphObject& object) const {
  if (object.stated != ObjectKind::unstated) return object.stated;
  const bool removed = object.user.removal() != Removal::none;
  if (object.likely != ObjectKind::unstated || !removed) return object.likely;
  // A delta names what was removed by nothing but its id: users, unless the id is a group's that we were asked about.
  return object.user.id() && groups_.knows(*object.user.id()) ? ObjectKind::group : ObjectKind::user;
}

GraphDelivery::Route GraphDelivery::route(const GraphObject& object) const {
  if (reading_again_) return second_reading_.contains(object.item) ? Route::deliver : Route::drop;
  switch (object.stated) {
    case ObjectKind::unstated:
      return Route::undecided;
    case ObjectKind::user:
    case ObjectKind::other:
    case ObjectKind::unknown:
      return Route::drop;
    case ObjectKind::group:
      if (!object.user.id()) return object.user.id_is_unusable() ? Route::drop : Route::undecided;
      return groups_.wants(*object.user.id()) ? Route::deliver : Route::drop;
    case ObjectKind::role:
      if (!object.role_template) return Route::undecided;
      return administrator_role(*object.role_template) ? Route::deliver : Route::drop;
  }
  return Route::drop;
}

// A member of a type that is not known may be a user: it stays in the group (docs/rules.md D17).
void GraphDelivery::link(const GraphObject& object, const Link& link) {
  const bool is_group = link.kind == ObjectKind::group;
  const bool is_unknown = link.kind == ObjectKind::unknown;
  const bool is_user = link.kind == ObjectKind::user || link.kind == ObjectKind::unstated || is_unknown;
  if (!link.id || (!is_user && !is_group)) return;
  if (is_unknown) {
    page_->unknown_objects.push_back({.object_id = link.id, .where = where(object.item), .reason = {}, .detail = {}});
  }
  const bool is_role = kind_of(object) == ObjectKind::role;
  if (!is_role) {
    page_->memberships.push_back({.group = *object.user.id(),
                                  .relation = link.relation,
                                  .member = reference_to(*link.id),
                                  .member_is_group = is_group,
                                  .removed = link.removed});
  } else if (is_user && link.relation == Relation::member) {
    const auto role = administrator_role(object.role_template.value());
    page_->roles.push_back({.role = role.value(), .member = reference_to(*link.id), .removed = link.removed});
  }
}

void GraphDelivery::finish(GraphObject& object) {
  if (reading_again_) return;
  const ObjectKind kind = kind_of(object);
  kinds_.set(static_cast<std::size_t>(kind));
  if (object.goes_on) {
    cut(kind, where(object.item) + " holds an @odata.nextLink");
    if (kind == ObjectKind::unstated && !object.user.id()) return;  // and nothing else
  }
  context_.tally.record();
  switch (kind) {
    case ObjectKind::user:
      return finish_user(object);
    case ObjectKind::group:
      return finish_group(object);
    case ObjectKind::role:
      return finish_role(object);
    case ObjectKind::other:
      return;
    case ObjectKind::unknown:
      return finish_unknown(object);
    case ObjectKind::unstated:
      return reject(object, "malformed", "neither a user, a group nor a directory role: it has no @odata.type");
  }
}

// A page that goes on is followed by the next one of the same list, if that was saved, too. Only the first page tells
// how many items the whole list has.
void GraphDelivery::finish(const SavedAnswer& answer) {
  if (reading_again_) return;
  Pages& pages = pages_[answer.context];
  pages.kind = answer.kind == ObjectKind::unstated ? only_kind() : answer.kind;
  kinds_.reset();
  pages.items += answer.items;
  pages.count = std::max(pages.count, answer.count.value_or(0));
  if (answer.goes_on) {
    pages.cut = where(0) + " is a page of an answer that goes on (@odata.nextLink), and the next page is not there";
    return;
  }
  pages.cut.clear();
  if (pages.count > pages.items) {
    cut(pages.kind,
        fmt::format("{} ends an answer with {} of {} objects (@odata.count)", where(0), pages.items, pages.count));
  }
  pages.items = pages.count = 0;
}

// What the objects of the answer were, where it does not say so itself; unstated: of several kinds.
ObjectKind GraphDelivery::only_kind() const {
  for (const ObjectKind kind : {ObjectKind::user, ObjectKind::group, ObjectKind::role}) {
    if (kinds_.count() == 1 && kinds_.test(static_cast<std::size_t>(kind))) return kind;
  }
  return ObjectKind::unstated;
}

void GraphDelivery::cut(ObjectKind kind, const std::string& why) {
  const auto note = [&](std::string& reason) {
    if (reason.empty()) reason = why;
  };
  const bool any = kind == ObjectKind::unstated;
  if (kind != ObjectKind::group && kind != ObjectKind::role) note(users_cut_);
  if (any || kind == ObjectKind::group) groups_.cut_all(why);
  if (any || kind == ObjectKind::role) note(roles_cut_);
}

void GraphDelivery::finish_user(GraphObject& object) {
  if (auto rejected = object.user.finish()) {
    rejected->where = where(object.item);
    context_.tally.reject(*page_, std::move(*rejected));
    return;
  }
  page_->identities.push_back(object.user.take());
  context_.tally.user(page_->identities.back());
}

void GraphDelivery::finish_unknown(const GraphObject& object) {
  if (!object.user.id()) return;
  page_->unknown_objects.push_back(
      {.object_id = object.user.id(), .where = where(object.item), .reason = {}, .detail = {}});
}

void GraphDelivery::finish_group(GraphObject& object) {
  const GraphUser& common = object.user;
  if (!common.id()) {
    groups_.distrust_all(where(object.item) + " is a group without a usable id");
    return common.id_is_unusable() ? reject(object, "invalid_object_id", "the group's id is not a GUID")
                                   : reject(object, "missing_object_id", "the group has no id");
  }
  const core::Guid id = *common.id();
  if (!groups_.wants(id)) return;
  if (common.removal() != Removal::none) return groups_.gone(id);
  groups_.saw(id);
  deliver_held(object, {.kind = ObjectKind::group, .id = id});
  for (const Relation relation : {Relation::member, Relation::owner}) {
    const LinkList& list = object.list(relation);
    if (list.is_cut()) groups_.cut(id, relation, where(object.item).append(list.goes_on ? gone_on : too_few));
  }
  if (object.link_fault || !common.fault().empty()) {
    groups_.distrust(id, {}, where(object.item) + " cannot be used, and is a part of this group");
    reject(object, "malformed", object.link_fault ? "a member or owner of the group has no usable id" : common.fault());
  }
}

void GraphDelivery::finish_role(GraphObject& object) {
  if (!object.role_template) {
    distrust_roles(where(object.item) + " is a directory role without a usable roleTemplateId");
    return reject(object, "malformed", "the directory role has no usable roleTemplateId: export that property too");
  }
  if (!administrator_role(*object.role_template)) return;
  deliver_held(object, {.kind = ObjectKind::role, .id = *object.role_template});
  if (object.members.is_cut()) {
    cut(ObjectKind::role, where(object.item).append(object.members.goes_on ? gone_on : too_few));
  }
  if (object.link_fault || !object.user.fault().empty()) {
    distrust_roles(where(object.item) + " cannot be used, and is a directory role");
    reject(object, "malformed", object.link_fault ? "a member of the role has no usable id" : object.user.fault());
  }
}

void GraphDelivery::deliver_held(GraphObject& object, const Owner& owner) {
  if (object.held_overflowed) {
    second_reading_.emplace(object.item, owner);
    return;
  }
  object.stated = owner.kind;
  for (const Link& held : object.held) link(object, held);
}

void GraphDelivery::end_second_reading() {
  reading_again_ = false;
  second_reading_.clear();
}

void GraphDelivery::reject_line(const GraphObject& object, const std::optional<core::Guid>& salvaged,
                                bool may_hold_links, const std::string& detail) {
  context_.tally.record();
  second_reading_.clear();
  const std::string place = where(object.item);
  const ObjectKind kind = kind_of(object);
  if (kind == ObjectKind::group && object.user.id()) {
    groups_.saw(*object.user.id());
    groups_.distrust(*object.user.id(), {}, place + " cannot be read, and is a part of this group");
  } else if (may_hold_links && kind != ObjectKind::user && kind != ObjectKind::other) {
    if (kind != ObjectKind::role) groups_.distrust_all(place + " cannot be read, and may be a part of this group");
    if (kind != ObjectKind::group) distrust_roles(place + " cannot be read, and may be a directory role");
  }
  context_.tally.reject(*page_, {.object_id = salvaged, .where = place, .reason = "malformed", .detail = detail});
}

void GraphDelivery::reject(const GraphObject& object, std::string_view reason, std::string detail) {
  context_.tally.reject(*page_, {.object_id = object.user.id(),
                                 .where = where(object.item),
                                 .reason = std::string(reason),
                                 .detail = std::move(detail)});
}

void GraphDelivery::distrust_roles(const std::string& why) {
  if (trouble_with_roles_.empty()) trouble_with_roles_ = why;
}

std::string GraphDelivery::where(std::size_t item) const {
  std::string place = context_.input.name() + ":" + std::to_string(line_);
  if (item > 0) place += ", item " + std::to_string(item);
  return place;
}

void GraphDelivery::conclude(PullEnd& end) {
  for (const auto& [context, pages] : pages_) {
    if (!pages.cut.empty()) cut(pages.kind, pages.cut);
  }
  const bool snapshot = context_.is_snapshot();
  end.groups = groups_.coverage(snapshot ? Completeness::complete : Completeness::changes,
                                snapshot ? Completeness::unreadable : Completeness::changes);
  Completeness roles = snapshot ? Completeness::complete : Completeness::changes;
  if (!roles_cut_.empty()) roles = Completeness::partial;
  if (!trouble_with_roles_.empty()) roles = Completeness::unreadable;
  end.roles = {roles, roles, roles, Completeness::not_carried};
  end.nested_groups_read = true;
  if (!users_cut_.empty()) {
    if (snapshot) end.users = Completeness::partial;
    end.warnings.push_back(fmt::format(
        "the list of users is not complete, so nobody is absent for not being in it: {}{}", users_cut_, save_the_rest));
  }
  for (const GroupCompleteness& group : end.groups) {
    if (group.members == Completeness::partial || group.owners == Completeness::partial) {
      end.warnings.push_back("group " + group.name + " is only partly known: " + group.detail);
    }
  }
  if (!roles_cut_.empty()) {
    end.warnings.push_back("administrator roles are only partly known: " +
                           std::string(roles_cut_).append(save_the_rest));
  }
  if (!trouble_with_roles_.empty()) {
    end.warnings.push_back("administrator roles are unknown until the file is right: " + trouble_with_roles_);
  }
  exported_.warn(end.warnings);
}

}  // namespace dvsync::source::file
