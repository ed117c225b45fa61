#pragma once
// What `dvsync plan` prints: the changes of each environment. Memory does not grow with their number.

#include <cstdint>
#include <memory>
#include <string>

#include "dvsync/sync/report.hpp"
#include "sync/summary.hpp"
#include "terminal/output.hpp"

namespace dvsync::cli {

// Passes on to `progress` what only it shows.
class PlanPrinter : public sync::Observer {
 public:
  explicit PlanPrinter(sync::Observer& progress) : progress_(progress) {}

  void waiting_for(const std::string& holder) override { progress_.waiting_for(holder); }
  void waiting_for_session(const std::string& why) override { progress_.waiting_for_session(why); }
  void pulled(std::uint64_t records) override { progress_.pulled(records); }
  void merging() override { progress_.merging(); }
  void merged(const sync::PullReport& pull) override { progress_.merged(pull); }
  void environment_begins(const std::string& name, std::int64_t run_id, std::int64_t expected) override {
    progress_.environment_begins(name, run_id, expected);
  }
  void progress(const std::string& name, const core::Counters& counters) override {
    progress_.progress(name, counters);
  }
  void environment_ends(std::int64_t run_id, const sync::EnvironmentReport& report) override {
    progress_.environment_ends(run_id, report);
  }

  // After the last environment: the totals, and what is to be known of the plan as a whole.
  virtual void end(const sync::RunReport& report, const HeldByEnvironment& held) = 0;
  // Changes of all environments so far.
  [[nodiscard]] virtual std::int64_t changes() const = 0;

 private:
  sync::Observer& progress_;
};

// For people: sorted by what the changes do; what the guard would hold back is marked.
[[nodiscard]] std::unique_ptr<PlanPrinter> make_text_plan(Output& out, sync::Observer& progress);
// One document (docs/commands.md), written as the plan is made.
[[nodiscard]] std::unique_ptr<PlanPrinter> make_json_plan(Output& out, sync::Observer& progress);
// The same with what `apply` compares, for a file. `made_by`: who plans.
[[nodiscard]] std::unique_ptr<PlanPrinter> make_plan_to_save(Output& out, sync::Observer& progress,
                                                             std::string made_by);

// Whether an operator has released this change already: the guard has no say any more.
[[nodiscard]] bool is_approved(const std::vector<std::string>& notes);

}  // namespace dvsync::cli
