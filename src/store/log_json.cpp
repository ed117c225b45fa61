#include "dvsync/store/log_json.hpp"

namespace dvsync::store {
namespace {

namespace json = boost::json;

json::value text_or_null(const std::string& text) { return text.empty() ? json::value(nullptr) : json::value(text); }
json::value time_or_null(const std::optional<core::Timestamp>& time) {
  return time ? json::value(core::utc_time(*time)) : json::value(nullptr);
}
json::value id_or_none(std::int64_t id) { return id == 0 ? json::value(nullptr) : json::value(id); }
json::value ms_or_null(const std::optional<std::chrono::milliseconds>& duration) {
  return duration ? json::value(duration->count()) : json::value(nullptr);
}
json::array list_of(const std::vector<std::string>& texts) { return json::array(texts.begin(), texts.end()); }

json::object fields_of(const std::string& logged) {
  boost::system::error_code broken;
  auto parsed = json::parse(logged.empty() ? std::string("{}") : logged, broken);
  return broken || !parsed.is_object() ? json::object() : parsed.as_object();
}

json::value json_of(const std::optional<core::RunPhases>& phases) {
  if (!phases) return nullptr;
  return json::object{{"reading_ms", phases->reading.count()},
                      {"records", phases->records},
                      {"moved", phases->moved},
                      {"planning_ms", phases->planning.count()},
                      {"writing_ms", phases->writing.count()}};
}

}  // namespace

json::object json_of(const core::Counters& counters) {
  json::object object;
  for (const auto& counter : core::named_counters) object.emplace(counter.name, counters.*counter.value);
  return object;
}

json::object json_of(const LoggedRun& run) {
  return {{"environment", run.environment},
          {"run_id", run.run_id},
          {"kind", run.kind},
          {"trigger", run.trigger},
          {"outcome", text_or_null(run.outcome)},
          {"started_at", core::utc_time(run.started_at)},
          {"finished_at", time_or_null(run.finished_at)},
          {"requested_by", text_or_null(run.requested_by)},
          {"counters", json_of(run.counters)},
          {"missing", list_of(run.missing)},
          {"warnings", list_of(run.warnings)},
          {"detail", text_or_null(run.detail)},
          {"answers", id_or_none(run.answers)},
          {"comment", text_or_null(run.comment)},
          {"held_because", list_of(run.held_because)},
          {"why_full", text_or_null(run.why_full)},
          {"phases", json_of(run.phases)},
          {"lag_ms", ms_or_null(run.lag)},
          {"plan", text_or_null(run.plan)}};
}

json::object json_of(const LoggedChange& change) {
  return {{"environment", change.environment},
          {"run_id", change.run_id},
          {"at", core::utc_time(change.at)},
          {"action", change.action},
          {"reason", change.reason},
          {"systemuserid", change.systemuserid},
          {"object_id", text_or_null(change.object_id)},
          {"domainname", text_or_null(change.domainname)},
          {"fields", fields_of(change.fields)},
          {"notes", list_of(change.notes)},
          {"requested_by", text_or_null(change.requested_by)}};
}

json::object json_of(const LoggedHold& hold) {
  return {{"object_id", hold.object_id},
          {"domainname", text_or_null(hold.domainname)},
          {"class", hold.guard_class},
          {"action", hold.action},
          {"reason", hold.reason},
          {"answer", text_or_null(hold.answer)},
          {"answered_at", time_or_null(hold.answered_at)},
          {"answered_by", text_or_null(hold.answered_by)},
          {"comment", text_or_null(hold.comment)},
          {"ended", text_or_null(hold.ended)},
          {"ended_run_id", id_or_none(hold.ended_run_id)}};
}

json::object json_of(const LoggedRejection& r) {
  return {{"environment", r.environment},
          {"since", core::utc_time(r.since)},
          {"object_id", text_or_null(r.object_id)},
          {"domainname", text_or_null(r.domainname)},
          {"place", text_or_null(r.place)},
          {"reason", r.reason},
          {"detail", r.detail},
          {"first_run_id", r.first_run_id},
          {"last_run_id", r.last_run_id}};
}

json::object json_of(const LoggedRequest& r) {
  return {{"environment", r.environment},
          {"requested_at", core::utc_time(r.requested_at)},
          {"answered_at", time_or_null(r.answered_at)},
          {"requested_by", r.requested_by},
          {"command", text_or_null(r.command)},
          {"trigger", r.trigger},
          {"user_name", text_or_null(r.user_name)},
          {"object_id", text_or_null(r.object_id)},
          {"decision", text_or_null(r.decision)},
          {"access", text_or_null(r.access)},
          {"reason", text_or_null(r.reason)},
          {"detail", text_or_null(r.detail)},
          {"systemuserid", text_or_null(r.systemuserid)},
          {"run_id", id_or_none(r.run_id)}};
}

}  // namespace dvsync::store
