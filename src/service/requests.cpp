#include "dvsync/service/requests.hpp"

#include <map>

#include "dvsync/source/open_directory.hpp"
#include "dvsync/store/open.hpp"
#include "dvsync/sync/resolution.hpp"
#include "responder.hpp"

namespace dvsync::service {
namespace {

constexpr int questions_at_once = 4;  // to the directory, for each server's environments

}  // namespace

Requests::Requests(Log& log) : log_(log) {}

Requests::~Requests() = default;

void Requests::start(std::shared_ptr<const config::Configuration> configuration, store::Lease& /*lease*/) {
  if (configuration == configuration_) return;
  responders_.clear();
  configuration_ = std::move(configuration);
  source_ = source::open_directory(*configuration_);
  std::map<std::string, std::vector<const config::Environment*>> servers;
  for (const auto& environment : configuration_->environments) {
    if (environment.rules.type == core::EnvironmentType::none) continue;  // there is no table to ask in
    servers[store::connection_of(*configuration_, environment)].push_back(&environment);
  }
  for (const auto& [conninfo, environments] : servers) {
    const auto add = [&, &server = conninfo, &places = environments](Responder::Kind kind) {
      responders_.push_back(std::make_unique<Responder>(kind, *configuration_, server, places, *source_, log_));
    };
    add(Responder::Kind::mirror);
    if (!sync::can_be_asked(configuration_->directory)) continue;
    for (int i = 0; i < questions_at_once; ++i) add(Responder::Kind::directory);
  }
}

}  // namespace dvsync::service
