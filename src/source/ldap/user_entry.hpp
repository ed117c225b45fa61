#pragma once
// An entry of a server's answer as an account.

#include <string>
#include <string_view>
#include <vector>

#include "message.hpp"
#include "schema.hpp"
#include "source/ldap_account.hpp"

namespace dvsync::source::ldap {

class UserReader {
 public:
  // `schema` outlives the reader.
  explicit UserReader(const Schema& schema) : schema_(&schema), entry_(schema.attributes) {}

  // `whole`: the server sent every attribute that was asked for and has a value.
  [[nodiscard]] LdapAccount read(EntryReader& entry, bool whole);

  // Once a pull: attributes of which only the first value was taken.
  void warn(std::vector<std::string>& warnings) const { accounts_.warn(warnings); }

 private:
  const Schema* schema_;
  LdapEntry entry_;
  LdapAccountReader accounts_;
};

// An entry that says no object id. `where` is its DN.
[[nodiscard]] RejectedRecord without_object_id(std::string_view dn, std::string_view attribute);

}  // namespace dvsync::source::ldap
