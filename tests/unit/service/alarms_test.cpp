// Which alarms are due, with the time in hand.

#include "service/alarms.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace dvsync::service {
namespace {

using namespace std::chrono_literals;
using config::Alarm;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr core::Timestamp monday{1'800'000'000s};

Finding held(std::int64_t decisions, const std::string& environment = "contoso", std::int64_t run = 17) {
  return {.severity = Severity::warning,
          .code = "held",
          .environment = environment,
          .what = "HELD: " + std::to_string(decisions),
          .age = 60s,
          .next = "dvsync approve " + std::to_string(run),
          .subject = "absent",
          .run_id = run,
          .count = decisions};
}

Finding overdue(const std::string& environment = "contoso") {
  return {.severity = Severity::critical, .code = "overdue", .environment = environment, .what = "too old", .age = 2h};
}

Status status_of(const std::vector<std::string>& environments) {
  Status status;
  for (const auto& name : environments) status.environments.emplace_back().name = name;
  return status;
}

// A place, and what the mirror remembers of it.
struct Place {
  config::NotifyTarget target{.name = "ops"};
  store::AlarmMemory memory{.now = monday, .alarms = {}};
  Status status = status_of({"contoso", "fabrikam"});

  // What is told now; it is remembered, and delivered at once.
  std::vector<AlarmMessage> messages(const std::vector<Finding>& findings) {
    const auto due = due_alarms(standing_of(status, findings), memory, target);
    auto& known = memory.alarms;
    const auto forget = [&](const store::AlarmKey& key) {
      std::erase_if(known, [&](const auto& alarm) { return alarm.key == key; });
    };
    for (const auto& key : due.forget) forget(key);
    for (const auto& alarm : due.remember) {
      forget(alarm.key);
      known.push_back(alarm);
    }
    return due.messages;
  }
  std::vector<std::string> told(const std::vector<Finding>& findings) {
    std::vector<std::string> lines;
    for (const auto& message : messages(findings)) {
      lines.push_back(message.alarm.key.environment + " " + message.alarm.key.code + " " +
                      std::string(name_of(message.occasion)));
    }
    return lines;
  }
  void later(std::chrono::seconds by) { memory.now += by; }
};

TEST(Alarms, TellABeginningOnceAndAnEndOnce) {
  Place ops;
  EXPECT_THAT(ops.told({}), IsEmpty());
  EXPECT_THAT(ops.told({held(40)}), ElementsAre("contoso held begins"));
  ops.later(1h);
  EXPECT_THAT(ops.told({held(40)}), IsEmpty());
  EXPECT_THAT(ops.told({held(41)}), IsEmpty()) << "a few more are the same alarm";
  EXPECT_THAT(ops.told({}), ElementsAre("contoso held ends"));
  EXPECT_THAT(ops.told({}), IsEmpty());
  EXPECT_THAT(ops.told({held(3)}), ElementsAre("contoso held begins"));
}

TEST(Alarms, RemindAfterADay) {
  Place ops;
  static_cast<void>(ops.told({held(40)}));
  ops.later(24h - 1s);
  EXPECT_THAT(ops.told({held(40)}), IsEmpty());
  ops.later(1s);
  EXPECT_THAT(ops.told({held(40)}), ElementsAre("contoso held remains"));
  ops.later(1h);
  EXPECT_THAT(ops.told({held(40)}), IsEmpty());
  ops.target.remind_every = 30min;
  EXPECT_THAT(ops.told({held(40)}), ElementsAre("contoso held remains"));
}

TEST(Alarms, RemindOfNothingThatIsStillOnItsWay) {
  Place ops;
  static_cast<void>(ops.told({held(40)}));
  ops.memory.alarms[0].waiting = true;
  ops.later(48h);
  EXPECT_THAT(ops.told({held(40)}), IsEmpty());
  EXPECT_THAT(ops.told({}), ElementsAre("contoso held ends")) << "an end is told nevertheless";
}

TEST(Alarms, TellAtOnceWhenTwiceAsManyAreHeld) {
  Place ops;
  static_cast<void>(ops.told({held(20)}));
  EXPECT_THAT(ops.told({held(39)}), IsEmpty());
  EXPECT_THAT(ops.told({held(40)}), ElementsAre("contoso held remains"));
  EXPECT_THAT(ops.told({held(79)}), IsEmpty());
}

TEST(Alarms, PutTogetherWhatSeveralRunsHold) {
  Place ops;
  const auto messages = ops.messages({held(40, "contoso", 17), held(2, "contoso", 18)});
  ASSERT_EQ(messages.size(), 1);
  EXPECT_EQ(messages[0].alarm.what, "HELD: 40; HELD: 2");
  EXPECT_EQ(messages[0].alarm.next, "dvsync approve 17; dvsync approve 18");
  EXPECT_EQ(messages[0].alarm.count, 42);
  EXPECT_EQ(messages[0].alarm.run_id, 17);
}

TEST(Alarms, KeepEnvironmentsAndClassesApart) {
  Place ops;
  auto stated = held(3);
  stated.subject = "stated";
  EXPECT_THAT(ops.told({held(40), stated, held(40, "fabrikam")}),
              ElementsAre("contoso held begins", "contoso held begins", "fabrikam held begins"));
  EXPECT_THAT(ops.told({held(40), held(40, "fabrikam")}), ElementsAre("contoso held ends"));
}

TEST(Alarms, SayWhenItBegan) {
  Place ops;
  EXPECT_EQ(ops.messages({held(40)})[0].since, monday - 60s);
  ops.later(24h);
  EXPECT_EQ(ops.messages({held(40)})[0].since, monday - 60s);
  EXPECT_EQ(ops.messages({})[0].since, monday - 60s);
}

TEST(Alarms, GoToThosePlacesThatWantThem) {
  Place ops;
  ops.target.on = {Alarm::stale, Alarm::recovered};
  EXPECT_THAT(ops.told({held(40), overdue()}), ElementsAre("contoso overdue begins"));
  EXPECT_THAT(ops.told({}), ElementsAre("contoso overdue ends"));
  ops.target.on = {Alarm::held};
  EXPECT_THAT(ops.told({held(40), overdue()}), ElementsAre("contoso held begins"));
  EXPECT_THAT(ops.told({}), IsEmpty()) << "it did not ask for ends";
  EXPECT_THAT(ops.told({held(40)}), ElementsAre("contoso held begins"));
}

TEST(Alarms, EndNothingOfAnEnvironmentThatCannotBeAsked) {
  Place ops;
  static_cast<void>(ops.told({held(40)}));
  ops.status.environments[0].unreachable = store::Unreachable{};
  const Finding unreachable{
      .severity = Severity::critical, .code = "environment_unreachable", .environment = "contoso", .what = "no answer"};
  EXPECT_THAT(ops.told({unreachable}), ElementsAre("contoso environment_unreachable begins"));
  ops.status.environments[0].unreachable.reset();
  EXPECT_THAT(ops.told({held(40)}), ElementsAre("contoso environment_unreachable ends"));
}

TEST(Alarms, TellOfEnvironmentsOfAServerThatIsAwayTogether) {
  Place ops;
  const auto away = [](const std::string& environment, const std::string& what) {
    return Finding{
        .severity = Severity::critical, .code = "environment_unreachable", .environment = environment, .what = what};
  };
  const std::vector<Finding> all{away("a", "cannot connect"), away("b", "see a"), away("c", "see a")};
  EXPECT_THAT(ops.told(all), ElementsAre("a environment_unreachable begins", "b environment_unreachable begins"));
  EXPECT_THAT(ops.told({}), ElementsAre("a environment_unreachable ends", "b environment_unreachable ends"));
}

TEST(Alarms, LeaveWhatIsOverdueOpenWhileARunIsUnderWay) {
  Place ops;
  ops.status.mirror.schedule.running = true;
  EXPECT_THAT(ops.told({overdue()}), IsEmpty()) << "this run may be the one that ends it";
  ops.status.mirror.schedule.running = false;
  EXPECT_THAT(ops.told({overdue()}), ElementsAre("contoso overdue begins"));
  ops.status.mirror.schedule.running = true;
  EXPECT_THAT(ops.told({}), IsEmpty());
  ops.status.mirror.schedule.running = false;
  EXPECT_THAT(ops.told({}), ElementsAre("contoso overdue ends"));
}

TEST(Alarms, TellAPlaceNothingOfItsOwnSilence) {
  Place ops;
  const auto undelivered = [](const std::string& place) {
    return Finding{.code = "alarms_undelivered", .what = "no answer", .subject = place};
  };
  EXPECT_THAT(ops.told({undelivered("ops"), undelivered("chat")}), ElementsAre(" alarms_undelivered begins"));
  EXPECT_THAT(ops.told({undelivered("ops")}), ElementsAre(" alarms_undelivered ends"));
}

TEST(Alarms, TellNoNotes) {
  Place ops;
  EXPECT_THAT(ops.told({{.severity = Severity::note, .code = "held", .environment = "contoso"}}), IsEmpty());
  EXPECT_THAT(ops.told({{.severity = Severity::warning, .code = "approved", .environment = "contoso"}}), IsEmpty());
}

// Whoever adds a finding says who is told about it.
TEST(Alarms, KnowEveryFindingThatNeedsAttention) {
  const config::Schedule schedule{.every = 15min, .full_every = 24h, .jitter = 0s, .fresh_within = {}};
  Status status;
  status.mirror.rejected_records = 1;
  status.mirror.alarms.push_back({.target = "ops", .waiting = 1, .waiting_for = 10h, .failure = "no answer"});
  auto& broken = status.environments.emplace_back();
  broken.name = "broken";
  broken.failures.count = 1;
  broken.incomplete.count = 1;
  broken.rejected.count = 1;
  broken.held.push_back({.run_id = 1, .guard_class = "absent", .decisions = 1});
  auto& old = status.environments.emplace_back();
  old.in_line_ago = 10h;
  status.environments.emplace_back().unreachable = store::Unreachable{};
  std::vector<Status> all{status, status};
  all[1].mirror.unreachable = store::Unreachable{};
  for (const bool free : {false, true}) {
    for (const bool running : {false, true}) {
      for (const bool by_daemon : {false, true}) {
        for (const auto& since : {std::optional(10h), std::optional<std::chrono::hours>()}) {
          all.push_back(status);
          all.back().mirror.schedule = {
              .free = free, .daemon_known = true, .held_by_daemon = by_daemon, .running = running, .since_run = since};
        }
      }
    }
  }
  for (const auto& one : all) {
    for (const auto& finding : judge(one, schedule)) {
      EXPECT_TRUE(finding.severity == Severity::note || alarm_of(finding.code)) << finding.code;
    }
  }
}

}  // namespace
}  // namespace dvsync::service
