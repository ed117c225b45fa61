#include "dvsync/sync/on_demand.hpp"

#include "dvsync/store/postgres/values.hpp"
#include "dvsync/store/run_log.hpp"
#include "dvsync/sync/rules.hpp"
#include "on_demand_round.hpp"

namespace dvsync::sync {

Answer refusal_of(const Resolved& resolved) {
  return {.asked = resolved.asked,
          .decision = core::Decision::refuse,
          .access = false,
          .reason = resolved.reason,
          .detail = resolved.detail,
          .object_id = resolved.object_id,
          .user_name = {},
          .systemuserid = std::nullopt,
          .run_id = std::nullopt};
}

OnDemand::OnDemand(const config::Configuration& configuration, const config::Environment& environment,
                   store::Connection& mirror, store::Connection& session)
    : configuration_(configuration),
      environment_(environment),
      mirror_(mirror),
      session_(session),
      settings_{.business_unit = environment.business_unit,
                .actor = environment.actor,
                .create_values = environment.create_values},
      sight_(std::make_unique<Sight>(configuration)) {
  sight_->security_group = environment.security_group;
  sight_->rules = environment.rules;
  sight_->rules.has_security_group = environment.security_group.has_value();
  sight_->rules.marketing_license = configuration.directory.marketing_license;
  sight_->rules_hash = hash_of_rules(environment, configuration);
}

OnDemand::~OnDemand() = default;

const store::MirrorState& OnDemand::renew() {
  // A pull may end between two of these queries: what is read must be of one version.
  for (;;) {
    const auto now = mirror_.exec(
        "SELECT mirror_id, version, extract(epoch FROM clock_timestamp() - pulled_at)::bigint FROM mirror");
    if (now.empty()) throw StoreError(StoreError::Kind::schema, "the mirror is empty: run `dvsync migrate`");
    sight_->age = now.null(0, 2) ? std::nullopt : std::optional(std::chrono::seconds(now.number(0, 2)));
    const auto id = store::guid_at(now, 0, 0).value();
    if (sight_->view && sight_->state.mirror_id == id && sight_->state.version == now.number(0, 1)) {
      return sight_->state;
    }
    sight_->read(mirror_);
  }
}

const store::MirrorState& OnDemand::state() const { return sight_->state; }

std::optional<std::chrono::seconds> OnDemand::age() const { return sight_->age; }

bool OnDemand::is_living(const core::Guid& object_id) {
  return read_identities(mirror_, *sight_->view, {object_id}).front().lifecycle == core::Lifecycle::present;
}

std::vector<Answer> OnDemand::answer(const std::vector<Resolved>& asked, const Asking& asking) {
  return Round(configuration_.safety, settings_, *sight_, mirror_, session_, asking).run(asked);
}

void OnDemand::Sight::read(store::Connection& mirror) {
  state = store::read_state(mirror);
  group = security_group ? std::optional(store::read_group(mirror, *security_group)) : std::nullopt;
  view = std::make_unique<store::IdentityView>(mirror, state, group ? &*group : nullptr, licenses);
  rejected.clear();
  const auto rows =
      mirror.exec("SELECT object_id, reason, detail FROM rejected_record WHERE object_id IS NOT NULL LIMIT 50000");
  for (int row = 0; row < rows.size(); ++row) {
    rejected[store::guid_at(rows, row, 0).value()] = {std::string(rows.text(row, 1)), std::string(rows.text(row, 2))};
  }
}

}  // namespace dvsync::sync
