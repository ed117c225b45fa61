#pragma once
// `dvsync check`: what a pull needs, tried, with what to do where it is missing.

#include <vector>

#include "dvsync/config/configuration.hpp"
#include "dvsync/source/directory_source.hpp"
#include "schema.hpp"
#include "source/ldap_source.hpp"

namespace dvsync::source::ldap {

[[nodiscard]] std::vector<Finding> check(const config::LdapDirectory& directory, const Schema& schema,
                                         const LdapLimits& limits, const PullRequest& request);

}  // namespace dvsync::source::ldap
