#include "user_entry.hpp"

#include <fmt/format.h>

#include "source/distinguished_name.hpp"

namespace dvsync::source::ldap {

LdapAccount UserReader::read(EntryReader& entry, bool whole) {
  entry_.clear();
  while (entry.next()) {
    if (entry.values().empty()) entry_.add_cleared(entry.name());
    for (const berval& value : entry.values()) entry_.add(entry.name(), as_view(value));
  }
  LdapAccount account = accounts_.read(entry_, schema_->kind, whole);
  // Active Directory's members are named by object id; everybody else's by DN.
  if (!schema_->active_directory()) account.record.distinguished_name = fold_distinguished_name(entry.dn());
  return account;
}

RejectedRecord without_object_id(std::string_view dn, std::string_view attribute) {
  return {.object_id = std::nullopt,
          .where = std::string(dn.substr(0, 200)),
          .reason = "missing_object_id",
          .detail = fmt::format("the entry shows no {}; the account may lack the right to read it", attribute)};
}

}  // namespace dvsync::source::ldap
