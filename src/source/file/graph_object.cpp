#include "source/file/graph_object.hpp"

#include "source/ascii.hpp"

namespace dvsync::source::file {
namespace {

std::optional<std::uint64_t> count_of(std::string_view text) {
  const auto number = parse_number(text);
  return number && *number >= 0 ? std::optional(static_cast<std::uint64_t>(*number)) : std::nullopt;
}

}  // namespace

void GraphObject::begin(bool whole, std::size_t number) {
  stated = likely = ObjectKind::unstated;
  user.begin(whole);
  role_template.reset();
  members = owners = {};
  link_fault = false;
  held.clear();
  held_overflowed = false;
  goes_on = false;
  item = number;
}

void GraphObject::note_kind(const GraphProperty& property) {
  switch (property.key) {
    case GraphKey::role_template_id:
      likely = ObjectKind::role;
      break;
    case GraphKey::group_only:
    case GraphKey::members:
    case GraphKey::owners:
    case GraphKey::expanded_members:
    case GraphKey::expanded_owners:
      if (likely == ObjectKind::unstated) likely = ObjectKind::group;
      break;
    default:
      if (likely == ObjectKind::unstated && property.user_only) likely = ObjectKind::user;
  }
}

void GraphObject::set(const GraphProperty& property, std::string_view value) {
  switch (property.key) {
    case GraphKey::odata_type: {
      const GraphType type = graph_type(value);
      stated = type.kind;
      user.set_agent(type.agent);
      break;
    }
    case GraphKey::odata_context:
      if (likely == ObjectKind::unstated) likely = object_kind_of_context(value);
      break;
    case GraphKey::next_link:
      goes_on = goes_on || !value.empty();
      break;
    case GraphKey::members_next_link:
      members.goes_on = members.goes_on || !value.empty();
      break;
    case GraphKey::owners_next_link:
      owners.goes_on = owners.goes_on || !value.empty();
      break;
    case GraphKey::members_count:
      members.count = count_of(value);
      break;
    case GraphKey::owners_count:
      owners.count = count_of(value);
      break;
    case GraphKey::role_template_id:
      role_template = core::parse_guid(value);
      break;
    default:
      user.set(property, value);
  }
}

void GraphObject::set(const GraphProperty& property, std::uint64_t value) {
  if (property.key == GraphKey::members_count) {
    members.count = value;
  } else if (property.key == GraphKey::owners_count) {
    owners.count = value;
  } else {
    user.set_other(property);
  }
}

void SavedAnswer::set(const GraphProperty& property, std::string_view value) {
  if (property.key == GraphKey::next_link) {
    goes_on = goes_on || !value.empty();
  } else if (property.key == GraphKey::count) {
    count = count_of(value);
  } else if (property.key == GraphKey::odata_context) {
    context = value;
    kind = object_kind_of_context(value);
  }
}

void SavedAnswer::set(const GraphProperty& property, std::uint64_t value) {
  if (property.key == GraphKey::count) count = value;
}

}  // namespace dvsync::source::file
