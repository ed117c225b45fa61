#include "source/file/graph_object.hpp"

#include <string>

#include "source/file/text.hpp"
#include "source/text_value.hpp"
#include "source/timestamp.hpp"

namespace dvsync::source::file {
namespace {

using core::Attribute;

void set_id(GraphObject& object, std::string_view value) {
  const auto id = core::parse_guid(value);
  if (object.id && id != object.id) {
    object.fault = "it has two ids";
  } else {
    object.id = id;
    object.id_is_unusable = !id;
  }
}

}  // namespace

ObjectKind object_kind(std::string_view odata_type) {
  if (odata_type.starts_with('#')) odata_type.remove_prefix(1);
  if (odata_type == "microsoft.graph.user") return ObjectKind::user;
  if (odata_type == "microsoft.graph.group") return ObjectKind::group;
  if (odata_type == "microsoft.graph.directoryRole") return ObjectKind::role;
  return ObjectKind::other;
}

ObjectKind object_kind_of_context(std::string_view odata_context) {
  const std::size_t mark = odata_context.find("$metadata#");
  if (mark == std::string_view::npos) return ObjectKind::unknown;
  std::string_view set = odata_context.substr(mark + 10);
  set = set.substr(0, set.find_first_of("(/"));
  if (set == "users") return ObjectKind::user;
  if (set == "groups") return ObjectKind::group;
  if (set == "directoryRoles") return ObjectKind::role;
  return ObjectKind::unknown;
}

namespace {

// Only what was stated can be set: a profile has many attributes, and there are millions of objects.
void reset(IdentityRecord& user) {
  for (std::size_t i = 0; i < core::attribute_count; ++i) {
    if (user.stated.test(i)) user.profile.values[i].reset();
  }
  user.stated.reset();
  user.deleted_at.reset();
  user.lifecycle = core::Lifecycle::present;
  user.account_enabled.reset();
  user.guest.reset();
  user.plans.reset();
  user.defect.clear();
}

}  // namespace

void GraphObject::clear() {
  stated = likely = ObjectKind::unknown;
  id.reset();
  id_is_unusable = false;
  role_template.reset();
  removal = Removal::none;
  has_deletion_date = false;
  reset(user);
  fault.clear();
  link_fault = false;
  held.clear();
  held_overflowed = false;
  links_may_be_cut = false;
  item = 0;
}

void note_kind(GraphObject& object, const GraphProperty& property) {
  ObjectKind& likely = object.likely;
  if (property.key == GraphKey::role_template_id) {
    likely = ObjectKind::role;
  } else if (likely == ObjectKind::unknown) {
    if (property.user_only) {
      likely = ObjectKind::user;
    } else if (property.key == GraphKey::group_only || property.key == GraphKey::members ||
               property.key == GraphKey::owners || property.key == GraphKey::expanded_members ||
               property.key == GraphKey::expanded_owners) {
      likely = ObjectKind::group;
    }
  }
}

void set_property(GraphObject& object, const GraphProperty& property, std::string_view value) {
  switch (property.key) {
    case GraphKey::attribute:
      set_text(object.user, property.attribute, value);
      break;
    case GraphKey::odata_type:
      object.stated = object_kind(value);
      break;
    case GraphKey::odata_context:
      if (object.likely == ObjectKind::unknown) object.likely = object_kind_of_context(value);
      break;
    case GraphKey::id:
      set_id(object, value);
      break;
    case GraphKey::role_template_id:
      object.role_template = core::parse_guid(value);
      break;
    case GraphKey::user_type:
      object.user.guest = equals_ignoring_case(value, "Guest");
      break;
    case GraphKey::deleted_date_time:
      if (trimmed(value).empty()) break;  // no date is no deletion
      object.has_deletion_date = true;
      object.user.deleted_at = parse_timestamp(value);
      break;
    case GraphKey::account_enabled:
    case GraphKey::assigned_plans:
    case GraphKey::business_phones:
    case GraphKey::members:
    case GraphKey::owners:
    case GraphKey::expanded_members:
    case GraphKey::expanded_owners:
    case GraphKey::removed:
      note_wrong_type(object, property);
      break;
    default:
      break;
  }
}

void set_removal(GraphObject& object, std::string_view reason) {
  if (reason == "changed") {
    object.removal = GraphObject::Removal::changed;
  } else if (reason == "deleted") {
    object.removal = GraphObject::Removal::deleted;
  } else {
    object.fault = "@removed has a reason that is neither changed nor deleted";
  }
}

void clear_property(GraphObject& object, const GraphProperty& property) {
  switch (property.key) {
    case GraphKey::attribute:
      clear_text(object.user, property.attribute);
      break;
    case GraphKey::business_phones:
      clear_text(object.user, Attribute::business_phone);
      break;
    case GraphKey::assigned_plans:
      object.user.plans.emplace();
      break;
    case GraphKey::user_type:
      object.user.guest = false;
      break;
    default:
      break;  // no fact
  }
}

void note_wrong_type(GraphObject& object, const GraphProperty& property) {
  switch (property.key) {
    case GraphKey::other:
    case GraphKey::group_only:
    case GraphKey::odata_context:
    case GraphKey::value:
    case GraphKey::reason:
      return;
    default:
      break;
  }
  if (object.fault.empty()) object.fault = std::string(property.name) + " has a value of the wrong type";
}

}  // namespace dvsync::source::file
