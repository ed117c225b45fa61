#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dvsync::source::file {

// RFC 4648, padding required; nullopt for anything else.
[[nodiscard]] std::optional<std::string> decode_base64(std::string_view text);

}  // namespace dvsync::source::file
