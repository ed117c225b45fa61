#pragma once
// A 128-bit identifier as directories and Dataverse write it: object ids, systemuserid, service plan ids.

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace dvsync::core {

struct Guid {
  std::array<std::uint8_t, 16> bytes{};  // network order: the order in which the text form shows them

  auto operator<=>(const Guid&) const = default;  // NOLINT(modernize-use-nullptr): clang-tidy 14 sees a 0 in it
};

// Accepts the 36-character form in either case, also in braces; anything else is nullopt.
[[nodiscard]] std::optional<Guid> parse_guid(std::string_view text);

// Lower case, 36 characters.
[[nodiscard]] std::string to_string(const Guid& guid);

// Writes exactly 36 characters to `out` and returns the position behind them. For bulk writers.
char* write_guid(const Guid& guid, char* out);

}  // namespace dvsync::core

template <>
struct std::hash<dvsync::core::Guid> {
  std::size_t operator()(const dvsync::core::Guid& guid) const noexcept;
};
