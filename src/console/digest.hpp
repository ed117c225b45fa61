#pragma once
// Hashes, and comparing what is secret.

#include <array>
#include <span>
#include <string>
#include <string_view>

namespace dvsync::console {

using Digest = std::array<unsigned char, 32>;

[[nodiscard]] Digest sha256(std::string_view text);
[[nodiscard]] Digest hmac_sha256(std::string_view key, std::string_view text);
[[nodiscard]] std::string hexadecimal(std::span<const unsigned char> bytes);
// Takes as long whether they are alike or not; their lengths are no secret.
[[nodiscard]] bool same_secret(std::string_view a, std::string_view b);

}  // namespace dvsync::console
