#include "status/health.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "words.hpp"

namespace dvsync::cli {
namespace {

constexpr std::chrono::minutes shortest_warning{5};
constexpr std::chrono::minutes shortest_critical{10};

const char* name_of(HealthState state) {
  switch (state) {
    case HealthState::ok:
      return "OK";
    case HealthState::warning:
      return "WARNING";
    case HealthState::critical:
      return "CRITICAL";
    case HealthState::unknown:
      return "UNKNOWN";
  }
  return "UNKNOWN";
}

// A bar would begin the performance data; a line break, the long text.
std::string plugin_text(std::string_view text) {
  auto plain = printable(text);
  std::replace(plain.begin(), plain.end(), '|', '/');
  return plain;
}

std::string label(const std::string& environment, const char* what) {
  auto name = plugin_text(environment);
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '\'' || c == '='; }, '_');
  return "'" + name + "_" + what + "'";
}

struct Finding {
  HealthState state;
  std::string text;
};

class Examiner {
 public:
  explicit Examiner(const HealthLimits& limits) : limits_(limits) {}

  void examine(const EnvironmentStatus& e) {
    if (!e.error.empty()) return find(HealthState::critical, e, e.error);
    examine_age(e);
    std::int64_t held = 0;
    for (const auto& decisions : e.held) held += decisions.decisions;
    if (held != 0) {
      find(HealthState::warning, e,
           fmt::format("{} held back for {}", count_of(held, "decision", "decisions"),
                       span_of(std::chrono::seconds(longest(e)))));
    }
    if (e.failures != 0) {
      find(HealthState::warning, e, count_of(e.failures, "run", "runs") + " failed since the last that went through");
    }
    if (e.last_run && e.last_run->outcome == "incomplete") {
      find(HealthState::warning, e,
           "incomplete: " +
               (e.last_run->missing.empty() ? std::string("facts are missing") : e.last_run->missing.front()));
    }
    measure(e, "age",
            fmt::format("{}s;{};{};0", e.in_line_seconds_ago.value_or(0), limits_.warning.count(),
                        limits_.critical.count()));
    measure(e, "held", fmt::format("{};0;;0", held));
    measure(e, "failures", fmt::format("{};0;;0", e.failures));
    measure(e, "behind", fmt::format("{};;;0", e.behind));
    measure(e, "rejected", fmt::format("{};;;0", e.rejected));
  }

  [[nodiscard]] Health health() const {
    auto state = HealthState::ok;
    for (const auto& finding : findings_) state = std::max(state, finding.state);
    std::string text;
    // The worst first: a pager shows no more than the beginning.
    for (const auto severity : {HealthState::critical, HealthState::warning, HealthState::ok}) {
      for (const auto& finding : findings_) {
        if (finding.state == severity) text += (text.empty() ? "" : "; ") + finding.text;
      }
    }
    return {state, fmt::format("DVSYNC {} - {} |{}", name_of(state), text, measures_)};
  }

 private:
  void examine_age(const EnvironmentStatus& e) {
    if (!e.in_line_seconds_ago) return find(HealthState::critical, e, "no run has gone through yet");
    const std::chrono::seconds age(*e.in_line_seconds_ago);
    const auto state = age > limits_.critical  ? HealthState::critical
                       : age > limits_.warning ? HealthState::warning
                                               : HealthState::ok;
    find(state, e, "last run that went through " + span_of(age) + " ago");
  }
  static std::int64_t longest(const EnvironmentStatus& e) {
    std::int64_t seconds = 0;
    for (const auto& decisions : e.held) seconds = std::max(seconds, decisions.seconds);
    return seconds;
  }
  void find(HealthState state, const EnvironmentStatus& e, const std::string& what) {
    findings_.push_back({state, plugin_text(e.name) + ": " + plugin_text(what)});
  }
  void measure(const EnvironmentStatus& e, const char* what, const std::string& value) {
    measures_ += " " + label(e.name, what) + "=" + value;
  }

  HealthLimits limits_;
  std::vector<Finding> findings_;
  std::string measures_;
};

}  // namespace

HealthLimits limits_for(const config::Schedule& schedule) {
  const auto between = schedule.every + schedule.jitter;
  return {std::max<std::chrono::seconds>(shortest_warning, 2 * between),
          std::max<std::chrono::seconds>(shortest_critical, 4 * between)};
}

Health health_of(const Status& status, const HealthLimits& limits) {
  Examiner examiner(limits);
  for (const auto& environment : status.environments) examiner.examine(environment);
  return examiner.health();
}

Health no_health(HealthState state, const std::string& why) {
  return {state, fmt::format("DVSYNC {} - {}", name_of(state), plugin_text(why))};
}

}  // namespace dvsync::cli
