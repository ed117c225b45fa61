#include "sync/summary.hpp"

#include "cli_support.hpp"
#include "dvsync/sync/sync_json.hpp"

namespace dvsync::cli {
namespace {

using test::plain;

sync::RunReport quiet_run() {
  sync::RunReport report;
  report.run_id = 17;
  report.pull.emplace();
  report.pull->records = 40;
  report.pull->merge.version = 5;
  report.pull->merge.listing_complete = true;
  report.pull->duration = std::chrono::milliseconds(90);
  sync::EnvironmentReport contoso;
  contoso.name = "contoso";
  contoso.duration = std::chrono::milliseconds(300);
  report.environments.push_back(contoso);
  return report;
}

TEST(Summary, OfARunThatChangedNothingSaysSo) {
  EXPECT_EQ(summary_of(quiet_run(), {}, plain),
            "Run 17\n"
            "Directory: 40 records in 90 ms, nothing new since the last reading\n"
            "\n"
            "environment  kind         outcome    seen  created  updated  enabled  disabled  unchanged  ignored  "
            "rejected  held  "
            "duration\n"
            "contoso      incremental  succeeded     0        0        0        0         0          0        0        "
            " 0     0  "
            "  300 ms\n"
            "\n"
            "Nothing to do.\n");
}

TEST(Summary, NeverSaysThatNothingWasToDoUnderARunThatIsIncomplete) {
  auto report = quiet_run();
  report.environments[0].outcome = store::Outcome::incomplete;
  report.environments[0].missing = {"plans"};
  const auto text = summary_of(report, {}, plain);
  EXPECT_THAT(text, testing::Not(testing::HasSubstr("Nothing to do")));
  EXPECT_THAT(text, testing::EndsWith("Nothing was changed, but not everything is known: see what is missing.\n"));
}

TEST(Summary, GivesNoNumberToARunThatNeverReachedTheMirror) {
  auto report = quiet_run();
  EXPECT_THAT(summary_of(report, {}, plain), testing::StartsWith("Run 17\n"));
  report.run_id = 0;
  EXPECT_THAT(summary_of(report, {}, plain), testing::Not(testing::HasSubstr("Run 0")));
}

TEST(Summary, SaysWhyRowsChangeAlthoughTheDirectoryBroughtNothingNew) {
  auto report = quiet_run();
  report.environments[0].counters.created = 15;
  report.environments[0].was_behind = true;
  const auto text = summary_of(report, {}, plain);
  EXPECT_THAT(text, testing::HasSubstr("nothing new since the last reading\n"));
  EXPECT_THAT(text, testing::EndsWith("contoso: some changes were in the mirror before this run read the directory\n"));
  report.pull->merge.changed = 15;
  EXPECT_THAT(summary_of(report, {}, plain), testing::HasSubstr("15 identities new or changed\n\n"));
}

TEST(Summary, TellsEverythingThatAsksForAttention) {
  auto report = quiet_run();
  auto& contoso = report.environments[0];
  contoso.kind = store::RunKind::full;
  contoso.outcome = store::Outcome::held;
  contoso.counters = {.seen = 1000, .disabled = 3, .unchanged = 384, .rejected = 1, .held = 612};
  contoso.why_full = "its rules changed";
  contoso.missing = {"the directory says nothing about service plans"};
  contoso.warnings = {"user_name_collision: a\x1b@b is the user name of two rows"};
  const HeldByEnvironment held{{"contoso",
                                {{.run_id = 15, .guard_class = "absent", .decisions = 611},
                                 {.run_id = 17, .guard_class = "admitted", .decisions = 1}}}};
  const auto text = summary_of(report, held, plain);
  EXPECT_EQ(
      text.substr(text.find("\n\ncontoso: everybody") + 2),
      "contoso: everybody was looked at: its rules changed\n"
      "contoso: HELD: 611 disables (absent) of run 15 wait: look with `dvsync plan`, release with `dvsync approve 15`, "
      "or refuse with `dvsync reject 15`\n"
      "contoso: HELD: 1 create or enable (admitted) of run 17 waits: look with `dvsync plan`, release with `dvsync "
      "approve 17`, or refuse with `dvsync reject 17`\n"
      "contoso: missing: the directory says nothing about service plans\n"
      "contoso: warning: user_name_collision: a?@b is the user name of two rows\n"
      "contoso: 1 rejected record: `dvsync log --rejected` lists them\n");
}

TEST(Summary, OfADirectoryThatWasNotReadSaysItOnce) {
  auto report = quiet_run();
  report.pull.reset();
  report.pull_error = "tenant.jsonl is missing";
  report.environments[0].outcome = store::Outcome::failed;
  report.environments[0].error = "the directory was not read: tenant.jsonl is missing";
  const auto text = summary_of(report, {}, plain);
  EXPECT_THAT(text, testing::StartsWith("Run 17\nThe directory was not read: tenant.jsonl is missing\n\n"));
  EXPECT_EQ(text.find("is missing"), text.rfind("is missing"));
  EXPECT_THAT(text, testing::Not(testing::HasSubstr("Nothing to do")));
}

TEST(Report, ExitsByCauseUnlessOthersWereServed) {
  using Cause = sync::FailureCause;
  auto report = quiet_run();
  EXPECT_EQ(report.exit_code(), 0);
  for (const auto& [cause, code] :
       {std::pair{Cause::unavailable, 69}, {Cause::denied, 77}, {Cause::configuration, 78}}) {
    report.environments[0].outcome = store::Outcome::failed;
    report.environments[0].cause = cause;
    EXPECT_EQ(report.exit_code(), code);
    auto several = report;
    several.environments.push_back(quiet_run().environments[0]);
    EXPECT_EQ(several.exit_code(), 69) << "the other one was served";
    several.environments[1].cause = Cause::unavailable;
    EXPECT_EQ(several.exit_code(), code) << "what is wrong for good comes first";
    report.pull_error = "it is missing";
    report.pull_cause = cause;
    EXPECT_EQ(report.exit_code(), code);
    report.pull_error.clear();
  }
  report.environments[0].cause = Cause::none;  // taken over by another dvsync, or stopped
  EXPECT_EQ(report.exit_code(), 75);
}

TEST(Report, AsJsonHasStableKeys) {
  auto report = quiet_run();
  report.environments[0].outcome = store::Outcome::held;
  const HeldByEnvironment held{
      {"contoso",
       {{.run_id = 15, .guard_class = "absent", .decisions = 611, .since = core::Timestamp{}, .seconds = 7200}}}};
  EXPECT_EQ(
      boost::json::serialize(json_of(report, held)),
      R"({"run_id":17,"exit_code":75,"note":null,"pull":{"records":40,"changed":0,"absent":0,"rejected":0,"anonymous":0,)"
      R"("listing_complete":true,"mirror_version":5,"warnings":[],"staged_ms":0,"duration_ms":90},"pull_error":null,)"
      R"("environments":[{"name":"contoso","kind":"incremental","outcome":"held","why_full":null,)"
      R"("counters":{"seen":0,"created":0,"updated":0,"enabled":0,"disabled":0,"unchanged":0,"ignored":0,"rejected":0,)"
      R"("held":0},"held":[{"run_id":15,"class":"absent","decisions":611,"since":"1970-01-01T00:00:00Z",)"
      R"("seconds":7200}],"held_because":[],"missing":[],"warnings":[],"error":null,"duration_ms":300}],"in_line":[]})");
}

}  // namespace
}  // namespace dvsync::cli
