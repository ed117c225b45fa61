#include "dvsync/service/status.hpp"

#include "dvsync/error.hpp"
#include "dvsync/store/open.hpp"

namespace dvsync::service {
namespace {

using Session = std::unique_ptr<store::Connection>;

store::Unreachable unreachable(const StoreError& error) { return {.kind = error.kind(), .why = error.what()}; }

// The session, for the lag of the environments; nullptr: the mirror cannot be asked.
Session read_mirror(const config::Configuration& configuration, const store::SessionOptions& options,
                    store::MirrorStatus& status) {
  try {
    auto session = store::open_mirror(configuration, options);
    status = store::read_mirror_status(*session);
    return session;
  } catch (const StoreError& error) {
    status = {.unreachable = unreachable(error)};
    return nullptr;
  }
}

store::EnvironmentStatus read_environment(const config::Configuration& configuration,
                                          const config::Environment& environment, const store::SessionOptions& options,
                                          store::Connection* mirror, const store::MirrorStatus& mirror_status) {
  try {
    const auto session = store::open_environment(configuration, environment, options);
    return store::read_environment_status(*session, environment.rules.name, mirror, mirror_status);
  } catch (const StoreError& error) {
    return {.name = environment.rules.name, .unreachable = unreachable(error)};
  }
}

}  // namespace

Status read_status(const config::Configuration& configuration, const std::stop_token& stop) {
  const store::SessionOptions options{.stop = stop};
  Status status;
  const auto mirror = read_mirror(configuration, options, status.mirror);
  for (const auto& environment : configuration.environments) {
    if (environment.rules.type == core::EnvironmentType::none) continue;
    status.environments.push_back(read_environment(configuration, environment, options, mirror.get(), status.mirror));
  }
  return status;
}

}  // namespace dvsync::service
