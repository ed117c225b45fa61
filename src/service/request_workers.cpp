#include "dvsync/service/request_workers.hpp"

#include <map>

#include "dvsync/source/open_directory.hpp"
#include "dvsync/store/open.hpp"
#include "dvsync/sync/resolution.hpp"
#include "recent_questions.hpp"
#include "request_worker.hpp"

namespace dvsync::service {
namespace {

constexpr int questions_at_once = 4;  // to the directory, for each server's environments

}  // namespace

RequestWorkers::RequestWorkers(Log& log) : log_(log) {}

RequestWorkers::~RequestWorkers() = default;

void RequestWorkers::start(std::shared_ptr<const config::Configuration> configuration, store::Lease& /*lease*/) {
  if (configuration == configuration_) return;
  workers_.clear();
  try {
    start_all(std::move(configuration));
  } catch (...) {  // all of them, or none: the next attempt begins anew
    workers_.clear();
    configuration_.reset();
    throw;
  }
}

void RequestWorkers::start_all(std::shared_ptr<const config::Configuration> configuration) {
  configuration_ = std::move(configuration);
  source_ = source::open_directory(*configuration_);
  questions_ = std::make_unique<RecentQuestions>(time_for_a_question(configuration_->requests.expire_after));
  std::map<std::string, std::vector<const config::Environment*>> servers;
  for (const auto& environment : configuration_->environments) {
    if (environment.rules.type == core::EnvironmentType::none) continue;  // there is no table to ask in
    servers[store::connection_of(*configuration_, environment)].push_back(&environment);
  }
  for (const auto& [conninfo, environments] : servers) {
    const auto add = [&, &server = conninfo, &queues = environments](RequestWorker::Kind kind) {
      workers_.push_back(
          std::make_unique<RequestWorker>(kind, *configuration_, server, queues, *source_, *questions_, log_));
    };
    add(RequestWorker::Kind::mirror);
    if (!sync::can_be_asked(configuration_->directory)) continue;
    for (int i = 0; i < questions_at_once; ++i) add(RequestWorker::Kind::directory);
  }
}

}  // namespace dvsync::service
