#include "message.hpp"

#include <algorithm>

#include "dvsync/core/text.hpp"
#include "dvsync/error.hpp"

namespace dvsync::source::ldap {
namespace {

[[noreturn]] void broken_entry() {
  throw SourceError(SourceError::Kind::malformed, "the LDAP server sent an entry that cannot be decoded");
}

}  // namespace

const Control* find_control(const std::vector<Control>& controls, std::string_view oid) {
  const auto found = std::ranges::find(controls, oid, &Control::oid);
  return found == controls.end() ? nullptr : &*found;
}

EntryReader::EntryReader(LDAP* handle, LDAPMessage* entry) : handle_(handle), entry_(entry) {
  BerElement* position = nullptr;
  if (ldap_get_dn_ber(handle_, entry_, &position, &dn_) != LDAP_SUCCESS) broken_entry();
  position_.reset(position);
}

bool EntryReader::next() {
  berval* values = nullptr;
  if (ldap_get_attribute_ber(handle_, entry_, position_.get(), &name_, &values) != LDAP_SUCCESS) broken_entry();
  values_.reset(values);
  count_ = 0;
  if (values != nullptr) {
    while (values[count_].bv_val != nullptr) ++count_;
  }
  return name_.bv_val != nullptr;
}

std::vector<Control> take_controls(LDAPControl** controls) {
  std::vector<Control> taken;
  for (LDAPControl** control = controls; control != nullptr && *control != nullptr; ++control) {
    const LDAPControl& c = **control;
    taken.push_back({.oid = c.ldctl_oid,
                     .value = std::string(as_view(c.ldctl_value)),
                     .has_value = c.ldctl_value.bv_val != nullptr,
                     .critical = c.ldctl_iscritical != 0});
  }
  ldap_controls_free(controls);
  return taken;
}

std::vector<Control> entry_controls(LDAP* handle, LDAPMessage* entry) {
  LDAPControl** controls = nullptr;
  if (ldap_get_entry_controls(handle, entry, &controls) != LDAP_SUCCESS) broken_entry();
  return take_controls(controls);
}

const std::vector<std::string>* SmallEntry::values(std::string_view attribute) const {
  const auto found = std::ranges::find_if(
      attributes, [&](const auto& a) { return core::equal_ignoring_ascii_case(a.first, attribute); });
  return found == attributes.end() ? nullptr : &found->second;
}

const std::string* SmallEntry::first(std::string_view attribute) const {
  const auto* all = values(attribute);
  return all == nullptr || all->empty() ? nullptr : &all->front();
}

std::string SmallEntry::text(std::string_view attribute) const {
  const std::string* const value = first(attribute);
  return value == nullptr ? std::string() : *value;
}

SmallEntry copy_entry(LDAP* handle, LDAPMessage* entry) {
  EntryReader reader(handle, entry);
  SmallEntry copy{.dn = std::string(reader.dn()), .attributes = {}};
  while (reader.next()) {
    auto& [name, values] = copy.attributes.emplace_back(reader.name(), std::vector<std::string>{});
    for (const berval& value : reader.values()) values.emplace_back(as_view(value));
  }
  return copy;
}

}  // namespace dvsync::source::ldap
