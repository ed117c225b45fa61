#include "failure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace dvsync::source::ldap {
namespace {

using Advice = std::pair<int, std::string_view>;

constexpr std::array advices{
    Advice{
        LDAP_SIZELIMIT_EXCEEDED,
        "the server cuts listings at a size limit; a part is never taken for the whole: give the account an unlimited "
        "size (slapd: limits dn.exact=\"<account>\" size=unlimited time=unlimited)"},
    Advice{LDAP_TIMELIMIT_EXCEEDED, "the server's time limit was reached; raise it for this account"},
    Advice{LDAP_ADMINLIMIT_EXCEEDED, "an administrative limit of the server was reached; raise it for this account"},
    Advice{LDAP_NO_SUCH_OBJECT, "the entry does not exist, or the account may not see it; check `base` and the rights"},
    Advice{LDAP_INSUFFICIENT_ACCESS, "the account lacks a right"},
    Advice{LDAP_STRONG_AUTH_REQUIRED, "the server demands encryption or signing: use ldaps:// or start_tls"},
    Advice{LDAP_CONFIDENTIALITY_REQUIRED, "the server demands encryption: use ldaps:// or start_tls"},
    Advice{LDAP_UNAVAILABLE_CRITICAL_EXTENSION, "the server does not offer a control that this mode needs"},
    Advice{LDAP_REFERRAL, "the server refers to another server; name the one that holds `base` in `urls`"},
};

constexpr std::array<std::pair<std::string_view, std::string_view>, 9> active_directory_codes{{
    {"525", "the account does not exist"},
    {"52e", "the password is wrong"},
    {"530", "the account may not log on at this time"},
    {"531", "the account may not log on from this computer"},
    {"532", "the password has expired"},
    {"533", "the account is disabled"},
    {"701", "the account has expired"},
    {"773", "the password must be changed before the first use"},
    {"775", "the account is locked out"},
}};

SourceError::Kind kind_of(int code) {
  if (is_passing(code)) return SourceError::Kind::unavailable;
  switch (code) {
    case LDAP_SIZELIMIT_EXCEEDED:
    case LDAP_NO_SUCH_OBJECT:
    case LDAP_INSUFFICIENT_ACCESS:
    case LDAP_STRONG_AUTH_REQUIRED:
    case LDAP_CONFIDENTIALITY_REQUIRED:
    case LDAP_INVALID_CREDENTIALS:
    case LDAP_INAPPROPRIATE_AUTH:
    case LDAP_AUTH_METHOD_NOT_SUPPORTED:
      return SourceError::Kind::denied;
    default:
      return SourceError::Kind::malformed;
  }
}

std::string_view advice_for(int code) {
  const auto* found = std::ranges::find(advices, code, &Advice::first);
  return found == advices.end() ? std::string_view{} : found->second;
}

// The server's text, on one line and bounded: it is not ours.
std::string tidy(std::string_view diagnostic) {
  std::string text(diagnostic.substr(0, 200));
  std::ranges::replace_if(
      text, [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
  return text;
}

}  // namespace

bool is_passing(int code) {
  switch (code) {
    case LDAP_SERVER_DOWN:
    case LDAP_TIMEOUT:
    case LDAP_CONNECT_ERROR:
    case LDAP_BUSY:
    case LDAP_UNAVAILABLE:
    case LDAP_TIMELIMIT_EXCEEDED:
    case LDAP_ADMINLIMIT_EXCEEDED:
      return true;
    default:
      return false;
  }
}

bool is_refusal(int code) { return code != LDAP_SUCCESS && kind_of(code) == SourceError::Kind::malformed; }

SourceError failure(const Result& result, std::string_view doing) {
  std::string text = fmt::format("{}: {} (LDAP result {})", doing, ldap_err2string(result.code), result.code);
  if (!result.diagnostic.empty()) text += fmt::format(", the server says: {}", tidy(result.diagnostic));
  if (const std::string_view advice = advice_for(result.code); !advice.empty()) text += fmt::format("; {}", advice);
  return {kind_of(result.code), text};
}

SourceError bind_failure(const Result& result, std::string_view account) {
  if (result.code != LDAP_INVALID_CREDENTIALS) return failure(result, fmt::format("logging in as {}", account));
  std::string_view reason = "the name or the password is wrong";
  if (const auto at = result.diagnostic.find(", data "); at != std::string::npos) {
    const std::string_view code = std::string_view(result.diagnostic).substr(at + 7, 3);
    const auto* found = std::ranges::find(active_directory_codes, code, [](const auto& pair) { return pair.first; });
    if (found != active_directory_codes.end()) reason = found->second;
  }
  return {
      SourceError::Kind::denied,
      fmt::format("the server refuses to log in {}: {} (LDAP result 49). It is not tried again in this run, so that "
                  "the account is not locked out: correct bind_dn and password_file",
                  account, reason)};
}

SourceError malformed(const std::string& message) { return {SourceError::Kind::malformed, message}; }

}  // namespace dvsync::source::ldap
