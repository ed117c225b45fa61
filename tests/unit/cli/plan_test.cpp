#include <boost/json.hpp>

#include "cli_support.hpp"
#include "dvsync/store/change_fields.hpp"
#include "plan/plan_printer.hpp"
#include "support/builders.hpp"

namespace dvsync::cli {
namespace {

using core::Column;
using test::Kept;

core::Change change(core::Decision action, core::Reason reason, std::uint64_t number) {
  core::Change made;
  made.action = action;
  made.reason = reason;
  made.object_id = dvsync::test::guid(number);
  made.after.azureactivedirectoryobjectid = made.object_id;
  if (action == core::Decision::create) return made;
  made.before.systemuserid = dvsync::test::guid(1000 + number);
  made.before[Column::domainname] = "bob@contoso.example";
  return made;
}

core::Change create() {
  auto made = change(core::Decision::create, core::Reason::entitled, 1);
  made.after[Column::domainname] = "ana@contoso.example";
  made.after[Column::jobtitle] = "Director\x1b of \"Sales\"";
  made.after.islicensed = true;
  made.columns = core::difference(made.before, made.after);
  made.cut.add(Column::jobtitle);
  return made;
}

core::Change disable() {
  auto made = change(core::Decision::disable, core::Reason::not_in_directory, 2);
  made.before.azureactivedirectoryobjectid = made.object_id;
  made.after = made.before;
  made.after.isdisabled = true;
  made.after.disabledreason = "not_in_directory";
  made.after.azurestate = 2;
  made.columns = core::difference(made.before, made.after);
  made.guarded = core::GuardClass::absent;
  return made;
}

core::Change update() {
  auto made = change(core::Decision::update, core::Reason::entitled, 3);
  made.after = made.before;
  made.after[Column::domainname] = "robert@contoso.example";
  made.columns = core::difference(made.before, made.after);
  return made;
}

sync::EnvironmentReport ended(const std::string& name) {
  sync::EnvironmentReport report;
  report.name = name;
  return report;
}

void tell(sync::Observer& plan, const core::Change& change, std::vector<std::string> more = {}) {
  auto notes = store::notes_of(change);
  notes.insert(notes.end(), more.begin(), more.end());
  plan.changed("contoso", 0, change, notes);
}

constexpr const char* whole_plan =
    R"(+ create, ^ enable, ! disable, ~ update

contoso: 1 to create, 0 to enable, 1 to disable, 1 to update
  + ana@contoso.example  entitled  00000000-0000-4000-8000-000000000001  [cut:jobtitle]
      domainname  "ana@contoso.example"
      jobtitle    "Director\u001b of \"Sales\""
      islicensed  true
      accessmode  0 (read-write)
  ! bob@contoso.example  not_in_directory  00000000-0000-4000-8000-000000000002
      isdisabled      false → true
      disabledreason  null → "not_in_directory"
      azurestate      0 (exists) → 2 (not found)
  ~ bob@contoso.example  entitled  00000000-0000-4000-8000-000000000003
      domainname  "bob@contoso.example" → "robert@contoso.example"
  x eve@contoso.example  invalid_value: jobTitle holds NUL

sandbox: no changes

Plan: 1 to create, 0 to enable, 1 to disable, 1 to update.
)";

TEST(Plan, SortsTheChangesOfAnEnvironment) {
  Kept kept;
  sync::Observer nobody;
  const auto plan = make_text_plan(kept.output(), nobody);
  plan->environment_begins("contoso", 0, 3);
  tell(*plan, update());
  plan->rejected("contoso", 0, std::nullopt, "eve@contoso.example", "invalid_value", "jobTitle holds NUL");
  tell(*plan, disable());
  tell(*plan, create());
  plan->environment_ends(0, ended("contoso"));
  plan->environment_begins("sandbox", 0, 3);
  plan->environment_ends(0, ended("sandbox"));
  plan->end({}, {});
  EXPECT_EQ(kept.text(), whole_plan);
  EXPECT_EQ(plan->changes(), 3);
}

TEST(Plan, OfNothingSaysSo) {
  Kept kept;
  sync::Observer nobody;
  const auto plan = make_text_plan(kept.output(), nobody);
  plan->environment_begins("contoso", 0, 0);
  plan->environment_ends(0, ended("contoso"));
  plan->end({}, {});
  EXPECT_EQ(kept.text(), "contoso: no changes\n\nPlan: no changes.\n");
  EXPECT_EQ(plan->changes(), 0);
}

TEST(Plan, MarksWhatTheGuardWouldHoldButNotWhatWasApproved) {
  Kept kept;
  sync::Observer nobody;
  const auto plan = make_text_plan(kept.output(), nobody);
  plan->environment_begins("contoso", 0, 0);
  tell(*plan, disable());
  tell(*plan, disable(), {"approved"});
  auto report = ended("contoso");
  report.outcome = store::Outcome::held;
  report.held_classes[static_cast<std::size_t>(core::GuardClass::absent)] = true;
  plan->environment_ends(0, report);
  const auto text = kept.text();
  EXPECT_THAT(text, testing::HasSubstr("  held by the guard: 1 disable (absent)\n  ! bob"));
  EXPECT_LT(text.find("[approved]"), text.find("held by the guard"));
  EXPECT_THAT(text, testing::HasSubstr("2 to disable, 0 to update; the guard holds back 1 of them\n"));
}

TEST(Plan, OfAnEnvironmentThatFailedIsNone) {
  Kept kept;
  sync::Observer nobody;
  const auto plan = make_text_plan(kept.output(), nobody);
  plan->environment_begins("contoso", 0, 0);
  tell(*plan, update());
  sync::RunReport report;
  report.environments.push_back(ended("contoso"));
  report.environments[0].outcome = store::Outcome::failed;
  report.environments[0].error = "the server went away";
  plan->environment_ends(0, report.environments[0]);
  plan->end(report, {});
  EXPECT_EQ(kept.text(),
            "contoso: failed: the server went away\nPlan: no changes, not counting what could not be planned.\n");
  EXPECT_EQ(plan->changes(), 0);
}

TEST(Plan, AsJsonHasStableKeys) {
  Kept kept;
  sync::Observer nobody;
  const auto plan = make_json_plan(kept.output(), nobody);
  plan->environment_begins("contoso", 0, 3);
  tell(*plan, create());
  plan->rejected("contoso", 0, std::nullopt, std::nullopt, "malformed", "line 17");
  tell(*plan, disable());
  auto report = ended("contoso");
  report.held_classes[static_cast<std::size_t>(core::GuardClass::absent)] = true;
  plan->environment_ends(0, report);
  auto failed = ended("sandbox");
  failed.error = "out of reach";
  plan->environment_ends(0, failed);
  sync::RunReport whole;
  whole.note = "planned on what the mirror knows";
  plan->end(whole, {});
  const auto document = boost::json::parse(kept.text());
  EXPECT_EQ(
      boost::json::serialize(document.at("environments").at(0)),
      R"({"name":"contoso","changes":[{"action":"create","reason":"entitled",)"
      R"("object_id":"00000000-0000-4000-8000-000000000001","systemuserid":null,"domainname":"ana@contoso.example",)"
      R"("guard_class":null,"fields":{"domainname":[null,"ana@contoso.example"],)"
      R"("jobtitle":[null,"Director\u001b of \"Sales\""],"islicensed":[null,true],"accessmode":[null,0]},)"
      R"("notes":["cut:jobtitle"]},{"action":"disable","reason":"not_in_directory",)"
      R"("object_id":"00000000-0000-4000-8000-000000000002","systemuserid":"00000000-0000-4000-8000-0000000003ea",)"
      R"("domainname":"bob@contoso.example","guard_class":"absent","fields":{"isdisabled":[false,true],)"
      R"("disabledreason":[null,"not_in_directory"],"azurestate":[0,2]},"notes":[]}],)"
      R"("rejected":[{"object_id":null,"domainname":null,"reason":"malformed","detail":"line 17"}],"held":[],"kind":"incremental",)"
      R"("outcome":"succeeded","why_full":null,"totals":{"seen":0,"created":0,"updated":0,"enabled":0,"disabled":0,)"
      R"("unchanged":0,"ignored":0,"rejected":0,"held":0},"held_classes":["absent"],"held_because":[],"missing":[],"warnings":[],)"
      R"("error":null})");
  EXPECT_EQ(document.at("environments").at(1).at("error").as_string(), "out of reach");
  EXPECT_EQ(document.at("changes").as_int64(), 2);
  EXPECT_EQ(document.at("note").as_string(), "planned on what the mirror knows");
  EXPECT_TRUE(document.at("pull_error").is_null());
}

TEST(Plan, AsJsonIsADocumentEvenWhenNothingCouldBePlanned) {
  Kept kept;
  sync::Observer nobody;
  const auto plan = make_json_plan(kept.output(), nobody);
  sync::RunReport whole;
  whole.pull_error = "tenant.jsonl is missing";
  plan->end(whole, {});
  const auto document = boost::json::parse(kept.text());
  EXPECT_TRUE(document.at("environments").as_array().empty());
  EXPECT_EQ(document.at("pull_error").as_string(), "tenant.jsonl is missing");
}

}  // namespace
}  // namespace dvsync::cli
