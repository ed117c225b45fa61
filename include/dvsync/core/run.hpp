#pragma once
// What kind of run it was, and how it ended, in the words of sync_run.

#include <chrono>
#include <cstdint>
#include <string_view>

namespace dvsync::core {

enum class RunKind : std::uint8_t { incremental, full, user, approve, apply, undo };
enum class Outcome : std::uint8_t { succeeded, incomplete, held, failed, interrupted };

// Where the time of a run went. Reading is the directory's, once for all environments; the other two are one
// environment's, and make up its time.
struct RunPhases {
  std::chrono::milliseconds reading{0};
  std::int64_t records = 0;               // that the directory told
  std::int64_t moved = 0;                 // identities that they changed in the mirror
  std::chrono::milliseconds planning{0};  // reading and evaluating users
  std::chrono::milliseconds writing{0};   // as far as planning waited for it, and the last transaction
};

[[nodiscard]] std::string_view name_of(RunKind kind);
[[nodiscard]] std::string_view name_of(Outcome outcome);

}  // namespace dvsync::core
