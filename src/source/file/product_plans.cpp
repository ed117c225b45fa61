#include "source/file/product_plans.hpp"

#include <algorithm>
#include <string>
#include <unordered_map>

#include "source/ascii.hpp"
#include "source/file/product_table.hpp"

namespace dvsync::source::file {
namespace {

using PlansByProduct = std::unordered_map<std::string, std::vector<core::Guid>>;

std::vector<core::Guid> plans_named(std::string_view names,
                                    const std::unordered_map<std::string_view, core::Guid>& ids) {
  std::vector<core::Guid> plans;
  while (!names.empty()) {
    const std::size_t end = std::min(names.find(' '), names.size());
    plans.push_back(ids.at(names.substr(0, end)));
    names.remove_prefix(std::min(end + 1, names.size()));
  }
  return plans;
}

PlansByProduct read_table() {
  std::unordered_map<std::string_view, core::Guid> ids;
  for (const NamedPlan& plan : named_plans()) ids.emplace(plan.name, core::parse_guid(plan.id).value());
  PlansByProduct table;
  for (const Product& product : products_with_plans()) {
    table.emplace(to_lower(product.display_name), plans_named(product.plans, ids));
  }
  return table;
}

}  // namespace

std::optional<std::vector<core::Guid>> plans_of_product(std::string_view display_name) {
  static const PlansByProduct table = read_table();
  const std::string name = to_lower(display_name);
  if (const auto found = table.find(name); found != table.end()) return found->second;
  const bool known = std::ranges::any_of(families_without_plans(),
                                         [&](std::string_view family) { return name.starts_with(to_lower(family)); });
  return known ? std::optional(std::vector<core::Guid>()) : std::nullopt;
}

}  // namespace dvsync::source::file
