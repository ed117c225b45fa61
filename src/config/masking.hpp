#pragma once
// What may be shown of a line or a value in a diagnostic. Diagnostics end up in logs and tickets, so a secret that
// somebody wrote into the configuration by mistake must not come back out of it.

#include <string>
#include <string_view>

namespace dvsync::config {

// The line up to the first thing that may be a secret, then "***". Control characters become '?'.
[[nodiscard]] std::string masked(std::string_view line);

// A value in back quotes, masked in the same way and cut to a bearable length.
[[nodiscard]] std::string in_quotes(std::string_view value);

}  // namespace dvsync::config
