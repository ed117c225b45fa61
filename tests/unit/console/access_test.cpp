// Who may do what.

#include "access.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "dvsync/error.hpp"

namespace dvsync::console {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

class AccessTest : public testing::Test {
 public:
  ~AccessTest() override { std::filesystem::remove(tokens_); }

 protected:
  Caller caller(const Request& request) {
    auto found = access_.caller_of(request, console_);
    EXPECT_TRUE(std::holds_alternative<Caller>(found)) << std::get<Answer>(found).body;
    return std::get<Caller>(found);
  }
  unsigned refused(const Request& request) {
    const auto found = access_.caller_of(request, console_);
    return std::holds_alternative<Answer>(found) ? std::get<Answer>(found).status : 0;
  }
  Request from(uid_t uid, std::vector<std::pair<std::string, std::string>> headers = {}) {
    return {.headers = std::move(headers), .peer = {.user = uid}};
  }
  Request with_token(const std::string& token, const std::string& address = "192.0.2.1") {
    return {.headers = {{"Authorization", "Bearer " + token}}, .peer = {.address = address}};
  }
  // As our own page would send it.
  Request act(const Caller& who) {
    return {.method = "POST",
            .headers = {{"Host", "dvsync.example:8443"},
                        {"Origin", "https://dvsync.example:8443"},
                        {"Sec-Fetch-Site", "same-origin"},
                        {"Content-Type", "application/json"},
                        {"X-Dvsync-Token", access_.forgery_token(who)}}};
  }
  static void replace(Request& request, const std::string& name, const std::string& value) {
    std::erase_if(request.headers, [&](const auto& header) { return header.first == name; });
    if (!value.empty()) request.headers.emplace_back(name, value);
  }
  unsigned objection(const Request& request, const Caller& who) {
    const auto answer = access_.objection_to(request, who);
    return answer ? answer->status : 0;
  }

  std::filesystem::path tokens_ =
      std::filesystem::temp_directory_path() / ("dvsync-tokens-" + std::to_string(::getpid()));
  RateLimit::Time now_ = RateLimit::Time(1h);
  Access access_{[this] { return now_; }};
  config::Console console_;
  Caller ana_{"ana", Role::operating};
};

TEST_F(AccessTest, OnASocketTheKernelSaysWho) {
  EXPECT_EQ(caller(from(0)).name, "root");
  EXPECT_EQ(caller(from(0)).role, Role::operating);
  EXPECT_EQ(caller(from(::geteuid())).role, Role::operating) << "the daemon's own user";
  EXPECT_EQ(caller(from(3'000'000)).name, "3000000") << "one without a name";
  EXPECT_EQ(caller(from(3'000'000)).role, Role::viewer);
  console_.operators = {"3000000"};
  EXPECT_EQ(caller(from(3'000'000)).role, Role::operating);
}

TEST_F(AccessTest, AHeaderIsBelievedFromTheProxyAlone) {
  console_.trusted_header = "X-Remote-User";
  console_.trusted_peer = "3000000";
  console_.operators = {"ana"};
  EXPECT_EQ(caller(from(3'000'000, {{"x-remote-user", "ana"}})).role, Role::operating);
  EXPECT_EQ(caller(from(3'000'000, {{"X-Remote-User", "bob"}})).role, Role::viewer);
  EXPECT_EQ(caller(from(3'000'000, {{"X-Remote-User", "root"}})).role, Role::viewer) << "a name, and no user id";
  EXPECT_EQ(caller(from(3'000'001, {{"X-Remote-User", "ana"}})).name, "3000001");
  EXPECT_EQ(caller(from(3'000'001, {{"X-Remote-User", "ana"}})).role, Role::viewer);
  EXPECT_EQ(refused(from(3'000'000)), 401U) << "the proxy asks for nobody";
  EXPECT_EQ(refused(from(3'000'000, {{"X-Remote-User", ""}})), 401U);
  EXPECT_EQ(refused(from(3'000'000, {{"X-Remote-User", "a\nb"}})), 401U);
  EXPECT_EQ(refused(from(3'000'000, {{"X-Remote-User", "ana"}, {"X-Remote-User", "bob"}})), 401U);
}

TEST_F(AccessTest, OverTcpATokenSaysWho) {
  console_.tokens_file = tokens_;
  const auto ana = add_token(tokens_, "ana", Role::operating);
  const auto bob = add_token(tokens_, "bob", Role::viewer);
  EXPECT_EQ(caller(with_token(ana)).name, "ana");
  EXPECT_EQ(caller(with_token(ana)).role, Role::operating);
  EXPECT_EQ(caller(with_token(bob)).role, Role::viewer);
  EXPECT_EQ(refused(with_token(ana + "x")), 401U);
  EXPECT_EQ(refused(Request{.peer = {.address = "192.0.2.1"}}), 401U);
  EXPECT_EQ(refused({.headers = {{"Authorization", "Basic " + ana}}, .peer = {.address = "192.0.2.1"}}), 401U);
  const auto newer = add_token(tokens_, "ana", Role::viewer);
  EXPECT_EQ(refused(with_token(ana)), 401U) << "the old one is over";
  EXPECT_EQ(caller(with_token(newer)).role, Role::viewer);
  EXPECT_TRUE(remove_token(tokens_, "bob"));
  EXPECT_EQ(refused(with_token(bob)), 401U);
}

TEST_F(AccessTest, TheFileHoldsNoToken) {
  const auto token = add_token(tokens_, "ana", Role::operating);
  std::ifstream file(tokens_);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  EXPECT_THAT(text, HasSubstr("ana operator "));
  EXPECT_THAT(text, Not(HasSubstr(token)));
  EXPECT_THAT(text, Not(HasSubstr(token.substr(7))));
  EXPECT_EQ(std::filesystem::status(tokens_).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  std::filesystem::permissions(tokens_, std::filesystem::perms::group_write, std::filesystem::perm_options::add);
  EXPECT_THROW(static_cast<void>(read_tokens(tokens_)), Error) << "whoever may write it makes operators";
}

TEST_F(AccessTest, WrongTokensAreFewForEachAddress) {
  console_.tokens_file = tokens_;
  const auto right = add_token(tokens_, "ana", Role::operating);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(refused(with_token("wrong")), 401U) << i;
  EXPECT_EQ(refused(with_token("wrong")), 429U);
  EXPECT_EQ(refused(with_token(right)), 429U) << "a right guess is not told from a wrong one";
  EXPECT_EQ(caller(with_token(right, "192.0.2.2")).name, "ana");
  now_ += 6s;
  EXPECT_EQ(caller(with_token(right)).name, "ana");
  EXPECT_EQ(refused(with_token("wrong")), 401U);
  EXPECT_EQ(refused(with_token("wrong")), 429U);
}

TEST_F(AccessTest, AnActIsOursOrNothing) {
  EXPECT_EQ(objection(act(ana_), ana_), 0U);
  auto changed = act(ana_);
  for (const auto* origin : {"https://evil.example", "null", "https://dvsync.example", "dvsync.example:8443"}) {
    replace(changed, "Origin", origin);
    EXPECT_EQ(objection(changed, ana_), 403U) << origin;
  }
  replace(changed, "Origin", "");
  EXPECT_EQ(objection(changed, ana_), 0U) << "no browser";
  replace(changed, "Sec-Fetch-Site", "cross-site");
  EXPECT_EQ(objection(changed, ana_), 403U);
  changed = act(ana_);
  changed.headers.emplace_back("Origin", "https://dvsync.example:8443");
  EXPECT_EQ(objection(changed, ana_), 403U) << "two origins";
  changed = act(ana_);
  replace(changed, "X-Dvsync-Token", "");
  EXPECT_EQ(objection(changed, ana_), 403U);
  replace(changed, "X-Dvsync-Token", access_.forgery_token({"bob", Role::operating}));
  EXPECT_EQ(objection(changed, ana_), 403U) << "somebody else's";
  changed = act(ana_);
  replace(changed, "Content-Type", "text/plain");
  EXPECT_EQ(objection(changed, ana_), 415U);
  const Caller viewer{"bob", Role::viewer};
  EXPECT_EQ(objection(act(viewer), viewer), 403U);
}

TEST_F(AccessTest, ActsAreLimitedForEachName) {
  for (int i = 0; i < 30; ++i) EXPECT_EQ(objection(act(ana_), ana_), 0U) << i;
  EXPECT_EQ(objection(act(ana_), ana_), 429U);
  const Caller bob{"bob", Role::operating};
  EXPECT_EQ(objection(act(bob), bob), 0U);
  now_ += 2s;
  EXPECT_EQ(objection(act(ana_), ana_), 0U);
}

TEST(ReadTarget, TakesPathsAndParametersAndNoTricks) {
  Request request;
  ASSERT_TRUE(read_target("/api/v1/people?q=%3Cscript%3E&environment=a%26b", request));
  EXPECT_THAT(request.path, testing::ElementsAre("api", "v1", "people"));
  EXPECT_EQ(request.parameter("q"), "<script>");
  EXPECT_EQ(request.parameter("environment"), "a&b");
  Request tricks;
  ASSERT_TRUE(read_target("/api%2Fv1/../metrics//x", tricks));
  EXPECT_THAT(tricks.path, testing::ElementsAre("api/v1", "..", "metrics", "", "x"))
      << "segments, and nothing resolved";
  for (const auto* target : {"http://x/", "*", "", "x", "/a?b=1&b=2", "/%zz"}) {
    Request none;
    EXPECT_FALSE(read_target(target, none)) << target;
  }
}

}  // namespace
}  // namespace dvsync::console
