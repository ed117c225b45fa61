// Our requests and the simulator's answers, held against an OpenAPI description by Stoplight Prism.

#include "integration/graph/graph_test.hpp"

namespace dvsync::source::graph::testing {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

class Conformance : public GraphTest {
 protected:
  // Without Prism the tests are skipped before anything is asked of the simulator.
  Conformance() : GraphTest(Simulator::validator_installed() ? Simulator::validated() : Simulator::instance()) {}

  void SetUp() override {
    if (!Simulator::validator_installed()) {
      GTEST_SKIP() << "Prism is not installed: run `npm ci` in tests/graph_simulator";
    }
    directory.graph_root = simulator.address("validated");
    // Prism writes tokens its own way, and its links must lead back through it.
    tell(json::array{json::object{{"do", "quirks"}, {"plain_tokens", true}},
                     json::object{{"do", "links_lead_to"}, {"root", directory.graph_root}}});
  }

  void TearDown() override {
    if (Simulator::validator_installed()) {
      const json::value validation = simulator.run(json::object{{"do", "validation"}});
      EXPECT_THAT(validation.at("violations").as_array(), IsEmpty());
      EXPECT_GT(validation.at("answers").as_int64(), 0) << "nothing was validated";
    }
  }
};

TEST_F(Conformance, FullAndDeltaRoundsKeepToTheDescription) {
  tell({{"do", "generate_users"}, {"count", 450}});
  put_user(1);
  put_group(1, {1}, {1});
  nested = true;
  tell({{"do", "put_role"}, {"template", "62e90394-69f5-4237-9190-012177145e10"}, {"members", {{{"id", user_id(1)}}}}});
  MirrorModel mirror;
  pull(mirror);
  EXPECT_THAT(mirror.living(), SizeIs(451));

  tell(json::array{json::object{{"do", "recycle_user"}, {"id", user_id(1)}},
                   json::object{{"do", "unlink"}, {"group", group_id(1)}, {"id", user_id(1)}}});
  PullRequest reread = request(mirror.cursor);
  reread.reread = true;
  pull(reread, mirror);
  EXPECT_THAT(mirror.living(), SizeIs(450));
}

TEST_F(Conformance, LookUpsAndChecksKeepToTheDescription) {
  put_user(1);
  put_user(2);
  put_group(1, {1});
  tell({{"do", "recycle_user"}, {"id", user_id(2)}});
  const auto from = source();
  EXPECT_THAT(from->look_up({.object_id = guid(user_id(1)), .user_name = {}}, request(), {})->page.identities,
              SizeIs(1));
  EXPECT_THAT(from->look_up({.object_id = guid(user_id(2)), .user_name = {}}, request(), {})->page.identities,
              SizeIs(1));
  EXPECT_THAT(from->check(request()), IsEmpty());
}

TEST_F(Conformance, RejectedTokenKeepsToTheDescription) {
  put_user(1);
  MirrorModel mirror;
  pull(mirror);
  tell(json::array{json::object{{"do", "quirks"}, {"rejection", "unsupported"}},
                   json::object{{"do", "advance"}, {"seconds", 8 * 86400}}});
  clock.advance(std::chrono::days{8});
  EXPECT_EQ(pull(mirror).end.users, Completeness::complete);
}

}  // namespace
}  // namespace dvsync::source::graph::testing
