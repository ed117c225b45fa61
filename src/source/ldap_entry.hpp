#pragma once
// Which LDAP attributes the sync reads, and one entry reduced to them. The same for the answers of a server and for the
// entries of an LDIF file.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "dvsync/config/configuration.hpp"
#include "dvsync/core/identity.hpp"
#include "source/ldap_values.hpp"

namespace dvsync::source {

// Facts about an account besides its profile.
enum class AccountFact : std::uint8_t {
  object_guid,
  ns_unique_id,
  entry_uuid,
  user_account_control,
  account_expires,
  is_deleted,
  is_recycled,
  last_known_parent,
  uid,
  sam_account_name,
  primary_group_id,
  object_class,
};
inline constexpr std::size_t account_fact_count = 12;

class LdapAttributes {
 public:
  using Slot = std::size_t;

  // `locks`: the attributes that say who is disabled in a directory other than Active Directory; nullopt: the usual
  // ones (nsAccountLock, loginDisabled, pwdAccountLockedTime). `policy.attributes` replaces the usual names of the
  // profile's attributes one by one.
  explicit LdapAttributes(const config::LdapPolicy& policy,
                          const std::optional<std::vector<std::string>>& locks = std::nullopt);

  [[nodiscard]] std::size_t size() const { return names_.size(); }
  [[nodiscard]] const std::string& name(Slot slot) const { return names_[slot]; }
  // Ignoring case; nullopt: nobody reads this attribute.
  [[nodiscard]] std::optional<Slot> slot(std::string_view name) const;
  [[nodiscard]] static Slot slot(AccountFact fact) { return static_cast<Slot>(fact); }

  // The attributes that may hold a fact of the profile in a directory of this kind, the preferred one first.
  [[nodiscard]] std::span<const Slot> of(core::Attribute attribute, config::LdapKind kind) const;
  [[nodiscard]] std::span<const Slot> locks() const { return locks_; }

  // All that a server of this kind is asked for.
  [[nodiscard]] std::vector<std::string> requested(config::LdapKind kind) const;

 private:
  struct IgnoringCase {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const;
    bool operator()(std::string_view a, std::string_view b) const;
  };
  using Profile = std::array<std::vector<Slot>, core::attribute_count>;

  Slot add(std::string_view name);

  std::vector<std::string> names_;
  std::unordered_map<std::string, Slot, IgnoringCase, IgnoringCase> slots_;
  std::array<Profile, 2> profiles_;  // by config::LdapKind
  std::vector<Slot> locks_;
};

class LdapEntry {
 public:
  explicit LdapEntry(const LdapAttributes& attributes) : attributes_(&attributes), values_(attributes.size()) {}

  void clear();

  // Keeps the first value of each attribute that is read. `description` may hold options: variants in other languages
  // are passed over.
  void add(std::string_view description, std::string_view value);
  // The server says that the attribute has lost its value.
  void add_cleared(std::string_view description);

  [[nodiscard]] const LdapAttributes& attributes() const { return *attributes_; }
  [[nodiscard]] bool is_there(LdapAttributes::Slot slot) const { return values_[slot].there; }
  [[nodiscard]] std::size_t count(LdapAttributes::Slot slot) const { return values_[slot].count; }
  // The first value; nullptr: there is none.
  [[nodiscard]] const std::string* first(LdapAttributes::Slot slot) const;
  [[nodiscard]] const std::string* first(AccountFact fact) const { return first(LdapAttributes::slot(fact)); }

  [[nodiscard]] LdapId id() const {
    return ldap_id(first(AccountFact::object_guid), first(AccountFact::ns_unique_id), first(AccountFact::entry_uuid));
  }

  // By object class; for entries that come without a filter.
  [[nodiscard]] bool has_class() const { return first(AccountFact::object_class) != nullptr; }
  [[nodiscard]] bool is_person() const { return person_ && !other_account_; }
  [[nodiscard]] bool is_group() const { return group_; }
  // Active Directory's entries have attributes and a class that others do not.
  [[nodiscard]] config::LdapKind kind() const;

 private:
  struct Value {
    std::string text;
    std::size_t count = 0;
    bool there = false;
  };
  void classify(std::string_view object_class);

  const LdapAttributes* attributes_;
  std::vector<Value> values_;
  bool person_ = false;
  bool windows_user_ = false;
  bool other_account_ = false;
  bool group_ = false;
};

}  // namespace dvsync::source
