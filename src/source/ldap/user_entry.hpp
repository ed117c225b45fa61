#pragma once
// An LDAP entry as an identity record.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dvsync/source/directory_source.hpp"
#include "message.hpp"
#include "schema.hpp"

namespace dvsync::source::ldap {

struct UserEntry {
  IdentityRecord record;  // object_id is set where the entry tells it
  bool has_id = false;
  bool machine = false;           // a computer, domain controller or trust account: no person
  std::optional<bool> deleted;    // isDeleted; false: it was deleted once, and is back
  bool was_deleted_once = false;  // lastKnownParent: set by a deletion, kept by the restore
};

class UserReader {
 public:
  explicit UserReader(const Schema& schema) : schema_(&schema) {}

  // `whole`: the server sent every attribute that was asked for and has a value.
  [[nodiscard]] UserEntry read(EntryReader& entry, bool whole);

  // Once a pull: attributes of which only the first value was taken.
  void warn(std::vector<std::string>& warnings) const;

 private:
  // By rank: where an attribute of the profile has several sources, the preferred one that is there counts.
  using Ranks = std::array<std::size_t, core::attribute_count>;
  void read_profile(EntryReader& entry, IdentityRecord& record, Ranks& taken);
  void read_value(EntryReader& entry, core::Attribute attribute, IdentityRecord& record);
  void read_account(EntryReader& entry, UserEntry& user) const;
  void read_active_directory_account(EntryReader& entry, UserEntry& user) const;

  const Schema* schema_;
  std::array<std::uint64_t, core::attribute_count> several_{};
};

// An entry that says no object id. `where` is its DN.
[[nodiscard]] RejectedRecord without_object_id(std::string_view dn, std::string_view attribute);

}  // namespace dvsync::source::ldap
