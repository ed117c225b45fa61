#include "cli_support.hpp"
#include "status/status_text.hpp"

namespace dvsync::cli {
namespace {

using test::plain;

constexpr core::Timestamp then{std::chrono::seconds(1'772'370'309)};

Status calm() {
  Status status;
  status.mirror = {.directory = "file",
                   .version = 5,
                   .identities = 40,
                   .pulled_at = then,
                   .pulled_seconds_ago = 720,
                   .listing_complete = true,
                   .rejected_records = 0,
                   .working = std::nullopt};
  EnvironmentStatus contoso;
  contoso.name = "contoso";
  contoso.last_run = LoggedRun{.environment = "contoso",
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
  contoso.ended_seconds_ago = 700;
  contoso.watermark = 5;
  status.environments.push_back(contoso);
  return status;
}

TEST(Status, OfACalmDayIsShort) {
  EXPECT_EQ(text_of(calm(), plain),
            "Directory file: 40 identities, read 12 minutes ago (2026-03-01 14:05:09 +0100)\n"
            "Working: nobody\n"
            "\n"
            "environment  last run        outcome    ended           lag   changes\n"
            "contoso      17 incremental  succeeded  11 minutes ago  none  2 created\n"
            "\n"
            "Nothing needs attention.\n");
}

TEST(Status, TellsEverythingThatNeedsAttention) {
  auto status = calm();
  status.mirror.listing_complete = false;
  status.mirror.rejected_records = 1;
  status.mirror.working = "db1, pid 7, dvsync run";
  auto& contoso = status.environments[0];
  contoso.behind = 3;
  contoso.failures = 2;
  contoso.approved = 1;
  contoso.rejected = 1;
  contoso.last_run->outcome = "failed";
  contoso.last_run->detail = "the server went away";
  contoso.last_run->missing = {"plans"};
  contoso.last_run->warnings = {"eight non-interactive users"};
  contoso.held = {{.run_id = 15, .guard_class = "absent", .decisions = 612, .since = then, .seconds = 3 * 86400}};
  EnvironmentStatus sandbox;
  sandbox.name = "sandbox";
  sandbox.error = "cannot connect";
  EnvironmentStatus fresh;
  fresh.name = "fresh";
  status.environments.push_back(sandbox);
  status.environments.push_back(fresh);
  EXPECT_EQ(text_of(status, plain),
            "Directory file: 40 identities, read 12 minutes ago (2026-03-01 14:05:09 +0100)\n"
            "  The listing is not complete: nobody is disabled for being absent.\n"
            "  1 record of the directory cannot be used.\n"
            "Working: db1, pid 7, dvsync run\n"
            "\n"
            "environment  last run        outcome  ended           lag           changes\n"
            "contoso      17 incremental  failed   11 minutes ago  3 identities  2 created\n"
            "sandbox                      unknown\n"
            "fresh        none                                     everybody\n"
            "\n"
            "contoso: HELD: 612 disables (absent) of run 15, waiting for 3 days: `dvsync approve 15`\n"
            "contoso: 1 approved decision waits for the next run\n"
            "contoso: 2 runs failed or interrupted since the last one that went through\n"
            "contoso: the server went away\n"
            "contoso: missing: plans\n"
            "contoso: warning: eight non-interactive users\n"
            "contoso: 1 user is rejected: `dvsync log --rejected --environment contoso`\n"
            "sandbox: cannot connect\n");
}

TEST(Status, BeforeTheFirstPullSaysWhatToDo) {
  EXPECT_EQ(text_of({}, plain),
            "Directory: never read: run `dvsync sync`\n"
            "Working: nobody\n"
            "\n"
            "environment  last run  outcome  ended  lag  changes\n"
            "\n"
            "Nothing needs attention.\n");
}

TEST(Status, AsJsonHasStableKeys) {
  auto status = calm();
  status.environments[0].last_run.reset();
  EXPECT_EQ(
      boost::json::serialize(json_of(status)),
      R"({"mirror":{"directory":"file","version":5,"identities":40,"pulled_at":"2026-03-01T13:05:09Z",)"
      R"("pulled_seconds_ago":720,"listing_complete":true,"rejected_records":0,"working":null,"next_run_seconds":null},)"
      R"("environments":[{"name":"contoso","error":null,"last_run":null,"ended_seconds_ago":700,)"
      R"("in_line_seconds_ago":null,"watermark":5,)"
      R"("behind":0,"failures":0,"held":[],"approved":0,"rejected":0}]})");
}

}  // namespace
}  // namespace dvsync::cli
