#include "run_sessions.hpp"

#include <future>

#include "dvsync/store/open.hpp"
#include "dvsync/store/preflight.hpp"

namespace dvsync::sync {

void SpareSessions::keep(const config::Environment* environment, std::unique_ptr<store::Connection> session) {
  sessions_[environment] = std::move(session);
}

std::unique_ptr<store::Connection> SpareSessions::take(const config::Environment* environment) {
  auto found = sessions_.extract(environment);
  return found ? std::move(found.mapped()) : nullptr;
}

// Both at once: that takes longer than looking at one user.
RunSessions::RunSessions(const RunContext& context, const config::Environment& environment)
    : context_(context), environment_(environment), options_{.stop = context.stop, .application_name = context.worker} {
  main = spare_session(&environment);
  std::future<void> opening;
  if (!main) {
    opening = std::async(std::launch::async,
                         [this] { main = store::open_environment(context_.configuration, environment_, options_); });
  }
  mirror = spare_session(nullptr);
  if (!mirror) mirror = store::open_mirror(context_.configuration, options_);
  if (opening.valid()) opening.get();
  store::require_ready(*main, environment, context.worker.empty() ? store::Use::reading : store::Use::writing);
}

std::unique_ptr<store::Connection> RunSessions::writer() const {
  auto options = options_;
  options.commits_later = true;  // the run's last transaction makes everything durable
  return store::open_environment(context_.configuration, environment_, options);
}

std::unique_ptr<store::Connection> RunSessions::spare_session(const config::Environment* of) const {
  auto spare = context_.spare != nullptr ? context_.spare->take(of) : nullptr;
  if (!spare) return nullptr;
  spare->stop_on(context_.stop);
  if (!context_.worker.empty()) spare->call_itself(context_.worker);
  return spare;
}

ReadingSessions RunSessions::reading() {
  auto options = options_;
  options.reads_everything = true;
  mirror_reading_ = store::open_mirror(context_.configuration, options);
  reading_ = store::open_environment(context_.configuration, environment_, options);
  return {*mirror_reading_, *reading_};
}

}  // namespace dvsync::sync
