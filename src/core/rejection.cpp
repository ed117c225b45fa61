#include "dvsync/core/rejection.hpp"

#include "dvsync/core/text.hpp"

namespace dvsync::core {

bool is_incomplete(const Identity& identity) {
  return identity.lifecycle == Lifecycle::present && !identity.account_enabled;
}

bool has_user_name(const Identity& identity) {
  const Text& name = identity.profile[Attribute::user_principal_name];
  return name && !is_blank(*name);
}

std::optional<Rejection> rejection_of(const Identity& identity) {
  if (!identity.lifecycle || identity.lifecycle == Lifecycle::gone) return std::nullopt;
  if (is_incomplete(identity)) {
    return Rejection{.reason = Reason::identity_incomplete,
                     .detail = "the directory has not said whether the account is enabled"};
  }
  if (!identity.defect.empty()) return Rejection{.reason = Reason::invalid_value, .detail = identity.defect};
  if (identity.lifecycle == Lifecycle::present && !has_user_name(identity)) {
    return Rejection{.reason = Reason::user_name_missing, .detail = "the directory states no userPrincipalName"};
  }
  return std::nullopt;
}

}  // namespace dvsync::core
