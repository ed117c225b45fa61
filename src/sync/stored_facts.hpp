#pragma once
// The planner's facts out of the databases, and the mirror as writers see it. Private to sync.

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "dvsync/core/counters.hpp"
#include "dvsync/store/batch.hpp"
#include "dvsync/store/mirror.hpp"
#include "evaluation_context.hpp"
#include "planner.hpp"

namespace dvsync::sync {

// Fresher facts than the ones in hand, if there are any by now. Thread-safe.
class FreshIdentities {
 public:
  virtual ~FreshIdentities() = default;
  // Replaces identities that moved since they were read: an older version never overwrites a newer one.
  virtual void refresh(const std::vector<core::Identity*>& identities) = 0;
};

// The mirror while an evaluation goes on. Thread-safe.
class IdentityRefresher : public FreshIdentities {
 public:
  IdentityRefresher(store::Connection& mirror, const EvaluationContext& context);

  void refresh(const std::vector<core::Identity*>& identities) override;
  [[nodiscard]] store::RejectedById rejected_among(const std::vector<core::Guid>& object_ids);

 private:
  std::mutex mutex_;
  store::Connection& mirror_;
  const EvaluationContext& context_;
  std::optional<store::IdentityView> view_;  // of the mirror as it is by now
};

// One thread at a time.
class StoredFacts : public EvaluationFacts {
 public:
  // `everybody`: all rows, or nearly all, are going to be evaluated. `waits`: what there may be to ask for.
  StoredFacts(const EvaluationContext& context, IdentityRefresher& mirror, store::Connection& environment,
              bool everybody = false, const store::Waits& waits = {});

  store::RejectedById rejected_among(const std::vector<core::Guid>& object_ids) override;
  std::vector<store::Waiting> held_among(const std::vector<core::Guid>& object_ids) override;
  const std::vector<store::Declined>& declined() override;
  store::WrittenById written(const std::vector<core::Guid>& systemuserids) override;
  bool guards_admissions() override;
  void read_access(const std::vector<core::SystemUser*>& rows) override;

 private:
  const EvaluationContext& context_;
  IdentityRefresher& mirror_;
  store::Connection& environment_;
  std::optional<bool> holds_anything_;
  std::optional<std::vector<store::Declined>> declined_;
  std::optional<bool> guards_admissions_;
  bool everybody_;
  std::size_t rows_looked_at_ = 0;
  std::optional<store::AccessOfAll> access_of_all_;
};

// Records of the directory that could not be used: in every environment each is seen and rejected.
using OnRejections = std::function<void(const std::vector<store::ListedRejection>&)>;
[[nodiscard]] core::Counters reject_records(store::Connection& mirror, const std::optional<core::Guid>& only,
                                            const OnRejections& on_rejections);

}  // namespace dvsync::sync
