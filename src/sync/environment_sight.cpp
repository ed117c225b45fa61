#include "environment_sight.hpp"

#include <algorithm>
#include <future>

#include "dvsync/store/open.hpp"
#include "dvsync/store/pending.hpp"
#include "dvsync/store/postgres/values.hpp"
#include "dvsync/store/preflight.hpp"
#include "sessions.hpp"

namespace dvsync::sync {
namespace {

core::Timestamp server_time(store::Connection& mirror) {
  return store::timestamp_at(mirror.exec("SELECT (extract(epoch FROM now()) * 1000000)::bigint"), 0, 0).value();
}

std::vector<core::Guid> read_rejected_records(store::Connection& mirror) {
  const auto rows = mirror.exec("SELECT DISTINCT object_id FROM rejected_record WHERE object_id IS NOT NULL");
  std::vector<core::Guid> ids;
  ids.reserve(static_cast<std::size_t>(rows.size()));
  for (int row = 0; row < rows.size(); ++row) ids.push_back(store::guid_at(rows, row, 0).value());
  return ids;
}

}  // namespace

EnvironmentSight::EnvironmentSight(const RunContext& run, const config::Environment& of)
    : context(run), environment(of), rules(of.rules) {
  open_sessions();
  rules.has_security_group = of.security_group.has_value();
  rules.marketing_license = run.configuration.directory.marketing_license;
  mirror_state = store::read_state(*mirror);
  if (of.security_group) group = store::read_group(*mirror, *of.security_group);
  view = std::make_unique<store::IdentityView>(*mirror, mirror_state, group ? &*group : nullptr,
                                               run.configuration.licenses);
  rejected_records = read_rejected_records(*mirror);
  target = {.mirror_id = mirror_state.mirror_id,
            .watermark = mirror_state.version,
            .rules_hash = hash_of_rules(of, run.configuration),
            .knowledge_hash = hash_of_knowledge(mirror_state, group ? &*group : nullptr),
            .evaluated_at = server_time(*mirror)};
}

std::unique_ptr<store::Connection> EnvironmentSight::connect() const {
  return store::open_environment(context.configuration, environment,
                                 {.stop = context.stop, .application_name = context.worker});
}

std::unique_ptr<store::Connection> EnvironmentSight::connect_mirror() const {
  return store::open_mirror(context.configuration, {.stop = context.stop, .application_name = context.worker});
}

std::unique_ptr<store::Connection> EnvironmentSight::spare_session(const config::Environment* of) const {
  auto spare = context.spare != nullptr ? context.spare->take(of) : nullptr;
  if (!spare) return nullptr;
  spare->stop_on(context.stop);
  if (!context.worker.empty()) spare->call_itself(context.worker);
  return spare;
}

// Both at once: that takes longer than looking at one user.
void EnvironmentSight::open_sessions() {
  main = spare_session(&environment);
  std::future<void> opening;
  if (!main) {
    opening = std::async(std::launch::async, [this] { main = connect(); });
  }
  mirror = spare_session(nullptr);
  if (!mirror) mirror = connect_mirror();
  if (opening.valid()) opening.get();
  store::require_ready(*main, environment, context.worker.empty() ? store::Use::reading : store::Use::writing);
}

// Of their own, since everything else goes on while they are read.
ReadingSessions EnvironmentSight::reading_sessions() {
  mirror_reading_ = connect_mirror();
  reading_ = connect();
  // One statement for all there is lasts as long as the work on its rows.
  for (auto* session : {mirror_reading_.get(), reading_.get()}) session->exec("SET statement_timeout = 0");
  return {*mirror_reading_, *reading_};
}

void EnvironmentSight::judge(const store::EnvironmentState& state) {
  rules_changed = state.rules_hash != target.rules_hash;
  if (context.scope.full) {
    why_full = "asked for";
  } else if (!state.watermark) {
    why_full = "this environment's first run";
  } else if (state.mirror_id != target.mirror_id) {
    why_full = "the mirror is another one";
  } else if (*state.watermark > target.watermark) {
    why_full = "the mirror is older than at the last run";
  } else if (rules_changed) {
    why_full = "its rules changed";
  } else if (state.knowledge_hash != target.knowledge_hash) {
    why_full = "the directory tells more, or less, than before";
  }
  full = !why_full.empty();
  if (state.watermark && state.evaluated_at) since_ = Since{*state.watermark, *state.evaluated_at};
}

std::unique_ptr<Subjects> EnvironmentSight::subjects() {
  if (context.scope.only) return these({*mirror, *main}, *view, {*context.scope.only});
  std::vector<core::Guid> again;
  for (const auto& waiting : store::held_decisions(*main)) {
    if (!context.scope.approved_only || waiting.approved) again.push_back(waiting.object_id);
  }
  if (context.scope.approved_only) return these(reading_sessions(), *view, std::move(again));
  if (full || !since_) return everybody(reading_sessions(), *view);
  for (const auto& id : store::rejected_identities(*main)) again.push_back(id);
  return changed_since(reading_sessions(), *view, *since_, std::move(again));
}

std::vector<core::Reason> EnvironmentSight::standing_gaps() const {
  std::vector<core::Reason> gaps;
  const auto& roles = mirror_state.roles;
  const auto unreadable = [](store::Known known) { return known == store::Known::unreadable; };
  if (group && unreadable(group->members)) gaps.push_back(core::Reason::security_group_unknown);
  if (std::any_of(roles.begin(), roles.begin() + core::role_count, unreadable)) {
    gaps.push_back(core::Reason::roles_unknown);
  }
  const auto licensed = roles[static_cast<std::size_t>(source::RoleName::licensed)];
  const bool by_plans = licensed == store::Known::not_carried && !mirror_state.everybody_licensed;
  if (unreadable(licensed) || (by_plans && !mirror_state.plans_stated)) gaps.push_back(core::Reason::license_unknown);
  return gaps;
}

std::string EnvironmentSight::describe(core::Reason missing, std::int64_t users) const {
  std::string text;
  switch (missing) {
    case core::Reason::security_group_unknown:
      text = "security group " + environment.security_group.value_or("") + " cannot be read";
      if (group && !group->detail.empty()) text += " (" + group->detail + ")";
      break;
    case core::Reason::roles_unknown:
      text = "the members of an administrator role cannot be read";
      break;
    case core::Reason::license_unknown:
      text = mirror_state.roles[static_cast<std::size_t>(source::RoleName::licensed)] == store::Known::not_carried
                 ? "the directory says nothing about service plans"
                 : "the members of the group of licensed users cannot be read";
      break;
    default:
      text = "the directory has not been listed completely";
      break;
  }
  if (users == 0) return text;
  return text + ": " + std::to_string(users) + (users == 1 ? " user keeps its state" : " users keep their state");
}

}  // namespace dvsync::sync
