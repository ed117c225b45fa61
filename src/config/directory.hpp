#pragma once
// The section `directory`, one reader for each kind.

#include <filesystem>

#include "dvsync/config/configuration.hpp"
#include "section.hpp"

namespace dvsync::config {

// `folder`: of the configuration, for relative paths.
[[nodiscard]] Directory read_directory(Section section, const std::filesystem::path& folder);

// These leave closing the section to read_directory().
[[nodiscard]] FileDirectory read_file_directory(Section& section, const std::filesystem::path& folder);
[[nodiscard]] GraphDirectory read_graph_directory(Section& section, const std::filesystem::path& folder);
[[nodiscard]] LdapDirectory read_ldap_directory(LdapKind kind, Section& section, const std::filesystem::path& folder);

// licensed, admin_groups, attributes: what LDAP and LDIF do not say by themselves.
[[nodiscard]] LdapPolicy read_ldap_policy(Section& section);

// Whether it reads as a distinguished name (RFC 4514), as far as a configuration can tell.
[[nodiscard]] bool is_distinguished_name(std::string_view text);
[[nodiscard]] Read<std::string> distinguished_name(const YAML::Node& node);

}  // namespace dvsync::config
