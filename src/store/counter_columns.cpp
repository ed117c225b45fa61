#include "counter_columns.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "list_columns.hpp"

namespace dvsync::store::counter_columns {

std::string list(std::string_view form) {
  std::array<std::string_view, core::named_counters.size()> names{};
  std::ranges::transform(core::named_counters, names.begin(), &core::NamedCounter::name);
  return list_columns(names, form);
}

std::string assignments(std::size_t first_parameter) {
  std::string columns;
  for (const auto& counter : core::named_counters) {
    columns += fmt::format("{}{} = ${}::bigint", columns.empty() ? "" : ", ", counter.name, first_parameter++);
  }
  return columns;
}

core::Counters read(const Rows& rows, int row, int first_column) {
  core::Counters counters;
  for (const auto& counter : core::named_counters) counters.*counter.value = rows.number(row, first_column++);
  return counters;
}

void append(std::vector<Parameter>& parameters, const core::Counters& counters) {
  for (const auto& counter : core::named_counters) parameters.emplace_back(std::to_string(counters.*counter.value));
}

}  // namespace dvsync::store::counter_columns
