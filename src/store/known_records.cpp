#include "known_records.hpp"

#include <xxhash.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

namespace dvsync::store {
namespace {

std::uint64_t fingerprint_of(const core::Guid& object_id, std::optional<std::int64_t> hash) {
  std::array<std::uint8_t, sizeof(object_id.bytes) + sizeof(*hash)> bytes{};
  std::memcpy(bytes.data(), object_id.bytes.data(), object_id.bytes.size());
  if (hash) std::memcpy(bytes.data() + object_id.bytes.size(), &*hash, sizeof(*hash));
  const auto fingerprint = XXH3_64bits(bytes.data(), hash ? bytes.size() : object_id.bytes.size());
  return fingerprint == 0 ? 1 : fingerprint;
}

std::size_t slots_for(std::size_t count) { return std::bit_ceil(std::max<std::size_t>(count + count / 3, 1024)); }

}  // namespace

KnownRecords::KnownRecords(Connection& mirror, std::int64_t living)
    : slots_(slots_for(static_cast<std::size_t>(std::max<std::int64_t>(living, 0)))), seen_(slots_.size()) {
  read_records(mirror,
               "SELECT object_id, content_hash FROM our.identity WHERE content_hash IS NOT NULL OR lifecycle < 2",
               [&](const auto& id, const auto& hash) { add(fingerprint_of(id, hash)); });
}

bool KnownRecords::see(const core::Guid& object_id, std::int64_t hash) {
  const auto slot = slot_of(fingerprint_of(object_id, hash));
  if (slots_[slot] == 0) return false;
  if (!seen_[slot]) ++seen_count_;
  seen_[slot] = true;
  return true;
}

bool KnownRecords::missed(const core::Guid& object_id, std::optional<std::int64_t> hash) const {
  const auto slot = slot_of(fingerprint_of(object_id, hash));
  return slots_[slot] != 0 && !seen_[slot];
}

bool KnownRecords::saw(const core::Guid& object_id, std::optional<std::int64_t> hash) const {
  return seen_[slot_of(fingerprint_of(object_id, hash))];
}

// Where it is, or where it would go.
std::size_t KnownRecords::slot_of(std::uint64_t fingerprint) const {
  const auto mask = slots_.size() - 1;
  auto slot = fingerprint & mask;
  while (slots_[slot] != 0 && slots_[slot] != fingerprint) slot = (slot + 1) & mask;
  return slot;
}

void KnownRecords::add(std::uint64_t fingerprint) {
  if (slots_for(count_ + 1) > slots_.size()) grow();
  auto& slot = slots_[slot_of(fingerprint)];
  if (slot == 0) ++count_;
  slot = fingerprint;
}

void KnownRecords::grow() {
  const auto before = std::exchange(slots_, std::vector<std::uint64_t>(slots_.size() * 2));
  seen_.assign(slots_.size(), false);
  for (const auto fingerprint : before) {
    if (fingerprint != 0) slots_[slot_of(fingerprint)] = fingerprint;
  }
}

}  // namespace dvsync::store
