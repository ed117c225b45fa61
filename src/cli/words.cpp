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

std::time_t seconds_of(core::Timestamp time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

}  // namespace

std::string local_time(core::Timestamp time) {
  const auto seconds = seconds_of(time);
  std::tm parts{};
  localtime_r(&seconds, &parts);
  return formatted("%Y-%m-%d %H:%M:%S %z", parts);
}

std::string utc_time(core::Timestamp time) {
  const auto seconds = seconds_of(time);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  return formatted("%Y-%m-%dT%H:%M:%SZ", parts);
}

Tint tint_of_outcome(std::string_view outcome) {
  if (outcome.empty() || outcome == "succeeded") return Tint::good;
  return outcome == "held" || outcome == "failed" ? Tint::bad : Tint::attention;
}

}  // namespace dvsync::cli
