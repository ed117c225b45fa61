// Where messages may be sent, and the programs that take them.

#include "service/delivery.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "dvsync/error.hpp"

namespace dvsync::service {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

class Delivering : public testing::Test {
 protected:
  Delivering() { std::filesystem::create_directories(folder_); }

 public:
  ~Delivering() override { std::filesystem::remove_all(folder_); }

 protected:
  [[nodiscard]] WebhookAddress address(const std::string& text) const {
    std::ofstream(folder_ / "hook") << text;
    return read_address({.url_file = folder_ / "hook"});
  }
  [[nodiscard]] std::string refusal(const std::string& text) const {
    try {
      static_cast<void>(address(text));
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }
  [[nodiscard]] Delivery shell(const std::string& script, const std::string& input = "",
                               std::chrono::milliseconds limit = 60s, const std::stop_token& stop = {}) const {
    return run_command({"/bin/sh", "-c", script, "sh", (folder_ / "out").string()}, input, limit, stop);
  }
  [[nodiscard]] std::string written() const {
    std::ifstream file(folder_ / "out");
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("dvsync-delivery-" + std::to_string(::getpid()));
};

TEST_F(Delivering, TakesAnAddressFromAFile) {
  EXPECT_EQ(address("https://hooks.example.com/services/T0/secret\n").url,
            "https://hooks.example.com/services/T0/secret");
  EXPECT_EQ(address("https://Hooks.example.com:8443?sig=a").host, "hooks.example.com");
  EXPECT_FALSE(address("https://127.0.0.1/").plain);
}

TEST_F(Delivering, SpeaksPlainHttpToThisMachineAlone) {
  for (const auto* here : {"http://127.0.0.1:8080/a", "http://localhost/a", "http://[::1]:9/a", "http://127.8.9.1"}) {
    EXPECT_TRUE(address(here).plain) << here;
  }
  for (const auto* elsewhere : {"http://hooks.example.com/secret", "http://127.0.0.1.example.com/secret",
                                "http://10.0.0.1/secret", "http://localhost.example.com/secret"}) {
    EXPECT_THAT(refusal(elsewhere), HasSubstr("for this machine alone")) << elsewhere;
  }
}

TEST_F(Delivering, RefusesWhatIsNoAddressWithoutTellingIt) {
  for (const auto* wrong : {"", "ftp://hooks.example.com/secret", "https://", "https:///secret", "secret",
                            "https://user:secret@hooks.example.com/", "https://a.example/secret\nhttps://b.example/",
                            "file:///etc/secret", "HTTPS://hooks.example.com/secret"}) {
    EXPECT_THAT(refusal(wrong), HasSubstr("hook")) << wrong;
    EXPECT_THAT(refusal(wrong), Not(HasSubstr("secret"))) << wrong;
  }
  EXPECT_THAT(refusal("https://a.example/" + std::string(5000, 'a')), HasSubstr("one address"));
}

TEST_F(Delivering, GivesAProgramTheMessage) {
  const std::string message(300'000, 'm');
  EXPECT_TRUE(shell(R"(cat >"$1")", message).delivered);
  EXPECT_EQ(written(), message);
  EXPECT_TRUE(shell("exit 0", message).delivered) << "it need not read it";
}

TEST_F(Delivering, TellsHowAProgramFailed) {
  EXPECT_EQ(shell("exit 3").why, "/bin/sh ended with exit code 3");
  EXPECT_EQ(shell("kill -9 $$").why, "/bin/sh was ended by signal 9");
  EXPECT_THAT(deliver({.name = "x", .by = config::NotifyCommand{{"/no/such/program"}}}, {}, {}).why,
              HasSubstr("No such file"));
}

TEST_F(Delivering, KillsAProgramThatDoesNotEnd) {
  // What it started dies with it, so that nobody holds the file open.
  EXPECT_EQ(shell("(sleep 600; echo late >\"$1\") & wait", "", 200ms).why,
            "/bin/sh did not end within 0 s, and was killed");
  EXPECT_EQ(written(), "");
}

TEST_F(Delivering, StopsWithTheDaemon) {
  std::stop_source source;
  ASSERT_EQ(::mkfifo((folder_ / "out").c_str(), S_IRUSR | S_IWUSR), 0);
  std::jthread stopper([&] {
    EXPECT_EQ(written(), "begun\n");  // opened by whoever reads once somebody writes
    source.request_stop();
  });
  EXPECT_THROW(static_cast<void>(shell("echo begun >\"$1\"; sleep 600", "", 600s, source.get_token())), Interrupted);
}

TEST_F(Delivering, StartsAProgramAsItExpectsToBe) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);  // as the daemon's threads do
  ::setenv("NOTIFY_SOCKET", "/run/systemd/notify", 1);
  const auto delivery = shell(R"((grep SigBlk /proc/self/status; ls /proc/self/fd | wc -l; env) >"$1")");
  ::unsetenv("NOTIFY_SOCKET");
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  EXPECT_TRUE(delivery.delivered) << delivery.why;
  EXPECT_THAT(written(), HasSubstr("SigBlk:\t0000000000000000\n4\n")) << "its three files, and the folder it lists";
  EXPECT_THAT(written(), Not(HasSubstr("NOTIFY_SOCKET")));
}

}  // namespace
}  // namespace dvsync::service
