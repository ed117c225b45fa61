#include "dvsync/sync/on_demand.hpp"

#include "dvsync/store/business_unit.hpp"
#include "dvsync/store/user_references.hpp"
#include "on_demand_round.hpp"

namespace dvsync::sync {

RequestOutcome refusal_of(const Resolved& resolved) {
  return {
      .asked = resolved.asked,
      .decision = core::Decision::refuse,
      .access = false,
      .reason = resolved.reason,
      .detail = resolved.detail,
      .object_id = resolved.object_id,
      .user_name = {},
      .systemuserid = std::nullopt,
      .run_id = std::nullopt,
      .asks_directory = resolved.reason == refusal::not_in_directory || resolved.reason == refusal::directory_unknown};
}

std::optional<RequestOutcome> placeholder_named(store::Connection& session, const std::string& word) {
  for (const auto& found : store::find_rows(session, word)) {
    const auto row = found.object_id ? std::nullopt : store::read_row(session, found.systemuserid, store::Lock::no);
    if (!row || core::row_type_exclusion(*row) != core::Reason::stub_user) continue;
    const auto id = core::to_string(found.systemuserid);
    RequestOutcome answer;
    answer.asked = word;
    answer.reason = core::code_of(core::Reason::stub_user);
    answer.user_name = found.domainname;
    answer.systemuserid = found.systemuserid;
    answer.detail = "the row " + id + " is a placeholder: `dvsync user link-stub " + id +
                    " USER` makes it the row of a user of the directory, `dvsync user reassign " + id +
                    " USER` gives its records to a user who has a row";
    return answer;
  }
  return std::nullopt;
}

OnDemand::OnDemand(const config::Configuration& configuration, const config::Environment& environment,
                   store::Connection& mirror, store::Connection& session)
    : mirror_(mirror),
      session_(session),
      settings_{.business_unit = store::business_unit_of(session, environment),
                .actor = environment.actor,
                .create_values = environment.create_values},
      evaluation_(std::make_unique<EvaluationContext>(configuration, environment)) {}

OnDemand::~OnDemand() = default;

const store::MirrorState& OnDemand::renew() {
  // A pull may end between two of these queries: what is read must be of one version.
  for (;;) {
    const auto now = store::read_version(mirror_);
    age_ = now.age;
    evaluation_->has_rejected_records = now.has_rejected_records;
    const auto& state = evaluation_->mirror_state;
    if (evaluation_->view && state.mirror_id == now.mirror_id && state.version == now.version &&
        state.mark == now.mark) {
      return state;
    }
    evaluation_->read(mirror_, session_);
    settings_.access = evaluation_->access;
  }
}

const store::MirrorState& OnDemand::state() const { return evaluation_->mirror_state; }

bool OnDemand::is_living(const core::Guid& object_id) {
  return store::read_identities(mirror_, *evaluation_->view, {object_id}).front().lifecycle == core::Lifecycle::present;
}

std::vector<RequestOutcome> OnDemand::answer(const std::vector<Resolved>& asked, const Asking& asking) {
  return OnDemandRound(*evaluation_, settings_, mirror_, session_, asking).run(asked);
}

}  // namespace dvsync::sync
