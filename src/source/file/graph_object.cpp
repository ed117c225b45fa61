#include "source/file/graph_object.hpp"

namespace dvsync::source::file {

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

}  // namespace dvsync::source::file
