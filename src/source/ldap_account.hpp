#pragma once
// The one reading of an LDAP account: what an entry of Active Directory, OpenLDAP or 389 Directory Server says of a
// user, live or in an LDIF file. What it does not say stays unknown (docs/rules.md D7):
// - Active Directory always states userAccountControl and accountExpires. Without them the account's state, or its
//   expiry, is unknown.
// - Other directories state only who is locked. There the absence of a lock means that the account is enabled.

#include <optional>
#include <string>
#include <vector>

#include "dvsync/source/directory_source.hpp"
#include "source/exported_text.hpp"
#include "source/ldap_entry.hpp"
#include "source/ldap_values.hpp"

namespace dvsync::source {

struct LdapAccount {
  IdentityRecord record;  // object_id is set where `id` is stated
  LdapId::State id = LdapId::State::missing;
  bool machine = false;                       // a computer, domain controller or trust account: no person
  std::optional<bool> deleted;                // isDeleted; false: it was deleted once, and is back
  std::optional<std::int64_t> primary_group;  // primaryGroupID: that group does not list the user among its members
  bool was_deleted_once = false;              // lastKnownParent: set by a deletion, kept by the restore

  [[nodiscard]] bool has_id() const { return id == LdapId::State::stated; }
};

class LdapAccountReader {
 public:
  // `exported`: where the entries come from a tool's export, and outlives the reader; nullptr: from a server.
  explicit LdapAccountReader(ExportedText* exported = nullptr) : exported_(exported) {}

  // `whole`: what the entry does not have, the account does not have.
  [[nodiscard]] LdapAccount read(const LdapEntry& entry, config::LdapKind kind, bool whole);

  // One warning a pull that names the attributes of which only the first value was taken.
  void warn(std::vector<std::string>& warnings) const;

 private:
  void read_profile(const LdapEntry& entry, config::LdapKind kind, IdentityRecord& record);
  void note_several(const LdapEntry& entry, LdapAttributes::Slot slot);

  ExportedText* exported_;
  std::vector<std::string> several_;  // names, each once
};

}  // namespace dvsync::source
