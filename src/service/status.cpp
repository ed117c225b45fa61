#include "dvsync/service/status.hpp"

#include <algorithm>
#include <cstddef>
#include <future>
#include <iterator>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "dvsync/error.hpp"
#include "dvsync/store/environment_sessions.hpp"

namespace dvsync::service {
namespace {

using Session = std::unique_ptr<store::Connection>;
using Environments = std::span<const config::Environment* const>;

// From so many environments on, two sessions of a server share them: most of the time is spent learning of tables.
constexpr std::size_t many = 32;

store::Unreachable unreachable(const StoreError& error) { return {.kind = error.kind(), .why = error.what()}; }

// The session, for the lag of the environments; nullptr: the mirror cannot be asked.
Session read_mirror(const config::Configuration& configuration, const store::SessionOptions& options,
                    store::MirrorStatus& status, store::OutOfReach& out_of_reach) {
  try {
    auto session = out_of_reach.opened(nullptr, [&] { return store::open_mirror(configuration, options); });
    status = store::read_mirror_status(*session);
    std::vector<std::string> places;
    for (const auto& target : configuration.notify) places.push_back(target.name);
    if (!places.empty()) status.alarms = store::read_deliveries(*session, places);
    return session;
  } catch (const StoreError& error) {
    status = {.unreachable = unreachable(error)};
    return nullptr;
  }
}

store::EnvironmentStatus read_environment(store::EnvironmentSessions& sessions, const config::Environment& environment,
                                          std::optional<store::Lag>& lag) {
  const auto& name = environment.rules.name;
  try {
    return store::read_environment_status(sessions.at(environment), name, lag ? &*lag : nullptr);
  } catch (const StoreError& error) {
    return {.name = name, .unreachable = unreachable(error)};
  }
}

std::vector<store::EnvironmentStatus> read_each(const config::Configuration& configuration, Environments environments,
                                                const store::SessionOptions& options, store::OutOfReach& out_of_reach,
                                                std::optional<store::Lag>& lag) {
  store::EnvironmentSessions sessions(configuration, options, out_of_reach);
  std::vector<store::EnvironmentStatus> read;
  for (const auto* environment : environments) read.push_back(read_environment(sessions, *environment, lag));
  return read;
}

}  // namespace

Status read_status(const config::Configuration& configuration, const std::stop_token& stop) {
  const store::SessionOptions options{.stop = stop};
  Status status;
  store::OutOfReach out_of_reach(configuration);
  const auto mirror = read_mirror(configuration, options, status.mirror, out_of_reach);
  std::optional<store::Lag> lag;
  if (mirror) lag.emplace(*mirror, status.mirror);
  std::vector<const config::Environment*> environments;
  for (const auto& environment : configuration.environments) {
    if (environment.rules.type != core::EnvironmentType::none) environments.push_back(&environment);
  }
  const auto read = [&](Environments some) { return read_each(configuration, some, options, out_of_reach, lag); };
  const bool shared = environments.size() >= many && !configuration.database.has_few_sessions();
  const auto half = shared ? environments.size() / 2 : environments.size();
  std::future<std::vector<store::EnvironmentStatus>> rest;
  // Read afterwards, where there is no thread to be had.
  if (half < environments.size()) rest = std::async(read, Environments(environments).subspan(half));
  status.environments = read(Environments(environments).first(half));
  if (rest.valid()) {
    auto others = rest.get();
    std::ranges::move(others, std::back_inserter(status.environments));
  }
  return status;
}

}  // namespace dvsync::service
