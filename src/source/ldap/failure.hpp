#pragma once
// LDAP results as errors of the world, in words that say what to do (docs/openldap.md, Faults).

#include <string>
#include <string_view>

#include "dvsync/error.hpp"
#include "message.hpp"

namespace dvsync::source::ldap {

// A server that could not be used because of its certificate: the next one of the list may do.
class CertificateError : public SourceError {
 public:
  explicit CertificateError(const std::string& message) : SourceError(Kind::denied, message) {}
};

// `doing` names the operation: "searching ou=people,dc=example". The server's own text is added where it has one.
[[nodiscard]] SourceError failure(const Result& result, std::string_view doing);

// A refused bind. Active Directory hides the reason in a sub-code (`data 52e`); here it is in words.
[[nodiscard]] SourceError bind_failure(const Result& result, std::string_view account);

// Try again later, or ask another server: nothing is wrong with the configuration.
[[nodiscard]] bool is_passing(int code);

// The server does not take what was asked, for a reason that is neither passing nor a matter of rights or limits: a
// cookie that it does not know, does not like or cannot read. Without the cookie it may do.
[[nodiscard]] bool is_refusal(int code);

[[nodiscard]] SourceError malformed(const std::string& message);

}  // namespace dvsync::source::ldap
