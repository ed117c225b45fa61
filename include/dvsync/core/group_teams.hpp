#pragma once
// Teams whose members are those of a group of the directory (docs/rules.md D19). Pure.

#include <cstdint>
#include <string>
#include <vector>

namespace dvsync::core {

enum class GroupTeams : std::uint8_t { ignore, first_access, background };  // when memberships follow

// Which users of the group are the team's, in Dataverse's numbers (team.membershiptype).
enum class TeamMembers : std::uint8_t { members_and_guests, members, owners, guests };

// Teams as their places in TeamRules::names, ascending.
using TeamSet = std::vector<std::uint32_t>;

struct TeamRules {
  GroupTeams follow = GroupTeams::ignore;
  std::vector<std::string> names;  // of the environment's group teams, as its own tables have them

  [[nodiscard]] bool any() const { return !names.empty(); }
};

// What the directory says of one user.
struct TeamFacts {
  TeamSet belongs;  // to the groups of these teams
  TeamSet unknown;  // nobody can tell whether to the groups of these
  bool operator==(const TeamFacts&) const = default;
};

// The row's teams once they are in line. Who does not join (a disabled row) still leaves; who does not leave (the guard
// holds that back) still joins.
[[nodiscard]] TeamSet teams_in_line(const TeamFacts& facts, const TeamSet& before, bool joins, bool leaves);

// In the order of the rules.
[[nodiscard]] std::vector<std::string> names_of(const TeamRules& rules, const TeamSet& teams);

// Those of `some` that are not in `others`.
[[nodiscard]] TeamSet without(const TeamSet& some, const TeamSet& others);

}  // namespace dvsync::core
