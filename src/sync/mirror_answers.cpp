#include "mirror_answers.hpp"

#include "dvsync/store/identity_queries.hpp"
#include "dvsync/store/rejected_records.hpp"

namespace dvsync::sync {

MirrorKnowledge MirrorKnowledge::read(store::Connection& mirror) {
  return {.state = store::read_state(mirror),
          .groups = store::read_groups(mirror),
          .has_rejected_records = store::has_rejected_records(mirror)};
}

const MirrorKnowledge& MirrorAnswers::knowledge(store::Connection& mirror) {
  const std::scoped_lock lock(mutex_);
  if (!knowledge_) knowledge_ = MirrorKnowledge::read(mirror);
  return *knowledge_;
}

std::vector<core::Guid> MirrorAnswers::ids_apart(std::int64_t version, store::Connection& mirror) {
  const std::scoped_lock lock(mutex_);
  if (version_ != version) {
    version_.reset();
    ids_ = store::ids_apart(mirror);
    version_ = version;
  }
  return ids_;
}

}  // namespace dvsync::sync
