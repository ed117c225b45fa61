#include <algorithm>
#include <boost/json.hpp>

#include "changes.hpp"
#include "cli_support.hpp"
#include "log/log_printer.hpp"
#include "log/log_text.hpp"

namespace dvsync::cli {
namespace {

using std::chrono::milliseconds;
using test::Kept;
using test::plain;

constexpr core::Timestamp then{std::chrono::seconds(1'772'370'309)};

LoggedRun a_run() {
  return {.environment = "contoso",
          .run_id = 17,
          .kind = "incremental",
          .trigger = "background",
          .outcome = "succeeded",
          .started_at = then,
          .finished_at = then + milliseconds(1500),
          .requested_by = "root",
          .counters = {.seen = 9, .created = 1, .disabled = 2, .unchanged = 6},
          .missing = {},
          .warnings = {},
          .detail = ""};
}

LoggedRun a_measured_run() {
  auto run = a_run();
  run.why_full = "its rules changed";
  run.phases = core::RunPhases{.reading = milliseconds(1200),
                               .records = 40,
                               .moved = 3,
                               .planning = milliseconds(300),
                               .writing = milliseconds(1000)};
  run.lag = milliseconds(303'000);
  return run;
}

LoggedChange a_change() {
  return {.environment = "contoso",
          .run_id = 17,
          .at = then,
          .action = "disable",
          .reason = "account_disabled",
          .systemuserid = "s",
          .object_id = "o",
          .domainname = "bob@contoso.example",
          .requested_by = "root",
          .fields = R"({"isdisabled":[false,true],"disabledreason":[null,"account_disabled"]})",
          .notes = {"approved"}};
}

TEST(LogText, TellsARunInALine) {
  EXPECT_EQ(run_line(a_run(), 9, plain),
            "2026-03-01 14:05:09 +0100  run     17  contoso    incremental  succeeded    9 seen, 1 created, 2 disabled "
            " 1.5 s  "
            "by root\n");
}

TEST(LogText, TellsWhereTheTimeOfARunWent) {
  EXPECT_EQ(details_of(a_measured_run(), plain),
            "    everybody was looked at: its rules changed\n"
            "    reading 1.2 s (40 records, 3 moved), planning 300 ms (9 users), writing 1.0 s (3 changes)\n"
            "    until then the rows were at most 5 min 03 s behind the directory\n");
  EXPECT_EQ(details_of(a_run(), plain), "");
}

TEST(LogText, TellsWhoAskedForWhomAndWhatTheAnswerWas) {
  LoggedRequest request{.environment = "contoso",
                        .requested_at = then,
                        .answered_at = then,
                        .requested_by = "root",
                        .command = "user enable",
                        .trigger = "on_demand",
                        .user_name = "bob\x1b@contoso.example",
                        .decision = "refuse",
                        .access = "no",
                        .reason = "no_license",
                        .detail = ""};
  EXPECT_EQ(
      request_line(request, 7, plain),
      "2026-03-01 14:05:09 +0100  contoso  root asked for bob?@contoso.example (dvsync user enable): refused, may not "
      "enter (no_license)\n");
  request.command = "";
  request.answered_at.reset();
  EXPECT_EQ(request_line(request, 7, plain),
            "2026-03-01 14:05:09 +0100  contoso  root asked for bob?@contoso.example (on_demand): not answered yet\n");
}

TEST(LogText, TellsWhyARunFailedAndWhatWasMissing) {
  auto run = a_run();
  run.counters = {};
  run.requested_by.clear();
  run.outcome = "incomplete";
  run.missing = {"security group x cannot be read"};
  run.warnings = {"a", "b"};
  run.detail = "the server\x1b went away";
  EXPECT_EQ(run_line(run, 7, plain),
            "2026-03-01 14:05:09 +0100  run     17  contoso  incremental  incomplete   0 seen, no changes  1.5 s  the "
            "server? went "
            "away  missing: security group x cannot be read  2 warnings\n");
}

TEST(LogText, SaysWhatBecameOfAHold) {
  LoggedHold hold{.object_id = "o",
                  .domainname = "bob@contoso.example",
                  .guard_class = "absent",
                  .action = "disable",
                  .reason = "not_in_directory",
                  .answer = "",
                  .answered_at = {},
                  .answered_by = "",
                  .comment = "",
                  .ended = ""};
  const std::string who = "    held  disable  bob@contoso.example  not_in_directory (absent): ";
  EXPECT_EQ(hold_line(hold, plain), who + "waits\n");
  hold.ended = "not_wanted";
  hold.ended_run_id = 19;
  EXPECT_EQ(hold_line(hold, plain), who + "no longer wanted by run 19\n");
  hold.answer = "approved";
  hold.answered_by = "root";
  hold.answered_at = then;
  hold.comment = "CHG-4711";
  hold.ended = "carried_out";
  EXPECT_EQ(hold_line(hold, plain),
            who + "approved by root on 2026-03-01 14:05:09 +0100, \"CHG-4711\"; carried out by run 19\n");
}

TEST(LogText, SaysThatARunHasNotEnded) {
  auto run = a_run();
  run.outcome.clear();
  run.finished_at.reset();
  EXPECT_THAT(run_line(run, 7, plain), testing::HasSubstr("  running    "));
}

TEST(LogText, TellsAChangeWithEveryField) {
  EXPECT_EQ(
      change_line(a_change(), plain),
      "    2026-03-01 14:05:09 +0100  run     17  ! disable  bob@contoso.example  account_disabled  isdisabled: false "
      "→ true, disabledreason: null → \"account_disabled\"  [approved]  by root\n");
  EXPECT_THAT(dated_change_line(a_change(), 7, plain),
              testing::StartsWith("2026-03-01 14:05:09 +0100  run     17  contoso  ! disable  bob@contoso.example"));
}

TEST(LogText, TellsWhoIsRejectedAsFarAsAnybodyKnows) {
  LoggedRejection rejection{.environment = "contoso",
                            .since = then,
                            .object_id = "6a0c",
                            .domainname = "eve@contoso.example",
                            .place = "",
                            .reason = "invalid_value",
                            .detail = "jobTitle holds NUL",
                            .first_run_id = 3,
                            .last_run_id = 17};
  EXPECT_EQ(rejection_line(rejection, 7, plain),
            "2026-03-01 14:05:09 +0100  contoso  eve@contoso.example  6a0c  invalid_value: jobTitle holds NUL  since "
            "run 3\n");
  rejection.object_id.clear();
  rejection.domainname.clear();
  rejection.place = "tenant.jsonl:17";
  EXPECT_EQ(
      rejection_line(rejection, 7, plain),
      "2026-03-01 14:05:09 +0100  contoso  (nobody knows whose)  invalid_value: jobTitle holds NUL  (tenant.jsonl:17)  "
      "since run 3\n");
}

TEST(Fields, ThatALaterVersionLoggedDifferentlyAreLeftOut) {
  EXPECT_TRUE(fields_of("").empty());
  EXPECT_TRUE(fields_of("[1]").empty());
  EXPECT_TRUE(fields_of("{").empty());
  EXPECT_EQ(fields_of(R"({"a":[1,2],"b":3,"c":[1]})").size(), 1U);
}

TEST(Fields, NameOptionValues) {
  EXPECT_EQ(value_text("accessmode", 4), "4 (non-interactive)");
  EXPECT_EQ(value_text("accessmode", 77), "77");
  EXPECT_EQ(value_text("azurestate", -1), "-1");
  EXPECT_EQ(value_text("jobtitle",
                       "\xC2\x9B"
                       "2J\x7f"),
            "\"?2J?\"");
}

void two_runs(LogPrinter& printer) {
  printer.run(a_run());
  printer.change_of_run(a_change());
  printer.change_of_run(a_change());
  printer.run_ends();
  printer.run(a_run());
  printer.run_ends();
  printer.end();
}

TEST(LogDocument, NestsTheChangesInTheirRun) {
  Kept kept;
  two_runs(*make_log_document(kept.output(), "runs", true));
  const auto document = boost::json::parse(kept.text());
  ASSERT_EQ(document.at("runs").as_array().size(), 2U);
  EXPECT_EQ(document.at("runs").at(0).at("changes").as_array().size(), 2U);
  EXPECT_TRUE(document.at("runs").at(1).at("changes").as_array().empty());
}

TEST(LogDocument, HasStableKeys) {
  EXPECT_EQ(
      boost::json::serialize(json_of(a_measured_run())),
      R"({"environment":"contoso","run_id":17,"kind":"incremental","trigger":"background","outcome":"succeeded",)"
      R"("started_at":"2026-03-01T13:05:09Z","finished_at":"2026-03-01T13:05:10Z","requested_by":"root",)"
      R"("counters":{"seen":9,"created":1,"updated":0,"enabled":0,"disabled":2,"unchanged":6,"ignored":0,"rejected":0,)"
      R"("held":0},"missing":[],"warnings":[],"detail":null,"answers":null,"comment":null,"held_because":[],)"
      R"("why_full":"its rules changed","phases":{"reading_ms":1200,"records":40,"moved":3,"planning_ms":300,)"
      R"("writing_ms":1000},"lag_ms":303000,"plan":null})");
  EXPECT_EQ(
      boost::json::serialize(json_of(a_change())),
      R"({"environment":"contoso","run_id":17,"at":"2026-03-01T13:05:09Z","action":"disable","reason":"account_disabled",)"
      R"("systemuserid":"s","object_id":"o","domainname":"bob@contoso.example","fields":{"isdisabled":[false,true],)"
      R"("disabledreason":[null,"account_disabled"]},"notes":["approved"],"requested_by":"root"})");
}

TEST(LogDocument, OfNothingIsStillADocument) {
  Kept kept;
  make_log_document(kept.output(), "rejected", false)->end();
  EXPECT_EQ(kept.text(), "{\"rejected\":[]}\n");
}

TEST(LogCsv, HasAHeadingAndQuotesWhatNeedsIt) {
  Kept kept;
  const auto printer = make_log_csv(kept.output(), "changes");
  auto change = a_change();
  change.domainname = "a,\"b\"\n@contoso.example";
  printer->change(change);
  printer->end();
  EXPECT_EQ(
      kept.text(),
      "environment,run_id,at,action,reason,systemuserid,object_id,domainname,fields,notes,requested_by\n"
      "contoso,17,2026-03-01T13:05:09Z,disable,account_disabled,s,o,\"a,\"\"b\"\"\n@contoso.example\","
      "\"{\"\"isdisabled\"\":[false,true],\"\"disabledreason\"\":[null,\"\"account_disabled\"\"]}\",approved,root\n");
}

TEST(LogCsv, HasTheCountersOfARunAsColumns) {
  Kept kept;
  two_runs(*make_log_csv(kept.output(), "runs"));
  const auto text = kept.text();
  EXPECT_THAT(text,
              testing::StartsWith("environment,run_id,kind,trigger,outcome,started_at,finished_at,requested_by,"));
  EXPECT_THAT(text, testing::HasSubstr(",seen,created,"));
}

TEST(LogCsv, HasAsManyColumnsForARunThatDidNotGetToItsEnd) {
  Kept kept;
  const auto printer = make_log_csv(kept.output(), "runs");
  printer->run(a_run());
  printer->run(a_measured_run());
  const auto text = kept.text();
  std::vector<std::ptrdiff_t> commas;
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
    const auto line = text.substr(at, text.find('\n', at) - at);
    commas.push_back(std::count(line.begin(), line.end(), ','));
  }
  EXPECT_EQ(commas, std::vector(3, commas.front()));
}

TEST(LogObjects, AreOneALine) {
  Kept kept;
  two_runs(*make_log_objects(kept.output(), true));
  const auto text = kept.text();
  ASSERT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
  EXPECT_EQ(boost::json::parse(text.substr(0, text.find('\n'))).at("changes").as_array().size(), 2U);
}

TEST(LogLines, PutTheChangesBelowTheirRun) {
  Kept kept;
  two_runs(*make_log_lines(kept.output(), 7, false));
  EXPECT_EQ(kept.text(), run_line(a_run(), 7, plain) + change_line(a_change(), plain) + change_line(a_change(), plain) +
                             run_line(a_run(), 7, plain));
}

}  // namespace
}  // namespace dvsync::cli
