#include "user_entry.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "dvsync/source/distinguished_name.hpp"
#include "source/ascii.hpp"
#include "source/text_value.hpp"
#include "values.hpp"

namespace dvsync::source::ldap {
namespace {

// userAccountControl (MS-ADTS 2.2.16).
constexpr std::int64_t account_disabled = 0x2;
constexpr std::int64_t machine_accounts = 0x800 | 0x1000 | 0x2000;  // trusts, workstations, domain controllers

// ppolicy: only an administrator lifts this one. Any other time is a lockout after wrong passwords, which passes, and
// which anybody could inflict on a colleague.
constexpr std::string_view locked_for_good = "000001010000Z";

bool says_disabled(std::string_view attribute, std::string_view value) {
  if (equals_ignoring_case(attribute, "pwdAccountLockedTime")) return value == locked_for_good;
  return equals_ignoring_case(value, "true") || equals_ignoring_case(value, "yes") || value == "1";
}

void set_id(UserEntry& user, const std::optional<core::Guid>& id) {
  if (!id) return;
  user.record.object_id = *id;
  user.has_id = true;
}

}  // namespace

UserEntry UserReader::read(EntryReader& entry, bool whole) {
  UserEntry user;
  user.record.whole = whole;
  if (whole) user.record.guest = false;
  if (!schema_->active_directory()) {
    user.record.account_enabled = true;
    user.record.distinguished_name = fold_distinguished_name(entry.dn());
  }
  Ranks taken;
  taken.fill(std::numeric_limits<std::size_t>::max());
  while (entry.next()) {
    if (schema_->active_directory()) {
      read_active_directory_account(entry, user);
    } else {
      read_account(entry, user);
    }
    read_profile(entry, user.record, taken);
  }
  return user;
}

void UserReader::read_profile(EntryReader& entry, IdentityRecord& record, Ranks& taken) {
  for (std::size_t i = 0; i < schema_->names.size(); ++i) {
    const auto& names = schema_->names[i];
    for (std::size_t rank = 0; rank < std::min(names.size(), taken[i]); ++rank) {
      if (!equals_ignoring_case(names[rank], entry.name())) continue;
      taken[i] = rank;
      read_value(entry, static_cast<core::Attribute>(i), record);
    }
  }
}

void UserReader::read_value(EntryReader& entry, core::Attribute attribute, IdentityRecord& record) {
  if (entry.values().empty()) {
    clear_text(record, attribute);
    return;
  }
  if (entry.values().size() > 1) ++several_[static_cast<std::size_t>(attribute)];
  set_text(record, attribute, as_view(entry.values().front()));
}

void UserReader::read_account(EntryReader& entry, UserEntry& user) const {
  const std::string_view value = entry.values().empty() ? std::string_view{} : as_view(entry.values().front());
  if (equals_ignoring_case(entry.name(), "uid")) {
    user.record.login = fold_login(value);
  } else if (equals_ignoring_case(entry.name(), "nsUniqueId")) {
    set_id(user, guid_from_unique_id(value));
  } else if (equals_ignoring_case(entry.name(), "entryUUID")) {
    if (!user.has_id) set_id(user, core::parse_guid(value));
  } else if (schema_->disabled.kind == DisabledRule::Kind::attribute &&
             equals_ignoring_case(entry.name(), schema_->disabled.text)) {
    user.record.account_enabled = !says_disabled(entry.name(), value);
  }
}

void UserReader::read_active_directory_account(EntryReader& entry, UserEntry& user) const {
  const bool cleared = entry.values().empty();
  const std::string_view value = cleared ? std::string_view{} : as_view(entry.values().front());
  if (equals_ignoring_case(entry.name(), "objectGUID")) {
    set_id(user, guid_from_object_guid(value));
  } else if (equals_ignoring_case(entry.name(), "userAccountControl")) {
    if (const auto flags = parse_number(value)) {
      user.record.account_enabled = (*flags & account_disabled) == 0;
      user.machine = (*flags & machine_accounts) != 0;
    }
  } else if (equals_ignoring_case(entry.name(), "accountExpires")) {
    constexpr std::string_view never = "0";
    const auto expiry = account_expiry(cleared ? never : value);
    user.record.expiry_stated = expiry.has_value();
    if (expiry) user.record.account_expires = *expiry;
  } else if (equals_ignoring_case(entry.name(), "isDeleted")) {
    user.deleted = equals_ignoring_case(value, "true");
  } else if (equals_ignoring_case(entry.name(), "lastKnownParent")) {
    user.was_deleted_once = !cleared;
  }
}

void UserReader::warn(std::vector<std::string>& warnings) const {
  for (std::size_t i = 0; i < several_.size(); ++i) {
    if (several_[i] == 0) continue;
    warnings.push_back(fmt::format("{} entries have several values of {}: the first one that the server sends is used",
                                   several_[i], fmt::join(schema_->names[i], " or ")));
  }
}

RejectedRecord without_object_id(std::string_view dn, std::string_view attribute) {
  return {.object_id = std::nullopt,
          .where = std::string(dn.substr(0, 200)),
          .reason = "missing_object_id",
          .detail = fmt::format("the entry shows no {}; the account may lack the right to read it", attribute)};
}

}  // namespace dvsync::source::ldap
