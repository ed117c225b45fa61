#include "mirror_answers.hpp"

#include "candidates.hpp"
#include "dvsync/store/rejected_records.hpp"
#include "dvsync/store/run_log.hpp"

namespace dvsync::sync {
namespace {

bool is_of(const store::MirrorState& state, const auto& known) {
  return state.mirror_id == known.mirror_id && state.version == known.version && state.mark == known.mark;
}

// The state first: whoever is merged between two of these queries is newer than it.
template <class Groups>
MirrorKnowledge read_with(store::Connection& mirror, const config::Licenses& licenses, const Groups& read_groups) {
  return {.state = store::read_state(mirror),
          .groups = read_groups(),
          .licences = std::make_shared<const store::LicencesByPlanSet>(store::read_licences(mirror, licenses)),
          .has_rejected_records = store::has_rejected_records(mirror)};
}

}  // namespace

MirrorKnowledge MirrorKnowledge::read(store::Connection& mirror, const config::Licenses& licenses) {
  return read_with(mirror, licenses, [&] { return store::read_groups(mirror); });
}

MirrorKnowledge MirrorKnowledge::read(store::Connection& mirror, const config::Licenses& licenses,
                                      const std::vector<std::string>& names_of_groups) {
  return read_with(mirror, licenses, [&] { return store::read_groups(mirror, names_of_groups); });
}

std::shared_ptr<const MirrorKnowledge> MirrorAnswers::knowledge(store::Connection& mirror) {
  const std::scoped_lock lock(knowledge_mutex_);
  if (!knowledge_ || !is_of(knowledge_->state, store::read_version(mirror))) {
    knowledge_ = std::make_shared<const MirrorKnowledge>(MirrorKnowledge::read(mirror, licenses_));
  }
  return knowledge_;
}

MirrorAnswers::OfOneVersion& MirrorAnswers::remembered(const store::MirrorState& state) {
  if (!remembered_ || !is_of(state, *remembered_)) {
    remembered_ = OfOneVersion{.mirror_id = state.mirror_id, .version = state.version, .mark = state.mark};
  }
  return *remembered_;
}

std::vector<core::Guid> MirrorAnswers::ids_apart(const store::MirrorState& state, store::Connection& mirror) {
  const std::scoped_lock lock(remembered_mutex_);
  auto& ids = remembered(state).ids_apart;
  if (!ids) ids = store::ids_apart(mirror);
  return *ids;
}

std::optional<store::InLine> MirrorAnswers::in_line(const store::MirrorState& state, const std::string& environment,
                                                    store::Connection& mirror) {
  const std::scoped_lock lock(remembered_mutex_);
  auto& all = remembered(state).in_line;
  if (!all) all = store::read_in_line(mirror);
  const auto found = all->find(environment);
  return found == all->end() ? std::nullopt : std::optional(found->second);
}

bool MirrorAnswers::has_passed(const store::MirrorState& state, const store::EnvironmentState& stands,
                               store::Connection& mirror) {
  const std::scoped_lock lock(remembered_mutex_);
  auto& last = remembered(state).passed;
  const bool asked = last && last->first.mirror_id == stands.mirror_id && last->first.watermark == stands.watermark &&
                     last->first.mark == stands.mark;
  if (!asked) last.emplace(stands, store::has_passed(mirror, state.mirror_id, stands));
  return last->second;
}

std::vector<core::Guid> MirrorAnswers::changed_ids(const store::MirrorState& state, const store::Watermark& since,
                                                   store::Connection& mirror) {
  const std::scoped_lock lock(remembered_mutex_);
  auto& last = remembered(state).changed;
  const bool asked = last && last->first.watermark == since.watermark && last->first.evaluated_at == since.evaluated_at;
  if (!asked) last.emplace(since, store::changed_ids(mirror, since, chunk_size));
  return last->second;
}

}  // namespace dvsync::sync
