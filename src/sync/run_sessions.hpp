#pragma once
// The sessions of one environment's run. Private to sync.

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "candidates.hpp"
#include "dvsync/config/configuration.hpp"
#include "dvsync/error.hpp"
#include "dvsync/interruptible_sleep.hpp"
#include "dvsync/store/identity_queries.hpp"
#include "dvsync/store/in_line.hpp"
#include "dvsync/store/open.hpp"
#include "dvsync/store/preflight.hpp"
#include "dvsync/sync/environment_run.hpp"
#include "dvsync/sync/spare_sessions.hpp"

namespace dvsync::sync {

// Environments by the server that they are on, in their order; without those that have no database.
using ByServer = std::map<std::string, std::vector<const config::Environment*>>;
[[nodiscard]] ByServer by_server(const config::Configuration& configuration,
                                 const std::vector<const config::Environment*>& environments);

// One session in four of a server asks about its environments, and no session more for fewer than eight of them.
inline constexpr std::int64_t sessions_of_others = 4;
inline constexpr std::size_t fewest_of_a_session = 8;
// What is asked of every environment of a server, in a part for each session that asks. Every session has to learn of
// the tables that it asks, and some of them do so side by side.
template <class Place>
std::vector<std::vector<Place>> in_parts(const std::vector<Place>& places, std::int64_t sessions_of_server) {
  const auto sessions = static_cast<std::size_t>(std::max<std::int64_t>(1, sessions_of_server / sessions_of_others));
  const auto count = std::clamp<std::size_t>(places.size() / fewest_of_a_session, 1, sessions);
  const auto most = (places.size() + count - 1) / count;
  std::vector<std::vector<Place>> parts;
  for (const auto& place : places) {
    if (parts.empty() || parts.back().size() == most) parts.emplace_back();
    parts.back().push_back(place);
  }
  return parts;
}

// A session that serves all environments of one server: in the first that can be opened. Throws StoreError where none
// can.
[[nodiscard]] std::unique_ptr<store::Connection> open_one_of(
    const config::Configuration& configuration, const std::vector<const config::Environment*>& environments,
    const std::stop_token& stop);

// What `open` returns, a session by this connection string. Where PostgreSQL has none to give, it is tried again as
// long as `connect_timeout` says, and the observer hears of it. Throws what `open` throws, and Interrupted.
template <class Open>
auto opened_patiently(const RunContext& context, const std::string& conninfo, const Open& open) {
  const auto began = std::chrono::steady_clock::now();
  for (bool told = false;; told = true) {
    try {
      return open();
    } catch (const ConnectError& error) {
      const bool waits = error.full() && !context.steps_aside;
      if (!waits || std::chrono::steady_clock::now() - began > store::patience_of(conninfo)) throw;
      const std::scoped_lock lock(context.observer_mutex);
      if (!told) context.observer.waiting_for_session(error.what());
    }
    if (!sleep_for(std::chrono::milliseconds(500), context.stop)) throw Interrupted();
  }
}

// What a session of a run is for, as far as it is set up for it.
enum class SessionUse : std::uint8_t { asking, reading, writing };

// Sessions that one environment's run leaves to the next one's on the same server. Any thread.
class SessionPool {
 public:
  void keep(const std::string& conninfo, SessionUse use, std::unique_ptr<store::Connection> session);
  // nullptr: there is none.
  [[nodiscard]] std::unique_ptr<store::Connection> take(const std::string& conninfo, SessionUse use);

 private:
  std::mutex mutex_;
  std::multimap<std::pair<std::string, SessionUse>, std::unique_ptr<store::Connection>> sessions_;
};

// Those of one environment's run, or dry run.
class RunSessions {
 public:
  // Connects to the mirror and the environment, or takes spare sessions of the context, and checks both versions. A
  // worker that steps aside takes every session of a run at once.
  RunSessions(const RunContext& context, const config::Environment& environment);
  ~RunSessions();  // leaves them to others, if all went well
  RunSessions(const RunSessions&) = delete;
  RunSessions& operator=(const RunSessions&) = delete;

  [[nodiscard]] std::unique_ptr<store::Connection> writer();  // one more to the environment, for batches
  void give_back(std::unique_ptr<store::Connection> writer) const;
  // For so many candidates. Of their own, since everything else goes on while these are read. Few are read, and their
  // batches written, by those below: each session more would have the server learn the environment's tables once more,
  // which takes longer than the work itself.
  [[nodiscard]] ReadingSessions reading(std::size_t candidates);
  [[nodiscard]] ReadingSessions reading();
  // Whether reading() was asked for few.
  [[nodiscard]] bool serves_few() const { return serves_few_; }

  // What the mirror tells of this version: asked once for all environments of a run, where there are several
  // (MirrorAnswers). A dry run has no lease, under which a part of it stays as it is.
  [[nodiscard]] std::vector<core::Guid> ids_apart(const store::MirrorState& state) const;
  [[nodiscard]] std::optional<store::InLine> in_line(const store::MirrorState& state) const;
  [[nodiscard]] bool has_passed(const store::MirrorState& state, const store::EnvironmentState& stands) const;
  [[nodiscard]] std::vector<core::Guid> changed_ids(const store::MirrorState& state,
                                                    const store::Watermark& since) const;

  std::unique_ptr<store::Connection> mirror;  // short queries
  std::unique_ptr<store::Connection> main;    // to the environment: short queries, the first and the last transaction
  store::NewRows new_rows;                    // of the environment, as the preflight found it

 private:
  [[nodiscard]] MirrorAnswers* answers_under_the_lease() const;
  // `of`: nullptr for the mirror.
  [[nodiscard]] std::unique_ptr<store::Connection> session(const config::Environment* of, SessionUse use) const;
  void reserve();
  // Of those that were reserved, or one more; in the environment's schema.
  void need(std::unique_ptr<store::Connection>& session, const config::Environment* of, SessionUse use) const;
  [[nodiscard]] std::unique_ptr<store::Connection> open_session(const config::Environment* of, SessionUse use) const;
  [[nodiscard]] std::unique_ptr<store::Connection> spare_session(const config::Environment* of, SessionUse use) const;
  void leave(const config::Environment* of, SessionUse use, std::unique_ptr<store::Connection> session) const;
  [[nodiscard]] std::string server_of(const config::Environment* of) const;
  [[nodiscard]] std::string conninfo_of(const config::Environment* of) const;

  const RunContext& context_;
  const config::Environment& environment_;
  std::unique_ptr<store::Connection> mirror_reading_;
  std::unique_ptr<store::Connection> reading_;
  std::unique_ptr<store::Connection> writer_;  // until it is asked for
  bool serves_few_ = false;
};

}  // namespace dvsync::sync
