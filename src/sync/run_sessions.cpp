#include "run_sessions.hpp"

#include <future>

#include "dvsync/store/open.hpp"

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
    : context_(context), environment_(environment) {
  main = spare_session(&environment);
  std::future<void> opening;
  if (!main) opening = std::async(std::launch::async, [this] { main = connect(); });
  mirror = spare_session(nullptr);
  if (!mirror) mirror = connect_mirror();
  if (opening.valid()) opening.get();
}

std::unique_ptr<store::Connection> RunSessions::connect() const {
  return store::open_environment(context_.configuration, environment_,
                                 {.stop = context_.stop, .application_name = context_.worker});
}

std::unique_ptr<store::Connection> RunSessions::connect_mirror() const {
  return store::open_mirror(context_.configuration, {.stop = context_.stop, .application_name = context_.worker});
}

std::unique_ptr<store::Connection> RunSessions::spare_session(const config::Environment* of) const {
  auto spare = context_.spare != nullptr ? context_.spare->take(of) : nullptr;
  if (!spare) return nullptr;
  spare->stop_on(context_.stop);
  if (!context_.worker.empty()) spare->call_itself(context_.worker);
  return spare;
}

ReadingSessions RunSessions::reading() {
  mirror_reading_ = connect_mirror();
  reading_ = connect();
  // One statement for all there is lasts as long as the work on its rows.
  for (auto* session : {mirror_reading_.get(), reading_.get()}) session->exec("SET statement_timeout = 0");
  return {*mirror_reading_, *reading_};
}

}  // namespace dvsync::sync
