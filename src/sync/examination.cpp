#include "dvsync/sync/examination.hpp"

#include "dvsync/store/postgres/values.hpp"
#include "evaluation_context.hpp"
#include "planner.hpp"
#include "run_sessions.hpp"

namespace dvsync::sync {
namespace {

std::vector<core::Guid> read_plans(store::Connection& mirror, const core::Guid& object_id) {
  const auto rows = mirror.exec(
      "SELECT unnest(p.plans) FROM identity i JOIN plan_set p USING (plan_set) WHERE i.object_id = $1::uuid",
      {core::to_string(object_id)});
  std::vector<core::Guid> plans;
  for (int row = 0; row < rows.size(); ++row) plans.push_back(store::guid_at(rows, row, 0).value());
  return plans;
}

std::optional<Held> read_held(store::Connection& environment, const core::Guid& object_id) {
  const auto row = environment.exec(
      "SELECT held_run_id, (extract(epoch FROM held_since) * 1000000)::bigint, class, approved_at IS NOT NULL "
      "FROM sync_pending WHERE object_id = $1::uuid AND held_run_id IS NOT NULL",
      {core::to_string(object_id)});
  if (row.empty()) return std::nullopt;
  return Held{row.number(0, 0), store::timestamp_at(row, 0, 1).value(), std::string(row.text(0, 2)), row.boolean(0, 3)};
}

std::string read_rejection(store::Connection& environment, const core::Guid& object_id) {
  const auto row = environment.exec("SELECT reason, detail FROM sync_rejected WHERE object_id = $1::uuid LIMIT 1",
                                    {core::to_string(object_id)});
  return row.empty() ? "" : std::string(row.text(0, 0)) + ": " + std::string(row.text(0, 1));
}

std::vector<PastChange> read_history(store::Connection& environment, const core::Guid& object_id) {
  const auto rows = environment.exec(
      "SELECT run_id, (extract(epoch FROM at) * 1000000)::bigint, action, reason, fields::text FROM sync_change "
      "WHERE systemuserid IN (SELECT systemuserid FROM systemuser WHERE azureactivedirectoryobjectid = $1::uuid) "
      "ORDER BY run_id DESC LIMIT 5",
      {core::to_string(object_id)});
  std::vector<PastChange> history;
  for (int row = 0; row < rows.size(); ++row) {
    history.push_back({rows.number(row, 0), store::timestamp_at(rows, row, 1).value(), std::string(rows.text(row, 2)),
                       std::string(rows.text(row, 3)), std::string(rows.text(row, 4))});
  }
  return history;
}

Examination look_at(const EvaluationContext& evaluation, RunSessions& sessions, const core::Guid& object_id,
                    core::Trigger trigger) {
  Examination found;
  found.environment = evaluation.environment.rules.name;
  found.rules = evaluation.rules;
  found.security_group = evaluation.environment.security_group;
  if (evaluation.group) found.group_detail = evaluation.group->detail;
  found.pulled_at = evaluation.mirror_state.pulled_at;
  found.in_mirror =
      !sessions.mirror->exec("SELECT FROM identity WHERE object_id = $1::uuid", {core::to_string(object_id)}).empty();
  found.identity = read_identities(*sessions.mirror, *evaluation.view, {object_id}).front();
  auto rows = store::read_rows(*sessions.main, {object_id}, store::Lock::no);
  store::WrittenById written;
  if (!rows.empty()) {
    found.row = std::move(rows.begin()->second);
    written = store::read_written(*sessions.main, {found.row->systemuserid});
  }
  found.planned =
      plan_with(evaluation.rules, {.trigger = trigger}, found.identity, found.row ? &*found.row : nullptr, written);
  found.held = read_held(*sessions.main, object_id);
  found.rejected = read_rejection(*sessions.main, object_id);
  found.history = read_history(*sessions.main, object_id);
  found.plans = read_plans(*sessions.mirror, object_id);
  return found;
}

}  // namespace

Examination examine(const config::Configuration& configuration, const config::Environment& environment,
                    const core::Guid& object_id, core::Trigger trigger) {
  Observer silent;
  std::mutex mutex;
  const RunContext context{configuration, 0, Scope{.only = object_id, .trigger = trigger}, silent, mutex, {}};
  RunSessions sessions(context, environment);
  EvaluationContext evaluation(configuration, environment);
  evaluation.read(*sessions.mirror);
  return look_at(evaluation, sessions, object_id, trigger);
}

Diagnosis examine_afresh(const config::Configuration& configuration, const config::Environment& environment,
                         source::DirectorySource& source, const source::UserReference& user, core::Trigger trigger,
                         const std::stop_token& stop) {
  Observer silent;
  std::mutex mutex;
  const RunContext context{configuration, 0, Scope{.trigger = trigger}, silent, mutex, stop};
  RunSessions sessions(context, environment);
  Diagnosis diagnosis;
  diagnosis.asked = can_be_asked(configuration.directory);
  // The directory's answer is merged as for any request, and taken back with the transaction.
  const store::Transaction never_committed(*sessions.mirror);
  const auto resolved = ask_directory_within(configuration, source, *sessions.mirror, user, stop);
  if (resolved.object_id) {
    EvaluationContext evaluation(configuration, environment);
    evaluation.read(*sessions.mirror);
    diagnosis.examination = look_at(evaluation, sessions, *resolved.object_id, trigger);
  } else {
    diagnosis.refused = resolved;
  }
  return diagnosis;
}

}  // namespace dvsync::sync
