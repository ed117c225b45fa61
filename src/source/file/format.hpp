#pragma once
// Which format a file has, by its content; its name decides only where the content leaves it open.

#include <string>
#include <string_view>

#include "dvsync/config/configuration.hpp"

namespace dvsync::source::file {

// How much of the start of a file detect_format() wants to see.
inline constexpr std::size_t format_sample = std::size_t{64} << 10U;

// Never FileFormat::automatic. `configured` is what the configuration says; a file that plainly has another format than
// that, or none we know, is a SourceError that says what it looks like.
[[nodiscard]] config::FileFormat detect_format(config::FileFormat configured, std::string_view start,
                                               const std::string& file_name);

// As in the configuration: "graph-jsonl" …
[[nodiscard]] std::string_view name_of(config::FileFormat format);

}  // namespace dvsync::source::file
