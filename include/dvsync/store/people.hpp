#pragma once
// Who is meant by a word that a person typed: identities of the mirror in any state, and rows of an environment, those
// that only the log remembers too. Nothing in the word is a pattern.

#include <optional>
#include <string>
#include <vector>

#include "dvsync/core/guid.hpp"
#include "dvsync/core/identity.hpp"
#include "dvsync/store/postgres/connection.hpp"

namespace dvsync::store {

// Ignoring case. `whole` asks indexes; `part` reads the whole table.
enum class NameMatch : bool { whole, part };

// Every list ends after so many, so that whoever gets one more than a screen takes knows that there are others.
inline constexpr int most_people = 21;

struct KnownIdentity {
  core::Guid object_id;
  std::string user_name;
  std::string display_name;
  std::string mail;
  core::Lifecycle lifecycle = core::Lifecycle::present;
};
// By user name; a part of the user name, the display name, the full name or the mail address.
[[nodiscard]] std::vector<KnownIdentity> identities_called(Connection& mirror, const std::string& word,
                                                           NameMatch match);
[[nodiscard]] std::vector<KnownIdentity> identities_of(Connection& mirror, const std::vector<core::Guid>& object_ids);

struct KnownRow {
  core::Guid systemuserid;
  std::optional<core::Guid> object_id;
  std::string user_name;  // today's, or the last one that the log knows
  std::string full_name;
  std::string mail;
  bool disabled = false;
  bool gone = false;  // deleted since: only the log knows it
};
// `whole`: by the user name that a row has, or once had. `part`: of rows that the mirror need not know.
[[nodiscard]] std::vector<KnownRow> rows_called(Connection& environment, const std::string& word, NameMatch match);
// By systemuserid or object id.
[[nodiscard]] std::vector<KnownRow> rows_of(Connection& environment, const std::vector<core::Guid>& ids);

}  // namespace dvsync::store
