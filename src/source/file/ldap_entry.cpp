#include "source/file/ldap_entry.hpp"

#include <algorithm>
#include <charconv>
#include <initializer_list>

#include "dvsync/source/distinguished_name.hpp"
#include "source/ascii.hpp"
#include "source/text_value.hpp"
#include "source/timestamp.hpp"

namespace dvsync::source::file {
namespace {

using core::Attribute;

struct UsualNames {
  Attribute attribute;
  std::initializer_list<std::string_view> names;
};

const std::array<UsualNames, core::attribute_count>& usual_names() {
  static const std::array<UsualNames, core::attribute_count> names{{
      {Attribute::user_principal_name, {"userprincipalname", "mail", "uid"}},
      {Attribute::given_name, {"givenname"}},
      {Attribute::surname, {"sn"}},
      {Attribute::display_name, {"displayname", "cn"}},
      {Attribute::mail, {"mail"}},
      {Attribute::job_title, {"title"}},
      {Attribute::business_phone, {"telephonenumber"}},
      {Attribute::mobile_phone, {"mobile"}},
      {Attribute::home_phone, {"homephone"}},
      {Attribute::fax_number, {"facsimiletelephonenumber"}},
      {Attribute::street_address, {"streetaddress", "street", "postaladdress"}},
      {Attribute::city, {"l"}},
      {Attribute::state, {"st"}},
      {Attribute::postal_code, {"postalcode"}},
      {Attribute::country, {"co", "c"}},
  }};
  return names;
}

// Facts besides the profile.
constexpr std::array<std::string_view, 10> account_attributes{
    "objectguid",           "entryuuid", "nsuniqueid", "useraccountcontrol", "accountexpires", "nsaccountlock",
    "pwdaccountlockedtime", "isdeleted", "uid",        "samaccountname"};

constexpr std::array<std::string_view, 5> person_classes{"person", "inetorgperson", "organizationalperson", "user",
                                                         "posixaccount"};
constexpr std::array<std::string_view, 2> other_classes{"computer", "contact"};
constexpr std::array<std::string_view, 5> group_classes{"group", "groupofnames", "groupofuniquenames", "posixgroup",
                                                        "groupofentries"};

constexpr std::size_t guid_size = 16;

// Active Directory stores a GUID as Windows does in memory: the first three fields little-endian.
core::Guid from_windows_order(std::string_view bytes) {
  constexpr std::array<std::size_t, guid_size> order{3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
  core::Guid guid;
  for (std::size_t i = 0; i < guid_size; ++i) guid.bytes[i] = static_cast<std::uint8_t>(bytes[order[i]]);
  return guid;
}

// 389 Directory Server: four groups of eight digits.
std::optional<core::Guid> from_unique_id(std::string_view text) {
  std::string digits(text);
  std::erase(digits, '-');
  if (digits.size() != 2 * guid_size) return std::nullopt;
  for (const std::size_t dash : {20U, 16U, 12U, 8U}) digits.insert(dash, 1, '-');
  return core::parse_guid(digits);
}

std::optional<std::int64_t> to_number(std::string_view text) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && stop == end ? std::optional(number) : std::nullopt;
}

}  // namespace

LdapSchema::LdapSchema(const config::LdapPolicy& policy) {
  for (const auto& [attribute, names] : usual_names()) {
    auto& slots = attributes_[static_cast<std::size_t>(attribute)];
    const auto configured = policy.attributes.find(std::string(core::name_of(attribute)));
    if (configured != policy.attributes.end()) {
      slots.push_back(add(to_lower(configured->second)));
    } else {
      for (const std::string_view name : names) slots.push_back(add(std::string(name)));
    }
  }
  for (const std::string_view name : account_attributes) add(std::string(name));
}

LdapSchema::Slot LdapSchema::add(const std::string& name) {
  const auto [entry, added] = slots_.emplace(name, names_.size());
  if (added) names_.push_back(name);
  return entry->second;
}

std::optional<LdapSchema::Slot> LdapSchema::slot(std::string_view name) const {
  const auto found = slots_.find(std::string(name));
  return found == slots_.end() ? std::nullopt : std::optional(found->second);
}

void LdapEntry::clear() {
  dn.clear();
  for (Values& values : values_) values = {};
  person_ = other_account_ = group_ = false;
}

void LdapEntry::add(std::string_view name, std::string_view value) {
  const auto slot = schema_.slot(name);
  if (!slot) return;
  Values& values = values_[*slot];
  if (values.count++ == 0) values.first.emplace(value);
}

void LdapEntry::add_object_class(std::string_view object_class) {
  const std::string name = to_lower(trimmed(object_class));
  const auto is_one_of = [&](const auto& classes) { return std::ranges::find(classes, name) != classes.end(); };
  person_ = person_ || is_one_of(person_classes);
  other_account_ = other_account_ || is_one_of(other_classes);
  group_ = group_ || is_one_of(group_classes);
}

const std::string* LdapEntry::first(std::string_view name) const {
  const auto slot = schema_.slot(name);
  return slot && values_[*slot].first ? &*values_[*slot].first : nullptr;
}

bool LdapEntry::names_an_object_id() const {
  return first("objectguid") != nullptr || first("entryuuid") != nullptr || first("nsuniqueid") != nullptr;
}

std::optional<core::Guid> LdapEntry::object_id() const {
  if (const std::string* bytes = first("objectguid")) {
    return bytes->size() == guid_size ? from_windows_order(*bytes) : core::parse_guid(*bytes);
  }
  if (const std::string* text = first("entryuuid")) return core::parse_guid(*text);
  if (const std::string* text = first("nsuniqueid")) return from_unique_id(*text);
  return std::nullopt;
}

IdentityRecord LdapEntry::to_identity(const core::Guid& object_id) const {
  IdentityRecord record;
  record.object_id = object_id;
  record.distinguished_name = dn;
  const std::string* const login = first("uid") != nullptr ? first("uid") : first("samaccountname");
  if (login != nullptr) record.login = fold_login(*login);
  const std::string* const deleted = first("isdeleted");
  if (deleted != nullptr && equals_ignoring_case(*deleted, "TRUE")) {  // a tombstone: its names are gone
    record.lifecycle = core::Lifecycle::gone;
    record.whole = false;
    return record;
  }
  read_profile(record);
  read_account(record);
  return record;
}

void LdapEntry::read_profile(IdentityRecord& record) const {
  for (std::size_t i = 0; i < core::attribute_count; ++i) {
    const auto attribute = static_cast<Attribute>(i);
    clear_text(record, attribute);
    for (const LdapSchema::Slot slot : schema_.of(attribute)) {
      const auto& value = values_[slot].first;
      if (!value || value->empty()) continue;
      set_text(record, attribute, *value);
      break;
    }
  }
}

void LdapEntry::read_account(IdentityRecord& record) const {
  constexpr std::int64_t account_disabled = 0x2;
  const std::string* const control = first("useraccountcontrol");
  const std::string* const locked = first("nsaccountlock");
  const std::string* const locked_time = first("pwdaccountlockedtime");
  bool enabled = true;
  if (control != nullptr) {
    const auto flags = to_number(*control);
    if (!flags) return;  // there, but not understood: the state is not known
    enabled = (*flags & account_disabled) == 0;
  }
  if (locked != nullptr && equals_ignoring_case(*locked, "true")) enabled = false;
  // draft-behera-ldap-password-policy: this value is "locked by an administrator"; others are passing lock-outs.
  if (locked_time != nullptr && *locked_time == "000001010000Z") enabled = false;
  record.account_enabled = enabled;
  record.expiry_stated = true;
  if (const std::string* const expires = first("accountexpires")) {
    record.account_expires = from_file_time(to_number(*expires).value_or(0));
  }
}

}  // namespace dvsync::source::file
