#pragma once
// Active Directory (DirSync, or uSNChanged polling) and OpenLDAP or 389 Directory Server (RFC 4533 refreshOnly, or
// modifyTimestamp polling) behind one adapter. Protocol facts: docs/active-directory.md, docs/openldap.md.

#include <chrono>
#include <functional>
#include <memory>

#include "dvsync/config/configuration.hpp"
#include "dvsync/interruptible_sleep.hpp"
#include "dvsync/source/directory_source.hpp"

namespace dvsync::source {

// No call blocks longer than these.
struct LdapLimits {
  std::chrono::milliseconds connect{10'000};   // TCP and TLS
  std::chrono::milliseconds answer{120'000};   // between two messages of the server
  std::chrono::milliseconds look_up{10'000};   // the same where somebody waits for one user
  int attempts = 3;                            // of a pull that finds a server unavailable before it has told anything
  std::chrono::milliseconds first_retry{500};  // doubles
  int page_size = 1000;                        // RFC 2696; Active Directory's MaxPageSize is 1000
};

// Waits between two attempts; false: a stop was requested. Tests put their own in its place, so that none of them
// waits.
using Pause = std::function<bool(std::chrono::milliseconds, const std::stop_token&)>;

// Sets LDAPNOINIT and, with a keytab, KRB5_CLIENT_KTNAME and KRB5CCNAME in the process environment, so that neither
// ldap.conf nor the caller's ticket cache is heeded: call it before other threads start, and before anything
// else uses libldap. Nothing is connected until the first call of the source; each pull has a connection of its own.
// Servers are tried in the order of `urls`; wrong credentials end the attempt at once (account lockout).
[[nodiscard]] std::unique_ptr<DirectorySource> make_ldap_source(const config::LdapDirectory& directory,
                                                                double max_rejects_percent,
                                                                const LdapLimits& limits = {}, Pause pause = sleep_for);

}  // namespace dvsync::source
