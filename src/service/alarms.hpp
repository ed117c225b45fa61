#pragma once
// Which alarms are due: of what stands now, and of what the mirror remembers of it. Pure. Private to service.

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "dvsync/config/configuration.hpp"
#include "dvsync/service/health.hpp"
#include "dvsync/store/alarms.hpp"

namespace dvsync::service {

// Findings of one kind, put together.
struct StandingAlarm {
  store::AlarmKey key;
  Severity severity = Severity::warning;
  std::string what;
  std::string next = {};
  std::optional<std::int64_t> run_id = {};
  std::int64_t count = 0;
  std::optional<std::chrono::seconds> age = {};
};

struct Standing {
  std::vector<StandingAlarm> alarms;
  // Nothing is known of these now: what was so before neither goes on nor ends.
  std::set<std::string> unknown_environments;
  // A run is under way that may end what is overdue.
  bool running = false;
};

// What people call the finding; nullopt: nobody is told about it.
[[nodiscard]] std::optional<config::Alarm> alarm_of(std::string_view code);
[[nodiscard]] Standing standing_of(const Status& status, const std::vector<Finding>& findings);

enum class Occasion : std::uint8_t { begins, remains, ends };
[[nodiscard]] std::string_view name_of(Occasion occasion);

struct AlarmMessage {
  Occasion occasion = Occasion::begins;
  StandingAlarm alarm;  // ends: as it was told last
  core::Timestamp since;
};

// What is to be told to one place, and what is to be remembered of it.
struct DueAlarms {
  std::vector<AlarmMessage> messages;
  std::vector<store::RememberedAlarm> remember;
  std::vector<store::AlarmKey> forget;
};
[[nodiscard]] DueAlarms due_alarms(const Standing& standing, const store::AlarmMemory& memory,
                                   const config::NotifyTarget& target);

}  // namespace dvsync::service
