#include "dvsync/store/schedule.hpp"

namespace dvsync::store {
namespace {

std::optional<std::chrono::seconds> seconds_at(const Rows& row, int column) {
  const auto number = row.optional_number(0, column);
  return number ? std::optional(std::chrono::seconds(*number)) : std::nullopt;
}

// A command that no longer asks has gone away.
constexpr const char* read_sql = R"(
SELECT l.holder IS NOT NULL AND l.holder IS NOT DISTINCT FROM s.daemon, s.run_ended_at IS NULL,
       extract(epoch FROM statement_timestamp() - s.run_began_at)::bigint,
       extract(epoch FROM statement_timestamp() - s.full_began_at)::bigint,
       s.run_full, CASE WHEN s.wanted_at > statement_timestamp() - interval '5 seconds' THEN s.wanted_by END, l.fence,
       l.holder IS NULL OR l.expires_at < clock_timestamp() OR NOT EXISTS (
         SELECT 1 FROM pg_stat_activity a
         WHERE a.pid = l.backend_pid AND (a.backend_start IS NULL OR a.backend_start = l.backend_start)),
       coalesce(l.holder_name, 'another dvsync'), s.run_succeeded IS TRUE, s.daemon IS NOT NULL
FROM our.schedule s, our.lease l)";

}  // namespace

ScheduleState read_schedule(Connection& mirror) {
  const auto row = mirror.exec(read_sql);
  if (row.empty()) {
    throw StoreError(StoreError::Kind::schema, mirror.place() + ": schedule is empty: restore the mirror's schema");
  }
  const bool held = row.boolean(0, 0);
  const auto since_run = seconds_at(row, 2);
  return {.fence = row.number(0, 6),
          .free = row.boolean(0, 7),
          .holder = std::string(row.text(0, 8)),
          .daemon_known = row.boolean(0, 10),
          .held_by_daemon = held,
          .running = held && since_run && row.boolean(0, 1),
          .since_run = since_run,
          .since_full = seconds_at(row, 3),
          .last_succeeded = row.boolean(0, 9),
          .last_full = row.boolean(0, 4),
          .wanted_by = row.optional_text(0, 5)};
}

void note_daemon(Connection& mirror, const Lease& lease) {
  mirror.exec("UPDATE our.schedule SET daemon = lease.holder FROM our.lease WHERE lease.fence = $1::bigint",
              {std::to_string(lease.fence())});
}

void note_run_begins(Connection& mirror, bool full) {
  mirror.exec(
      "UPDATE our.schedule SET run_full = $1::boolean, run_began_at = statement_timestamp(), run_ended_at = NULL, "
      "run_succeeded = NULL",
      {full ? "true" : "false"});
}

void note_run_ends(Connection& mirror, bool succeeded) {
  mirror.exec(
      "UPDATE our.schedule SET run_ended_at = statement_timestamp(), run_succeeded = $1::boolean, "
      "full_began_at = CASE WHEN run_full AND $1::boolean THEN run_began_at ELSE full_began_at END",
      {succeeded ? "true" : "false"});
}

void request_lease(Connection& mirror, const std::string& name) {
  mirror.exec("UPDATE our.schedule SET wanted_at = statement_timestamp(), wanted_by = $1", {name});
}

void withdraw_request(Connection& mirror) { mirror.exec("UPDATE our.schedule SET wanted_at = NULL, wanted_by = NULL"); }

}  // namespace dvsync::store
