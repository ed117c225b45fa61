// TLS, proxies and compression, over a real connection.

#include <cstdlib>

#include "integration/graph/graph_test.hpp"

namespace dvsync::source::graph::testing {
namespace {

using Kind = SourceError::Kind;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class Transport : public GraphTest {
 protected:
  void TearDown() override { unsetenv("https_proxy"); }

  bool all_came_through_the_proxy() {
    for (const json::value& each : request_log()) {
      if (!each.as_object().contains("in_batch") && !each.at("via_proxy").as_bool()) return false;
    }
    return true;
  }
};

TEST_F(Transport, CertificateThatNobodyTrustsEndsTheRunAtOnce) {
  directory.ca_file.reset();
  EXPECT_THAT(failure_of(request(), Kind::unavailable),
              AllOf(HasSubstr("certificate is not trusted"), HasSubstr("directory.ca_file")));
  EXPECT_THAT(clock.waits, IsEmpty());
  EXPECT_THAT(requests(), IsEmpty());
}

TEST_F(Transport, CertificateForAnotherNameEndsTheRunAtOnce) {
  for (std::string* root : {&directory.authority, &directory.graph_root}) {
    root->replace(root->find("localhost"), 9, "127.0.0.1");
  }
  EXPECT_THAT(failure_of(request(), Kind::unavailable), HasSubstr("certificate is not trusted"));
  EXPECT_THAT(requests(), IsEmpty());
}

TEST_F(Transport, UnreadableCaFileSaysSo) {
  directory.ca_file = write_file("not-a-ca", "hello");
  EXPECT_THAT(failure_of(request(), Kind::unavailable), HasSubstr("directory.ca_file cannot be read"));
}

TEST_F(Transport, ServerThatIsNotThereIsRetriedAndThenUnavailable) {
  directory.authority = "https://localhost:1";
  EXPECT_THAT(failure_of(request(), Kind::unavailable), HasSubstr("7 attempts"));
}

TEST_F(Transport, ProxyOfTheConfigurationIsUsed) {
  directory.proxy = simulator.address("proxy");
  put_user(1);
  MirrorModel mirror;
  pull(mirror);
  EXPECT_TRUE(mirror.knows(user_id(1)));
  EXPECT_TRUE(all_came_through_the_proxy());
}

TEST_F(Transport, ProxyOfTheEnvironmentIsUsed) {
  setenv("https_proxy", simulator.address("proxy").c_str(), 1);
  MirrorModel mirror;
  pull(mirror);
  EXPECT_TRUE(all_came_through_the_proxy());
}

TEST_F(Transport, ProxyOfTheConfigurationComesBeforeTheEnvironments) {
  setenv("https_proxy", "http://127.0.0.1:1", 1);
  directory.proxy = simulator.address("proxy");
  MirrorModel mirror;
  pull(mirror);
  EXPECT_TRUE(all_came_through_the_proxy());
}

TEST_F(Transport, OneConnectionServesAWholePull) {
  tell({{"do", "generate_users"}, {"count", 100}});
  tell({{"do", "quirks"}, {"page_size", 10}});
  directory.proxy = simulator.address("proxy");
  MirrorModel mirror;
  pull(mirror);
  EXPECT_EQ(simulator.run(json::object{{"do", "proxy"}}).at("connects"), 1);
}

TEST_F(Transport, AnswersAreCompressed) {
  MirrorModel mirror;
  pull(mirror);
  for (const json::value& each : request_log()) {
    if (!each.as_object().contains("in_batch")) {
      EXPECT_THAT(std::string(each.at("headers").at("accept-encoding").as_string().c_str()), HasSubstr("gzip"));
    }
  }
}

TEST_F(Transport, GraphRootWithoutEncryptionIsRefused) {
  directory.graph_root = "http://localhost:1";
  EXPECT_THROW(source(), SourceError);
}

TEST_F(Transport, DirectoryIsNamedByItsTenant) {
  directory.tenant = "Contoso.Example";
  EXPECT_EQ(source()->directory(), "graph:contoso.example");
}

}  // namespace
}  // namespace dvsync::source::graph::testing
