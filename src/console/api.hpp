#pragma once
// /api/v1/: what operators look at and ask for. The objects are those of the commands' --json; docs/openapi.json
// describes them.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "access.hpp"
#include "dvsync/console/console.hpp"
#include "dvsync/service/worker.hpp"
#include "message.hpp"
#include "operations.hpp"
#include "recent_answers.hpp"

namespace dvsync::console {

// One request, and whose it is.
struct Call {
  const Request& request;
  const Caller& caller;
  const service::SharedConfiguration& configuration;
  std::string id;  // what stands in the path for {id}
  std::stop_token stop;

  [[nodiscard]] std::vector<std::string> environments() const;  // empty: all
  // Throws UsageError: no number, or not from 1 to 1000.
  [[nodiscard]] std::int64_t limit() const;
  [[nodiscard]] std::int64_t run_id() const;
};

[[nodiscard]] Answer json_answer(const boost::json::object& object, unsigned status = 200);

// Any thread.
class Api {
 public:
  explicit Api(service::Log& log) : log_(log), operations_(log) {}

  // Of a path that begins with api/v1.
  [[nodiscard]] Answer answer(const Request& request, const service::SharedConfiguration& configuration,
                              const std::stop_token& stop);

 private:
  struct Route;
  [[nodiscard]] static const std::vector<Route>& routes();
  [[nodiscard]] Answer ask(const Route& route, const Call& call);

  // reading.cpp
  [[nodiscard]] Answer session(const Call& call);
  [[nodiscard]] Answer status(const Call& call);
  [[nodiscard]] Answer runs(const Call& call);
  [[nodiscard]] Answer run(const Call& call);
  [[nodiscard]] Answer run_changes(const Call& call);
  [[nodiscard]] Answer held(const Call& call);
  [[nodiscard]] Answer rejected(const Call& call);
  [[nodiscard]] Answer changes(const Call& call);
  [[nodiscard]] Answer people(const Call& call);
  [[nodiscard]] Answer explain(const Call& call);
  [[nodiscard]] Answer operation(const Call& call);
  [[nodiscard]] Answer description(const Call& call);

  // acting.cpp
  [[nodiscard]] Answer sync_now(const Call& call);
  [[nodiscard]] Answer approve(const Call& call);
  [[nodiscard]] Answer reject(const Call& call);
  [[nodiscard]] Answer act_on_user(const Call& call);
  [[nodiscard]] Answer begin(Operations::Order order);

  // An answer that many ask for, by RecentAnswers.
  [[nodiscard]] Answer recent(const Call& call, const std::function<boost::json::object()>& read);

  service::Log& log_;
  Access access_;
  RecentAnswers recent_;
  Operations operations_;  // last: ends first
};

}  // namespace dvsync::console
