#include "reasons.hpp"

#include <array>

namespace dvsync::cli {
namespace {

// In the order of the enumeration.
constexpr std::array<std::string_view, 35> sentences{
    "the row is an application user's, which no directory user stands behind",
    "the row is a stub, which no directory user stands behind",
    "the row is Microsoft's support user",
    "the row is a delegated administrator's",
    "the row is one of Dataverse's own users",
    "the row was deleted in Dataverse",
    "the environment has no Dataverse database",
    "the directory does not have this user",
    "the user was deleted in the directory, and can still be restored there",
    "the account is disabled in the directory",
    "the user is not a member of the environment's security group",
    "the user is an owner of the security group, not a member: that counts on demand and at first access",
    "the user is a member of the security group through another group: that counts at first access",
    "the user has no service plan that entitles to this environment",
    "the guest has no service plan of this tenant that entitles to this environment",
    "the licence is gone, but this environment keeps users who lose it (on_license_loss: keep)",
    "the user has a free plan only: that counts on demand and at first access",
    "the environment's app passes let the user in on demand and at first access",
    "the tenant's marketing licence lets the user in on demand and at first access",
    "a trial environment gets its users on demand and at first access, not in the background",
    "a Teams environment gets its users on demand and at first access, not in the background",
    "a developer environment gets a row for its creator alone",
    "the user passes every gate",
    "the user is an administrator, which stands in for what a gate asks",
    "the row is non-interactive, which needs no licence",
    "an administrator put the row into administrative mode, which needs no licence",
    "the user created this developer environment",
    "somebody disabled the row by hand, which the sync respects",
    "nobody knows whether the directory has this user: its last listing was not complete",
    "the security group could not be read",
    "the members of an administrator role could not be read",
    "the directory says nothing about service plans",
    "the directory never said whether the account is enabled",
    "the directory has a value for this user that no column can take",
    "the user has no user name",
};
static_assert(sentences.size() == static_cast<std::size_t>(core::Reason::user_name_missing) + 1);

}  // namespace

std::string_view sentence_of(core::Reason reason) { return sentences[static_cast<std::size_t>(reason)]; }

std::string_view name_of(core::Gate gate) {
  static constexpr std::array<std::string_view, core::gate_count> names{"row type",       "environment", "directory",
                                                                        "security group", "licence",     "creation"};
  return names[static_cast<std::size_t>(gate)];
}

std::string_view name_of(core::GateOutcome outcome) {
  switch (outcome) {
    case core::GateOutcome::passed:
      return "passed";
    case core::GateOutcome::failed:
      return "failed";
    case core::GateOutcome::conditional:
      return "conditional";
    case core::GateOutcome::unknown:
      return "unknown";
    case core::GateOutcome::not_asked:
      return "not asked";
  }
  return "";
}

}  // namespace dvsync::cli
