#pragma once
// The managed roles of all rows in memory, for a run that looks at (nearly) everybody: asking about each chunk of rows
// costs several times as much. Forty bytes a row that has roles, and half as much again. Private to store.

#include <cstddef>
#include <vector>

#include "dvsync/core/guid.hpp"
#include "dvsync/core/security_roles.hpp"

namespace dvsync::store {

class RolesOfRows {
 public:
  static constexpr std::size_t most = 2'000'000;  // 160 MiB

  // `otherwise`: the roles of rows that are not added.
  explicit RolesOfRows(const core::RowRoles& otherwise) : otherwise_(otherwise), slots_(1024), used_(slots_.size()) {}

  // The roles of this row, for the caller to add to; nullptr: there are too many rows, and this is of no use.
  [[nodiscard]] core::RowRoles* of(const core::Guid& systemuserid);
  [[nodiscard]] const core::RowRoles& at(const core::Guid& systemuserid) const;

 private:
  struct Slot {
    core::Guid systemuserid;
    core::RowRoles roles;
  };
  [[nodiscard]] std::size_t slot_of(const core::Guid& systemuserid) const;
  void grow();

  core::RowRoles otherwise_;
  std::vector<Slot> slots_;  // open addressing, a power of two
  std::vector<bool> used_;   // by slot
  std::size_t count_ = 0;
};

}  // namespace dvsync::store
