#pragma once
// One person, by whatever a person calls them: user name (today's, or one they had), object id, systemuserid, mail
// address, or a part of a name. For looking only: what is written is written to whom docs/rules.md D1 lets a name mean.

#include <optional>
#include <string>
#include <vector>

#include "dvsync/config/configuration.hpp"
#include "dvsync/core/guid.hpp"
#include "dvsync/core/identity.hpp"
#include "dvsync/sync/engine.hpp"
#include "dvsync/sync/spare_sessions.hpp"

namespace dvsync::sync {

struct PersonRow {
  std::string environment;
  core::Guid systemuserid;
  bool disabled = false;
  bool gone = false;  // deleted since: only the log knows it
};

struct Person {
  std::optional<core::Guid> object_id;  // nullopt: a row that nobody of the directory stands behind
  std::string user_name;                // today's
  std::string display_name;
  std::optional<core::Lifecycle> lifecycle = {};  // nullopt: the mirror does not know them
  std::vector<PersonRow> rows;

  // In an environment; empty: none.
  [[nodiscard]] std::vector<core::Guid> systemuserids_in(const std::string& environment) const;
};

// "6a0c…  ana@contoso.example  Ana Berg, soft-deleted; in contoso, fabrikam (disabled)"
[[nodiscard]] std::string line_of(const Person& person);

// Nobody, or several.
class WhoIsMeant : public UsageError {
 public:
  WhoIsMeant(const std::string& message, std::vector<Person> candidates, bool more)
      : UsageError(message), candidates_(std::move(candidates)), more_(more) {}
  [[nodiscard]] const std::vector<Person>& candidates() const { return candidates_; }
  [[nodiscard]] bool more() const { return more_; }  // there are others

 private:
  std::vector<Person> candidates_;
  bool more_;
};

struct FoundPeople {
  std::vector<Person> people;
  bool more = false;
  std::vector<Person> namesakes;  // who had the name before the living ones in `people`
  std::string unreachable;        // why a place could not be asked
};
// Living users of that name; else whoever has or had it, in the directory, in a row or in the log; else whoever has it
// as a mail address; else whoever has it as a part of a name. Ignoring case. `spare` gets the sessions that were opened
// for it. Throws UsageError (not a text), StoreError.
[[nodiscard]] FoundPeople find_people(const config::Configuration& configuration,
                                      const std::vector<const config::Environment*>& environments,
                                      const std::string& word, SpareSessions* spare = nullptr);

// The one who is meant; an object id that nobody knows stands for itself. Throws WhoIsMeant, and as above.
[[nodiscard]] Person the_one_of(const std::string& word, const FoundPeople& found);
// For a message about a word that means nobody: who may be meant. Empty: nobody comes near.
[[nodiscard]] std::string suggestions(const FoundPeople& found);

}  // namespace dvsync::sync
