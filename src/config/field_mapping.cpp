#include <string>
#include <string_view>
#include <vector>

#include "dvsync/config/suggestion.hpp"
#include "dvsync/core/environment.hpp"
#include "environments.hpp"
#include "masking.hpp"
#include "values.hpp"

namespace dvsync::config {
namespace {

using core::Column;
using core::MappingPreset;
using core::UpdatePolicy;

const OneOf<MappingPreset>& presets() {
  static const OneOf<MappingPreset> words{{"dataverse", MappingPreset::dataverse},
                                          {"dynamics365-2019", MappingPreset::dynamics365_2019},
                                          {"onprem-ad", MappingPreset::onprem_ad}};
  return words;
}

const OneOf<UpdatePolicy>& policies() {
  static const OneOf<UpdatePolicy> words{{"always", UpdatePolicy::always},
                                         {"on_create", UpdatePolicy::on_create},
                                         {"until_edited", UpdatePolicy::until_edited},
                                         {"never", UpdatePolicy::never}};
  return words;
}

// The columns that the preset fills: a policy can be given to these alone.
std::vector<std::string_view> filled_columns(const core::FieldMapping& preset) {
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < core::text_column_count; ++i) {
    const auto column = static_cast<Column>(i);
    if (preset.policy(column) != UpdatePolicy::never) {
      names.push_back(core::name_of(column));
    }
  }
  return names;
}

std::string not_filled(std::string_view key, const core::FieldMapping& preset) {
  const auto column = core::column_named(key);
  if (!column) {
    return "`fields` cannot name " + in_quotes(key) + ": custom columns are never synchronised" +
           did_you_mean(key, filled_columns(preset));
  }
  if (static_cast<std::size_t>(*column) >= core::text_column_count) {
    return "`fields` cannot name " + in_quotes(key) + ": the rules decide about it, not the mapping";
  }
  return "`fields` cannot name " + in_quotes(key) + ": this environment's mapping does not fill it";
}

// Policies on top of the preset's.
void read_policies(Section section, const core::FieldMapping& preset, core::FieldMapping& mapping) {
  section.takes_others({.shape = policies().shape()});
  for (const auto& entry : section.entries()) {
    const auto column = core::column_named(entry.key);
    const bool text_column = column && static_cast<std::size_t>(*column) < core::text_column_count;
    if (!text_column || preset.policy(*column) == UpdatePolicy::never) {
      section.reject_key(entry.key, not_filled(entry.key, preset));
      continue;
    }
    auto policy = UpdatePolicy::always;
    if (!section.optional(entry.key, policy, policies())) continue;
    if (*column == Column::domainname && policy == UpdatePolicy::never) {
      section.reject_value(entry.key, "`domainname` must not be never: every row needs its user name");
      continue;
    }
    mapping.policies[static_cast<std::size_t>(*column)] = policy;
  }
}

}  // namespace

core::FieldMapping read_field_mapping(Section& section) {
  auto preset = MappingPreset::dataverse;
  section.optional("mapping", preset, presets());
  const auto base = core::mapping_of(preset);
  auto mapping = base;
  section.optional("full_name_order", mapping.full_name_order,
                   OneOf<core::FullNameOrder>{{"first-last", core::FullNameOrder::first_last},
                                              {"last-first", core::FullNameOrder::last_first}});
  auto fields = section.child("fields");
  auto& email_policy = mapping.policies[static_cast<std::size_t>(Column::internalemailaddress)];
  std::optional<UpdatePolicy> primary_email;  // in force where `fields` does not say it
  if (!fields.has("internalemailaddress")) primary_email = email_policy;
  section.optional(
      "primary_email", primary_email,
      OneOf<UpdatePolicy>{{"on_create", UpdatePolicy::on_create}, {"until_edited", UpdatePolicy::until_edited}});
  if (primary_email) email_policy = *primary_email;
  if (fields.has("internalemailaddress") && section.has("primary_email")) {
    fields.reject_key("internalemailaddress", "`primary_email` (line " +
                                                  std::to_string(section.line_of("primary_email")) +
                                                  ") is this column's policy already: give one of the two");
  }
  read_policies(std::move(fields), base, mapping);
  return mapping;
}

}  // namespace dvsync::config
