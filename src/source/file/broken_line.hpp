#pragma once
// What can still be told from a line that is not JSON.

#include <optional>
#include <string_view>

#include "dvsync/core/guid.hpp"

namespace dvsync::source::file {

// How much of a broken line is looked at.
inline constexpr std::size_t broken_line_prefix = std::size_t{64} << 10U;

struct BrokenLine {
  // Whose record it was, when there is no doubt: the one object id outside of anything nested.
  std::optional<core::Guid> object_id;
  // It may have been a group's or a role's: it names members or owners, or is too long to tell.
  bool may_hold_links = false;
  // It looks like two records that ran together, or is too long to tell: somebody else may be lost with it.
  bool several_records = false;
};

// `text` is the line, or its first `broken_line_prefix` bytes.
[[nodiscard]] BrokenLine examine_broken_line(std::string_view text);

}  // namespace dvsync::source::file
