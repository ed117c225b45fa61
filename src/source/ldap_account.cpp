#include "source/ldap_account.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "dvsync/core/text.hpp"
#include "source/ascii.hpp"
#include "source/distinguished_name.hpp"
#include "source/text_value.hpp"

namespace dvsync::source {
namespace {

using config::LdapKind;
using enum AccountFact;

// userAccountControl (MS-ADTS 2.2.16).
constexpr std::int64_t account_disabled = 0x2;
constexpr std::int64_t machine_accounts = 0x800 | 0x1000 | 0x2000;  // trusts, workstations, domain controllers

// ppolicy: only an administrator lifts this one. Any other time is a lockout after wrong passwords, which passes, and
// which anybody could inflict on a colleague.
constexpr std::string_view locked_for_good = "000001010000Z";

bool is_word(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::ranges::any_of(words, [&](std::string_view word) { return core::equal_ignoring_ascii_case(text, word); });
}

// nullopt: the value is not understood. A configured attribute may hold any word; only "yes" means something there.
std::optional<bool> says_locked(std::string_view attribute, std::string_view value) {
  value = trimmed(value);
  if (core::equal_ignoring_ascii_case(attribute, "pwdAccountLockedTime")) return value == locked_for_good;
  if (is_word(value, {"true", "yes", "1"})) return true;
  const bool boolean = is_word(attribute, {"nsAccountLock", "loginDisabled"});
  if (!boolean || is_word(value, {"false", "no", "0", ""})) return false;
  return std::nullopt;
}

std::optional<bool> enabled_by_locks(const LdapEntry& entry, std::optional<bool> enabled) {
  for (const LdapAttributes::Slot slot : entry.attributes().locks()) {
    const std::string* const value = entry.first(slot);
    if (value == nullptr) continue;
    const auto locked = says_locked(entry.attributes().name(slot), *value);
    if (locked == true) return false;
    if (!locked) enabled.reset();
  }
  return enabled;
}

void read_state(const LdapEntry& entry, LdapKind kind, LdapAccount& account) {
  if (kind == LdapKind::openldap) {
    account.record.account_enabled = enabled_by_locks(entry, true);
    return;
  }
  const std::string* const control = entry.first(user_account_control);
  const auto flags = control == nullptr ? std::nullopt : parse_number(trimmed(*control));
  if (!flags) return;
  account.record.account_enabled = (*flags & account_disabled) == 0;
  account.machine = (*flags & machine_accounts) != 0;
}

void read_expiry(const LdapEntry& entry, LdapKind kind, IdentityRecord& record) {
  const std::string* const value = entry.first(account_expires);
  if (value != nullptr) {
    const auto expiry = account_expiry(*value);
    record.expiry_stated = expiry.has_value();
    if (expiry) record.account_expires = *expiry;
  } else {
    const bool cleared = entry.is_there(LdapAttributes::slot(account_expires));
    record.expiry_stated = cleared || (record.whole && kind == LdapKind::openldap);
  }
}

void read_deletion(const LdapEntry& entry, LdapAccount& account) {
  for (const AccountFact fact : {is_deleted, is_recycled}) {
    if (!entry.is_there(LdapAttributes::slot(fact))) continue;
    const std::string* const value = entry.first(fact);
    account.deleted = account.deleted.value_or(false) || (value != nullptr && is_word(trimmed(*value), {"true"}));
  }
  account.was_deleted_once = entry.first(last_known_parent) != nullptr;
}

}  // namespace

LdapAccount LdapAccountReader::read(const LdapEntry& entry, LdapKind kind, bool whole) {
  LdapAccount account;
  const LdapId id = entry.id();
  account.id = id.state;
  account.record.object_id = id.guid;
  account.record.whole = whole;
  if (whole) account.record.guest = false;
  const std::string* const login = entry.first(uid) != nullptr ? entry.first(uid) : entry.first(sam_account_name);
  if (login != nullptr) account.record.login = fold_login(*login);
  if (const std::string* const group = entry.first(primary_group_id)) {
    account.primary_group = parse_number(trimmed(*group));
  }
  read_deletion(entry, account);
  read_state(entry, kind, account);
  read_expiry(entry, kind, account.record);
  read_profile(entry, kind, account.record);
  return account;
}

void LdapAccountReader::read_profile(const LdapEntry& entry, LdapKind kind, IdentityRecord& record) {
  const bool whole = record.whole;  // an artefact makes the record a partial one
  for (std::size_t i = 0; i < core::attribute_count; ++i) {
    const auto attribute = static_cast<core::Attribute>(i);
    bool cleared = whole;
    const std::string* value = nullptr;
    for (const LdapAttributes::Slot slot : entry.attributes().of(attribute, kind)) {
      cleared = cleared || entry.is_there(slot);
      value = entry.first(slot);
      if (value == nullptr || core::is_blank(*value)) continue;
      note_several(entry, slot);
      exported_ == nullptr ? set_text(record, attribute, *value) : exported_->set(record, attribute, *value);
      cleared = false;
      break;
    }
    if (cleared) clear_text(record, attribute);
  }
}

void LdapAccountReader::note_several(const LdapEntry& entry, LdapAttributes::Slot slot) {
  const std::string& name = entry.attributes().name(slot);
  if (entry.count(slot) > 1 && std::ranges::find(several_, name) == several_.end()) several_.push_back(name);
}

void LdapAccountReader::warn(std::vector<std::string>& warnings) const {
  if (several_.empty()) return;
  warnings.push_back(fmt::format("attributes with several values in one entry, of which the first is used: {}",
                                 fmt::join(several_, ", ")));
}

}  // namespace dvsync::source
