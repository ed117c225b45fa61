#include "dvsync/core/group_teams.hpp"

#include <algorithm>
#include <iterator>

namespace dvsync::core {

TeamSet without(const TeamSet& some, const TeamSet& others) {
  TeamSet left;
  std::ranges::set_difference(some, others, std::back_inserter(left));
  return left;
}

TeamSet teams_in_line(const TeamFacts& facts, const TeamSet& before, bool joins, bool leaves) {
  TeamSet stays = before;
  if (leaves) {
    const auto lost = without(without(before, facts.belongs), facts.unknown);
    stays = without(before, lost);
  }
  if (!joins) return stays;
  TeamSet after;
  std::ranges::set_union(stays, facts.belongs, std::back_inserter(after));
  return after;
}

std::vector<std::string> names_of(const TeamRules& rules, const TeamSet& teams) {
  std::vector<std::string> names;
  names.reserve(teams.size());
  for (const auto team : teams) names.push_back(rules.names.at(team));
  return names;
}

}  // namespace dvsync::core
