#include "roles_of_rows.hpp"

#include <xxhash.h>

#include <utility>

namespace dvsync::store {

core::RowRoles* RolesOfRows::of(const core::Guid& systemuserid) {
  auto slot = slot_of(systemuserid);
  if (!used_[slot]) {
    if (count_ >= most) return nullptr;
    if (count_ + count_ / 2 >= slots_.size()) {
      grow();
      slot = slot_of(systemuserid);
    }
    used_[slot] = true;
    slots_[slot] = {systemuserid, otherwise_};
    ++count_;
  }
  return &slots_[slot].roles;
}

const core::RowRoles& RolesOfRows::at(const core::Guid& systemuserid) const {
  const auto slot = slot_of(systemuserid);
  return used_[slot] ? slots_[slot].roles : otherwise_;
}

// Where it is, or where it would go.
std::size_t RolesOfRows::slot_of(const core::Guid& systemuserid) const {
  const auto mask = slots_.size() - 1;
  auto slot = XXH3_64bits(systemuserid.bytes.data(), systemuserid.bytes.size()) & mask;
  while (used_[slot] && slots_[slot].systemuserid != systemuserid) slot = (slot + 1) & mask;
  return slot;
}

void RolesOfRows::grow() {
  const auto before = std::exchange(slots_, std::vector<Slot>(slots_.size() * 2));
  const auto were_used = std::exchange(used_, std::vector<bool>(slots_.size()));
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (!were_used[i]) continue;
    const auto slot = slot_of(before[i].systemuserid);
    used_[slot] = true;
    slots_[slot] = before[i];
  }
}

}  // namespace dvsync::store
