#pragma once
// What kind of run it was, and how it ended, in the words of sync_run.

#include <cstdint>
#include <string_view>

namespace dvsync::core {

enum class RunKind : std::uint8_t { incremental, full, user, approve, apply, undo };
enum class Outcome : std::uint8_t { succeeded, incomplete, held, failed, interrupted };

[[nodiscard]] std::string_view name_of(RunKind kind);
[[nodiscard]] std::string_view name_of(Outcome outcome);

}  // namespace dvsync::core
