#include "log/since.hpp"

#include <algorithm>
#include <charconv>
#include <ctime>

#include "dvsync/sync/engine.hpp"

namespace dvsync::cli {
namespace {

// PostgreSQL has no room for every time that can be written, and no log is older.
constexpr std::chrono::seconds longest_length = std::chrono::hours(24 * 36'500);
constexpr core::Timestamp earliest = std::chrono::sys_days(std::chrono::year(1900) / 1 / 1);

// Takes digits off the front; nullopt: there are none, or not `count` of them (0: any number).
std::optional<int> take_number(std::string_view& text, std::size_t count = 0) {
  int number = 0;
  const auto limited = count == 0 ? text : text.substr(0, count);
  const auto [end, error] = std::from_chars(limited.data(), limited.data() + limited.size(), number);
  const auto digits = static_cast<std::size_t>(end - limited.data());
  if (error != std::errc() || number < 0 || text.front() == '-' || (count != 0 && digits != count)) return std::nullopt;
  text.remove_prefix(digits);
  return number;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<std::chrono::seconds> unit(char c) {
  switch (c) {
    case 's':
      return std::chrono::seconds(1);
    case 'm':
      return std::chrono::minutes(1);
    case 'h':
      return std::chrono::hours(1);
    case 'd':
      return std::chrono::hours(24);
    case 'w':
      return std::chrono::hours(24 * 7);
    default:
      return std::nullopt;
  }
}

std::optional<std::chrono::seconds> parse_length(std::string_view text) {
  std::chrono::seconds sum{0};
  if (text.empty()) return std::nullopt;
  while (!text.empty()) {
    const auto number = take_number(text);
    if (!number || text.empty()) return std::nullopt;
    const auto of = unit(text.front());
    if (!of) return std::nullopt;
    text.remove_prefix(1);
    sum = std::min<std::chrono::seconds>(sum + *number * *of, longest_length);
  }
  return sum;
}

// hh:mm[:ss], behind a T or a blank.
bool take_time(std::string_view& text, std::tm& time) {
  const auto hours = take_number(text, 2);
  if (!hours || !take(text, ':')) return false;
  const auto minutes = take_number(text, 2);
  if (!minutes || *hours > 23 || *minutes > 59) return false;
  time.tm_hour = *hours;
  time.tm_min = *minutes;
  if (!take(text, ':')) return true;
  const auto seconds = take_number(text, 2);
  if (!seconds || *seconds > 60) return false;
  time.tm_sec = *seconds;
  return true;
}

// Z, +hh:mm, +hhmm, +hh, as seconds east of Greenwich.
std::optional<int> take_offset(std::string_view& text) {
  if (take(text, 'Z')) return 0;
  const int sign = take(text, '+') ? 1 : take(text, '-') ? -1 : 0;
  const auto hours = sign == 0 ? std::nullopt : take_number(text, 2);
  if (!hours) return std::nullopt;
  take(text, ':');
  const auto minutes = text.empty() ? std::optional(0) : take_number(text, 2);
  if (!minutes) return std::nullopt;
  return sign * (*hours * 3600 + *minutes * 60);
}

std::optional<core::Timestamp> parse_moment(std::string_view text) {
  std::tm time{};
  const auto year = take_number(text, 4);
  if (!year || !take(text, '-')) return std::nullopt;
  const auto month = take_number(text, 2);
  if (!month || !take(text, '-')) return std::nullopt;
  const auto day = take_number(text, 2);
  if (!day) return std::nullopt;
  using namespace std::chrono;
  const auto date = std::chrono::year(*year) / std::chrono::month(static_cast<unsigned>(*month)) /
                    std::chrono::day(static_cast<unsigned>(*day));
  if (!date.ok()) return std::nullopt;
  if ((take(text, 'T') || take(text, ' ')) && !take_time(text, time)) return std::nullopt;
  if (!text.empty()) {
    const auto offset = take_offset(text);
    if (!offset || !text.empty()) return std::nullopt;
    return sys_days(date) + hours(time.tm_hour) + minutes(time.tm_min) + seconds(time.tm_sec - *offset);
  }
  time.tm_year = *year - 1900;
  time.tm_mon = *month - 1;
  time.tm_mday = *day;
  time.tm_isdst = -1;
  return core::Timestamp(seconds(std::mktime(&time)));
}

store::Since moment_of(const std::string& option, const std::string& text) {
  if (const auto parsed = parse_since(text)) return *parsed;
  throw sync::UsageError(option +
                         " takes a length of time before now (30m, 2h, 3d) or a moment (2026-03-01, "
                         "2026-03-01T14:05), not `" +
                         text + "`");
}

core::Timestamp as_moment(const store::Since& since, core::Timestamp now) {
  const auto* length = std::get_if<std::chrono::seconds>(&since);
  return length != nullptr ? now - *length : std::get<core::Timestamp>(since);
}

}  // namespace

std::optional<store::Since> parse_since(std::string_view text) {
  if (const auto length = parse_length(text)) return *length;
  if (const auto moment = parse_moment(text)) return std::max(*moment, earliest);
  return std::nullopt;
}

Period period_of(const std::optional<std::string>& since, const std::optional<std::string>& until) {
  Period period;
  if (since) period.since = moment_of("--since", *since);
  if (until) period.until = moment_of("--until", *until);
  const auto now = std::chrono::time_point_cast<core::Timestamp::duration>(std::chrono::system_clock::now());
  // A day's grace: the server's clock may be another one.
  if (period.since && as_moment(*period.since, now) > now + std::chrono::hours(24)) {
    throw sync::UsageError("--since " + *since + " is in the future: the log has only what was");
  }
  if (period.since && period.until && as_moment(*period.since, now) > as_moment(*period.until, now)) {
    throw sync::UsageError("--until " + *until + " is before --since " + *since + ": nothing is in between");
  }
  return period;
}

}  // namespace dvsync::cli
