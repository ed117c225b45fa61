#include "dvsync/core/reason.hpp"

#include <algorithm>

namespace dvsync::core {
namespace {

constexpr std::array disable_codes{
    Reason::not_in_directory,      Reason::soft_deleted, Reason::account_disabled,
    Reason::not_in_security_group, Reason::no_license,   Reason::guest_no_license,
};

}  // namespace

std::optional<Reason> reason_of(std::string_view code) {
  const auto* const found = std::ranges::find(reason_codes, code);
  if (found == reason_codes.end()) return std::nullopt;
  return static_cast<Reason>(found - reason_codes.begin());
}

bool is_disable_code(std::string_view code) {
  return std::ranges::find(disable_codes, code, code_of) != disable_codes.end();
}

}  // namespace dvsync::core
