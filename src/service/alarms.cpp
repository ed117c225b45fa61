#include "alarms.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace dvsync::service {
namespace {

using config::Alarm;

// Every finding that needs attention is in here.
constexpr std::array alarms_of_codes{
    std::pair{std::string_view("held"), Alarm::held},
    std::pair{std::string_view("failing"), Alarm::failed},
    std::pair{std::string_view("environment_unreachable"), Alarm::failed},
    std::pair{std::string_view("mirror_unreachable"), Alarm::failed},
    std::pair{std::string_view("alarms_undelivered"), Alarm::failed},
    std::pair{std::string_view("overdue"), Alarm::stale},
    std::pair{std::string_view("never_in_line"), Alarm::stale},
    std::pair{std::string_view("directory_never_read"), Alarm::stale},
    std::pair{std::string_view("daemon_missing"), Alarm::stale},
    std::pair{std::string_view("daemon_idle"), Alarm::stale},
    std::pair{std::string_view("daemon_waits"), Alarm::stale},
    std::pair{std::string_view("run_lasts"), Alarm::stale},
    std::pair{std::string_view("incomplete"), Alarm::incomplete},
    std::pair{std::string_view("rejected"), Alarm::rejected},
    std::pair{std::string_view("records_rejected"), Alarm::rejected},
};

constexpr std::string_view unreachable_code = "environment_unreachable";

// A run under way may be the one that ends these; one that lasts too long is a finding of its own.
bool is_of_age(std::string_view code) {
  return code == "overdue" || code == "never_in_line" || code == "directory_never_read";
}

// Environments of one server that is away are one alarm: only the first of them says why.
bool is_told_already(const std::vector<StandingAlarm>& alarms, const Finding& finding) {
  return finding.code == unreachable_code && std::ranges::any_of(alarms, [&](const StandingAlarm& alarm) {
           return alarm.key.code == unreachable_code && alarm.what == finding.what;
         });
}

void put_together(StandingAlarm& alarm, const Finding& more) {
  alarm.what += "; " + more.what;
  if (alarm.next != more.next) alarm.next += "; " + more.next;
  alarm.count += more.count;
  if (more.age && (!alarm.age || *more.age > *alarm.age)) alarm.age = more.age;
}

bool is_undecided(const Standing& standing, const store::AlarmKey& key) {
  if (standing.running && is_of_age(key.code)) return true;
  return key.code != unreachable_code && standing.unknown_environments.contains(key.environment);
}

bool tells(const config::NotifyTarget& target, const store::AlarmKey& key) {
  // Nobody is told, where messages do not arrive, that they do not.
  if (key.code == "alarms_undelivered" && key.subject == target.name) return false;
  const auto alarm = alarm_of(key.code);
  return alarm && std::ranges::find(target.on, *alarm) != target.on.end();
}

bool is_due_again(const StandingAlarm& alarm, const store::RememberedAlarm& told, core::Timestamp now,
                  std::chrono::seconds remind_every) {
  if (told.waiting) return false;
  // Twenty leavers are another matter than four hundred.
  const bool doubled = alarm.key.code == "held" && told.told_count > 0 && alarm.count >= 2 * told.told_count;
  return doubled || now - told.told_at >= remind_every;
}

store::RememberedAlarm remembered(const StandingAlarm& alarm, core::Timestamp began_at, core::Timestamp now) {
  return {.key = alarm.key, .began_at = began_at, .told_at = now, .told_count = alarm.count, .what = alarm.what};
}

}  // namespace

std::optional<Alarm> alarm_of(std::string_view code) {
  const auto* found = std::ranges::find(alarms_of_codes, code, [](const auto& pair) { return pair.first; });
  return found == alarms_of_codes.end() ? std::nullopt : std::optional(found->second);
}

std::string_view name_of(Occasion occasion) {
  switch (occasion) {
    case Occasion::begins:
      return "begins";
    case Occasion::remains:
      return "remains";
    case Occasion::ends:
      return "ends";
  }
  return "";
}

Standing standing_of(const Status& status, const std::vector<Finding>& findings) {
  Standing standing;
  standing.running = status.mirror.schedule.running;
  for (const auto& environment : status.environments) {
    if (environment.unreachable) standing.unknown_environments.insert(environment.name);
  }
  for (const auto& finding : findings) {
    if (finding.severity == Severity::note || !alarm_of(finding.code)) continue;
    if (is_told_already(standing.alarms, finding)) continue;
    store::AlarmKey key{
        .environment = finding.environment, .code = std::string(finding.code), .subject = finding.subject};
    const auto same = std::ranges::find(standing.alarms, key, &StandingAlarm::key);
    if (same != standing.alarms.end()) {
      put_together(*same, finding);
      continue;
    }
    standing.alarms.push_back({.key = std::move(key),
                               .severity = finding.severity,
                               .what = finding.what,
                               .next = finding.next,
                               .run_id = finding.run_id,
                               .count = finding.count,
                               .age = finding.age});
  }
  return standing;
}

DueAlarms due_alarms(const Standing& standing, const store::AlarmMemory& memory, const config::NotifyTarget& target) {
  std::map<store::AlarmKey, const store::RememberedAlarm*> known;
  for (const auto& alarm : memory.alarms) known.emplace(alarm.key, &alarm);
  DueAlarms due;
  for (const auto& alarm : standing.alarms) {
    const auto found = known.find(alarm.key);
    const auto* told = found == known.end() ? nullptr : found->second;
    if (told != nullptr) known.erase(found);
    if (!tells(target, alarm.key) || is_undecided(standing, alarm.key)) continue;
    if (told != nullptr && !is_due_again(alarm, *told, memory.now, target.remind_every)) continue;
    const auto since = told != nullptr ? told->began_at : memory.now - alarm.age.value_or(std::chrono::seconds(0));
    due.messages.push_back({told != nullptr ? Occasion::remains : Occasion::begins, alarm, since});
    due.remember.push_back(remembered(alarm, since, memory.now));
  }
  for (const auto& [key, told] : known) {
    if (is_undecided(standing, key)) continue;
    due.forget.push_back(key);
    if (!tells(target, key) || std::ranges::find(target.on, Alarm::recovered) == target.on.end()) continue;
    due.messages.push_back({.occasion = Occasion::ends,
                            .alarm = {.key = key, .severity = Severity::note, .what = told->what},
                            .since = told->began_at});
  }
  return due;
}

}  // namespace dvsync::service
