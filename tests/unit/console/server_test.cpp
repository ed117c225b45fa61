// The server with real sockets: what it answers, and what a client may not do to it.

#include "server.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio.hpp>
#include <condition_variable>
#include <fstream>
#include <mutex>

#include "dvsync/service/log.hpp"

namespace dvsync::console {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// Keeps what is said.
class Lines : public service::Sink {
 public:
  explicit Lines(std::vector<std::string>& lines, std::mutex& mutex) : lines_(lines), mutex_(mutex) {}
  void write(const service::Entry& entry) override {
    const std::scoped_lock lock(mutex_);
    lines_.push_back(entry.message);
  }

 private:
  std::vector<std::string>& lines_;
  std::mutex& mutex_;
};

// /at_once is answered at once, /wait when it is released, /throw never, everything else with what was asked.
class TestHandler : public Handler {
 public:
  std::optional<Answer> answer_at_once(const Request& request) override {
    if (request.path.empty() || request.path.front() != "at_once") return std::nullopt;
    return plain_text(200, "at once");
  }
  Answer answer(const Request& request, const std::stop_token& stop) override {
    const auto& name = request.path.empty() ? std::string() : request.path.front();
    if (name == "throw") throw std::runtime_error("secret");
    if (name == "wait") wait(stop);
    std::string text = request.method + " " + name;
    for (const auto& [key, value] : request.query) text.append(" ").append(key).append("=").append(value);
    if (request.peer.user) text += " by " + std::to_string(*request.peer.user);
    return plain_text(200, text + " " + request.body);
  }
  void release() {
    const std::scoped_lock lock(mutex_);
    released_ = true;
    changed_.notify_all();
  }
  void wait_for(int waiting) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_ >= waiting; });
  }

 private:
  void wait(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, stop, [&] { return released_; });
  }

  std::mutex mutex_;
  std::condition_variable_any changed_;
  int waiting_ = 0;
  bool released_ = false;
};

class Client {
 public:
  explicit Client(const std::string& path) : socket_(io_) {
    // The server's thread listens as soon as it can.
    boost::system::error_code error;
    do {
      socket_.close(error);
      socket_.connect(asio::local::stream_protocol::endpoint(path), error);
    } while (error);
  }
  void send(const std::string& text) {
    boost::system::error_code gone;
    asio::write(socket_, asio::buffer(text), gone);
  }
  // Up to `end`, or all there is.
  std::string read_until(const std::string& end) {
    boost::system::error_code error;
    const auto bytes = asio::read_until(socket_, asio::dynamic_buffer(got_), end, error);
    auto text = got_.substr(0, error ? got_.size() : bytes);
    got_.erase(0, text.size());
    return text;
  }
  std::string rest() {
    boost::system::error_code error;
    asio::read(socket_, asio::dynamic_buffer(got_), error);
    return std::exchange(got_, "");
  }
  void shut() { socket_.shutdown(asio::socket_base::shutdown_send); }

 private:
  asio::io_context io_;
  asio::local::stream_protocol::socket socket_;
  std::string got_;
};

std::string get(const std::string& path, const std::string& more = "Connection: close\r\n") {
  return "GET " + path + " HTTP/1.1\r\nHost: x\r\n" + more + "\r\n";
}

class ServerTest : public testing::Test {
 public:
  ServerTest() { std::filesystem::create_directories(folder_); }
  ~ServerTest() override {
    server_.reset();
    std::filesystem::remove_all(folder_);
  }

 protected:
  void start(const Limits& limits = {}) {
    server_ = std::make_unique<Server>(handler_, log_, limits);
    server_->listen({.address = config::UnixAddress{path_}});
  }
  std::string ask(const std::string& text) {
    Client client(path_);
    client.send(text);
    return client.rest();
  }
  bool said(const std::string& words) {
    const std::scoped_lock lock(mutex_);
    return std::ranges::any_of(lines_, [&](const auto& line) { return line.find(words) != std::string::npos; });
  }
  void wait_until_said(const std::string& words) {
    while (!said(words)) std::this_thread::yield();
  }

  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("dvsync-console-" + std::to_string(::getpid()));
  std::string path_ = (folder_ / "console.sock").string();
  std::mutex mutex_;
  std::vector<std::string> lines_;
  service::Log log_{std::make_unique<Lines>(lines_, mutex_)};
  TestHandler handler_;
  std::unique_ptr<Server> server_;
};

TEST_F(ServerTest, AnswersAndKnowsWhoAsks) {
  start();
  const auto answer = ask(get("/a?b=c%20d"));
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, EndsWith("GET a b=c d by " + std::to_string(::getuid()) + " "));
  EXPECT_THAT(answer, HasSubstr("Content-Security-Policy: default-src 'none'"));
  EXPECT_THAT(answer, HasSubstr("X-Content-Type-Options: nosniff"));
}

TEST_F(ServerTest, NobodyElseMayOpenTheSocket) {
  start();
  ask(get("/a"));
  struct stat status {};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0660U);
  server_.reset();
  EXPECT_FALSE(std::filesystem::exists(path_)) << "the socket is removed";
}

TEST_F(ServerTest, ReplacesTheSocketOfOneThatWasKilledAndNoOther) {
  {
    asio::io_context io;
    asio::local::stream_protocol::acceptor left(io, asio::local::stream_protocol::endpoint(path_));
  }
  start();
  EXPECT_THAT(ask(get("/a")), HasSubstr("GET a"));
  TestHandler handler;
  Server second(handler, log_, {.retry = 10ms});
  second.listen({.address = config::UnixAddress{path_}});
  wait_until_said("another process serves there");
  EXPECT_THAT(ask(get("/b")), HasSubstr("GET b"));
  server_.reset();
  EXPECT_THAT(ask(get("/c")), HasSubstr("GET c")) << "the second one gets its turn";
}

TEST_F(ServerTest, AnswersPipelinedRequestsOneAfterTheOther) {
  start();
  Client client(path_);
  client.send(get("/wait", "") + get("/second", "") + get("/at_once"));
  handler_.wait_for(1);
  handler_.release();
  const auto answers = client.rest();
  const auto second = answers.find("GET second");
  EXPECT_LT(answers.find("GET wait"), second);
  EXPECT_LT(second, answers.find("at once"));
  EXPECT_NE(answers.find("at once"), std::string::npos);
}

TEST_F(ServerTest, SaysHeadWithoutABody) {
  start();
  const auto answer = ask("HEAD /at_once HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(answer, HasSubstr("Content-Length: 7"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\n"));
}

TEST_F(ServerTest, ProbesAreAnsweredWhileEverythingElseHangs) {
  start({.threads = 1, .pending = 1});
  Client first(path_);
  first.send(get("/wait"));
  handler_.wait_for(1);
  EXPECT_THAT(ask(get("/too_much")), StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(ask(get("/at_once")), EndsWith("at once"));
  handler_.release();
  EXPECT_THAT(first.rest(), HasSubstr("GET wait"));
  EXPECT_THAT(ask(get("/again")), HasSubstr("GET again"));
}

TEST_F(ServerTest, AFailureIsNotTold) {
  start();
  const auto answer = ask(get("/throw"));
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 500 "));
  EXPECT_THAT(answer, Not(HasSubstr("secret")));
  EXPECT_TRUE(said("a request to the console failed: secret"));
}

TEST_F(ServerTest, RefusesWhatIsTooLargeOrNoRequest) {
  start();
  EXPECT_THAT(ask(get("/a", "X: " + std::string(std::size_t{1024} * 1024, 'x') + "\r\n")), StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(ask("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"), StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(ask("\x16\x03\x01 this is TLS\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(ask("GET http://elsewhere/ HTTP/1.1\r\nConnection: close\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(ask(get("/a?b=1&b=2")), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(ask(get("/at_once")), EndsWith("at once"));
}

TEST_F(ServerTest, ASlowClientHasItsTimeAndNoMore) {
  start({.read = 100ms});
  Client slow(path_);
  slow.send("GET /a HTTP/1.1\r\nHos");
  EXPECT_EQ(slow.rest(), "") << "it is hung up on";
  EXPECT_THAT(ask(get("/at_once")), EndsWith("at once"));
}

TEST_F(ServerTest, WhatTakesTooLongIsGivenUp) {
  start({.answer = 50ms, .threads = 1});
  EXPECT_THAT(ask(get("/wait")), HasSubstr("too_slow"));
  EXPECT_THAT(ask(get("/again")), HasSubstr("GET again")) << "its thread is free";
}

TEST_F(ServerTest, AThousandIdleConnectionsMakeRoom) {
  start({.connections = 16});
  std::vector<std::unique_ptr<Client>> idle;
  for (int i = 0; i < 200; ++i) idle.push_back(std::make_unique<Client>(path_));
  EXPECT_THAT(ask(get("/at_once")), EndsWith("at once"));
  EXPECT_EQ(idle.front()->rest(), "") << "the first has made room";
}

TEST_F(ServerTest, EndsWithWorkInHand) {
  start();
  Client client(path_);
  client.send(get("/wait"));
  handler_.wait_for(1);
  server_.reset();
  EXPECT_FALSE(std::filesystem::exists(path_));
  EXPECT_THAT(client.rest(), Not(HasSubstr("200 OK")));  // and it ends
}

TEST_F(ServerTest, MovesWhenTheConfigurationSaysSo) {
  start();
  ask(get("/a"));
  const auto other = (folder_ / "other.sock").string();
  server_->listen({.address = config::UnixAddress{other}});
  Client client(other);
  client.send(get("/at_once"));
  EXPECT_THAT(client.rest(), EndsWith("at once"));
  EXPECT_FALSE(std::filesystem::exists(path_));
  server_->listen({});
  while (std::filesystem::exists(other)) std::this_thread::yield();
}

TEST_F(ServerTest, SaysOnceThatTheFolderOfTheDefaultIsMissing) {
  server_ = std::make_unique<Server>(handler_, log_, Limits{.retry = 5ms});
  const auto missing = (folder_ / "missing" / "console.sock").string();
  server_->listen({.address = config::UnixAddress{missing}, .by_default = true});
  wait_until_said("there is no such folder");
  std::filesystem::create_directories(folder_ / "missing");
  Client client(missing);
  client.send(get("/at_once"));
  EXPECT_THAT(client.rest(), EndsWith("at once"));
}

}  // namespace
}  // namespace dvsync::console
