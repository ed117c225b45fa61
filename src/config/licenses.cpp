#include "licenses.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "dvsync/config/service_plans.hpp"
#include "dvsync/config/suggestion.hpp"
#include "masking.hpp"
#include "values.hpp"

namespace dvsync::config {
namespace {

using Plans = std::vector<core::Guid>;

std::vector<std::string_view> plan_names() {
  std::vector<std::string_view> names;
  for (const auto& plan : service_plans()) {
    names.push_back(plan.name);
  }
  return names;
}

// An id, or one of Microsoft's names.
Read<core::Guid> plan_meant(const YAML::Node& node) {
  const auto value = text(node);
  if (!value) return value.error();
  if (const auto id = core::parse_guid(*value)) return *id;
  const auto named = std::ranges::find(service_plans(), *value, &ServicePlan::name);
  if (named == service_plans().end()) {
    return wrong("must hold ids or known names of service plans, not " + in_quotes(*value) +
                 did_you_mean(*value, plan_names()));
  }
  return named->id;
}

constexpr struct {
  Read<core::Guid> operator()(const YAML::Node& node) const { return plan_meant(node); }
  [[nodiscard]] Shape shape() const { return {}; }
  // Its name, where that means this plan alone.
  [[nodiscard]] std::string word_for(const core::Guid& id) const {
    const auto plan = std::ranges::find(service_plans(), id, &ServicePlan::id);
    if (plan == service_plans().end()) return core::to_string(id);
    const auto named = std::ranges::find(service_plans(), plan->name, &ServicePlan::name);
    return named->id == id ? std::string(plan->name) : core::to_string(id);
  }
} service_plan;

Plans shipped(Entitlement entitlement) {
  Plans list;
  for (const auto& plan : service_plans()) {
    if (plan.entitlement == entitlement) {
      list.push_back(plan.id);
    }
  }
  return list;
}

Plans sorted(Plans list) {
  std::ranges::sort(list);
  list.erase(std::unique(list.begin(), list.end()), list.end());
  return list;
}

Plans without(const Plans& list, const Plans& removed) {
  Plans rest;
  std::ranges::set_difference(sorted(list), sorted(removed), std::back_inserter(rest));
  return rest;
}

// `key` replaces the shipped list; key_add and key_remove amend whichever it is.
Plans read_list(Section& section, const std::string& key, Entitlement entitlement) {
  Plans list = shipped(entitlement);
  section.optional_list(key, list, service_plan);
  Plans added;
  section.optional_list(key + "_add", added, service_plan);
  list.insert(list.end(), added.begin(), added.end());
  Plans removed;
  section.optional_list(key + "_remove", removed, service_plan);
  return without(list, removed);
}

}  // namespace

Licenses read_licenses(Section section) {
  Licenses licenses;
  licenses.full = read_list(section, "full", Entitlement::full);
  // A plan in both lists counts as full.
  licenses.on_demand = without(read_list(section, "on_demand", Entitlement::on_demand), licenses.full);
  section.close();
  return licenses;
}

}  // namespace dvsync::config
