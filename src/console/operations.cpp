#include "operations.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "dvsync/error.hpp"
#include "dvsync/store/json_values.hpp"
#include "dvsync/sync/engine.hpp"

namespace dvsync::console {
namespace {

namespace json = boost::json;

constexpr std::size_t most_unfinished = 32;
constexpr std::size_t most_remembered = 500;

core::Timestamp now() {
  return std::chrono::time_point_cast<core::Timestamp::duration>(std::chrono::system_clock::now());
}

json::value json_of(const std::optional<Failure>& failure) {
  if (!failure) return nullptr;
  return json::object{{"code", failure->code}, {"message", failure->message}};
}

}  // namespace

std::optional<Failure> failure_of(const std::exception& error) {
  const auto failure = [&](unsigned status, const char* code) { return Failure{status, code, words_of(error)}; };
  if (dynamic_cast<const sync::UsageError*>(&error) != nullptr) return failure(400, "usage");
  if (dynamic_cast<const sync::Busy*>(&error) != nullptr) return failure(409, "busy");
  if (dynamic_cast<const Interrupted*>(&error) != nullptr) return failure(503, "stopping");
  if (dynamic_cast<const SourceError*>(&error) != nullptr) return failure(502, "directory");
  if (dynamic_cast<const StoreError*>(&error) != nullptr) return failure(503, "database");
  return std::nullopt;
}

Operations::Operations(service::Log& log) : log_(log) {}

Operations::~Operations() {
  stop_.request_stop();
  under_lease_.join();
  beside_.join();
}

std::optional<std::int64_t> Operations::begin(Order order) {
  std::int64_t id = 0;
  {
    const std::scoped_lock lock(mutex_);
    if (unfinished() >= most_unfinished) return std::nullopt;
    id = ++last_id_;
    all_[id] = {.act = order.act, .by = order.by, .asked_at = now()};
    forget_old();
  }
  log_.info("console: " + order.by + " " + order.words);
  auto& pool = order.takes_lease ? under_lease_ : beside_;
  boost::asio::post(pool, [this, id, order = std::move(order)] { carry_out(id, order); });
  return id;
}

void Operations::carry_out(std::int64_t id, const Order& order) {
  {
    const std::scoped_lock lock(mutex_);
    all_[id].state = "working";
  }
  try {
    if (stop_.stop_requested()) throw Interrupted();
    end(id, order.work(stop_.get_token()), std::nullopt);
  } catch (const std::exception& error) {
    auto failure = failure_of(error);
    log_.warning("console: what " + order.by + " asked for (" + order.act + ") failed: " + words_of(error));
    if (!failure) failure = Failure{500, "failed", "this is a fault of dvsync; its log says more"};
    end(id, std::nullopt, std::move(failure));
  }
}

void Operations::end(std::int64_t id, std::optional<json::object> result, std::optional<Failure> failure) {
  const std::scoped_lock lock(mutex_);
  auto& operation = all_[id];
  operation.state = failure ? "failed" : "done";
  operation.result = std::move(result);
  operation.failure = std::move(failure);
  ++ended_;
}

std::size_t Operations::unfinished() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(all_, [](const auto& one) { return !one.second.result && !one.second.failure; }));
}

void Operations::forget_old() {
  for (auto one = all_.begin(); all_.size() > most_remembered && one != all_.end();) {
    one = one->second.result || one->second.failure ? all_.erase(one) : std::next(one);
  }
}

std::optional<json::object> Operations::find(std::int64_t id) const {
  const std::scoped_lock lock(mutex_);
  const auto found = all_.find(id);
  if (found == all_.end()) return std::nullopt;
  const auto& one = found->second;
  return json::object{{"operation", id},
                      {"act", one.act},
                      {"by", one.by},
                      {"asked_at", core::utc_time(one.asked_at)},
                      {"state", one.state},
                      {"result", one.result ? json::value(*one.result) : json::value(nullptr)},
                      {"error", json_of(one.failure)}};
}

}  // namespace dvsync::console
