#include "run_sessions.hpp"

#include <exception>
#include <future>

#include "dvsync/store/open.hpp"
#include "mirror_answers.hpp"

namespace dvsync::sync {
namespace {

// Turns a session of its server to this environment. False: it was lost while nobody used it.
bool enters(store::Connection& session, const config::Environment* of) {
  if (of == nullptr || session.schema() == of->schema) return true;
  try {
    store::enter_environment(session, *of);
    return true;
  } catch (const StoreError&) {
    if (!session.broken()) throw;
    return false;
  }
}

}  // namespace

void SpareSessions::keep(const config::Environment* environment, std::unique_ptr<store::Connection> session) {
  const std::scoped_lock lock(mutex_);
  sessions_[environment] = std::move(session);
}

std::unique_ptr<store::Connection> SpareSessions::take(const config::Environment* environment) {
  const std::scoped_lock lock(mutex_);
  auto found = sessions_.extract(environment);
  return found ? std::move(found.mapped()) : nullptr;
}

ByServer by_server(const config::Configuration& configuration,
                   const std::vector<const config::Environment*>& environments) {
  ByServer servers;
  for (const auto* environment : environments) {
    if (environment->rules.type == core::EnvironmentType::none) continue;  // gate 1: there is no table
    servers[store::connection_of(configuration, *environment)].push_back(environment);
  }
  return servers;
}

std::unique_ptr<store::Connection> open_one_of(const config::Configuration& configuration,
                                               const std::vector<const config::Environment*>& environments,
                                               const std::stop_token& stop) {
  for (const auto* environment : environments) {
    try {
      return store::open_environment(configuration, *environment, {.stop = stop});
    } catch (const StoreError& error) {
      if (error.kind() == StoreError::Kind::unavailable || environment == environments.back()) throw;
    }
  }
  throw StoreError(StoreError::Kind::schema, "there is no environment to open");
}

void SessionPool::keep(const std::string& conninfo, SessionUse use, std::unique_ptr<store::Connection> session) {
  const std::scoped_lock lock(mutex_);
  sessions_.emplace(std::pair(conninfo, use), std::move(session));
}

std::unique_ptr<store::Connection> SessionPool::take(const std::string& conninfo, SessionUse use) {
  const std::scoped_lock lock(mutex_);
  auto found = sessions_.extract({conninfo, use});
  return found ? std::move(found.mapped()) : nullptr;
}

// Both at once: that takes longer than looking at one user.
RunSessions::RunSessions(const RunContext& context, const config::Environment& environment)
    : context_(context), environment_(environment) {
  main = spare_session(&environment, SessionUse::asking);
  std::future<void> opening;
  if (!main) {
    opening = std::async(std::launch::async, [this] { main = session(&environment_, SessionUse::asking); });
  }
  mirror = session(nullptr, SessionUse::asking);
  if (opening.valid()) opening.get();
  new_rows =
      store::require_ready(*main, environment, context.worker.empty() ? store::Use::reading : store::Use::writing);
  if (context.steps_aside) reserve();
}

RunSessions::~RunSessions() {
  leave(nullptr, SessionUse::asking, std::move(mirror));
  leave(&environment_, SessionUse::asking, std::move(main));
  leave(nullptr, SessionUse::reading, std::move(mirror_reading_));
  leave(&environment_, SessionUse::reading, std::move(reading_));
  leave(&environment_, SessionUse::writing, std::move(writer_));
}

std::unique_ptr<store::Connection> RunSessions::writer() {
  need(writer_, &environment_, SessionUse::writing);
  return std::move(writer_);
}

void RunSessions::give_back(std::unique_ptr<store::Connection> writer) const {
  leave(&environment_, SessionUse::writing, std::move(writer));
}

ReadingSessions RunSessions::reading(std::size_t candidates) {
  serves_few_ = candidates <= static_cast<std::size_t>(few_candidates);
  return serves_few_ ? ReadingSessions{*mirror, *main, true} : reading();
}

ReadingSessions RunSessions::reading() {
  if (context_.configuration.database.has_few_sessions()) return {*mirror, *main, true};
  need(mirror_reading_, nullptr, SessionUse::reading);
  need(reading_, &environment_, SessionUse::reading);
  return {*mirror_reading_, *reading_};
}

std::vector<core::Guid> RunSessions::ids_apart(const store::MirrorState& state) const {
  auto* const all = context_.answers;
  return all != nullptr ? all->ids_apart(state, *mirror) : store::ids_apart(*mirror);
}

std::vector<core::Guid> RunSessions::changed_ids(const store::MirrorState& state, const store::Watermark& since) const {
  auto* const all = context_.answers;
  return all != nullptr ? all->changed_ids(state, since, *mirror) : store::changed_ids(*mirror, since, chunk_size);
}

std::optional<store::InLine> RunSessions::in_line(const store::MirrorState& state) const {
  const auto& name = environment_.rules.name;
  auto* const all = answers_under_the_lease();
  return all != nullptr ? all->in_line(state, name, *mirror) : store::read_in_line(*mirror, name);
}

bool RunSessions::has_passed(const store::MirrorState& state, const store::EnvironmentState& stands) const {
  auto* const all = answers_under_the_lease();
  return all != nullptr ? all->has_passed(state, stands, *mirror) : store::has_passed(*mirror, state.mirror_id, stands);
}

MirrorAnswers* RunSessions::answers_under_the_lease() const {
  return context_.worker.empty() ? nullptr : context_.answers;
}

// Most runs do not need them, so they enter no schema yet.
void RunSessions::reserve() {
  const auto reserved = [this](const config::Environment* of, SessionUse use) {
    auto left = context_.pool != nullptr ? context_.pool->take(server_of(of), use) : nullptr;
    return left ? std::move(left) : session(of, use);
  };
  mirror_reading_ = reserved(nullptr, SessionUse::reading);
  reading_ = reserved(&environment_, SessionUse::reading);
  writer_ = reserved(&environment_, SessionUse::writing);
}

void RunSessions::need(std::unique_ptr<store::Connection>& session, const config::Environment* of,
                       SessionUse use) const {
  if (!session || !enters(*session, of)) session = this->session(of, use);
}

std::unique_ptr<store::Connection> RunSessions::session(const config::Environment* of, SessionUse use) const {
  return opened_patiently(context_, conninfo_of(of), [&] {
    auto spare = spare_session(of, use);
    return spare ? std::move(spare) : open_session(of, use);
  });
}

std::unique_ptr<store::Connection> RunSessions::open_session(const config::Environment* of, SessionUse use) const {
  const store::SessionOptions options{.stop = context_.stop,
                                      .application_name = context_.worker,
                                      .reads_everything = use == SessionUse::reading,
                                      // The run's last transaction makes everything durable.
                                      .commits_later = use == SessionUse::writing};
  return of == nullptr ? store::open_mirror(context_.configuration, options)
                       : store::open_environment(context_.configuration, *of, options);
}

std::unique_ptr<store::Connection> RunSessions::spare_session(const config::Environment* of, SessionUse use) const {
  auto left = context_.pool != nullptr ? context_.pool->take(server_of(of), use) : nullptr;
  if (left && enters(*left, of)) return left;
  auto spare = context_.spare != nullptr && use == SessionUse::asking ? context_.spare->take(of) : nullptr;
  if (!spare) return nullptr;
  spare->stop_on(context_.stop);
  if (!context_.worker.empty()) spare->call_itself(context_.worker);
  return spare;
}

void RunSessions::leave(const config::Environment* of, SessionUse use,
                        std::unique_ptr<store::Connection> session) const {
  // After a failure nobody knows what is still under way in it.
  if (context_.pool == nullptr || !session || session->broken() || std::uncaught_exceptions() > 0) return;
  context_.pool->keep(server_of(of), use, std::move(session));
}

std::string RunSessions::server_of(const config::Environment* of) const {
  // The mirror's sessions stay the mirror's: they enter no other schema.
  return of == nullptr ? "" : conninfo_of(of);
}

std::string RunSessions::conninfo_of(const config::Environment* of) const {
  return of == nullptr ? context_.configuration.database.connection : store::connection_of(context_.configuration, *of);
}

}  // namespace dvsync::sync
