#pragma once
// Values on their way into a profile, from whatever directory: what no text column can take becomes a defect of the
// record (docs/rules.md D9).

#include <cstddef>
#include <string_view>

#include "dvsync/core/identity.hpp"
#include "dvsync/source/directory_source.hpp"

namespace dvsync::source {

// Longer values are cut here already: far beyond every column, and a bound for memory.
inline constexpr std::size_t longest_value = std::size_t{64} << 10U;

// States `attribute` with this value; NUL or invalid UTF-8 leaves it without value and is the record's defect.
void set_text(IdentityRecord& record, core::Attribute attribute, std::string_view value);
// States `attribute` as cleared.
void clear_text(IdentityRecord& record, core::Attribute attribute);

}  // namespace dvsync::source
