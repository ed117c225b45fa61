#include "explain/explanation.hpp"

#include "cli_support.hpp"
#include "dvsync/sync/gate_facts.hpp"
#include "dvsync/sync/sync_json.hpp"
#include "explain/reasons.hpp"
#include "support/builders.hpp"
#include "words.hpp"

namespace dvsync::cli {
namespace {

using dvsync::test::a_row;
using dvsync::test::an_identity;
using dvsync::test::guid;
using test::plain;

const core::Guid sales = *core::parse_guid("2e8dde43-6986-479d-b179-7dbe31c31f60");  // CDS_ POWERAPPS_PER_USER_CUSTOM
const core::Timestamp a_day{std::chrono::seconds(1772283909)};                       // 2026-02-28T13:05:09Z
const core::Timestamp a_day_later{std::chrono::seconds(1772370309)};                 // 2026-03-01T13:05:09Z
const config::Licenses licenses{.full = {sales}, .on_demand = {}};

sync::Explanation examined(const core::Environment& rules, const core::Identity& identity,
                           std::optional<core::SystemUser> row = {},
                           core::Trigger trigger = core::Trigger::background) {
  sync::Explanation e;
  e.environment = "contoso";
  e.rules = rules;
  if (rules.has_security_group) e.security_group = "3f6b2c1e-0000-4000-8000-000000000001";
  e.identity = identity;
  e.in_mirror = true;
  e.row = std::move(row);
  e.planned = core::plan(rules, {.trigger = trigger}, identity, e.row ? &*e.row : nullptr);
  return e;
}

std::string told(const sync::Explanation& e, core::Trigger trigger = core::Trigger::background) {
  return explanation_of(e, trigger, licenses, plain);
}

TEST(Explanation, OfSomebodyWhoLeftTheGroup) {
  const core::Identity identity = an_identity().full_plan().direct(false);
  auto e = examined(dvsync::test::a_grouped_environment(), identity, a_row(identity));
  e.plans = {sales};
  e.history = {{.run_id = 17,
                .at = a_day_later,
                .action = "update",
                .reason = "entitled",
                .fields = R"({"jobtitle":[null,"CEO"]})"},
               {.run_id = 3, .at = a_day, .action = "create", .reason = "entitled", .fields = ""}};
  EXPECT_EQ(
      told(e),
      "contoso: enabled\n"
      "  The next sync will disable the row (not_in_security_group): the user is not a member of the environment's "
      "security group.\n"
      "    isdisabled      false → true\n"
      "    disabledreason  null → \"not_in_security_group\"\n"
      "    Access then: no\n"
      "  The gates:\n"
      "    0 row type        passed: a directory user's row\n"
      "    1 environment     passed: type production\n"
      "    2 directory       passed: present, account enabled\n"
      "    3 security group  failed: group 3f6b2c1e-0000-4000-8000-000000000001: direct member: no, owner: no, nested "
      "groups are ignored here → not_in_security_group  (this one decides)\n"
      "    4 licence         passed: CDS_ POWERAPPS_PER_USER_CUSTOM (full)\n"
      "    5 creation        not asked: there is a row already\n"
      "  The row 00000000-0000-4000-8000-0000000f4240: enabled, since " +
          local_time(a_day) +
          " (run 3)\n"
          "    access mode 0 (read-write); licensed; azurestate 0 (exists)\n"
          "  Latest changes:\n"
          "    " +
          local_time(a_day_later) +
          "  run 17  ~ update  entitled  jobtitle: null → \"CEO\"\n"
          "    " +
          local_time(a_day) + "  run 3  + create  entitled\n");
}

TEST(Explanation, OfSomebodyNew) {
  const core::Identity identity = an_identity().full_plan();
  EXPECT_EQ(told(examined(dvsync::test::an_environment(), identity)),
            "contoso: no row\n"
            "  The next sync will create a row (entitled): the user passes every gate.\n"
            "    domainname            \"ana1@contoso.example\"\n"
            "    firstname             \"Ana\"\n"
            "    lastname              \"Li\"\n"
            "    fullname              \"Ana Li\"\n"
            "    internalemailaddress  \"ana.li@contoso.example\"\n"
            "    jobtitle              \"Engineer\"\n"
            "    islicensed            true\n"
            "    accessmode            0 (read-write)\n"
            "    Access then: yes\n"
            "  The gates:\n"
            "    0 row type        not asked: there is no row\n"
            "    1 environment     passed: type production\n"
            "    2 directory       passed: present, account enabled\n"
            "    3 security group  passed: this environment has no security group\n"
            "    4 licence         passed: this directory treats the user as licensed\n"
            "    5 creation        passed: type production\n"
            "  The row: there is none.\n"
            "  The log has no change of this user.\n");
}

TEST(Explanation, OfAnEntitlementThatDoesNotCountInTheBackground) {
  const core::Identity identity = an_identity().free_plan();
  const auto environment = dvsync::test::an_environment();
  EXPECT_THAT(told(examined(environment, identity)),
              testing::HasSubstr("4 licence         does not count in the background: "));
  EXPECT_THAT(told(examined(environment, identity, {}, core::Trigger::on_demand), core::Trigger::on_demand),
              testing::AllOf(testing::HasSubstr("4 licence         counts on demand: "),
                             testing::HasSubstr("On demand, dvsync would create a row")));
}

TEST(Explanation, SaysWhatIsNotKnown) {
  const core::Identity identity = an_identity().full_plan().direct(std::nullopt);
  auto e = examined(dvsync::test::a_grouped_environment(), identity, a_row(identity));
  e.group_detail = "the export has no group 3f6b";
  EXPECT_THAT(
      told(e),
      testing::AllOf(testing::HasSubstr("Not known: the security group could not be read; the row keeps its state"),
                     testing::HasSubstr("direct member: unknown"),
                     testing::HasSubstr("the group cannot be read: the export has no group 3f6b")));
}

TEST(Explanation, SaysWhatIsHeldBackAndHowToReleaseIt) {
  const core::Identity identity = an_identity().gone();
  auto e = examined(dvsync::test::an_environment(), identity, a_row(identity));
  e.held = store::HeldDecision{.run_id = 17, .since = a_day_later, .guard_class = "absent", .approved = false};
  EXPECT_THAT(
      told(e),
      testing::HasSubstr("HELD since " + local_time(a_day_later) +
                         " by run 17 (absent): release with `dvsync approve 17`, or refuse with `dvsync reject 17`."));
  EXPECT_THAT(told(e), testing::HasSubstr("The next sync would disable the row"));
  EXPECT_THAT(told(e), testing::HasSubstr("But that is held back"));
  e.held->approved = true;
  EXPECT_THAT(told(e), testing::HasSubstr("approved; the next run carries it out."));
  EXPECT_THAT(told(e), testing::HasSubstr("The next sync will disable the row"));
}

TEST(Explanation, SaysWhoDisabledARowByHand) {
  const core::Identity identity = an_identity().full_plan();
  const auto e =
      examined(dvsync::test::an_environment(), identity, core::SystemUser(a_row(identity).disabled_otherwise()));
  EXPECT_THAT(told(e), testing::AllOf(testing::HasSubstr("disabled by something other than the sync"),
                                      testing::HasSubstr("(manually_disabled)")));
}

TEST(Explanation, SaysWhyAnIdentityIsRejected) {
  const core::Identity identity = an_identity().full_plan().defect("jobTitle holds NUL");
  EXPECT_THAT(told(examined(dvsync::test::an_environment(), identity)),
              testing::HasSubstr("REJECTED (invalid_value): jobTitle holds NUL"));
}

TEST(Explanation, SaysWhenOnlyAFullRunFindsAChange) {
  const core::Identity identity = an_identity().full_plan();
  core::SystemUser row = a_row(identity);
  row[core::Column::jobtitle] = "King";
  auto e = examined(dvsync::test::an_environment(), identity, row);
  EXPECT_THAT(told(e), testing::HasSubstr("The next sync will update the row"));
  e.waits_for_full = std::chrono::hours(24);
  const auto text = told(e);
  EXPECT_THAT(text, testing::HasSubstr("The next full sync will update the row"));
  EXPECT_THAT(text, testing::HasSubstr("`dvsync sync --full`"));
}

TEST(Explanation, AsJsonHasStableKeys) {
  const core::Identity identity = an_identity().full_plan();
  auto e = examined(dvsync::test::an_environment(), identity, a_row(identity));
  e.held = store::HeldDecision{.run_id = 17, .since = a_day_later, .guard_class = "absent", .approved = false};
  const auto object = json_of(e, core::Trigger::background, licenses);
  std::vector<std::string> keys;
  for (const auto& member : object) keys.emplace_back(member.key());
  EXPECT_THAT(keys, testing::ElementsAre("environment", "trigger", "pulled_at", "in_mirror", "decision", "reason",
                                         "access", "missing", "gates", "plans", "row", "roles", "change", "held",
                                         "waits_for_full", "rejected", "history"));
  EXPECT_EQ(boost::json::serialize(object.at("gates").at(2)),
            R"({"gate":2,"name":"directory","answer":"passed","reason":null,"counts":false,"decides":false,)"
            R"("facts":"present, account enabled"})");
  EXPECT_EQ(boost::json::serialize(object.at("held")),
            R"({"run_id":17,"since":"2026-03-01T13:05:09Z","class":"absent","approved":false,"rejected_by":null})");
}

TEST(GateFacts, NamePlansAndWhatTheyEntitleTo) {
  const auto unheard_of = guid(77);
  core::Identity identity = an_identity().full_plan();
  auto e = examined(dvsync::test::an_environment(), identity);
  e.plans = {sales, unheard_of};
  EXPECT_EQ(facts_of(core::Gate::licence, e, licenses), "CDS_ POWERAPPS_PER_USER_CUSTOM (full)");
  e.identity.licence = core::Licence{};
  e.plans = {unheard_of};
  EXPECT_EQ(facts_of(core::Gate::licence, e, licenses), "1 plan, which entitles to nothing here");
  e.plans = {};
  EXPECT_EQ(facts_of(core::Gate::licence, e, licenses), "no service plan");
  e.identity.licence.reset();
  EXPECT_EQ(facts_of(core::Gate::licence, e, licenses), "service plans unknown");
}

TEST(GateFacts, NameTheRolesThatMatter) {
  core::Identity identity = an_identity().no_plan().role(core::Role::dynamics365_administrator);
  const auto e = examined(dvsync::test::an_environment(), identity);
  EXPECT_EQ(facts_of(core::Gate::licence, e, licenses), "no service plan, Dynamics 365 Administrator: yes");
}

TEST(Reasons, HaveASentenceEach) {
  for (auto r = 0; r < static_cast<int>(core::reason_codes.size()); ++r) {
    EXPECT_FALSE(sentence_of(static_cast<core::Reason>(r)).empty()) << r;
  }
  EXPECT_EQ(sentence_of(core::Reason::user_name_missing), "the user has no user name");
  EXPECT_EQ(sentence_of(core::Reason::account_disabled), "the account is disabled in the directory");
  EXPECT_EQ(sentence_of(core::Reason::manually_disabled),
            "something other than the sync disabled the row, which the sync respects");
}

}  // namespace
}  // namespace dvsync::cli
