#pragma once
// Whether what is decided now is what a saved plan says. Private to sync.

#include <map>
#include <string>
#include <utility>

#include "dvsync/sync/saved_plan.hpp"

namespace dvsync::sync {

// What the plan has for an environment; it must have something.
[[nodiscard]] const SavedEnvironment& part_for(const SavedPlan& plan, const std::string& environment);
[[nodiscard]] std::vector<core::Guid> users_of(const SavedEnvironment& plan);

// Leaves out whom the plan does not name.
void keep_planned(const SavedEnvironment& plan, std::vector<core::Change>& changes);

// Throws PlanRefused where the plan was made on another mirror, on other facts, or by other rules.
void require_same_basis(const SavedEnvironment& plan, const PlanBasis& now);

// What is decided now, collected for the comparison: of a dry run, whose observer this is, or of a run as it writes.
class PlanCheck : public Observer {
 public:
  void changed(const std::string& name, std::int64_t run_id, const core::Change& change,
               const std::vector<std::string>& notes) override;
  void may_be_held(const std::string& name, const GuardedUser& user) override;
  // The guard holds or releases by class, and says so at the end.
  void environment_ends(std::int64_t run_id, const EnvironmentReport& report) override;

  void wrote(const core::Change& change);
  void holds(const core::Guid& object_id);
  void could_not_write(const core::Guid& object_id, std::string why);

  // Throws PlanRefused, naming the first difference.
  void require_same(const SavedEnvironment& plan);

 private:
  std::map<core::Guid, SavedChange> decided_;
  // Of users whom the guard may hold: the class, and what is written then.
  std::map<core::Guid, std::pair<core::GuardClass, SavedChange>> guarded_;
  std::map<core::Guid, std::string> not_written_;
};

}  // namespace dvsync::sync
