#include "dvsync/core/environment.hpp"

namespace dvsync::core {
namespace {

FieldMapping all_columns(UpdatePolicy policy) {
  FieldMapping mapping;
  mapping.policies.fill(policy);
  return mapping;
}

void set(FieldMapping& mapping, Column text_column, UpdatePolicy policy) {
  mapping.policies[static_cast<std::size_t>(text_column)] = policy;
}

FieldMapping dataverse_mapping() {
  FieldMapping mapping = all_columns(UpdatePolicy::always);
  set(mapping, Column::fullname, UpdatePolicy::on_create);
  set(mapping, Column::internalemailaddress, UpdatePolicy::on_create);
  set(mapping, Column::homephone, UpdatePolicy::never);
  set(mapping, Column::address1_fax, UpdatePolicy::never);
  return mapping;
}

FieldMapping dynamics365_2019_mapping() {
  FieldMapping mapping = dataverse_mapping();
  set(mapping, Column::fullname, UpdatePolicy::always);
  set(mapping, Column::address1_fax, UpdatePolicy::always);
  set(mapping, Column::address1_postalcode, UpdatePolicy::never);
  return mapping;
}

FieldMapping onprem_ad_mapping() {
  FieldMapping mapping = all_columns(UpdatePolicy::never);
  for (const Column column :
       {Column::domainname, Column::firstname, Column::lastname, Column::fullname, Column::internalemailaddress,
        Column::address1_telephone1, Column::homephone, Column::address1_city, Column::address1_stateorprovince}) {
    set(mapping, column, UpdatePolicy::on_create);
  }
  return mapping;
}

}  // namespace

std::string_view name_of(EnvironmentType type) {
  using enum EnvironmentType;
  switch (type) {
    case production:
      return "production";
    case sandbox:
      return "sandbox";
    case default_:
      return "default";
    case trial:
      return "trial";
    case developer:
      return "developer";
    case teams:
      return "teams";
    case none:
      return "none";
  }
  return {};
}

std::string_view name_of(Trigger trigger) {
  using enum Trigger;
  switch (trigger) {
    case background:
      return "background";
    case on_demand:
      return "on_demand";
    case first_access:
      return "first_access";
  }
  return {};
}

std::string_view name_of(UpdatePolicy policy) {
  using enum UpdatePolicy;
  switch (policy) {
    case always:
      return "always";
    case on_create:
      return "on_create";
    case until_edited:
      return "until_edited";
    case never:
      return "never";
  }
  return {};
}

FieldMapping mapping_of(MappingPreset preset) {
  using enum MappingPreset;
  switch (preset) {
    case dataverse:
      return dataverse_mapping();
    case dynamics365_2019:
      return dynamics365_2019_mapping();
    case onprem_ad:
      return onprem_ad_mapping();
  }
  return {};
}

}  // namespace dvsync::core
