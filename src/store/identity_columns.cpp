#include "identity_columns.hpp"

#include <fmt/format.h>

#include <vector>

#include "list_columns.hpp"

namespace dvsync::store::identity_columns {
namespace {

template <class Wanted>
std::vector<std::string_view> record(Wanted wanted) {
  std::vector<std::string_view> names;
  for (const auto& fact : facts) {
    if (wanted(fact)) names.push_back(fact.name);
  }
  names.insert(names.end(), profile.begin(), profile.end());
  return names;
}

constexpr auto every = [](const Column&) { return true; };

}  // namespace

std::string profile_list(std::string_view prefix) { return list_columns(profile, fmt::format("{}{{}}", prefix)); }

std::string record_list(std::string_view prefix) { return list_columns(record(every), fmt::format("{}{{}}", prefix)); }

std::string evaluated_list(std::string_view prefix) {
  return list_columns(record([](const Column& fact) { return fact.evaluated; }), fmt::format("{}{{}}", prefix));
}

std::string assignments_from_excluded() { return list_columns(record(every), "{} = excluded.{}"); }

}  // namespace dvsync::store::identity_columns
