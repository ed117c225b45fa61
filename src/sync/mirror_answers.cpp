#include "mirror_answers.hpp"

#include "dvsync/store/identity_queries.hpp"
#include "dvsync/store/rejected_records.hpp"

namespace dvsync::sync {
namespace {

bool is_of(const store::MirrorState& state, const store::MirrorVersion& now) {
  return state.mirror_id == now.mirror_id && state.version == now.version && state.mark == now.mark;
}

}  // namespace

// The state first: whoever is merged between two of these queries is newer than it.
MirrorKnowledge MirrorKnowledge::read(store::Connection& mirror) {
  return {.state = store::read_state(mirror),
          .groups = store::read_groups(mirror),
          .has_rejected_records = store::has_rejected_records(mirror)};
}

MirrorKnowledge MirrorKnowledge::read(store::Connection& mirror, const std::vector<std::string>& names_of_groups) {
  return {.state = store::read_state(mirror),
          .groups = store::read_groups(mirror, names_of_groups),
          .has_rejected_records = store::has_rejected_records(mirror)};
}

std::shared_ptr<const MirrorKnowledge> MirrorAnswers::knowledge(store::Connection& mirror) {
  const std::scoped_lock lock(knowledge_mutex_);
  if (!knowledge_ || !is_of(knowledge_->state, store::read_version(mirror))) {
    knowledge_ = std::make_shared<const MirrorKnowledge>(MirrorKnowledge::read(mirror));
  }
  return knowledge_;
}

std::vector<core::Guid> MirrorAnswers::ids_apart(std::int64_t version, store::Connection& mirror) {
  const std::scoped_lock lock(ids_mutex_);
  if (version_of_ids_ != version) {
    version_of_ids_.reset();
    ids_ = store::ids_apart(mirror);
    version_of_ids_ = version;
  }
  return ids_;
}

}  // namespace dvsync::sync
