#pragma once
// What both `database` and each environment say about PostgreSQL.

#include <yaml-cpp/yaml.h>

#include <string>

#include "dvsync/config/configuration.hpp"
#include "section.hpp"

namespace dvsync::config {

// A libpq connection string without a password in it: configuration files are copied around, password files are not.
[[nodiscard]] Read<std::string> connection(const YAML::Node& node);

// A connection string, or the name of one in `database.connections`; loaded, it is always the string.
struct ConnectionReference {
  const Database& database;
  Read<std::string> operator()(const YAML::Node& node) const;
};

// Any name that PostgreSQL can quote and lets people create.
[[nodiscard]] Read<std::string> schema_name(const YAML::Node& node);

[[nodiscard]] Database read_database(Section section);

}  // namespace dvsync::config
