#include "user/diagnosis.hpp"

#include <gtest/gtest.h>

#include "support/builders.hpp"

namespace dvsync::cli {
namespace {

using dvsync::test::a_row;
using dvsync::test::an_identity;
using State = Check::State;

sync::Explanation examined(const core::Environment& rules, const core::Identity& identity,
                           std::optional<core::SystemUser> row = {}) {
  sync::Explanation e;
  e.environment = "contoso";
  e.rules = rules;
  if (rules.has_security_group) e.security_group = "3f6b2c1e-0000-4000-8000-000000000001";
  e.identity = identity;
  e.in_mirror = true;
  e.row = std::move(row);
  e.planned = core::plan(rules, {.trigger = core::Trigger::on_demand}, identity, e.row ? &*e.row : nullptr);
  return e;
}

Check check_of(const Findings& findings, const std::string& subject) {
  for (const auto& check : findings.checks) {
    if (check.subject == subject) return check;
  }
  return {.subject = "no check of " + subject, .state = State::unknown, .words = {}, .advice = {}};
}

Findings found(const sync::Explanation& e) { return findings_of(e, {}); }

TEST(Diagnosis, OfSomebodyWhoMayEnterFindsNothing) {
  const core::Identity identity = an_identity().full_plan();
  const auto findings = found(examined({}, identity, a_row(identity)));
  EXPECT_TRUE(findings.access);
  EXPECT_EQ(findings.verdict, "The user may enter.");
  for (const auto& check : findings.checks) {
    EXPECT_EQ(check.state, State::good) << check.subject;
    EXPECT_TRUE(check.advice.empty()) << check.subject;
  }
}

TEST(Diagnosis, NamesEveryWrongFactAndNotOnlyTheDecidingOne) {
  const core::Identity identity = an_identity().account_disabled().direct(false).licence(core::Licence{});
  const auto findings = found(examined(dvsync::test::a_grouped_environment(), identity));
  EXPECT_FALSE(findings.access);
  for (const auto* subject : {"sign-in", "licence", "security group"}) {
    EXPECT_EQ(check_of(findings, subject).state, State::wrong) << subject;
    EXPECT_FALSE(check_of(findings, subject).advice.empty()) << subject;
  }
  EXPECT_EQ(findings.verdict, "The user may not enter, because the account is disabled in the directory.");
}

TEST(Diagnosis, SaysHowToGetARowThatIsMissing) {
  const auto findings = found(examined({}, an_identity().full_plan()));
  EXPECT_TRUE(findings.access);
  EXPECT_EQ(check_of(findings, "row").state, State::attention);
  EXPECT_NE(check_of(findings, "row").advice.find("dvsync user add"), std::string::npos);
}

TEST(Diagnosis, TellsWhoDisabledTheRow) {
  const core::Identity identity = an_identity().full_plan();
  core::SystemUser row = a_row(identity);
  row.isdisabled = true;
  row.disabledreason = "no_license";
  EXPECT_NE(check_of(found(examined({}, identity, row)), "row").words.find("The sync disabled"), std::string::npos);
  row.disabledreason = "holidays";
  const auto by_hand = check_of(found(examined({}, identity, row)), "row");
  EXPECT_NE(by_hand.words.find("other than the sync disabled the row (holidays)"), std::string::npos);
  EXPECT_NE(by_hand.advice.find("dvsync user enable"), std::string::npos);
}

TEST(Diagnosis, AFactThatNobodyKnowsIsUnknownRatherThanWrong) {
  const core::Identity identity = an_identity().full_plan().direct(std::nullopt);
  const auto findings = found(examined(dvsync::test::a_grouped_environment(), identity));
  EXPECT_EQ(check_of(findings, "security group").state, State::unknown);
}

TEST(Diagnosis, PointsToTheGuardsApproval) {
  const core::Identity identity = an_identity().licence(core::Licence{});
  auto e = examined({}, identity, a_row(identity));
  e.held = store::HeldDecision{.run_id = 17,
                               .since = core::Timestamp(std::chrono::seconds(1772370309)),
                               .guard_class = "disqualified",
                               .approved = false};
  EXPECT_NE(check_of(found(e), "guard").advice.find("dvsync approve 17"), std::string::npos);
}

}  // namespace
}  // namespace dvsync::cli
