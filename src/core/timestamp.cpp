#include "dvsync/core/timestamp.hpp"

#include <array>
#include <charconv>
#include <cstdio>

namespace dvsync::core {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::seconds;

// Reads the text from left to right; the first thing that is not as expected makes the rest fail.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  int number(std::size_t digits) {
    int value = 0;
    const char* const end = rest_.data() + digits;
    if (rest_.size() < digits || rest_.front() == '-' || std::from_chars(rest_.data(), end, value).ptr != end) {
      failed_ = true;
      return 0;
    }
    rest_.remove_prefix(digits);
    return value;
  }

  bool skip(std::string_view any_of) {
    if (rest_.empty() || any_of.find(rest_.front()) == std::string_view::npos) return false;
    rest_.remove_prefix(1);
    return true;
  }

  void expect(std::string_view any_of) { failed_ = !skip(any_of) || failed_; }

  microseconds fraction() {
    microseconds value{0};
    if (!skip(".")) return value;
    std::int64_t unit = 100'000;
    for (; !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; rest_.remove_prefix(1)) {
      value += microseconds((rest_.front() - '0') * unit);
      unit /= 10;
    }
    return value;
  }

  minutes offset() {
    if (rest_.empty() || skip("Zz")) return minutes{0};
    const int sign = rest_.front() == '-' ? -1 : 1;
    expect("+-");
    const int hour = number(2);
    skip(":");
    return sign * (hours(hour) + minutes(number(2)));
  }

  [[nodiscard]] bool done() const { return !failed_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace

std::optional<Timestamp> parse_timestamp(std::string_view text) {
  Scanner scan(text);
  const int year = scan.number(4);
  scan.expect("-");
  const int month = scan.number(2);
  scan.expect("-");
  const int day = scan.number(2);
  scan.expect("T ");
  const int hour = scan.number(2);
  scan.expect(":");
  const int minute = scan.number(2);
  scan.expect(":");
  const int second = scan.number(2);
  const microseconds fraction = scan.fraction();
  const minutes offset = scan.offset();
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!scan.done() || !date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  return std::chrono::sys_days(date) + hours(hour) + minutes(minute) + seconds(second) + fraction - offset;
}

std::string utc_time(Timestamp time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
  std::array<char, 64> text{};
  const auto length = std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ", int(date.year()),
                                    unsigned(date.month()), unsigned(date.day()), int(clock.hours().count()),
                                    int(clock.minutes().count()), int(clock.seconds().count()));
  return {text.data(), static_cast<std::size_t>(length)};
}

}  // namespace dvsync::core
