#pragma once
// Identities, rows and environments for tests: whole and ordinary unless told otherwise.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "dvsync/core/environment.hpp"
#include "dvsync/core/field_mapping.hpp"
#include "dvsync/core/identity.hpp"
#include "dvsync/core/reason.hpp"
#include "dvsync/core/system_user.hpp"

namespace dvsync::test {

// A guid that counts: 00000000-0000-4000-8000-00000000002a for 42.
inline core::Guid guid(std::uint64_t number) {
  core::Guid result;
  result.bytes[6] = 0x40;
  result.bytes[8] = 0x80;
  for (std::size_t i = 0; i < 6; ++i) result.bytes[15 - i] = static_cast<std::uint8_t>(number >> (8 * i));
  return result;
}

inline core::Timestamp at(std::int64_t seconds) { return core::Timestamp{std::chrono::seconds{seconds}}; }

class IdentityBuilder {
 public:
  IdentityBuilder& with(core::Attribute attribute, std::string value) {
    identity_.profile[attribute] = std::move(value);
    return *this;
  }
  IdentityBuilder& without(core::Attribute attribute) {
    identity_.profile[attribute].reset();
    return *this;
  }
  IdentityBuilder& guest() {
    identity_.guest = true;
    return *this;
  }
  IdentityBuilder& agent() {
    identity_.agent = true;
    return *this;
  }
  IdentityBuilder& account_disabled() {
    identity_.account_enabled = false;
    return *this;
  }
  IdentityBuilder& incomplete() {
    identity_.account_enabled.reset();
    return *this;
  }
  IdentityBuilder& lifecycle(std::optional<core::Lifecycle> lifecycle) {
    identity_.lifecycle = lifecycle;
    return *this;
  }
  IdentityBuilder& soft_deleted(std::optional<core::Timestamp> when = at(1'700'000'000)) {
    identity_.deleted_at = when;
    return lifecycle(core::Lifecycle::soft_deleted);
  }
  IdentityBuilder& gone() { return lifecycle(core::Lifecycle::gone); }
  IdentityBuilder& licence(std::optional<core::Licence> licence) {
    identity_.licence = licence;
    return *this;
  }
  IdentityBuilder& full_plan() { return licence(core::Licence{.full = true, .on_demand = false}); }
  IdentityBuilder& free_plan() { return licence(core::Licence{.full = false, .on_demand = true}); }
  IdentityBuilder& no_plan() { return licence(core::Licence{}); }
  IdentityBuilder& licence_unknown() { return licence(std::nullopt); }
  IdentityBuilder& role(core::Role role, std::optional<bool> holds = true) {
    identity_.roles.holds[static_cast<std::size_t>(role)] = holds;
    return *this;
  }
  IdentityBuilder& roles_unknown() {
    identity_.roles.holds.fill(std::nullopt);
    return *this;
  }
  IdentityBuilder& roles_not_carried() {
    identity_.roles.carried = false;
    return *this;
  }
  IdentityBuilder& direct(std::optional<bool> member = true) {
    identity_.group.direct = member;
    return *this;
  }
  IdentityBuilder& owner(std::optional<bool> owner = true) {
    identity_.group.owner = owner;
    return *this;
  }
  IdentityBuilder& nested(std::optional<bool> member = true) {
    identity_.group.nested = member;
    return *this;
  }
  IdentityBuilder& defect(std::string what) {
    identity_.defect = std::move(what);
    return *this;
  }
  [[nodiscard]] core::Identity build() const { return identity_; }
  operator core::Identity() const { return identity_; }  // NOLINT(google-explicit-constructor): reads well in tests

 private:
  friend IdentityBuilder an_identity(std::uint64_t number);
  core::Identity identity_;
};

// Ana Li: present, enabled, a member with a full plan, no administrator, in no group.
inline IdentityBuilder an_identity(std::uint64_t number = 1) {
  IdentityBuilder builder;
  builder.identity_.object_id = guid(number);
  builder.identity_.account_enabled = true;
  return builder.full_plan()
      .with(core::Attribute::user_principal_name, "ana" + std::to_string(number) + "@contoso.example")
      .with(core::Attribute::given_name, "Ana")
      .with(core::Attribute::surname, "Li")
      .with(core::Attribute::display_name, "Ana Li (Oslo)")
      .with(core::Attribute::mail, "ana.li@contoso.example")
      .with(core::Attribute::job_title, "Engineer");
}

class RowBuilder {
 public:
  explicit RowBuilder(core::SystemUser row) : row_(std::move(row)) {}

  RowBuilder& with(core::Column text_column, core::Text value) {
    row_[text_column] = std::move(value);
    return *this;
  }
  RowBuilder& disabled(std::string_view reason) {
    row_.isdisabled = true;
    row_.disabledreason = std::string{reason};
    return *this;
  }
  RowBuilder& disabled(core::Reason reason) { return disabled(core::code_of(reason)); }
  RowBuilder& disabled_otherwise() {
    row_.isdisabled = true;
    row_.disabledreason.reset();
    return *this;
  }
  RowBuilder& access_mode(core::AccessMode mode, bool setupuser = false) {
    row_.accessmode = static_cast<std::int16_t>(mode);
    row_.setupuser = setupuser;
    return *this;
  }
  RowBuilder& islicensed(bool licensed) {
    row_.islicensed = licensed;
    return *this;
  }
  RowBuilder& azure(core::AzureState state, std::optional<core::Timestamp> deleted_on = std::nullopt) {
    row_.azurestate = static_cast<std::int16_t>(state);
    row_.azuredeletedon = deleted_on;
    return *this;
  }
  [[nodiscard]] core::SystemUser build() const { return row_; }
  operator core::SystemUser() const { return row_; }  // NOLINT(google-explicit-constructor): reads well in tests

 private:
  core::SystemUser row_;
};

// An enabled row of this identity, its fields as the sync would have created them.
inline RowBuilder a_row(const core::Identity& identity,
                        const core::FieldMapping& mapping = core::mapping_of(core::MappingPreset::dataverse)) {
  core::SystemUser row;
  core::Columns cut;
  std::vector<core::WrittenColumn> written;
  row.systemuserid = guid(1'000'000);
  row.azureactivedirectoryobjectid = identity.object_id;
  row.islicensed = identity.licence && identity.licence->full;
  core::map_for_create(mapping, identity, row, cut, written);
  return RowBuilder{std::move(row)};
}

inline core::Environment an_environment(core::EnvironmentType type = core::EnvironmentType::production) {
  core::Environment environment;
  environment.name = "contoso";
  environment.type = type;
  return environment;
}

inline core::Environment a_grouped_environment(core::NestedGroups nested = core::NestedGroups::ignore) {
  core::Environment environment = an_environment();
  environment.has_security_group = true;
  environment.nested_groups = nested;
  return environment;
}

}  // namespace dvsync::test
