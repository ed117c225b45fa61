#include "source/graph/timestamp.hpp"

#include <charconv>
#include <chrono>

namespace dvsync::source::graph {
namespace {

using namespace std::chrono;

// Takes `count` digits, then `end` if one is asked for, off the front.
std::optional<int> take_number(std::string_view& text, std::size_t count, char end = '\0') {
  int number = 0;
  const std::size_t whole = count + (end == '\0' ? 0 : 1);
  if (text.size() < whole || (end != '\0' && text[count] != end) || text.front() < '0' || text.front() > '9') {
    return std::nullopt;
  }
  const auto [stop, error] = std::from_chars(text.data(), text.data() + count, number);
  if (error != std::errc{} || stop != text.data() + count) {
    return std::nullopt;
  }
  text.remove_prefix(whole);
  return number;
}

std::optional<sys_days> take_day(std::string_view& text) {
  const auto y = take_number(text, 4, '-');
  const auto m = y ? take_number(text, 2, '-') : std::nullopt;
  const auto d = m ? take_number(text, 2, 'T') : std::nullopt;
  if (!d) {
    return std::nullopt;
  }
  const year_month_day day{year{*y}, month{static_cast<unsigned>(*m)}, std::chrono::day{static_cast<unsigned>(*d)}};
  return day.ok() ? std::optional(sys_days{day}) : std::nullopt;
}

microseconds take_fraction(std::string_view& text) {
  microseconds fraction{0};
  if (text.empty() || text.front() != '.') {
    return fraction;
  }
  text.remove_prefix(1);
  for (microseconds::rep unit = 100'000; !text.empty() && text.front() >= '0' && text.front() <= '9'; unit /= 10) {
    fraction += microseconds{unit * (text.front() - '0')};
    text.remove_prefix(1);
  }
  return fraction;
}

std::optional<minutes> take_offset(std::string_view text) {
  if (text == "Z") {
    return minutes{0};
  }
  if (text.empty() || (text.front() != '+' && text.front() != '-')) {
    return std::nullopt;
  }
  const int sign = text.front() == '+' ? 1 : -1;
  text.remove_prefix(1);
  const auto h = take_number(text, 2, ':');
  const auto m = h ? take_number(text, 2) : std::nullopt;
  return m && text.empty() ? std::optional(sign * (hours{*h} + minutes{*m})) : std::nullopt;
}

}  // namespace

std::optional<core::Timestamp> parse_timestamp(std::string_view text) {
  const auto day = take_day(text);
  const auto h = day ? take_number(text, 2, ':') : std::nullopt;
  const auto m = h ? take_number(text, 2, ':') : std::nullopt;
  const auto s = m ? take_number(text, 2) : std::nullopt;
  if (!s || *h > 23 || *m > 59 || *s > 60) {
    return std::nullopt;
  }
  const microseconds fraction = take_fraction(text);
  const auto offset = take_offset(text);
  if (!offset) {
    return std::nullopt;
  }
  return core::Timestamp{*day + hours{*h} + minutes{*m} + seconds{*s} + fraction - *offset};
}

}  // namespace dvsync::source::graph
