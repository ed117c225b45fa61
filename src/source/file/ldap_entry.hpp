#pragma once
// An LDAP entry, reduced to what the sync reads of it: which attributes those are, and what they amount to.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "dvsync/config/configuration.hpp"
#include "dvsync/source/directory_source.hpp"

namespace dvsync::source::file {

// Which LDAP attribute holds what: the usual names of Active Directory, OpenLDAP and 389 Directory Server, where
// several are possible in order of preference; `attributes` of the policy replaces them one by one.
class LdapSchema {
 public:
  explicit LdapSchema(const config::LdapPolicy& policy);

  using Slot = std::size_t;
  // nullopt: nobody reads this attribute. `name` in lower case.
  [[nodiscard]] std::optional<Slot> slot(std::string_view name) const;
  [[nodiscard]] std::size_t slots() const { return names_.size(); }
  [[nodiscard]] const std::string& name(Slot slot) const { return names_[slot]; }
  [[nodiscard]] const std::vector<Slot>& of(core::Attribute attribute) const {
    return attributes_[static_cast<std::size_t>(attribute)];
  }

 private:
  Slot add(const std::string& name);

  std::vector<std::string> names_;
  std::unordered_map<std::string, Slot> slots_;
  std::array<std::vector<Slot>, core::attribute_count> attributes_;
};

class LdapEntry {
 public:
  explicit LdapEntry(const LdapSchema& schema) : schema_(schema), values_(schema.slots()) {}

  void clear();
  std::string dn;  // folded

  // Keeps the first value of each attribute that the schema reads.
  void add(std::string_view name, std::string_view value);
  void add_object_class(std::string_view object_class);

  [[nodiscard]] bool is_user() const { return person_ && !other_account_; }
  [[nodiscard]] bool is_group() const { return group_; }
  // From objectGUID (bytes, first three fields little-endian), entryUUID or nsUniqueId.
  [[nodiscard]] std::optional<core::Guid> object_id() const;
  [[nodiscard]] bool names_an_object_id() const;
  [[nodiscard]] IdentityRecord to_identity(const core::Guid& object_id) const;
  // Calls with the name of each attribute read into the profile that has more than one value.
  template <class Action>
  void for_each_ambiguous(Action action) const;

 private:
  struct Values {
    std::optional<std::string> first;
    std::size_t count = 0;
  };
  [[nodiscard]] const std::string* first(std::string_view name) const;
  void read_profile(IdentityRecord& record) const;
  void read_account(IdentityRecord& record) const;

  const LdapSchema& schema_;
  std::vector<Values> values_;
  bool person_ = false;
  bool other_account_ = false;
  bool group_ = false;
};

template <class Action>
void LdapEntry::for_each_ambiguous(Action action) const {
  for (std::size_t i = 0; i < core::attribute_count; ++i) {
    for (const LdapSchema::Slot slot : schema_.of(static_cast<core::Attribute>(i))) {
      if (values_[slot].count > 1) action(schema_.name(slot));
    }
  }
}

}  // namespace dvsync::source::file
