#pragma once
// The names of Graph's properties that the sync reads; all others are passed over.
// The same for a tenant asked and a saved answer.

#include <cstdint>
#include <string_view>

#include "dvsync/core/identity.hpp"

namespace dvsync::source {

enum class GraphKey : std::uint8_t {
  other,
  attribute,  // a text of the profile
  odata_type,
  odata_context,
  id,
  removed,
  reason,
  members,
  owners,
  expanded_members,  // as $expand writes them: at most `most_expanded`
  expanded_owners,
  assigned_plans,
  service_plan_id,
  capability_status,
  business_phones,
  account_enabled,
  user_type,
  deleted_date_time,
  role_template_id,
  value,
  group_only,  // says nothing to the sync, but only groups have it
};

struct GraphProperty {
  std::string_view name;
  GraphKey key = GraphKey::other;
  core::Attribute attribute = core::Attribute::user_principal_name;  // for GraphKey::attribute
  bool user_only = false;                                            // only users have it
};

// Never null: what is not known is GraphKey::other.
[[nodiscard]] const GraphProperty* find_graph_property(std::string_view name);

}  // namespace dvsync::source
