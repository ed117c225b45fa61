#pragma once
// One user, asked for directly: on demand, and at first access.

#include <stop_token>

#include "dvsync/config/configuration.hpp"
#include "dvsync/source/directory_source.hpp"
#include "schema.hpp"
#include "source/ldap_source.hpp"

namespace dvsync::source::ldap {

[[nodiscard]] LookUp look_up(const config::LdapDirectory& directory, const Schema& schema, const LdapLimits& limits,
                             const UserReference& user, const PullRequest& request, const std::stop_token& stop);

}  // namespace dvsync::source::ldap
