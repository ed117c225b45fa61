#pragma once
// Who the mirror knows as a member of which group, in memory, for a pull that lists whole groups: a membership that is
// there already need not travel to the server to be sorted, compared and found there. Sixteen bytes a membership.
// Private to store.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "dvsync/core/guid.hpp"
#include "dvsync/source/directory_source.hpp"
#include "dvsync/store/postgres/connection.hpp"
#include "dvsync/store/postgres/values.hpp"

namespace dvsync::store {

// Reads memberships by id: `from` is a table with its conditions. take(group, relation, member)
template <class Take>
void read_memberships(Connection& mirror, const std::string& from, const Take& take) {
  constexpr int piece = 10'000;
  mirror.begin_reading("SELECT group_id, relation, member_id FROM " + from);
  Rows rows;
  while (mirror.read(rows, piece)) {
    for (int row = 0; row < rows.size(); ++row) {
      take(guid_at(rows, row, 0).value(), static_cast<source::MembershipRecord::Relation>(rows.number(row, 1)),
           guid_at(rows, row, 2).value());
    }
  }
}

class KnownMembers {
 public:
  static constexpr std::int64_t most = 4'000'000;  // 64 MiB, and up to as much again while they are read

  using Relation = source::MembershipRecord::Relation;

  // Reads all whose member is known by its id. Few directories know members by name; those the server compares.
  explicit KnownMembers(Connection& mirror);

  // Of the mirror, right before its memberships were read.
  [[nodiscard]] std::int64_t version() const { return version_; }

  // Whether the mirror held this membership when it was read; it then counts as seen.
  bool see(const core::Guid& group, Relation relation, const core::Guid& member);

  // The memberships of one that were seen. take(group, relation)
  template <class Take>
  void for_each_seen_of(const core::Guid& member, const Take& take) const {
    for (std::size_t relation = 0; relation < groups_.size(); ++relation) {
      for (const auto& [group, members] : groups_.at(relation)) {
        const auto at = place_of(members, member);
        if (at && members.seen[*at]) take(group, static_cast<Relation>(relation));
      }
    }
  }

  // The members of a group that were not seen. take(member)
  template <class Take>
  void for_each_unseen(const core::Guid& group, Relation relation, const Take& take) const {
    const auto& groups = groups_.at(static_cast<std::size_t>(relation));
    const auto found = groups.find(group);
    if (found == groups.end()) return;
    const auto& [ids, seen] = found->second;
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (!seen[i]) take(ids[i]);
    }
  }

 private:
  struct Members {
    std::vector<core::Guid> ids;  // in order
    std::vector<bool> seen;
  };

  [[nodiscard]] static std::optional<std::size_t> place_of(const Members& members, const core::Guid& member);

  std::int64_t version_;
  std::array<std::unordered_map<core::Guid, Members>, 2> groups_;  // by relation
};

}  // namespace dvsync::store
