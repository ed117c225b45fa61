#include "dvsync/sync/in_words.hpp"

#include <fmt/format.h>

namespace dvsync::sync {

std::string count_of(std::int64_t number, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", number, number == 1 ? one : many);
}

std::string names_in_words(const std::vector<std::string>& names) {
  constexpr std::size_t most = 5;
  const auto told =
      names.size() == most + 1 ? names.size() : std::min(names.size(), most);  // "and 1 more" is no shorter
  std::string words;
  for (std::size_t i = 0; i < told; ++i) words.append(i == 0 ? "" : ", ").append(names[i]);
  return told == names.size() ? words : words + fmt::format(" and {} more", names.size() - told);
}

std::string format_duration(std::chrono::milliseconds duration) {
  const auto ms = duration.count();
  if (ms < 1000) return fmt::format("{} ms", ms);
  if (ms < 99'950) return fmt::format("{:.1f} s", static_cast<double>(ms) / 1000);
  const auto seconds = ms / 1000;
  if (seconds < 3600) return fmt::format("{} min {:02} s", seconds / 60, seconds % 60);
  return fmt::format("{} h {:02} min", seconds / 3600, seconds % 3600 / 60);
}

std::string format_age(std::chrono::seconds duration) {
  const auto seconds = duration.count();
  if (seconds < 60) return "less than 1 min";
  if (seconds < 2L * 3600) return fmt::format("{} min", seconds / 60);
  if (seconds < 2L * 86400) return fmt::format("{} h", seconds / 3600);
  return fmt::format("{} d", seconds / 86400);
}

std::string changes_in_words(const core::Counters& counters) {
  std::string text;
  const auto add = [&text](std::int64_t number, const char* what) {
    if (number != 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", number, what);
  };
  add(counters.created, "created");
  add(counters.updated, "updated");
  add(counters.enabled, "enabled");
  add(counters.disabled, "disabled");
  add(counters.held, "held");
  add(counters.rejected, "rejected");
  return text;
}

std::string changes_in_words(const core::Counters& counters, store::Outcome outcome) {
  auto text = changes_in_words(counters);
  if (text.empty()) text = outcome == store::Outcome::succeeded ? "nothing to do" : "no changes";
  return text;
}

std::string arithmetic_in_words(core::GuardClass guard_class, const core::GuardArithmetic& sum,
                                const core::GuardLimits& limits, std::chrono::seconds window) {
  const bool admits = guard_class == core::GuardClass::admitted;
  auto text = fmt::format("{}: {} wanted", core::name_of(guard_class),
                          admits ? count_of(sum.wanted, "create or enable is", "creates and enables are")
                                 : count_of(sum.wanted, "disable is", "disables are"));
  text += fmt::format(", {} passed within {}", sum.passed, format_age(window));
  if (sum.declined != 0) text += fmt::format(", {} rejected", sum.declined);
  text += fmt::format(", {} enabled: ", count_of(sum.enabled_rows, "row is", "rows are"));
  switch (sum.limit) {
    case core::GuardLimit::number:
      return text + fmt::format("more than {} (safety.max_disables)", limits.max_disables);
    case core::GuardLimit::percentage:
      return text + fmt::format("more than {} % (safety.max_disables_percent)", limits.max_disables_percent);
    case core::GuardLimit::half:
      return text + "more than half";
    case core::GuardLimit::none:
      break;
  }
  return text + "an earlier run holds them";
}

std::string pull_in_words(const PullReport& pull) {
  auto text = count_of(static_cast<std::int64_t>(pull.records), "record", "records") + " in " +
              format_duration(pull.duration) + ", " +
              (pull.merge.changed == 0 ? "nothing new since the last reading"
                                       : count_of(pull.merge.changed, "identity", "identities") + " new or changed");
  if (pull.merge.absent != 0) text += fmt::format(", {} of them absent now", pull.merge.absent);
  if (pull.merge.rejected != 0) text += ", " + count_of(pull.merge.rejected, "record", "records") + " rejected";
  return text;
}

}  // namespace dvsync::sync
