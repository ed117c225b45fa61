#include "words.hpp"

#include <array>

namespace dvsync::cli {
std::string_view name_of_access_mode(std::int64_t access_mode) {
  static constexpr std::array<std::string_view, 6> names{"read-write", "administrative",  "read",
                                                         "support",    "non-interactive", "delegated-admin"};
  const auto index = static_cast<std::size_t>(access_mode);
  return index < names.size() ? names[index] : "";
}

Tint tint_of_outcome(std::string_view outcome) {
  if (outcome.empty() || outcome == "succeeded") return Tint::good;
  return outcome == "held" || outcome == "failed" ? Tint::bad : Tint::attention;
}

}  // namespace dvsync::cli
