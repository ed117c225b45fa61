#pragma once
// The group teams of all rows in memory, for a run that looks at (nearly) everybody: a table of memberships without an
// index on users would be read from end to end for each chunk of rows. Private to store.

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "dvsync/core/guid.hpp"
#include "dvsync/core/system_user.hpp"

namespace dvsync::store {

class TeamsOfRows {
 public:
  static constexpr std::size_t most = 8'000'000;  // 160 MiB

  // False: there are too many, and this is of no use.
  [[nodiscard]] bool add(const core::Guid& systemuserid, std::uint32_t team) {
    if (memberships_.size() >= most) return false;
    memberships_.push_back({systemuserid, team});
    return true;
  }
  // Once all are added.
  void sort() {
    std::ranges::sort(memberships_);
    memberships_.erase(std::unique(memberships_.begin(), memberships_.end()), memberships_.end());
  }
  [[nodiscard]] core::TeamSet at(const core::Guid& systemuserid) const {
    core::TeamSet teams;
    auto one = std::ranges::lower_bound(memberships_, systemuserid, {}, &Membership::systemuserid);
    for (; one != memberships_.end() && one->systemuserid == systemuserid; ++one) teams.push_back(one->team);
    return teams;
  }

 private:
  struct Membership {
    core::Guid systemuserid;
    std::uint32_t team;
    auto operator<=>(const Membership&) const = default;  // NOLINT(modernize-use-nullptr): clang-tidy 14 sees a 0 in it
  };
  std::vector<Membership> memberships_;
};

}  // namespace dvsync::store
