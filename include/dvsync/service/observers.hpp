#pragma once
// Several observers of one run.

#include <vector>

#include "dvsync/sync/report.hpp"

namespace dvsync::service {

class Observers : public sync::Observer {
 public:
  // They are the caller's, and told in this order.
  explicit Observers(std::vector<sync::Observer*> all) : all_(std::move(all)) {}

  void waiting_for_session(const std::string& why) override {
    for (auto* one : all_) one->waiting_for_session(why);
  }
  void waiting_for(const std::string& holder) override {
    for (auto* one : all_) one->waiting_for(holder);
  }
  void pulled(std::uint64_t records) override {
    for (auto* one : all_) one->pulled(records);
  }
  void merging() override {
    for (auto* one : all_) one->merging();
  }
  void merged(const sync::PullReport& pull) override {
    for (auto* one : all_) one->merged(pull);
  }
  void in_line(std::int64_t run_id, std::size_t environments) override {
    for (auto* one : all_) one->in_line(run_id, environments);
  }
  void environment_begins(const std::string& name, std::int64_t run_id, std::int64_t expected) override {
    for (auto* one : all_) one->environment_begins(name, run_id, expected);
  }
  void progress(const std::string& name, const core::Counters& counters) override {
    for (auto* one : all_) one->progress(name, counters);
  }
  void changed(const std::string& name, std::int64_t run_id, const core::Change& change,
               const std::vector<std::string>& notes) override {
    for (auto* one : all_) one->changed(name, run_id, change, notes);
  }
  void may_be_held(const std::string& name, const sync::GuardedUser& user) override {
    for (auto* one : all_) one->may_be_held(name, user);
  }
  void committed(const std::string& name, std::int64_t run_id, const sync::CommittedChanges& changes) override {
    for (auto* one : all_) one->committed(name, run_id, changes);
  }
  void rejected(const std::string& name, std::int64_t run_id, const std::optional<core::Guid>& object_id,
                const core::Text& user, const std::string& reason, const std::string& detail) override {
    for (auto* one : all_) one->rejected(name, run_id, object_id, user, reason, detail);
  }
  void environment_ends(std::int64_t run_id, const sync::EnvironmentReport& report) override {
    for (auto* one : all_) one->environment_ends(run_id, report);
  }

 private:
  std::vector<sync::Observer*> all_;
};

}  // namespace dvsync::service
