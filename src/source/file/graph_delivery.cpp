#include "source/file/graph_delivery.hpp"

#include <algorithm>
#include <utility>

namespace dvsync::source::file {
namespace {

using Removal = GraphObject::Removal;

struct KnownRole {
  core::Guid template_id;
  RoleName name;
};

// https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference
std::optional<RoleName> role_named(const core::Guid& template_id) {
  static const std::array known{
      KnownRole{core::parse_guid("62e90394-69f5-4237-9190-012177145e10").value(), RoleName::global_administrator},
      KnownRole{core::parse_guid("11648597-926c-4cf3-9c36-bcebb0ba8dcc").value(),
                RoleName::power_platform_administrator},
      KnownRole{core::parse_guid("44367163-eba1-44c3-98af-f5787879f96a").value(), RoleName::dynamics365_administrator},
  };
  const auto found = std::ranges::find(known, template_id, &KnownRole::template_id);
  return found == known.end() ? std::nullopt : std::optional(found->name);
}

MemberRef reference_to(const core::Guid& id) {
  return {.kind = MemberRef::Kind::object_id, .object_id = id, .name = {}};
}

// Only the lifecycle is a fact about this user: nothing else of the record may touch what is known already.
void keep_lifecycle_only(IdentityRecord& user) {
  IdentityRecord bare;
  bare.object_id = user.object_id;
  bare.lifecycle = user.lifecycle;
  bare.deleted_at = user.deleted_at;
  bare.whole = false;
  user = std::move(bare);
}

}  // namespace

GraphDelivery::GraphDelivery(const ReadingContext& context)
    : context_(context), groups_(context.request, GroupRegister::NamedBy::object_id) {}

void GraphDelivery::begin(GraphObject& object) const {
  if (!reading_again_) return;
  const auto owner = second_reading_.find(object.item);
  if (owner == second_reading_.end()) return;
  object.stated = owner->second.kind;
  (owner->second.kind == ObjectKind::role ? object.role_template : object.id) = owner->second.id;
}

ObjectKind GraphDelivery::kind_of(const GraphObject& object) const {
  if (object.stated != ObjectKind::unknown) return object.stated;
  if (object.likely != ObjectKind::unknown || object.removal == Removal::none) return object.likely;
  // A delta names what was removed by nothing but its id: users, unless the id is a group's that we were asked about.
  return object.id && groups_.knows(*object.id) ? ObjectKind::group : ObjectKind::user;
}

GraphDelivery::Route GraphDelivery::route(const GraphObject& object) const {
  if (reading_again_) return second_reading_.contains(object.item) ? Route::deliver : Route::drop;
  switch (object.stated) {
    case ObjectKind::unknown:
      return Route::undecided;
    case ObjectKind::user:
    case ObjectKind::other:
      return Route::drop;
    case ObjectKind::group:
      if (!object.id) return object.id_is_unusable ? Route::drop : Route::undecided;
      return groups_.wants(*object.id) ? Route::deliver : Route::drop;
    case ObjectKind::role:
      if (!object.role_template) return Route::undecided;
      return role_named(*object.role_template) ? Route::deliver : Route::drop;
  }
  return Route::drop;
}

void GraphDelivery::link(const GraphObject& object, const Link& link) {
  const bool is_user = link.kind == ObjectKind::user || link.kind == ObjectKind::unknown;
  const bool is_group = link.kind == ObjectKind::group;
  if (!link.id || (!is_user && !is_group)) return;
  const bool is_role = kind_of(object) == ObjectKind::role;
  if (!is_role) {
    page_->memberships.push_back({.group = *object.id,
                                  .relation = link.relation,
                                  .member = reference_to(*link.id),
                                  .member_is_group = is_group,
                                  .removed = link.removed});
  } else if (is_user && link.relation == MembershipRecord::Relation::member) {
    const auto role = role_named(object.role_template.value());
    page_->roles.push_back({.role = role.value(), .member = reference_to(*link.id), .removed = link.removed});
  }
}

void GraphDelivery::finish(GraphObject& object) {
  if (reading_again_) return;
  context_.tally.record();
  switch (kind_of(object)) {
    case ObjectKind::user:
      return finish_user(object);
    case ObjectKind::group:
      return finish_group(object);
    case ObjectKind::role:
      return finish_role(object);
    case ObjectKind::other:
      return;
    case ObjectKind::unknown:
      return reject(object, "malformed", "neither a user, a group nor a directory role: it has no @odata.type");
  }
}

void GraphDelivery::finish_user(GraphObject& object) {
  if (!object.id) {
    return object.id_is_unusable ? reject(object, "invalid_object_id", "the user's id is not a GUID")
                                 : reject(object, "missing_object_id", "the user has no id");
  }
  if (!object.fault.empty()) return reject(object, "malformed", object.fault);
  IdentityRecord& user = object.user;
  user.object_id = *object.id;
  user.whole = context_.is_snapshot();
  if (object.removal == Removal::deleted) {
    user.lifecycle = core::Lifecycle::gone;
  } else if (object.removal == Removal::changed || object.has_deletion_date) {
    user.lifecycle = core::Lifecycle::soft_deleted;
  }
  const bool has_name = user.profile[core::Attribute::user_principal_name].has_value();
  const bool removed_in_delta = object.removal != Removal::none && !context_.is_snapshot();
  if (removed_in_delta || (user.lifecycle != core::Lifecycle::present && !has_name)) keep_lifecycle_only(user);
  context_.tally.user(user);
  page_->identities.push_back(std::move(user));
}

void GraphDelivery::finish_group(GraphObject& object) {
  if (!object.id) {
    groups_.distrust_all(where(object) + " is a group without a usable id");
    return object.id_is_unusable ? reject(object, "invalid_object_id", "the group's id is not a GUID")
                                 : reject(object, "missing_object_id", "the group has no id");
  }
  if (!groups_.wants(*object.id)) return;
  if (object.removal != Removal::none) return groups_.gone(*object.id);
  groups_.saw(*object.id);
  deliver_held(object, {.kind = ObjectKind::group, .id = *object.id});
  if (object.links_may_be_cut) {
    groups_.distrust(*object.id, {},
                     where(object) + " lists as many members or owners as $expand gives at most, so " +
                         "there may be more: export members@delta and owners@delta");
  }
  if (object.link_fault || !object.fault.empty()) {
    groups_.distrust(*object.id, {}, where(object) + " cannot be used, and is a part of this group");
    reject(object, "malformed", object.link_fault ? "a member or owner of the group has no usable id" : object.fault);
  }
}

void GraphDelivery::finish_role(GraphObject& object) {
  if (!object.role_template) {
    distrust_roles(where(object) + " is a directory role without a usable roleTemplateId");
    return reject(object, "malformed", "the directory role has no usable roleTemplateId: export that property too");
  }
  if (!role_named(*object.role_template)) return;
  deliver_held(object, {.kind = ObjectKind::role, .id = *object.role_template});
  if (object.links_may_be_cut) {
    distrust_roles(where(object) + " lists as many members as $expand gives at most: export members@delta");
  }
  if (object.link_fault || !object.fault.empty()) {
    distrust_roles(where(object) + " cannot be used, and is a directory role");
    reject(object, "malformed", object.link_fault ? "a member of the role has no usable id" : object.fault);
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
  const std::string place = where(object);
  const ObjectKind kind = kind_of(object);
  if (kind == ObjectKind::group && object.id) {
    groups_.saw(*object.id);
    groups_.distrust(*object.id, {}, place + " cannot be read, and is a part of this group");
  } else if (may_hold_links && kind != ObjectKind::user && kind != ObjectKind::other) {
    if (kind != ObjectKind::role) groups_.distrust_all(place + " cannot be read, and may be a part of this group");
    if (kind != ObjectKind::group) distrust_roles(place + " cannot be read, and may be a directory role");
  }
  context_.tally.reject(*page_, {.object_id = salvaged, .where = place, .reason = "malformed", .detail = detail});
}

void GraphDelivery::reject(const GraphObject& object, std::string_view reason, std::string detail) {
  context_.tally.reject(
      *page_,
      {.object_id = object.id, .where = where(object), .reason = std::string(reason), .detail = std::move(detail)});
}

void GraphDelivery::distrust_roles(const std::string& why) {
  if (trouble_with_roles_.empty()) trouble_with_roles_ = why;
}

std::string GraphDelivery::where(const GraphObject& object) const {
  std::string place = context_.input.name() + ":" + std::to_string(line_);
  if (object.item > 0) place += ", item " + std::to_string(object.item);
  return place;
}

void GraphDelivery::conclude(PullEnd& end) const {
  const bool snapshot = context_.is_snapshot();
  end.groups = groups_.coverage(snapshot ? Completeness::complete : Completeness::changes,
                                snapshot ? Completeness::unreadable : Completeness::changes);
  const Completeness read = snapshot ? Completeness::complete : Completeness::changes;
  const Completeness roles = trouble_with_roles_.empty() ? read : Completeness::unreadable;
  end.roles = {roles, roles, roles, Completeness::not_carried};
  end.nested_groups_read = true;
  if (!trouble_with_roles_.empty()) {
    end.warnings.push_back("administrator roles are unknown until the file is right: " + trouble_with_roles_);
  }
}

}  // namespace dvsync::source::file
