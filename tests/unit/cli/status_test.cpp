// The status in its forms, and that all of them tell the same.

#include <random>

#include "cli_support.hpp"
#include "dvsync/service/metrics.hpp"
#include "status/status_text.hpp"

namespace dvsync::cli {
namespace {

using namespace std::chrono_literals;
using service::Severity;
using test::plain;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr core::Timestamp then{std::chrono::seconds(1'772'370'309)};
const config::Schedule schedule{.every = 15min, .full_every = 24h, .jitter = 0s, .fresh_within = {}};

StatusReport report_of(service::Status status) {
  return {.status = std::move(status), .schedule = schedule, .now = then + 12min};
}

service::Status calm() {
  service::Status status;
  status.mirror.directory = "file";
  status.mirror.version = 5;
  status.mirror.identities = 40;
  status.mirror.pulled_at = then;
  status.mirror.pulled_ago = 12min;
  status.mirror.listing_complete = true;
  status.mirror.schedule.free = true;
  store::EnvironmentStatus contoso;
  contoso.name = "contoso";
  contoso.last_run = store::LoggedRun{.environment = "contoso",
                                      .run_id = 17,
                                      .kind = "incremental",
                                      .trigger = "background",
                                      .outcome = "succeeded",
                                      .started_at = then,
                                      .finished_at = then,
                                      .requested_by = "",
                                      .counters = {.seen = 2, .created = 2},
                                      .missing = {},
                                      .warnings = {},
                                      .detail = ""};
  contoso.ended_ago = 700s;
  contoso.in_line_ago = 180s;
  contoso.watermark = 5;
  status.environments.push_back(contoso);
  return status;
}

TEST(Status, OfACalmDayIsShort) {
  EXPECT_EQ(text_of(report_of(calm()), plain),
            "Nothing needs attention.\n"
            "\n"
            "Directory file: 40 identities, read 12 min ago (2026-03-01 14:05:09 +0100)\n"
            "Working: nobody; no daemon ever ran here: runs are made by hand, or by cron\n"
            "\n"
            "environment  last run        outcome    ended       lag   changes\n"
            "contoso      17 incremental  succeeded  11 min ago  none  2 created\n");
}

TEST(Status, TellsWhatNeedsAttentionFirstAndTheWorstAboveAll) {
  auto status = calm();
  status.mirror.schedule = {.holder = "db1, pid 7, dvsync run",
                            .daemon_known = true,
                            .held_by_daemon = true,
                            .running = true,
                            .since_run = 60s};
  auto& contoso = status.environments[0];
  contoso.behind = 3;
  contoso.failures = {.count = 2, .age = 30min};
  contoso.last_failure = "the server went away";
  contoso.approved = 1;
  contoso.last_run->outcome = "failed";
  contoso.held = {
      {.run_id = 15, .guard_class = "absent", .decisions = 612, .since = then, .seconds = std::int64_t{3} * 86400}};
  status.environments.push_back({.name = "sandbox", .unreachable = store::Unreachable{.why = "cannot connect"}});
  status.environments.push_back({.name = "fresh"});
  EXPECT_EQ(text_of(report_of(status), plain),
            "CRITICAL  sandbox: cannot connect\n"
            "            `dvsync check` tells what is wrong\n"
            "CRITICAL  fresh: no run has gone through yet\n"
            "            read the daemon's log: `journalctl -u dvsync`\n"
            "WARNING   contoso: 2 runs failed or interrupted since the last that went through: the server went away\n"
            "            `dvsync check` tells what is wrong\n"
            "WARNING   contoso: HELD: 612 disables (absent) of run 15, waiting for 3 d\n"
            "            look with `dvsync plan`, release with `dvsync approve 15`, or refuse with `dvsync reject 15`\n"
            "note      contoso: 1 approved decision waits for the next run\n"
            "            nothing: the next run carries them out\n"
            "\n"
            "Directory file: 40 identities, read 12 min ago (2026-03-01 14:05:09 +0100)\n"
            "Working: db1, pid 7, dvsync run, runs now\n"
            "\n"
            "environment  last run        outcome  ended       lag           changes\n"
            "contoso      17 incremental  failed   11 min ago  3 identities  2 created\n"
            "sandbox                      unknown\n"
            "fresh        none                                 everybody\n");
}

TEST(Status, AsJsonHasStableKeys) {
  auto status = calm();
  status.environments[0].last_run.reset();
  status.environments[0].rejected = {.count = 1, .age = 60s};
  EXPECT_EQ(
      boost::json::serialize(json_of(report_of(status))),
      R"({"needs_attention":true,"findings":[{"severity":"warning","code":"rejected","environment":"contoso",)"
      R"("what":"1 user is rejected","since":"2026-03-01T13:16:09Z","seconds":60,)"
      R"("next":"`dvsync log --rejected` lists them"}],)"
      R"("mirror":{"error":null,"directory":"file","version":5,"identities":40,"pulled_at":"2026-03-01T13:05:09Z",)"
      R"("pulled_seconds_ago":720,"listing_complete":true,"rejected_records":0,"working":null,"next_run_seconds":null,)"
      R"("daemon":{"known":false,"has_lease":false,"running":false,"last_run_seconds_ago":null}},)"
      R"("environments":[{"name":"contoso","error":null,"last_run":null,"ended_seconds_ago":700,)"
      R"("in_line_seconds_ago":180,"watermark":5,"behind":0,"failures":0,"incomplete":0,"held":[],"approved":0,)"
      R"("rows_watched":true,"rows_touched":0,"rejected":1}]})");
}

TEST(StatusCheck, IsOneLineWithPerformanceData) {
  const auto answer = plugin_answer(report_of(calm()));
  EXPECT_EQ(answer.state, PluginState::ok);
  EXPECT_EQ(answer.line,
            "DVSYNC OK - contoso: last run that went through 3 min ago | 'contoso_age'=180s;1800;3600;0 "
            "'contoso_held'=0;0;;0 'contoso_failures'=0;0;;0 'contoso_behind'=0;;;0 'contoso_rejected'=0;0;;0");
}

TEST(StatusCheck, TellsTheWorstFirst) {
  auto status = calm();
  status.environments.push_back({.name = "down", .unreachable = store::Unreachable{.why = "cannot connect"}});
  const auto answer = plugin_answer(report_of(status));
  EXPECT_EQ(answer.state, PluginState::critical);
  EXPECT_THAT(answer.line, StartsWith("DVSYNC CRITICAL - down: cannot connect; contoso: last run"));
  EXPECT_THAT(answer.line, Not(HasSubstr("down_age")));
}

TEST(StatusCheck, KeepsToItsOneLineWhateverTheNames) {
  auto status = calm();
  status.environments[0].name = "a|b'c=d\ne";
  const auto line = plugin_answer(report_of(status)).line;
  EXPECT_EQ(std::count(line.begin(), line.end(), '|'), 1);
  EXPECT_THAT(line, Not(HasSubstr("\n")));
  EXPECT_THAT(line, HasSubstr("'a/b_c_d?e_age'="));
}

// --- all forms tell the same, whatever the facts ---

class Worlds {
 public:
  explicit Worlds(unsigned seed) : engine_(seed) {}

  service::Status next() {
    service::Status status;
    status.mirror = mirror();
    for (const char* name : {"contoso", "fabrikam", "tailspin"}) status.environments.push_back(environment(name));
    return status;
  }

 private:
  bool one_in(int number) { return std::uniform_int_distribution(1, number)(engine_) == 1; }
  std::chrono::seconds age() {
    static constexpr std::array<std::chrono::seconds, 5> ages{10s, 20min, 45min, 5h, 24h * 20};
    return ages[std::uniform_int_distribution<std::size_t>(0, ages.size() - 1)(engine_)];
  }
  std::int64_t some() { return one_in(3) ? std::uniform_int_distribution(1, 900)(engine_) : 0; }
  store::Lasting lasting() { return {.count = one_in(6) ? some() : 0, .age = age()}; }

  store::MirrorStatus mirror() {
    if (one_in(10)) return {.unreachable = store::Unreachable{.why = "cannot connect to the mirror"}};
    store::MirrorStatus one;
    if (!one_in(8)) one.pulled_at = then;
    one.listing_complete = !one_in(4);
    one.rejected_records = one_in(6) ? some() : 0;
    one.schedule.free = one_in(2);
    one.schedule.holder = "db1, pid 7, dvsync run";
    one.schedule.daemon_known = one_in(2);
    one.schedule.held_by_daemon = one.schedule.daemon_known && one_in(2);
    one.schedule.running = one.schedule.held_by_daemon && one_in(2);
    if (!one_in(5)) one.schedule.since_run = age();
    return one;
  }
  store::EnvironmentStatus environment(const char* name) {
    store::EnvironmentStatus one;
    one.name = name;
    if (one_in(10)) {
      one.unreachable = store::Unreachable{.why = "cannot connect"};
      return one;
    }
    if (!one_in(10)) one.in_line_ago = one_in(3) ? age() : 10s;
    one.behind = some();
    one.failures = lasting();
    one.last_failure = one_in(2) ? "a bar | in the text" : "";
    one.incomplete = lasting();
    if (one_in(2)) one.missing = {"plans"};
    one.rejected = lasting();
    one.approved = one_in(6) ? some() : 0;
    if (one_in(5))
      one.held.push_back({.run_id = 9, .guard_class = "stated", .decisions = 51, .since = then, .seconds = 9});
    if (one_in(2)) one.last_run.emplace().warnings = {"eight non-interactive users"};
    return one;
  }

  std::mt19937 engine_;
};

std::string without_bars(std::string text) {
  std::replace(text.begin(), text.end(), '|', '/');
  return text;
}

std::string number_of(const std::vector<service::Finding>& findings, const std::string& environment,
                      Severity severity) {
  const auto count = std::count_if(findings.begin(), findings.end(), [&](const auto& finding) {
    return finding.environment == environment && finding.severity == severity;
  });
  return "dvsync_findings{environment=\"" + environment + "\",severity=\"" + std::string(service::name_of(severity)) +
         "\"} " + std::to_string(count) + "\n";
}

void expect_agreement(const StatusReport& report) {
  const auto text = text_of(report, plain);
  const auto json = json_of(report);
  const auto plugin = plugin_answer(report);
  service::Metrics metrics;
  metrics.set_status(report.status, report.findings);
  const auto numbers = metrics.text();

  const bool well = plugin.state == PluginState::ok;
  EXPECT_EQ(text.starts_with("Nothing needs attention.\n"), well) << text;
  EXPECT_EQ(json.at("needs_attention").as_bool(), !well);
  EXPECT_THAT(numbers, HasSubstr("\ndvsync_health " + std::to_string(static_cast<int>(plugin.state)) + "\n"));

  ASSERT_EQ(json.at("findings").as_array().size(), report.findings.size());
  for (std::size_t i = 0; i < report.findings.size(); ++i) {
    const auto& finding = report.findings[i];
    EXPECT_FALSE(finding.next.empty()) << finding.what;
    EXPECT_THAT(text, HasSubstr(finding.what + "\n            " + finding.next + "\n"));
    EXPECT_EQ(json.at("findings").as_array()[i].at("what").as_string(), finding.what);
    const bool in_line = plugin.line.find(without_bars(finding.what)) != std::string::npos;
    EXPECT_EQ(in_line, finding.severity != Severity::note) << finding.what << "\n" << plugin.line;
  }
  std::vector<std::string> places{""};
  for (const auto& environment : report.status.environments) places.push_back(environment.name);
  for (const auto& environment : places) {
    for (const auto severity : {Severity::note, Severity::warning, Severity::critical}) {
      EXPECT_THAT(numbers, HasSubstr(number_of(report.findings, environment, severity)));
    }
  }
}

TEST(StatusForms, AgreeInEveryWorld) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Worlds worlds(seed);
  int well = 0;
  for (int i = 0; i < 500 && !testing::Test::HasFailure(); ++i) {
    const auto report = report_of(worlds.next());
    if (service::worst_of(report.findings) == Severity::note) ++well;
    expect_agreement(report);
  }
  expect_agreement(report_of(calm()));
  EXPECT_LT(well, 500) << "the worlds are too good to show anything";
}

}  // namespace
}  // namespace dvsync::cli
