// The one evaluation: what the planner says of candidates, whoever asks.

#include "sync/planner.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "support/builders.hpp"

namespace dvsync::sync {
namespace {

using core::Decision;
using core::GuardClass;
using core::GuardStanding;
using core::Reason;
using test::a_grouped_environment;
using test::a_row;
using test::an_environment;
using test::an_identity;
using test::guid;

struct Facts : EvaluationFacts {
  store::RejectedById rejected_among(const std::vector<core::Guid>&) override {
    ++asked["rejected"];
    return rejected;
  }
  std::vector<store::Waiting> held_among(const std::vector<core::Guid>& ids) override {
    ++asked["held"];
    std::vector<store::Waiting> among;
    for (const auto& waiting : held) {
      if (std::find(ids.begin(), ids.end(), waiting.object_id) != ids.end()) among.push_back(waiting);
    }
    return among;
  }
  const std::vector<store::Declined>& declined() override { return rejected_by_an_operator; }
  store::WrittenById written(const std::vector<core::Guid>&) override {
    ++asked["written"];
    return remembered;
  }
  bool guards_admissions() override {
    ++asked["admissions"];
    return admissions;
  }

  void hold(const core::Guid& id, GuardClass guard_class, bool approved = false) {
    held.push_back({id, guard_class, approved, true});
  }
  void reject(const core::Guid& id) { rejected.emplace(id, source::RejectedRecord{id, "line 7", "malformed", "?"}); }

  store::RejectedById rejected;
  std::vector<store::Waiting> held;
  std::vector<store::Declined> rejected_by_an_operator;
  store::WrittenById remembered;
  bool admissions = false;
  std::map<std::string, int> asked;
};

// What is left of an evaluation once its chunk is gone.
struct Result {
  bool broken = false;
  Decision decision = Decision::keep;
  Reason reason = Reason::entitled;
  std::optional<Reason> missing;
  std::optional<GuardClass> guarded;  // of the change
  std::optional<GuardClass> guard_class;
  GuardStanding standing = GuardStanding::fresh;
  bool operator==(const Result&) const = default;
};

std::vector<Result> evaluate(std::vector<Candidate> chunk, Facts& facts,
                             const core::Environment& environment = an_environment(),
                             Admissions admissions = Admissions::free) {
  std::vector<Result> results;
  Planner planner(environment, core::Trigger::background, admissions, facts);
  planner.evaluate(chunk, [&](Evaluated& one) {
    results.push_back({one.broken != nullptr, one.planned.decision, one.planned.reason, one.planned.missing,
                       one.planned.change ? one.planned.change->guarded : std::nullopt, one.guard_class, one.standing});
  });
  return results;
}

Candidate newcomer(std::uint64_t number = 1) { return {an_identity(number).build(), std::nullopt}; }
Candidate leaver(std::uint64_t number = 1) {
  return {an_identity(number).account_disabled().build(), a_row(an_identity(number)).build()};
}

TEST(Planner, PlansNothingForARecordThatCannotBeUsed) {
  Facts facts;
  facts.reject(guid(1));
  const auto one = evaluate({leaver()}, facts).front();
  EXPECT_TRUE(one.broken);
  EXPECT_FALSE(one.guard_class);
}

TEST(Planner, SaysThatNobodyCanJudgeAHeldUserWhoseRecordIsBroken) {
  Facts facts;
  facts.reject(guid(1));
  facts.hold(guid(1), GuardClass::absent);
  const auto one = evaluate({leaver()}, facts).front();
  EXPECT_EQ(one.guard_class, GuardClass::absent);
  EXPECT_EQ(one.standing, GuardStanding::undecided);
}

TEST(Planner, SaysThatNobodyCanJudgeAHeldUserWhoseGroupIsUnknownEvenIfTheProfileMoved) {
  Facts facts;
  facts.hold(guid(1), GuardClass::disqualified);
  const auto who = an_identity().direct(std::nullopt).owner(std::nullopt);
  auto promoted = who;
  promoted.with(core::Attribute::job_title, "Head");
  for (const auto& identity : {who, promoted}) {
    const auto one = evaluate({{identity.build(), a_row(who).build()}}, facts, a_grouped_environment()).front();
    EXPECT_EQ(one.missing, Reason::security_group_unknown);
    EXPECT_EQ(one.guard_class, GuardClass::disqualified);
    EXPECT_EQ(one.standing, GuardStanding::undecided);
  }
}

TEST(Planner, SaysWhetherAnEarlierRunHoldsTheSameDecision) {
  for (const auto& [held, approved, standing] : {std::tuple{GuardClass::stated, false, GuardStanding::held},
                                                 {GuardClass::stated, true, GuardStanding::approved},
                                                 {GuardClass::absent, false, GuardStanding::fresh},
                                                 {GuardClass::absent, true, GuardStanding::fresh}}) {
    Facts facts;
    facts.hold(guid(1), held, approved);
    const auto one = evaluate({leaver()}, facts).front();
    EXPECT_EQ(one.guard_class, GuardClass::stated);
    EXPECT_EQ(one.standing, standing);
  }
}

TEST(Planner, GuardsAdmissionsAfterAChangeOfRules) {
  Facts facts;
  EXPECT_FALSE(evaluate({newcomer()}, facts).front().guarded);
  EXPECT_EQ(evaluate({newcomer()}, facts, an_environment(), Admissions::guarded).front().guarded, GuardClass::admitted);
}

TEST(Planner, GuardsAnAdmissionThatIsHeldWhateverTheRulesAreNow) {
  Facts facts;
  facts.hold(guid(1), GuardClass::admitted);
  const auto results = evaluate({newcomer(1), newcomer(2)}, facts);
  EXPECT_EQ(results[0].guarded, GuardClass::admitted);
  EXPECT_EQ(results[0].standing, GuardStanding::held);
  EXPECT_FALSE(results[1].guarded);
  EXPECT_FALSE(evaluate({newcomer()}, facts, an_environment(), Admissions::by_hand).front().guarded);
}

TEST(Planner, AsksOnlyWhatItNeeds) {
  Facts facts;
  const Candidate as_it_should_be{an_identity().build(), a_row(an_identity()).build()};
  evaluate({as_it_should_be}, facts, an_environment(), Admissions::ask_facts);
  EXPECT_EQ(facts.asked, (std::map<std::string, int>{{"rejected", 1}}));
  facts.asked.clear();
  evaluate({newcomer(1), newcomer(2), leaver(3)}, facts, an_environment(), Admissions::ask_facts);
  EXPECT_EQ(facts.asked["held"], 1);
}

TEST(Planner, ReadsWhatWasWrittenOnlyForPoliciesThatAsk) {
  Facts facts;
  auto environment = an_environment();
  environment.mapping.policies[static_cast<std::size_t>(core::Column::internalemailaddress)] =
      core::UpdatePolicy::until_edited;
  auto moved = an_identity().with(core::Attribute::mail, "new@contoso.example");
  const auto row = a_row(an_identity()).build();
  // Never written by the sync, so it counts as edited.
  EXPECT_EQ(evaluate({{moved.build(), row}}, facts, environment).front().decision, Decision::keep);
  facts.remembered[row.systemuserid] = {
      {core::Column::internalemailaddress, {row[core::Column::internalemailaddress], false}}};
  EXPECT_EQ(evaluate({{moved.build(), row}}, facts, environment).front().decision, Decision::update);
  EXPECT_EQ(facts.asked["written"], 2);
}

// A tenant of the dice's: every fact present, absent or unknown; every state of a row; some held, some broken.
std::vector<Candidate> a_tenant(std::mt19937& random, Facts& facts) {
  std::vector<Candidate> chunk;
  const auto maybe = [&](int in) { return random() % static_cast<unsigned>(in) == 0; };
  const auto known = [&]() -> std::optional<bool> {
    if (maybe(4)) return std::nullopt;
    return maybe(2);
  };
  for (std::uint64_t number = 1; number <= 12; ++number) {
    auto who = an_identity(number).direct(known()).owner(known());
    if (maybe(4)) who.account_disabled();
    if (maybe(6)) who.gone();
    if (maybe(6)) who.no_plan();
    if (maybe(8)) who.licence_unknown();
    if (maybe(8)) who.defect("jobTitle holds NUL");
    Candidate candidate{who.build(), std::nullopt};
    if (!maybe(3)) {
      auto row = a_row(an_identity(number));
      if (maybe(4)) row.disabled(Reason::no_license);
      if (maybe(6)) row.disabled_otherwise();
      if (maybe(4)) row.with(core::Column::jobtitle, "before");
      candidate.row = row.build();
      candidate.row->systemuserid = guid(1'000'000 + number);
    }
    if (maybe(4)) facts.hold(guid(number), static_cast<GuardClass>(random() % core::guard_class_count), maybe(3));
    if (maybe(8)) facts.reject(guid(number));
    chunk.push_back(std::move(candidate));
  }
  facts.admissions = maybe(2);
  return chunk;
}

// A run evaluates chunks and knows beforehand whether admissions are guarded; requests come one by one and ask once it
// matters. Both say the same of every user.
TEST(Planner, SaysTheSameToARunAndToRequests) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int i = 0; i < 500; ++i) {
    Facts facts;
    const auto tenant = a_tenant(random, facts);
    const auto environment = a_grouped_environment();
    const auto of_run = evaluate(tenant, facts, environment, facts.admissions ? Admissions::guarded : Admissions::free);
    std::vector<Result> of_requests;
    for (const auto& candidate : tenant) {
      of_requests.push_back(evaluate({candidate}, facts, environment, Admissions::ask_facts).front());
    }
    ASSERT_EQ(of_run, of_requests);
  }
}

TEST(Planner, LeavesOutWhatAnOperatorRejectedAsLongAsTheSameIsDecided) {
  const core::Identity absent = an_identity().gone();
  const auto row = a_row(absent);
  Facts facts;
  facts.rejected_by_an_operator = {{absent.object_id, GuardClass::absent, "not_in_directory"}};
  auto result = evaluate({{absent, row}}, facts).front();
  EXPECT_NE(result.decision, Decision::disable);
  EXPECT_EQ(result.guard_class, std::nullopt);
  // For another reason it is asked for.
  facts.rejected_by_an_operator = {{absent.object_id, GuardClass::absent, "soft_deleted"}};
  result = evaluate({{absent, row}}, facts).front();
  EXPECT_EQ(result.decision, Decision::disable);
  EXPECT_EQ(result.guard_class, GuardClass::absent);
}

}  // namespace
}  // namespace dvsync::sync
