#pragma once
// What a server says about itself.

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "connection.hpp"
#include "schema.hpp"

namespace dvsync::source::ldap {

struct RootDse {
  std::vector<std::string> naming_contexts;
  std::string vendor;  // vendorName
  // Active Directory:
  std::string service;        // dsServiceName
  std::string configuration;  // configurationNamingContext
  std::optional<std::int64_t> highest_usn;

  // The naming context that holds `dn`; `dn` itself when the server names none.
  [[nodiscard]] std::string context_of(const std::string& dn) const;
  [[nodiscard]] bool is_context(const std::string& dn) const;
  [[nodiscard]] bool is_389() const { return vendor.starts_with("389 "); }  // Red Hat's as well
};
[[nodiscard]] RootDse read_root(Connection& connection, const std::stop_token& stop);

// Active Directory: which copy of the database answers; another one counts its USNs anew.
// nullopt: it does not show.
[[nodiscard]] std::optional<std::string> read_invocation_id(Connection& connection, const RootDse& root,
                                                            const std::stop_token& stop);
// Days for which a deletion can still be told.
[[nodiscard]] std::int64_t read_tombstone_lifetime(Connection& connection, const RootDse& root,
                                                   const std::stop_token& stop);

// The configured mode, or the default: DirSync for a whole domain, uSNChanged polling for a part of one; syncrepl.
[[nodiscard]] Mode mode_of(const config::LdapDirectory& directory, const RootDse& root);
// Why this mode cannot serve this configuration; empty: it can.
[[nodiscard]] std::string mode_fault(const config::LdapDirectory& directory, Mode mode, const RootDse& root);

}  // namespace dvsync::source::ldap
