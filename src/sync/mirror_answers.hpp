#pragma once
// What the mirror answers every environment alike, asked once for all of a run. Private to sync.

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dvsync/config/configuration.hpp"
#include "dvsync/core/guid.hpp"
#include "dvsync/store/identity_queries.hpp"
#include "dvsync/store/in_line.hpp"
#include "dvsync/store/mirror.hpp"

namespace dvsync::sync {

// What the mirror knows as a whole. Whoever is merged later is newer than this (store::IdentityView).
struct MirrorKnowledge {
  static MirrorKnowledge read(store::Connection& mirror, const config::Licenses& licenses);
  static MirrorKnowledge read(store::Connection& mirror, const config::Licenses& licenses,
                              const std::vector<std::string>& names_of_groups);

  store::MirrorState state;
  store::GroupsByName groups;
  std::shared_ptr<const store::LicencesByPlanSet> licences;
  bool has_rejected_records = false;  // that the last pull could not use
};

// Any thread. `mirror`: the session of whoever asks.
class MirrorAnswers {
 public:
  explicit MirrorAnswers(const config::Licenses& licenses) : licenses_(licenses) {}

  // Read anew where the mirror has moved: somebody was looked up on demand, or another server has taken over. A dry run
  // reads for itself, since it has no lease, and the daemon may pull under it.
  [[nodiscard]] std::shared_ptr<const MirrorKnowledge> knowledge(store::Connection& mirror);

  // These are remembered for one version of the mirror, that of `state`: where another server has taken over, a version
  // of the same number has another mark.

  // Whom every environment looks at whose group decides. Until its table is analysed for the first time, PostgreSQL
  // reads all of it for that.
  [[nodiscard]] std::vector<core::Guid> ids_apart(const store::MirrorState& state, store::Connection& mirror);
  // store::read_in_line() of one environment. Under the lease nobody else changes it.
  [[nodiscard]] std::optional<store::InLine> in_line(const store::MirrorState& state, const std::string& environment,
                                                     store::Connection& mirror);
  // store::has_passed(). Under the lease nobody forgets a version.
  [[nodiscard]] bool has_passed(const store::MirrorState& state, const store::EnvironmentState& stands,
                                store::Connection& mirror);
  // store::changed_ids(), of a chunk and one more. Most environments stand where the one before stands.
  [[nodiscard]] std::vector<core::Guid> changed_ids(const store::MirrorState& state, const store::Watermark& since,
                                                    store::Connection& mirror);

 private:
  struct OfOneVersion {
    core::Guid mirror_id;
    std::int64_t version = 0;
    std::optional<core::Guid> mark;
    std::optional<std::vector<core::Guid>> ids_apart = {};
    std::optional<store::InLineByName> in_line = {};
    std::optional<std::pair<store::EnvironmentState, bool>> passed = {};
    std::optional<std::pair<store::Watermark, std::vector<core::Guid>>> changed = {};
  };
  OfOneVersion& remembered(const store::MirrorState& state);

  const config::Licenses& licenses_;
  std::mutex knowledge_mutex_;
  std::shared_ptr<const MirrorKnowledge> knowledge_;
  std::mutex remembered_mutex_;
  std::optional<OfOneVersion> remembered_;
};

}  // namespace dvsync::sync
