#pragma once
// Who is disabled, where the directory says it by a filter or a group rather than by an attribute of the account.

#include <cstdint>
#include <string>
#include <unordered_set>

#include "pull_phase.hpp"
#include "user_entry.hpp"

namespace dvsync::source::ldap {

// Read whole at the start of each pull. When the set has changed since the last one, changed entries alone do not tell
// whose account that was: then every account's state is told again.
class DisabledAccounts {
 public:
  DisabledAccounts(PullContext& context, const std::stop_token& stop);

  // Sets the record's account state; no effect without such a rule.
  void apply(IdentityRecord& record) const;
  [[nodiscard]] bool changed() const { return changed_; }

 private:
  void read_filter(PullContext& context, const std::stop_token& stop);
  void read_group(PullContext& context, const std::stop_token& stop);
  void add(std::uint64_t hash);

  bool active_ = false;
  bool changed_ = false;
  std::uint64_t sum_ = 0;  // of all hashes: does not depend on their order
  std::unordered_set<std::uint64_t> hashes_;
};

// Tells the account state of every user, and nothing else.
[[nodiscard]] std::unique_ptr<PullPhase> account_states_phase(PullContext& context, const DisabledAccounts& disabled);

}  // namespace dvsync::source::ldap
