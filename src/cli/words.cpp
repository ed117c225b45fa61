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

// The bytes of the C1 controls, which UTF-8 writes as C2 80 … C2 9F; some terminals obey them.
bool is_c1_control(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]) == 0xC2 && at + 1 < text.size() &&
         static_cast<unsigned char>(text[at + 1]) < 0xA0;
}

}  // namespace

std::string count_of(std::int64_t number, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", number, number == 1 ? one : many);
}

std::string took(std::chrono::milliseconds duration) {
  const auto ms = duration.count();
  if (ms < 1000) return fmt::format("{} ms", ms);
  if (ms < 99'950) return fmt::format("{:.1f} s", static_cast<double>(ms) / 1000);
  const auto seconds = ms / 1000;
  if (seconds < 3600) return fmt::format("{} min {:02} s", seconds / 60, seconds % 60);
  return fmt::format("{} h {:02} min", seconds / 3600, seconds % 3600 / 60);
}

std::string span_of(std::chrono::seconds duration) {
  const auto seconds = duration.count();
  if (seconds < 60) return "less than a minute";
  if (seconds < 2 * 3600) return count_of(seconds / 60, "minute", "minutes");
  if (seconds < 2 * 86400) return count_of(seconds / 3600, "hour", "hours");
  return count_of(seconds / 86400, "day", "days");
}

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

std::string printable(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 || byte == 0x7F) {
      result += '?';
    } else if (is_c1_control(text, i)) {
      result += '?';
      ++i;
    } else {
      result += text[i];
    }
  }
  return result;
}

}  // namespace dvsync::cli
