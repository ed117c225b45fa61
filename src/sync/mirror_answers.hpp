#pragma once
// What the mirror answers every environment alike, asked once for all of a run. Private to sync.

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "dvsync/core/guid.hpp"
#include "dvsync/store/mirror.hpp"

namespace dvsync::sync {

// What the mirror knows as a whole. Whoever is merged later is newer than this (store::IdentityView).
struct MirrorKnowledge {
  static MirrorKnowledge read(store::Connection& mirror);
  static MirrorKnowledge read(store::Connection& mirror, const std::vector<std::string>& names_of_groups);

  store::MirrorState state;
  store::GroupsByName groups;
  bool has_rejected_records = false;  // that the last pull could not use
};

// Any thread. `mirror`: the session of whoever asks.
class MirrorAnswers {
 public:
  // Read anew where the mirror has moved: somebody was looked up on demand, or another server has taken over. A dry run
  // reads for itself, since it has no lease, and the daemon may pull under it.
  [[nodiscard]] std::shared_ptr<const MirrorKnowledge> knowledge(store::Connection& mirror);
  // Whom every environment looks at whose group decides, as the mirror is at this version. Until its table is analysed
  // for the first time, PostgreSQL reads all of it for that.
  [[nodiscard]] std::vector<core::Guid> ids_apart(std::int64_t version, store::Connection& mirror);

 private:
  std::mutex knowledge_mutex_;
  std::shared_ptr<const MirrorKnowledge> knowledge_;
  std::mutex ids_mutex_;
  std::optional<std::int64_t> version_of_ids_;
  std::vector<core::Guid> ids_;
};

}  // namespace dvsync::sync
