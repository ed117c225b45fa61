#include "source/ldap_entry.hpp"

#include <algorithm>
#include <initializer_list>

#include "dvsync/core/text.hpp"
#include "source/ascii.hpp"

namespace dvsync::source {
namespace {

using config::LdapKind;
using Names = std::initializer_list<std::string_view>;

// In the order of AccountFact.
constexpr std::array<std::string_view, account_fact_count> account_names{
    "objectGUID", "nsUniqueId",      "entryUUID", "userAccountControl", "accountExpires", "isDeleted",
    "isRecycled", "lastKnownParent", "uid",       "sAMAccountName",     "primaryGroupID", "objectClass"};

constexpr std::array<std::string_view, 3> usual_locks{"nsAccountLock", "loginDisabled", "pwdAccountLockedTime"};

// Active Directory has one place for each fact. inetOrgPerson and its parents have several, the preferred one first.
struct UsualNames {
  std::string_view active_directory;
  Names elsewhere;
};

// In the order of core::Attribute.
const std::array<UsualNames, core::attribute_count>& usual_names() {
  static const std::array<UsualNames, core::attribute_count> names{{
      {"userPrincipalName", {"userPrincipalName", "mail", "uid"}},
      {"givenName", {"givenName"}},
      {"sn", {"sn"}},
      {"displayName", {"displayName", "cn"}},
      {"mail", {"mail"}},
      {"title", {"title"}},
      {"telephoneNumber", {"telephoneNumber"}},
      {"mobile", {"mobile"}},
      {"homePhone", {"homePhone"}},
      {"facsimileTelephoneNumber", {"facsimileTelephoneNumber"}},
      {"streetAddress", {"streetAddress", "street", "postalAddress"}},
      {"l", {"l"}},
      {"st", {"st"}},
      {"postalCode", {"postalCode"}},
      {"co", {"co", "c"}},
  }};
  return names;
}

constexpr std::array<std::string_view, 5> person_classes{"person", "inetOrgPerson", "organizationalPerson", "user",
                                                         "posixAccount"};
constexpr std::array<std::string_view, 2> other_classes{"computer", "contact"};
constexpr std::array<std::string_view, 6> group_classes{"group",          "groupOfNames", "groupOfUniqueNames",
                                                        "groupOfMembers", "posixGroup",   "groupOfEntries"};

template <class Classes>
bool names_one_of(const Classes& classes, std::string_view name) {
  return std::ranges::any_of(classes, [&](std::string_view one) { return core::equal_ignoring_ascii_case(one, name); });
}

}  // namespace

std::size_t LdapAttributes::IgnoringCase::operator()(std::string_view name) const {
  std::uint64_t hash = hash_of({});
  for (const char c : name) {
    const char lower = core::ascii_lower(c);
    hash = hash_of({&lower, 1}, hash);
  }
  return static_cast<std::size_t>(hash);
}

bool LdapAttributes::IgnoringCase::operator()(std::string_view a, std::string_view b) const {
  return core::equal_ignoring_ascii_case(a, b);
}

LdapAttributes::LdapAttributes(const config::LdapPolicy& policy, const std::optional<std::vector<std::string>>& locks) {
  for (const std::string_view name : account_names) add(name);
  for (std::size_t i = 0; i < core::attribute_count; ++i) {
    auto& windows = profiles_[static_cast<std::size_t>(LdapKind::active_directory)][i];
    auto& others = profiles_[static_cast<std::size_t>(LdapKind::openldap)][i];
    const auto configured = policy.attributes.find(std::string(core::name_of(static_cast<core::Attribute>(i))));
    if (configured != policy.attributes.end()) {
      windows = others = {add(configured->second)};
    } else {
      windows = {add(usual_names()[i].active_directory)};
      for (const std::string_view name : usual_names()[i].elsewhere) others.push_back(add(name));
    }
  }
  if (locks) {
    for (const std::string& name : *locks) locks_.push_back(add(name));
  } else {
    for (const std::string_view name : usual_locks) locks_.push_back(add(name));
  }
}

LdapAttributes::Slot LdapAttributes::add(std::string_view name) {
  const auto [entry, added] = slots_.emplace(name, names_.size());
  if (added) names_.emplace_back(name);
  return entry->second;
}

std::optional<LdapAttributes::Slot> LdapAttributes::slot(std::string_view name) const {
  const auto found = slots_.find(name);
  return found == slots_.end() ? std::nullopt : std::optional(found->second);
}

std::span<const LdapAttributes::Slot> LdapAttributes::of(core::Attribute attribute, LdapKind kind) const {
  return profiles_[static_cast<std::size_t>(kind)][static_cast<std::size_t>(attribute)];
}

std::vector<std::string> LdapAttributes::requested(LdapKind kind) const {
  using enum AccountFact;
  const bool windows = kind == LdapKind::active_directory;
  std::vector<Slot> wanted;
  const auto want = [&](Slot slot) {
    if (std::ranges::find(wanted, slot) == wanted.end()) wanted.push_back(slot);
  };
  for (const AccountFact fact :
       windows ? std::vector{object_guid, user_account_control, account_expires, is_deleted, primary_group_id}
               : std::vector{entry_uuid, ns_unique_id, uid}) {
    want(slot(fact));
  }
  for (const auto& slots : profiles_[static_cast<std::size_t>(kind)]) std::ranges::for_each(slots, want);
  if (!windows) std::ranges::for_each(locks_, want);
  std::vector<std::string> names;
  names.reserve(wanted.size());
  for (const Slot slot : wanted) names.push_back(name(slot));
  return names;
}

void LdapEntry::clear() {
  for (Value& value : values_) {
    value.there = false;
    value.count = 0;
  }
  person_ = windows_user_ = other_account_ = group_ = false;
}

void LdapEntry::add(std::string_view description, std::string_view text) {
  const AttributeDescription attribute = parse_description(description);
  const auto slot = attributes_->slot(attribute.name);
  if (!slot || !attribute.is_plain()) return;
  if (*slot == LdapAttributes::slot(AccountFact::object_class)) classify(trimmed(text));
  Value& value = values_[*slot];
  value.there = true;
  if (value.count++ == 0) value.text.assign(text);
}

void LdapEntry::add_cleared(std::string_view description) {
  const AttributeDescription attribute = parse_description(description);
  const auto slot = attributes_->slot(attribute.name);
  if (slot && attribute.is_plain()) values_[*slot].there = true;
}

const std::string* LdapEntry::first(LdapAttributes::Slot slot) const {
  const Value& value = values_[slot];
  return value.count > 0 ? &value.text : nullptr;
}

void LdapEntry::classify(std::string_view object_class) {
  person_ = person_ || names_one_of(person_classes, object_class);
  windows_user_ = windows_user_ || core::equal_ignoring_ascii_case(object_class, "user");
  other_account_ = other_account_ || names_one_of(other_classes, object_class);
  group_ = group_ || names_one_of(group_classes, object_class);
}

LdapKind LdapEntry::kind() const {
  const bool windows = windows_user_ || first(AccountFact::object_guid) != nullptr ||
                       first(AccountFact::user_account_control) != nullptr ||
                       first(AccountFact::sam_account_name) != nullptr;
  return windows ? LdapKind::active_directory : LdapKind::openldap;
}

}  // namespace dvsync::source
