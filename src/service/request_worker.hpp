#pragma once
// A thread that answers the requests of one server's environments. Private to service.

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "dvsync/config/configuration.hpp"
#include "dvsync/service/failure_log.hpp"
#include "dvsync/service/log.hpp"
#include "dvsync/source/directory_source.hpp"
#include "dvsync/store/requests.hpp"
#include "dvsync/sync/on_demand.hpp"
#include "recent_questions.hpp"
#include "request_round.hpp"

namespace dvsync::service {

class RequestWorker {
 public:
  // mirror: answers what the mirror can answer, and lets old requests expire. directory: answers the others, asking the
  // directory about each user.
  enum class Kind : bool { mirror, directory };

  // `environments` share the connection `conninfo`; all of them, the configuration, source, questions and log outlive
  // this.
  RequestWorker(Kind kind, const config::Configuration& configuration, std::string conninfo,
                const std::vector<const config::Environment*>& environments, source::DirectorySource& source,
                RecentQuestions& questions, Log& log);
  ~RequestWorker();
  RequestWorker(const RequestWorker&) = delete;
  RequestWorker& operator=(const RequestWorker&) = delete;

 private:
  using Clock = std::chrono::steady_clock;

  // One environment on this server.
  struct EnvironmentQueue {
    const config::Environment* environment = nullptr;
    std::unique_ptr<sync::OnDemand> on_demand;  // as long as both sessions hold
    int single_mode = 0;                        // so many rounds of one request: a larger one met somebody's locks
    std::vector<std::int64_t> skip_locked;      // left for a moment, for the same reason
    Clock::time_point skip_locked_until{};
    Clock::time_point usable_from{};  // something is wrong with it until then
    bool ready = false;               // the session's preflight went through
  };

  void work(const std::stop_token& stop);
  void serve(const std::stop_token& stop);
  void connect(const std::stop_token& stop);
  [[nodiscard]] bool serve_all(const std::stop_token& stop);
  [[nodiscard]] bool serve_queue(EnvironmentQueue& queue, const std::stop_token& stop);
  void expire_requests(EnvironmentQueue& queue);
  // Rows that others changed, without waiting for the next run (docs/rules.md D16). Whether there were any.
  [[nodiscard]] bool follow_touched_rows(EnvironmentQueue& queue, const std::stop_token& stop);

  // Whether anything was answered.
  [[nodiscard]] bool answer_some(EnvironmentQueue& queue, core::Trigger trigger, store::Claim claim,
                                 const std::stop_token& stop);
  [[nodiscard]] bool round(EnvironmentQueue& queue, core::Trigger trigger, store::Claim claim, int most,
                           const std::stop_token& stop);
  [[nodiscard]] RequestRound::Told answers_to(EnvironmentQueue& queue, const std::vector<store::OpenRequest>& requests,
                                              const std::stop_token& stop);
  void give_up(EnvironmentQueue& queue, std::int64_t request, const std::string& why);

  [[nodiscard]] std::optional<store::Claim> mine(EnvironmentQueue& queue, core::Trigger trigger,
                                                 const std::stop_token& stop);
  [[nodiscard]] bool mirror_ready(EnvironmentQueue& queue, const std::stop_token& stop);

  void failed(const std::string& what, const std::string& why);
  void succeeded(const std::string& what);

  Kind kind_;
  const config::Configuration& configuration_;
  std::string conninfo_;
  std::vector<EnvironmentQueue> queues_;
  source::DirectorySource& source_;
  RecentQuestions& questions_;
  FailureLog failures_;
  std::unique_ptr<store::Connection> session_;
  std::unique_ptr<store::Connection> mirror_;
  Clock::time_point mirror_from_{};  // out of reach until then
  Clock::time_point expire_from_{};
  Clock::time_point touched_from_{};   // when rows that others changed are looked for again
  std::vector<std::int64_t> claimed_;  // by the round under way
  std::jthread thread_;                // last: joined first
};

}  // namespace dvsync::service
