#pragma once
// A thread that answers the requests of one server's environments. Private to service.

#include <chrono>
#include <map>
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

namespace dvsync::service {

class Responder {
 public:
  // mirror: answers what the mirror can answer, and lets old requests expire. directory: answers the others, asking the
  // directory about each user.
  enum class Kind : bool { mirror, directory };

  // `environments` share the connection `conninfo`; all of them, the configuration, source and log outlive this.
  Responder(Kind kind, const config::Configuration& configuration, std::string conninfo,
            std::vector<const config::Environment*> environments, source::DirectorySource& source, Log& log);
  ~Responder();
  Responder(const Responder&) = delete;
  Responder& operator=(const Responder&) = delete;

 private:
  using Clock = std::chrono::steady_clock;

  // One environment on this server.
  struct Place {
    const config::Environment* environment = nullptr;
    std::unique_ptr<sync::OnDemand> on_demand;  // as long as both sessions hold
    int one_by_one = 0;                         // so many rounds of one request: a larger one met somebody's locks
    std::vector<std::int64_t> passed_over;      // left for a moment, for the same reason
    Clock::time_point passed_over_until{};
    Clock::time_point usable_from{};  // something is wrong with it until then
    bool ready = false;               // the session's preflight went through
  };

  void work(const std::stop_token& stop);
  void serve(const std::stop_token& stop);
  void connect(const std::stop_token& stop);
  [[nodiscard]] bool serve_all(const std::stop_token& stop);
  [[nodiscard]] bool serve_place(Place& place, const std::stop_token& stop);
  void keep_house(Place& place);

  // Whether anything was answered.
  [[nodiscard]] bool answer_some(Place& place, core::Trigger trigger, const std::stop_token& stop);
  [[nodiscard]] bool round(Place& place, core::Trigger trigger, int most, const std::stop_token& stop);
  [[nodiscard]] std::vector<store::RequestAnswer> answers_to(Place& place,
                                                             const std::vector<store::OpenRequest>& requests,
                                                             const std::stop_token& stop);
  void answer_askers(Place& place, const std::vector<store::OpenRequest>& requests,
                     const std::vector<sync::Resolved>& resolved, std::vector<store::RequestAnswer>& answers);
  void give_up(Place& place, std::int64_t request, const std::string& why);

  [[nodiscard]] bool mine(Place& place, core::Trigger trigger, const std::stop_token& stop);
  [[nodiscard]] bool mirror_ready(Place& place, const std::stop_token& stop);
  [[nodiscard]] bool fresh(Place& place) const;
  [[nodiscard]] sync::Resolved resolve(const store::OpenRequest& request, const std::stop_token& stop);

  void failed(const std::string& what, const std::string& why);
  void succeeded(const std::string& what);

  Kind kind_;
  const config::Configuration& configuration_;
  std::string conninfo_;
  std::vector<Place> places_;
  source::DirectorySource& source_;
  FailureLog failures_;
  std::unique_ptr<store::Connection> session_;
  std::unique_ptr<store::Connection> mirror_;
  Clock::time_point mirror_from_{};  // out of reach until then
  Clock::time_point house_from_{};
  std::vector<std::int64_t> claimed_;  // by the round under way
  bool wrote_ = false;                 // and whether it changes rows
  std::jthread thread_;                // last: joined first
};

}  // namespace dvsync::service
