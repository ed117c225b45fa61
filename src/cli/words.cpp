#include "words.hpp"

#include <fmt/format.h>

#include <array>
#include <ctime>

namespace dvsync::cli {
namespace {

std::string formatted(const char* format, const std::tm& time) {
  std::array<char, 64> text{};
  return {text.data(), std::strftime(text.data(), text.size(), format, &time)};
}

}  // namespace

std::string local_time(core::Timestamp time) {
  const std::time_t seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  std::tm parts{};
  localtime_r(&seconds, &parts);
  return formatted("%Y-%m-%d %H:%M:%S %z", parts);
}

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
