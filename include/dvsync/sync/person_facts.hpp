#pragma once
// What a person who was found is looked for by.

#include "dvsync/store/log_reader.hpp"
#include "dvsync/sync/people.hpp"

namespace dvsync::sync {

// In the logs. `word`: what they were called by.
[[nodiscard]] inline store::LoggedUser logged_user_of(const Person& person, const std::string& word) {
  store::LoggedUser user{.object_id = person.object_id};
  for (const auto& row : person.rows) user.systemuserids.push_back(row.systemuserid);
  user.names = {word, person.user_name};
  return user;
}

// By the rules, which decide about who has an object id. Throws UsageError.
[[nodiscard]] inline core::Guid object_id_of(const Person& person) {
  if (person.object_id) return *person.object_id;
  throw UsageError("no directory user stands behind this row, so that the sync leaves it alone: " + line_of(person) +
                   "\n`dvsync explain --reason stub_user` says why");
}

}  // namespace dvsync::sync
