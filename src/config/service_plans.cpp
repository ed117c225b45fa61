#include "dvsync/config/service_plans.hpp"

#include <algorithm>
#include <string>
#include <unordered_map>

#include "dvsync/core/text.hpp"
#include "licence_data.hpp"

namespace dvsync::config {
namespace {

// Takes the text before `end` off `text`, and `end` with it.
std::string_view take(std::string_view& text, char end) {
  const auto length = std::min(text.find(end), text.size());
  const auto taken = text.substr(0, length);
  text.remove_prefix(std::min(length + 1, text.size()));
  return taken;
}

// A cell of a CSV line. In quotes it may hold commas; the tables have no quotes within a cell.
std::string_view take_cell(std::string_view& line) {
  if (!line.starts_with('"')) return take(line, ',');
  line.remove_prefix(1);
  const auto cell = take(line, '"');
  take(line, ',');
  return cell;
}

// The lines of a table, without its comment and, in a CSV file, its header.
std::vector<std::string_view> lines_of(std::string_view table, bool has_header) {
  std::vector<std::string_view> lines;
  while (!table.empty()) {
    const auto line = take(table, '\n');
    if (!line.empty() && !line.starts_with('#')) lines.push_back(line);
  }
  if (has_header) lines.erase(lines.begin());
  return lines;
}

Entitlement entitlement_named(std::string_view word) {
  if (word == "full") return Entitlement::full;
  return word == "on_demand" ? Entitlement::on_demand : Entitlement::none;
}

std::vector<ServicePlan> read_service_plans() {
  std::vector<ServicePlan> plans;
  for (auto line : lines_of(licence_data::service_plans, true)) {
    const auto entitlement = entitlement_named(take_cell(line));
    const auto name = take_cell(line);
    plans.push_back({.id = core::parse_guid(line).value(), .name = name, .entitlement = entitlement});
  }
  return plans;
}

using PlansByProduct = std::unordered_map<std::string, std::vector<core::Guid>>;

PlansByProduct read_products() {
  std::unordered_map<std::string_view, core::Guid> ids;
  for (const auto& plan : service_plans()) ids.emplace(plan.name, plan.id);
  PlansByProduct products;
  for (auto line : lines_of(licence_data::products, true)) {
    auto& plans = products[core::ascii_lower(take_cell(line))];
    while (!line.empty()) plans.push_back(ids.at(take_cell(line)));
  }
  return products;
}

std::vector<std::string> read_families_without_plans() {
  std::vector<std::string> families;
  for (const auto line : lines_of(licence_data::products_without_plans, false)) {
    families.push_back(core::ascii_lower(line));
  }
  return families;
}

}  // namespace

std::span<const ServicePlan> service_plans() {
  static const auto plans = read_service_plans();
  return plans;
}

std::optional<std::vector<core::Guid>> plans_of_product(std::string_view display_name) {
  static const auto products = read_products();
  static const auto families = read_families_without_plans();
  const auto name = core::ascii_lower(display_name);
  if (const auto found = products.find(name); found != products.end()) return found->second;
  const bool known = std::ranges::any_of(families, [&](const auto& family) { return name.starts_with(family); });
  return known ? std::optional(std::vector<core::Guid>()) : std::nullopt;
}

std::vector<std::string_view> products_with_plans() {
  std::vector<std::string_view> names;
  for (auto line : lines_of(licence_data::products, true)) names.push_back(take_cell(line));
  return names;
}

}  // namespace dvsync::config
