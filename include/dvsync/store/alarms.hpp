#pragma once
// What the mirror remembers of alarms: what was told to whom, and messages that wait for their delivery
// (docs/alarms.md). Who decides what is due is service; all times are the server's.

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dvsync/core/timestamp.hpp"
#include "dvsync/store/lease.hpp"
#include "dvsync/store/postgres/connection.hpp"

namespace dvsync::store {

struct AlarmKey {
  std::string environment;                            // empty: the mirror, or the daemon
  std::string code;                                   // of the finding
  std::string subject = {};                           // which of several of one code; empty: there is one
  auto operator<=>(const AlarmKey&) const = default;  // NOLINT(modernize-use-nullptr): clang-tidy 14 sees a 0 in it
};

struct RememberedAlarm {
  AlarmKey key;
  core::Timestamp began_at;
  core::Timestamp told_at;
  std::int64_t told_count = 0;
  std::string what;
  bool waiting = false;  // a message about it is not delivered yet; not written
};

struct AlarmMemory {
  core::Timestamp now;  // by the server's clock
  std::vector<RememberedAlarm> alarms;
};
[[nodiscard]] AlarmMemory read_alarms(Connection& mirror, const std::string& target);

struct QueuedMessage {
  AlarmKey key;
  std::string message;  // JSON
};
struct AlarmChanges {
  std::vector<RememberedAlarm> remember;
  std::vector<AlarmKey> forget;
  std::vector<QueuedMessage> messages;
};
// All of it, or nothing, and only under the lease. Throws StoreError fenced: another daemon works.
void write_alarms(Connection& mirror, const Lease& lease, const std::string& target, const AlarmChanges& changes);

struct ClaimedMessage {
  std::int64_t message_id = 0;
  std::string target;
  std::string message;
  int attempts = 0;  // this one included
};
// The next message that is due for one of these, which nobody else gets for as long as `claim`. Those of one place go
// out in their order: one that cannot be delivered keeps the later ones waiting. Throws StoreError fenced.
[[nodiscard]] std::optional<ClaimedMessage> claim_message(Connection& mirror, const Lease& lease,
                                                          const std::vector<std::string>& targets,
                                                          std::chrono::seconds claim);
void message_delivered(Connection& mirror, std::int64_t message_id);
void message_failed(Connection& mirror, std::int64_t message_id, const std::string& why,
                    std::chrono::milliseconds pause);
// How long until the next attempt for one of these; nullopt: nothing waits.
[[nodiscard]] std::optional<std::chrono::milliseconds> until_next_attempt(Connection& mirror,
                                                                          const std::vector<std::string>& targets);

// How it stands with the messages for one place.
struct AlarmDeliveries {
  std::string target;
  std::int64_t standing = 0;                             // alarms that it was told about, and that are not over
  std::int64_t waiting = 0;                              // messages that are not delivered
  std::optional<std::chrono::seconds> waiting_for = {};  // the oldest of them
  std::string failure = {};                              // why its last attempt came to nothing; empty: none did
  std::optional<core::Timestamp> delivered_at = {};      // the last that arrived
};
[[nodiscard]] std::vector<AlarmDeliveries> read_deliveries(Connection& mirror, const std::vector<std::string>& targets);

// Messages that were delivered so long ago, or that could not be delivered for so long; what is remembered for places
// that are not among `targets` any more. How many messages were given up.
struct AlarmRetention {
  std::chrono::seconds delivered{30 * 86400};
  std::chrono::seconds undelivered{7 * 86400};
};
std::int64_t forget_old_alarms(Connection& mirror, const Lease& lease, const std::vector<std::string>& targets,
                               const AlarmRetention& retention = {});

}  // namespace dvsync::store
