#include "known_members.hpp"

#include <algorithm>

namespace dvsync::store {

KnownMembers::KnownMembers(Connection& mirror) : version_(mirror.exec("SELECT version FROM our.mirror").number(0, 0)) {
  read_memberships(mirror, "our.membership WHERE member_id IS NOT NULL",
                   [&](const auto& group, auto relation, const auto& member) {
                     groups_.at(static_cast<std::size_t>(relation))[group].ids.push_back(member);
                   });
  for (auto& groups : groups_) {
    for (auto& [group, members] : groups) {
      std::sort(members.ids.begin(), members.ids.end());
      members.ids.shrink_to_fit();
      members.seen.resize(members.ids.size());
    }
  }
}

bool KnownMembers::see(const core::Guid& group, Relation relation, const core::Guid& member) {
  auto& groups = groups_.at(static_cast<std::size_t>(relation));
  const auto found = groups.find(group);
  if (found == groups.end()) return false;
  const auto at = place_of(found->second, member);
  if (at) found->second.seen[*at] = true;
  return at.has_value();
}

std::optional<std::size_t> KnownMembers::place_of(const Members& members, const core::Guid& member) {
  const auto at = std::lower_bound(members.ids.begin(), members.ids.end(), member);
  if (at == members.ids.end() || *at != member) return std::nullopt;
  return static_cast<std::size_t>(at - members.ids.begin());
}

}  // namespace dvsync::store
