#include "identity_columns.hpp"

#include <fmt/format.h>

namespace dvsync::store::identity_columns {
namespace {

void append(std::string& list, std::string_view column) {
  if (!list.empty()) list += ", ";
  list += column;
}

void append_profile(std::string& list, std::string_view prefix) {
  for (const auto column : profile) append(list, fmt::format("{}{}", prefix, column));
}

}  // namespace

std::string profile_list(std::string_view prefix) {
  std::string list;
  append_profile(list, prefix);
  return list;
}

std::string record_list(std::string_view prefix) {
  std::string list;
  for (const auto& fact : facts) append(list, fmt::format("{}{}", prefix, fact.name));
  append_profile(list, prefix);
  return list;
}

std::string evaluated_list(std::string_view prefix) {
  std::string list;
  for (const auto& fact : facts) {
    if (fact.evaluated) append(list, fmt::format("{}{}", prefix, fact.name));
  }
  append_profile(list, prefix);
  return list;
}

std::string assignments_from_excluded() {
  std::string list;
  const auto assign = [&](std::string_view column) { append(list, fmt::format("{0} = excluded.{0}", column)); };
  for (const auto& fact : facts) assign(fact.name);
  for (const auto column : profile) assign(column);
  return list;
}

}  // namespace dvsync::store::identity_columns
