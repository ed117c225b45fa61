#include "dvsync/store/pending.hpp"

#include "dvsync/store/postgres/copy_line.hpp"
#include "dvsync/store/postgres/values.hpp"
#include "dvsync/store/system_users.hpp"

namespace dvsync::store {
namespace {

constexpr const char* waiting_columns = "object_id, class, approved_at IS NOT NULL, held_run_id IS NOT NULL";

std::vector<Waiting> waiting_from(const Rows& rows) {
  std::vector<Waiting> found;
  found.reserve(static_cast<std::size_t>(rows.size()));
  for (int row = 0; row < rows.size(); ++row) {
    const auto guard_class = core::guard_class_named(rows.text(row, 1));
    if (!guard_class) continue;
    found.push_back({guid_at(rows, row, 0).value(), *guard_class, rows.boolean(row, 2), rows.boolean(row, 3)});
  }
  return found;
}

// The classes that are held, as a text array.
std::string class_array(const std::array<bool, core::guard_class_count>& held_classes) {
  std::vector<std::string> names;
  for (std::size_t c = 0; c < core::guard_class_count; ++c) {
    if (held_classes[c]) names.emplace_back(core::name_of(static_cast<core::GuardClass>(c)));
  }
  return to_array(names);
}

// Decisions that run `run_id` ended, and how, in the log of holds.
void forget(Connection& environment, const std::string& condition, const std::string& ids, std::int64_t run_id,
            const std::string& ended) {
  environment.exec_uuids("WITH gone AS (DELETE FROM our.sync_pending WHERE " + condition +
                             " RETURNING object_id, held_run_id) UPDATE our.sync_hold h SET ended = " + ended +
                             ", ended_run_id = " + std::to_string(run_id) +
                             " FROM gone g WHERE h.run_id = g.held_run_id AND h.object_id = g.object_id",
                         ids);
}

}  // namespace

WaitingCounts count_waiting(Connection& environment, std::int64_t run_id) {
  const auto rows = environment.exec(
      "SELECT class, run_id = $1::bigint, held_run_id IS NOT NULL, declined_at IS NOT NULL, count(*) "
      "FROM our.sync_pending WHERE (run_id = $1::bigint OR held_run_id IS NOT NULL) AND approved_at IS NULL "
      "GROUP BY 1, 2, 3, 4",
      {std::to_string(run_id)});
  WaitingCounts counts;
  for (int row = 0; row < rows.size(); ++row) {
    const auto guard_class = core::guard_class_named(rows.text(row, 0));
    if (!guard_class) continue;
    auto& of = rows.boolean(row, 3)    ? counts.declined
               : !rows.boolean(row, 1) ? counts.elsewhere
               : rows.boolean(row, 2)  ? counts.held
                                       : counts.fresh;
    of[static_cast<std::size_t>(*guard_class)] += rows.number(row, 4);
  }
  return counts;
}

PendingThere find_pending(Connection& environment, std::int64_t run_id) {
  const auto found = environment.exec(
      "SELECT EXISTS (SELECT 1 FROM our.sync_pending), EXISTS (SELECT 1 FROM our.sync_pending WHERE run_id = "
      "$1::bigint)",
      {std::to_string(run_id)});
  return {.any = found.boolean(0, 0), .own = found.boolean(0, 1)};
}

ClassCounts count_passed(Connection& environment, std::chrono::seconds window) {
  const auto row = environment.exec(
      "SELECT coalesce(sum(passed_stated), 0), coalesce(sum(passed_absent), 0), coalesce(sum(passed_disqualified), 0), "
      "coalesce(sum(passed_admitted), 0), coalesce(sum(passed_access), 0) FROM our.sync_run "
      "WHERE finished_at > statement_timestamp() - make_interval(secs => $1::int)",
      {std::to_string(window.count())});
  ClassCounts counts{};
  for (std::size_t c = 0; c < counts.size(); ++c) counts[c] = row.number(0, static_cast<int>(c));
  return counts;
}

ClassCounts count_declined(Connection& environment, std::chrono::seconds window) {
  const auto rows = environment.exec(
      "SELECT class, count(*) FROM our.sync_pending "
      "WHERE declined_at > statement_timestamp() - make_interval(secs => $1::int) GROUP BY 1",
      {std::to_string(window.count())});
  ClassCounts counts{};
  for (int row = 0; row < rows.size(); ++row) {
    const auto guard_class = core::guard_class_named(rows.text(row, 0));
    if (guard_class) counts[static_cast<std::size_t>(*guard_class)] = rows.number(row, 1);
  }
  return counts;
}

std::int64_t count_enabled_rows(Connection& environment, std::int64_t most) {
  return environment
      .exec(std::string("SELECT count(*) FROM (SELECT 1 FROM our.systemuser u WHERE u.isdisabled IS NOT TRUE AND ") +
                touchable_rows + " LIMIT $1::bigint) enabled",
            {std::to_string(most)})
      .number(0, 0);
}

void take_guard(Connection& environment) {
  environment.exec("SELECT 1 FROM our.sync_lock WHERE name = 'guard' FOR UPDATE");
}

bool try_take_guard(Connection& environment) {
  return !environment.exec("SELECT 1 FROM our.sync_lock WHERE name = 'guard' FOR UPDATE SKIP LOCKED").empty();
}

void forget_carried_out(Connection& environment, std::int64_t run_id, const std::vector<core::Guid>& object_ids) {
  forget(environment, "object_id = ANY ($1)", uuid_array(object_ids), run_id, "'carried_out'");
}

void hold(Connection& environment, std::int64_t run_id, core::GuardClass guard_class) {
  const std::vector<Parameter> parameters{std::to_string(run_id), std::string(core::name_of(guard_class))};
  const std::string which =
      " WHERE run_id = $1::bigint AND class = $2 AND approved_at IS NULL AND declined_at IS NULL AND ";
  environment.exec("UPDATE our.sync_pending SET held_run_id = run_id" + which + "held_run_id IS NULL", parameters);
  environment.exec("UPDATE our.sync_pending SET held_since = now()" + which + "held_since IS NULL", parameters);
  // What is read stands before what is written, here and elsewhere: Citus takes no function, and no default, in an
  // INSERT that reads a sharded table itself. Nor does it take a time within coalesce() or CASE in an UPDATE.
  environment.exec(
      "WITH held AS MATERIALIZED (SELECT held_run_id, object_id, class, action, reason, domainname "
      "FROM our.sync_pending "
      "WHERE run_id = $1::bigint AND held_run_id = $1::bigint AND class = $2 AND approved_at IS NULL) "
      "INSERT INTO our.sync_hold (run_id, object_id, class, action, reason, domainname) SELECT * FROM held "
      "ON CONFLICT (run_id, object_id) DO NOTHING",
      parameters);
}

void keep_waiting(Connection& environment, std::int64_t run_id, const std::vector<core::Guid>& object_ids) {
  if (object_ids.empty()) return;
  environment.exec_uuids(
      "UPDATE our.sync_pending SET run_id = " + std::to_string(run_id) +
          " WHERE object_id = ANY ($1) AND held_run_id IS NOT NULL AND approved_at IS NULL AND declined_at IS NULL",
      uuid_array(object_ids));
}

std::vector<Waiting> next_waiting(Connection& environment, std::int64_t run_id, const core::Guid& after, int limit) {
  return waiting_from(environment.exec(std::string("SELECT ") + waiting_columns +
                                           " FROM our.sync_pending WHERE run_id = $1::bigint AND object_id > $2::uuid "
                                           "AND declined_at IS NULL "
                                           "ORDER BY object_id LIMIT $3::int",
                                       {std::to_string(run_id), core::to_string(after), std::to_string(limit)}));
}

std::vector<Waiting> held_decisions(Connection& environment) {
  return waiting_from(environment.exec(
      std::string("SELECT ") + waiting_columns +
      " FROM our.sync_pending WHERE held_run_id IS NOT NULL AND declined_at IS NULL ORDER BY object_id"));
}

bool holds_anything(Connection& environment) {
  return environment
      .exec("SELECT EXISTS (SELECT 1 FROM our.sync_pending WHERE held_run_id IS NOT NULL AND declined_at IS NULL)")
      .boolean(0, 0);
}

std::vector<Waiting> held_among(Connection& environment, const std::vector<core::Guid>& object_ids) {
  return waiting_from(environment.exec_uuids(
      std::string("SELECT ") + waiting_columns +
          " FROM our.sync_pending WHERE held_run_id IS NOT NULL AND declined_at IS NULL AND object_id = ANY ($1)",
      uuid_array(object_ids)));
}

void forget_declined(Connection& environment, std::int64_t run_id, const std::vector<core::Guid>& object_ids) {
  if (object_ids.empty()) return;
  forget(environment, "object_id = ANY ($1) AND declined_at IS NOT NULL", uuid_array(object_ids), run_id,
         "'not_wanted'");
}

std::vector<Declined> declined_decisions(Connection& environment) {
  const auto rows =
      environment.exec("SELECT object_id, class, reason FROM our.sync_pending WHERE declined_at IS NOT NULL");
  std::vector<Declined> found;
  for (int row = 0; row < rows.size(); ++row) {
    const auto guard_class = core::guard_class_named(rows.text(row, 1));
    if (guard_class) found.push_back({guid_at(rows, row, 0).value(), *guard_class, std::string(rows.text(row, 2))});
  }
  return found;
}

void settle(Connection& environment, std::int64_t run_id, const std::array<bool, core::guard_class_count>& held_classes,
            const Settled& settled) {
  std::vector<std::string> unapplied;
  for (const auto& id : settled.unapplied) unapplied.push_back(core::to_string(id));
  // What this run wanted and does not hold, it has carried out; what it no longer wanted is over.
  environment.exec(
      "WITH gone AS (DELETE FROM our.sync_pending WHERE run_id <= $1::bigint AND ($2::uuid IS NULL OR object_id = "
      "$2::uuid) AND (NOT $4::boolean OR approved_at IS NOT NULL) AND (NOT $6::boolean OR run_id = $1::bigint) "
      "AND NOT (run_id = $1::bigint AND class = ANY ($3::text[]) AND approved_at IS NULL) "
      "AND object_id <> ALL ($5::uuid[]) AND declined_at IS NULL RETURNING object_id, run_id, held_run_id) "
      "UPDATE our.sync_hold h SET ended = CASE WHEN g.run_id = $1::bigint THEN 'carried_out' ELSE 'not_wanted' END, "
      "ended_run_id = $1::bigint FROM gone g WHERE h.run_id = g.held_run_id AND h.object_id = g.object_id",
      {std::to_string(run_id), settled.only ? Parameter(core::to_string(*settled.only)) : Parameter(),
       class_array(held_classes), settled.approved_only ? "t" : "f", to_array(unapplied),
       settled.own_only ? "t" : "f"});
}

}  // namespace dvsync::store
