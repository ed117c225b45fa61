// What a run knows of the mirror, for all of its environments.

#include "sync/mirror_answers.hpp"

#include <gtest/gtest.h>

#include "dvsync/store/open.hpp"
#include "dvsync/store/schema.hpp"
#include "postgres_server.hpp"

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

  config::Configuration configuration_;
  std::unique_ptr<store::Connection> mirror_;
};

TEST_F(MirrorAnswersTest, AreReadOnceWhileNothingMoves) {
  MirrorAnswers answers;
  const auto first = answers.knowledge(*mirror_);
  EXPECT_EQ(answers.knowledge(*mirror_), first);
}

// Somebody was looked up meanwhile, or another server has taken over, whose version has the same number.
TEST_F(MirrorAnswersTest, AreReadAnewWhereTheVersionIsAnother) {
  MirrorAnswers answers;
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

TEST_F(MirrorAnswersTest, OfAGroupThatNoPullWasAskedForSaySo) {
  const auto known = MirrorKnowledge::read(*mirror_, {"staff"});
  const auto group = store::group_named(known.groups, "staff");
  EXPECT_EQ(group.members, store::Known::unreadable);
  EXPECT_EQ(group.detail, "the group was not part of any pull yet");
}

}  // namespace
}  // namespace dvsync::sync
