#pragma once
// What the mirror answers every environment alike, asked once for all of a run. Private to sync.

#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "dvsync/core/guid.hpp"
#include "dvsync/store/mirror.hpp"

namespace dvsync::sync {

// What the mirror knows as a whole. Whoever is merged later is newer than this (store::IdentityView).
struct MirrorKnowledge {
  static MirrorKnowledge read(store::Connection& mirror);

  store::MirrorState state;
  store::GroupsByName groups;
  bool has_rejected_records = false;  // that the last pull could not use
};

// Any thread. `mirror`: the session of whoever asks first.
class MirrorAnswers {
 public:
  // Until its end a run decides by what it knew at its beginning: it has the lease, and nobody else pulls.
  [[nodiscard]] const MirrorKnowledge& knowledge(store::Connection& mirror);
  // Whom every environment looks at whose group decides, as the mirror is at this version. Until its table is analysed
  // for the first time, PostgreSQL reads all of it for that.
  [[nodiscard]] std::vector<core::Guid> ids_apart(std::int64_t version, store::Connection& mirror);

 private:
  std::mutex mutex_;
  std::optional<MirrorKnowledge> knowledge_;
  std::optional<std::int64_t> version_;  // of the ids
  std::vector<core::Guid> ids_;
};

}  // namespace dvsync::sync
