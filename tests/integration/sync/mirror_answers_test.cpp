// What a run knows of the mirror, for all of its environments.

#include "sync/mirror_answers.hpp"

#include <gtest/gtest.h>

#include <tuple>

#include "dvsync/store/open.hpp"
#include "dvsync/store/postgres/values.hpp"
#include "dvsync/store/run_log.hpp"
#include "dvsync/store/schema.hpp"
#include "postgres_server.hpp"
#include "sync/pull.hpp"

namespace dvsync::sync {
namespace {

class MirrorAnswersTest : public store::PostgresTest {
 protected:
  void SetUp() override {
    configuration_.database.connection = conninfo();
    configuration_.database.mirror_schema = "directory";
    store::Connection owner(conninfo(), "directory", "the mirror");
    migrate(owner, store::SchemaKind::mirror, "directory", "owner", {});
    mirror_ = store::open_mirror(configuration_);
  }

  // An environment that stands there.
  static store::EnvironmentState at(const core::Guid& mirror_id, std::int64_t watermark,
                                    const std::optional<core::Guid>& mark) {
    store::EnvironmentState state;
    state.mirror_id = mirror_id;
    state.watermark = watermark;
    state.mark = mark;
    return state;
  }

  config::Configuration configuration_;
  std::unique_ptr<store::Connection> mirror_;
};

TEST_F(MirrorAnswersTest, AreReadOnceWhileNothingMoves) {
  MirrorAnswers answers(configuration_.licenses);
  const auto first = answers.knowledge(*mirror_);
  EXPECT_EQ(answers.knowledge(*mirror_), first);
}

// Somebody was looked up meanwhile, or another server has taken over, whose version has the same number.
TEST_F(MirrorAnswersTest, AreReadAnewWhereTheVersionIsAnother) {
  MirrorAnswers answers(configuration_.licenses);
  const auto first = answers.knowledge(*mirror_);
  other().exec("UPDATE directory.mirror SET version = 7");
  other().exec("INSERT INTO directory.named_group (name, gone) VALUES ('staff', true)");
  const auto second = answers.knowledge(*mirror_);
  EXPECT_EQ(second->state.version, 7);
  EXPECT_TRUE(store::group_named(second->groups, "staff").gone);
  EXPECT_EQ(first->state.version, 0) << "whoever works with it keeps it";
  other().exec("INSERT INTO directory.version_history (version, mark) VALUES (7, gen_random_uuid())");
  EXPECT_NE(answers.knowledge(*mirror_), second);
}

// Of one version: what another server tells of a version of the same number is asked anew.
TEST_F(MirrorAnswersTest, OfOneVersionAreRememberedUntilItIsAnother) {
  other().exec(
      "INSERT INTO directory.version_history (version, mark) VALUES (3, gen_random_uuid());"
      "INSERT INTO directory.identity (object_id, version, lifecycle) VALUES (gen_random_uuid(), 5, 0);"
      "INSERT INTO directory.in_line (environment, watermark, watermark_mark, version, mark, evaluated_at, read_at, "
      "run_id) "
      "VALUES ('contoso', 1, gen_random_uuid(), 3, gen_random_uuid(), now(), now(), 1)");
  MirrorAnswers answers(configuration_.licenses);
  const auto state = store::read_state(*mirror_);
  const auto mark = guid_at(other().exec("SELECT mark FROM directory.version_history WHERE version = 3"), 0, 0);
  const auto stands = at(state.mirror_id, 3, mark);
  const store::Watermark since{.watermark = 3, .evaluated_at = state.asked_at};
  const auto ask = [&](const store::MirrorState& of) {
    return std::tuple(answers.has_passed(of, stands, *mirror_), answers.changed_ids(of, since, *mirror_).size(),
                      answers.in_line(of, "contoso", *mirror_).has_value());
  };
  EXPECT_EQ(ask(state), std::tuple(true, 1U, true));
  EXPECT_FALSE(answers.in_line(state, "fabrikam", *mirror_));
  other().exec("DELETE FROM directory.version_history; DELETE FROM directory.identity; DELETE FROM directory.in_line");
  EXPECT_EQ(ask(state), std::tuple(true, 1U, true));
  auto elsewhere = state;
  elsewhere.mark = core::Guid{};
  EXPECT_EQ(ask(elsewhere), std::tuple(false, 0U, false));
  other().exec("INSERT INTO directory.identity (object_id, version, lifecycle) VALUES (gen_random_uuid(), 5, 0)");
  elsewhere.mirror_id = core::Guid{};
  EXPECT_EQ(ask(elsewhere), std::tuple(false, 1U, false));
}

TEST_F(MirrorAnswersTest, AreOfWhoAsks) {
  other().exec("INSERT INTO directory.version_history (version, mark) VALUES (3, gen_random_uuid())");
  MirrorAnswers answers(configuration_.licenses);
  const auto state = store::read_state(*mirror_);
  const auto mark = guid_at(other().exec("SELECT mark FROM directory.version_history WHERE version = 3"), 0, 0);
  EXPECT_TRUE(answers.has_passed(state, at(state.mirror_id, 3, mark), *mirror_));
  EXPECT_FALSE(answers.has_passed(state, at(state.mirror_id, 4, mark), *mirror_));
  EXPECT_FALSE(answers.has_passed(state, at(core::Guid{}, 3, mark), *mirror_));
  other().exec("INSERT INTO directory.identity (object_id, version, lifecycle) VALUES (gen_random_uuid(), 5, 0)");
  EXPECT_EQ(answers.changed_ids(state, {4, state.asked_at}, *mirror_).size(), 1U);
  EXPECT_TRUE(answers.changed_ids(state, {5, state.asked_at}, *mirror_).empty());
  other().exec(
      "INSERT INTO directory.identity (object_id, version, lifecycle, account_expires) "
      "VALUES (gen_random_uuid(), 1, 0, now() - interval '1 hour')");
  EXPECT_EQ(answers.changed_ids(state, {5, state.asked_at - std::chrono::hours(2)}, *mirror_).size(), 1U);
}

// An environment whose turn comes late may be looked at by newer knowledge.
TEST_F(MirrorAnswersTest, ThePullBeganAtOneMomentForWhoeverAsks) {
  using namespace std::chrono_literals;
  const auto sooner = store::read_state(*mirror_);
  auto later = sooner;
  later.asked_at += 5s;
  later.asked += 5s;
  PullReport pull;
  pull.began = sooner.asked - 3s;
  EXPECT_EQ(began_at(pull, sooner), sooner.asked_at - 3s);
  EXPECT_EQ(began_at(pull, later), began_at(pull, sooner));
}

TEST_F(MirrorAnswersTest, OfAGroupThatNoPullWasAskedForSaySo) {
  const auto known = MirrorKnowledge::read(*mirror_, {}, {"staff"});
  const auto group = store::group_named(known.groups, "staff");
  EXPECT_EQ(group.members, store::Known::unreadable);
  EXPECT_EQ(group.detail, "the group was not part of any pull yet");
}

}  // namespace
}  // namespace dvsync::sync
