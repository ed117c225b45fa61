#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "environments.hpp"
#include "masking.hpp"
#include "values.hpp"

namespace dvsync::config {
namespace {

// What the sync writes besides core::Column; and applicationid, which would make every new row an application user.
constexpr std::array<std::string_view, 9> reserved{"systemuserid",        "azureactivedirectoryobjectid",
                                                   "issyncwithdirectory", "applicationid",
                                                   "createdon",           "createdby",
                                                   "modifiedon",          "modifiedby",
                                                   "versionnumber"};

bool is_synchronised(std::string_view name, const core::FieldMapping& mapping) {
  if (std::ranges::find(reserved, name) != reserved.end()) return true;
  const auto column = core::column_named(name);
  if (!column) return false;
  // A text column outside the mapping is left alone, so a foreign table may demand a constant for it.
  return static_cast<std::size_t>(*column) >= core::text_column_count ||
         mapping.policy(*column) != core::UpdatePolicy::never;
}

}  // namespace

void read_create_values(Section& section, Environment& environment) {
  auto values = section.child("create_values");
  values.takes_others({.shape = {.may_be_empty = true}});
  for (const auto& entry : values.entries()) {
    std::string value;
    const bool right = values.optional(entry.key, value, constant);
    if (entry.key.empty() || entry.key.size() > longest_identifier || entry.key.find('\0') != std::string::npos) {
      values.reject_key(entry.key, "`create_values` cannot name " + in_quotes(entry.key) +
                                       ": a column's name has 1 to 63 bytes and no NUL");
    } else if (is_synchronised(entry.key, environment.rules.mapping)) {
      values.reject_key(entry.key,
                        "`create_values` cannot name " + in_quotes(entry.key) + ": the sync writes it itself");
    } else if (entry.key == "businessunitid" && section.has("business_unit")) {
      values.reject_key(entry.key, "`business_unit` (line " + std::to_string(section.line_of("business_unit")) +
                                       ") sets this column already: give one of the two");
    } else if (right) {
      environment.create_values.emplace(entry.key, std::move(value));
    }
  }
}

}  // namespace dvsync::config
