#pragma once
// RFC 4648: values in LDIF, cookies in a cursor, the parts of a signed token.

#include <optional>
#include <string>
#include <string_view>

namespace dvsync::source {

[[nodiscard]] std::string to_base64(std::string_view bytes);
[[nodiscard]] std::string to_base64url(std::string_view bytes);  // RFC 4648, section 5, without padding

// Padding required; nullopt for anything else.
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);

}  // namespace dvsync::source
