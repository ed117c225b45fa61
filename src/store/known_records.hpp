#pragma once
// What the mirror knows, as fingerprints in memory, for a listing of (nearly) everybody: asking PostgreSQL about each
// page costs six times as much. Eight bytes an identity and half as much again; larger mirrors are asked page by page.
// Private to store.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dvsync/core/guid.hpp"
#include "dvsync/store/postgres/connection.hpp"
#include "dvsync/store/postgres/values.hpp"

namespace dvsync::store {

// Reads ids and hashes: `query` selects these two. take(object_id, optional hash)
template <class Take>
void read_records(Connection& mirror, const std::string& query, const Take& take) {
  constexpr int piece = 10'000;
  mirror.begin_reading(query);
  Rows rows;
  while (mirror.read(rows, piece)) {
    for (int row = 0; row < rows.size(); ++row) take(guid_at(rows, row, 0).value(), rows.optional_number(row, 1));
  }
}

// From here on what comes looks like a listing of everybody, or of whole groups: so many, and this part of all that the
// mirror holds.
inline constexpr std::int64_t many_records = 8'000;
inline constexpr std::int64_t many_of_all = 32;

class KnownRecords {
 public:
  static constexpr std::int64_t most = 4'000'000;  // 64 MiB

  // Reads the ids and hashes of all who are living or have a hash. `living`: about how many there are.
  KnownRecords(Connection& mirror, std::int64_t living);

  // Whether the mirror holds exactly this record; it then counts as seen. The fingerprint is 64 bits of both: that one
  // of a million changed records is taken for another's has a chance of one to twenty million.
  bool see(const core::Guid& object_id, std::int64_t hash);

  // Whether the mirror held this when it was read, and it was seen, or was not; nullopt: an identity without a hash,
  // which no record equals. Of what was merged meanwhile, by who looked one user up, neither is true: this listing says
  // nothing about it.
  [[nodiscard]] bool saw(const core::Guid& object_id, std::optional<std::int64_t> hash) const;
  [[nodiscard]] bool missed(const core::Guid& object_id, std::optional<std::int64_t> hash) const;
  [[nodiscard]] std::size_t unseen() const { return count_ - seen_count_; }

 private:
  [[nodiscard]] std::size_t slot_of(std::uint64_t fingerprint) const;
  void add(std::uint64_t fingerprint);
  void grow();

  std::vector<std::uint64_t> slots_;  // open addressing, a power of two; 0: free
  std::vector<bool> seen_;            // by slot
  std::size_t count_ = 0;
  std::size_t seen_count_ = 0;
};

}  // namespace dvsync::store
