#include "dvsync/store/alarms.hpp"

#include "dvsync/store/postgres/copy_line.hpp"
#include "dvsync/store/postgres/values.hpp"

namespace dvsync::store {
namespace {

AlarmKey alarm_key_at(const Rows& rows, int row) {
  return {.environment = text_at(rows, row, 0), .code = text_at(rows, row, 1), .subject = text_at(rows, row, 2)};
}

void remember_alarm(Connection& mirror, const std::string& target, const RememberedAlarm& alarm) {
  mirror.exec(
      "INSERT INTO our.alarm (target, environment, code, subject, began_at, told_at, told_count, what) "
      "VALUES ($1, $2, $3, $4, $5::timestamptz, $6::timestamptz, $7::bigint, $8) "
      "ON CONFLICT (target, environment, code, subject) DO UPDATE SET began_at = excluded.began_at, "
      "told_at = excluded.told_at, told_count = excluded.told_count, what = excluded.what",
      {target, alarm.key.environment, alarm.key.code, alarm.key.subject, to_string(alarm.began_at),
       to_string(alarm.told_at), std::to_string(alarm.told_count), alarm.what});
}

void forget_alarm(Connection& mirror, const std::string& target, const AlarmKey& key) {
  mirror.exec("DELETE FROM our.alarm WHERE target = $1 AND environment = $2 AND code = $3 AND subject = $4",
              {target, key.environment, key.code, key.subject});
}

void queue_message(Connection& mirror, const std::string& target, const QueuedMessage& queued) {
  mirror.exec("INSERT INTO our.alarm_message (target, environment, code, subject, message) VALUES ($1, $2, $3, $4, $5)",
              {target, queued.key.environment, queued.key.code, queued.key.subject, queued.message});
}

}  // namespace

AlarmMemory read_alarms(Connection& mirror, const std::string& target) {
  AlarmMemory memory;
  memory.now = timestamp_at(mirror.exec("SELECT " + microseconds_of("clock_timestamp()")), 0, 0).value();
  const auto rows = mirror.exec(
      "SELECT environment, code, subject, " + microseconds_of("began_at") + ", " + microseconds_of("told_at") +
          ", told_count, what, EXISTS (SELECT 1 FROM our.alarm_message m WHERE m.target = alarm.target AND "
          "m.environment = alarm.environment AND m.code = alarm.code AND m.subject = alarm.subject AND "
          "m.delivered_at IS NULL) FROM our.alarm WHERE target = $1 ORDER BY environment, code, subject",
      {target});
  for (int row = 0; row < rows.size(); ++row) {
    memory.alarms.push_back({.key = alarm_key_at(rows, row),
                             .began_at = timestamp_at(rows, row, 3).value(),
                             .told_at = timestamp_at(rows, row, 4).value(),
                             .told_count = rows.number(row, 5),
                             .what = text_at(rows, row, 6),
                             .waiting = rows.boolean(row, 7)});
  }
  return memory;
}

void write_alarms(Connection& mirror, const Lease& lease, const std::string& target, const AlarmChanges& changes) {
  Transaction transaction(mirror);
  lease.assert_held(mirror);
  for (const auto& key : changes.forget) forget_alarm(mirror, target, key);
  for (const auto& alarm : changes.remember) remember_alarm(mirror, target, alarm);
  for (const auto& queued : changes.messages) queue_message(mirror, target, queued);
  transaction.commit();
}

std::optional<ClaimedMessage> claim_message(Connection& mirror, const Lease& lease,
                                            const std::vector<std::string>& targets, std::chrono::seconds claim) {
  Transaction transaction(mirror);
  lease.assert_held(mirror);
  const auto rows = mirror.exec(
      "UPDATE our.alarm_message SET attempts = attempts + 1, claimed_by = $3::bigint, "
      "next_attempt_at = clock_timestamp() + $2::bigint * interval '1 second' WHERE message_id = ("
      "SELECT first.message_id FROM (SELECT DISTINCT ON (target) message_id, next_attempt_at FROM our.alarm_message "
      "WHERE delivered_at IS NULL AND target = ANY ($1::text[]) ORDER BY target, message_id) first "
      "WHERE first.next_attempt_at <= clock_timestamp() ORDER BY first.message_id LIMIT 1) "
      "RETURNING message_id, target, message, attempts",
      {to_array(targets), std::to_string(claim.count()), std::to_string(lease.fence())});
  transaction.commit();
  if (rows.empty()) return std::nullopt;
  return ClaimedMessage{.message_id = rows.number(0, 0),
                        .target = text_at(rows, 0, 1),
                        .message = text_at(rows, 0, 2),
                        .attempts = static_cast<int>(rows.number(0, 3))};
}

void message_delivered(Connection& mirror, std::int64_t message_id) {
  mirror.exec(
      "UPDATE our.alarm_message SET delivered_at = clock_timestamp(), failure = NULL WHERE message_id = $1::bigint",
      {std::to_string(message_id)});
}

void message_failed(Connection& mirror, std::int64_t message_id, const std::string& why,
                    std::chrono::milliseconds pause) {
  mirror.exec(
      "UPDATE our.alarm_message SET failure = $2, next_attempt_at = clock_timestamp() + $3::bigint * interval "
      "'1 millisecond' WHERE message_id = $1::bigint",
      {std::to_string(message_id), why, std::to_string(pause.count())});
}

std::optional<std::chrono::milliseconds> until_next_attempt(Connection& mirror,
                                                            const std::vector<std::string>& targets) {
  const auto row = mirror.exec(
      "SELECT (extract(epoch FROM min(next_attempt_at) - clock_timestamp()) * 1000)::bigint FROM (SELECT DISTINCT ON "
      "(target) next_attempt_at FROM our.alarm_message WHERE delivered_at IS NULL AND target = ANY ($1::text[]) ORDER "
      "BY target, message_id) first",
      {to_array(targets)});
  const auto pause = row.optional_number(0, 0);
  return pause ? std::optional(std::chrono::milliseconds(*pause)) : std::nullopt;
}

std::vector<AlarmDeliveries> read_deliveries(Connection& mirror, const std::vector<std::string>& targets) {
  const auto rows = mirror.exec(
      "SELECT t.target, (SELECT count(*) FROM our.alarm a WHERE a.target = t.target), "
      "count(m.message_id) FILTER (WHERE m.delivered_at IS NULL), "
      "extract(epoch FROM clock_timestamp() - min(m.queued_at) FILTER (WHERE m.delivered_at IS NULL))::bigint, "
      "(array_agg(m.failure ORDER BY m.message_id) FILTER (WHERE m.delivered_at IS NULL))[1], " +
          microseconds_of("max(m.delivered_at)") +
          " FROM unnest($1::text[]) WITH ORDINALITY t(target, place) LEFT JOIN our.alarm_message m ON m.target = "
          "t.target GROUP BY t.target, t.place ORDER BY t.place",
      {to_array(targets)});
  std::vector<AlarmDeliveries> all;
  for (int row = 0; row < rows.size(); ++row) {
    const auto age = rows.optional_number(row, 3);
    all.push_back({.target = text_at(rows, row, 0),
                   .standing = rows.number(row, 1),
                   .waiting = rows.number(row, 2),
                   .waiting_for = age ? std::optional(std::chrono::seconds(*age)) : std::nullopt,
                   .failure = text_at(rows, row, 4),
                   .delivered_at = timestamp_at(rows, row, 5)});
  }
  return all;
}

std::int64_t forget_old_alarms(Connection& mirror, const Lease& lease, const std::vector<std::string>& targets,
                               const AlarmRetention& retention) {
  const auto delivered = std::to_string(retention.delivered.count());
  const auto undelivered = std::to_string(retention.undelivered.count());
  Transaction transaction(mirror);
  lease.assert_held(mirror);
  mirror.exec("DELETE FROM our.alarm_message WHERE delivered_at < clock_timestamp() - $1::bigint * interval '1 second'",
              {delivered});
  const auto given_up = mirror.exec(
      "DELETE FROM our.alarm_message WHERE delivered_at IS NULL AND queued_at < clock_timestamp() - $1::bigint * "
      "interval '1 second'",
      {undelivered});
  mirror.exec(
      "DELETE FROM our.alarm WHERE NOT target = ANY ($1::text[]) AND told_at < clock_timestamp() - $2::bigint * "
      "interval '1 second'",
      {to_array(targets), delivered});
  transaction.commit();
  return given_up.affected();
}

}  // namespace dvsync::store
