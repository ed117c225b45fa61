#pragma once
// What tests of the Graph source share: the simulator with a fresh tenant, a configuration that reaches it, a clock
// that never waits, and one pull from beginning to end.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "integration/graph/simulator.hpp"
#include "source/graph/options.hpp"
#include "support/mirror_model.hpp"

namespace dvsync::source::graph::testing {

namespace json = boost::json;

// Stands still but for waits and advance(): a slow machine makes no difference. Remembers every wait.
class TestClock final : public Clock {
 public:
  std::chrono::system_clock::time_point now() const override { return start_ + passed_; }
  std::chrono::steady_clock::time_point steady_now() const override {
    return std::chrono::steady_clock::time_point{} + passed_;
  }
  void wait(std::chrono::milliseconds duration, const std::stop_token& stop) override;
  void advance(std::chrono::seconds duration) { passed_ += duration; }

  std::vector<std::chrono::milliseconds> waits;
  std::stop_source* stop_while_waiting = nullptr;

 private:
  const std::chrono::system_clock::time_point start_ = std::chrono::system_clock::now();
  std::chrono::milliseconds passed_{0};
};

inline const std::string tenant_name = "contoso.example";
inline const std::string client_id = "11111111-2222-4333-8444-555555555555";

// The ids of users and groups, by number.
[[nodiscard]] std::string user_id(int number);
[[nodiscard]] std::string group_id(int number);
[[nodiscard]] core::Guid guid(const std::string& text);

struct Pulled {
  PullEnd end;
  std::vector<RejectedRecord> rejected;
  std::vector<RejectedRecord> unknown_objects;
  std::vector<IdentityRecord> identities;
};

class GraphTest : public ::testing::Test {
 protected:
  explicit GraphTest(Simulator& with = Simulator::instance());

  // One command for the simulator, or several.
  void tell(const json::value& commands);
  void fault(json::object fault);
  void put_user(int number, json::object properties = {});
  void put_group(int number, const std::vector<int>& members = {}, const std::vector<int>& owners = {});

  // Requests since the last time, "GET /v1.0/users/delta?…"; token requests left out. Inside batches: "part GET …".
  std::vector<std::string> requests();
  // The same, whole.
  json::array request_log() { return simulator.run(json::object{{"do", "requests"}}).as_array(); }

  std::filesystem::path write_file(const std::string& name, const std::string& content);
  std::unique_ptr<DirectorySource> source() { return make_source(directory, 5, options); }
  PullRequest request(const Cursor& cursor = {}) const;
  // Reads everything into `mirror`. Throws what the pull throws; the mirror then is as before.
  Pulled pull(DirectorySource& source, const PullRequest& request, MirrorModel& mirror);
  Pulled pull(const PullRequest& request, MirrorModel& mirror) { return pull(*source(), request, mirror); }
  // The next pull of this mirror.
  Pulled pull(MirrorModel& mirror) { return pull(request(mirror.cursor), mirror); }
  // The message of the SourceError that the pull ends with; fails the test when there is none.
  std::string failure_of(const PullRequest& request, SourceError::Kind kind);
  // The mirror holds what a fresh one would.
  void expect_like_fresh(const MirrorModel& mirror);

  Simulator& simulator;
  TestClock clock;
  config::GraphDirectory directory;
  Options options;
  std::vector<std::string> groups;
  bool nested = false;
};

}  // namespace dvsync::source::graph::testing
