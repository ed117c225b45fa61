#include "database.hpp"

#include <string_view>
#include <vector>

#include "dvsync/config/suggestion.hpp"
#include "masking.hpp"
#include "values.hpp"

namespace dvsync::config {
namespace {

constexpr std::int64_t most_sessions = 1000;

// password=…, sslpassword=…, also as a parameter of a URI.
bool has_password_keyword(std::string_view connection) {
  static constexpr std::string_view keyword = "password";
  for (auto at = connection.find(keyword); at != std::string_view::npos; at = connection.find(keyword, at + 1)) {
    const auto next = connection.find_first_not_of(" \t\r\n", at + keyword.size());
    if (next != std::string_view::npos && connection[next] == '=') return true;
  }
  return false;
}

// postgresql://user:password@host/…
bool has_password_in_uri(std::string_view connection) {
  const auto scheme = connection.find("://");
  if (scheme == std::string_view::npos) return false;
  const auto user = connection.substr(scheme + 3);
  const auto end = user.rfind('@');
  return end != std::string_view::npos && user.substr(0, end).find(':') != std::string_view::npos;
}

// libpq reads nothing else; an empty one is what its variables and defaults say.
bool is_connection_string(std::string_view text) {
  return text.empty() || text.find('=') != std::string_view::npos || text.find("://") != std::string_view::npos;
}

void read_connections(Section& section, Database& database) {
  auto named = section.child("connections");
  named.takes_others({.shape = shape_of(connection)});
  for (const auto& entry : named.entries()) {
    std::string value;
    const bool right = named.optional(entry.key, value, connection);
    if (entry.key.empty() || is_connection_string(entry.key)) {
      named.reject_key(entry.key,
                       "`connections` gives names to connection strings: " + in_quotes(entry.key) + " is no name");
    } else if (right && !is_connection_string(value)) {
      named.reject_value(entry.key, "`" + entry.key + "` must be a connection string, as in `host=… dbname=…`");
    } else if (right) {
      database.connections.emplace(entry.key, std::move(value));
    }
  }
}

}  // namespace

Read<std::string> ConnectionReference::operator()(const YAML::Node& node) const {
  auto value = connection(node);
  if (!value || is_connection_string(*value)) return value;
  if (const auto named = database.connections.find(*value); named != database.connections.end()) return named->second;
  std::vector<std::string_view> names;
  for (const auto& [name, conninfo] : database.connections) names.push_back(name);
  return wrong("must be a connection string, or one of the names in `database.connections`, not " + in_quotes(*value) +
               did_you_mean(*value, names));
}

Read<std::string> connection(const YAML::Node& node) {
  auto value = text(node);
  if (value && (has_password_keyword(*value) || has_password_in_uri(*value))) {
    return wrong("must not hold a password: put it into a password file (passfile=…, or PGPASSFILE; see libpq)");
  }
  return value;
}

Read<std::string> schema_name(const YAML::Node& node) {
  auto name = text(node);
  if (!name) return name;
  if (name->size() > longest_identifier) {
    return wrong("is longer than the 63 bytes that PostgreSQL allows: " + in_quotes(*name));
  }
  if (name->starts_with("pg_") || *name == "information_schema") {
    return wrong("must not be PostgreSQL's own: " + in_quotes(*name));
  }
  return name;
}

Database read_database(Section section) {
  Database database;
  section.required("connection", database.connection, connection);
  section.optional("migrate_connection", database.migrate_connection, connection);
  section.optional("mirror_schema", database.mirror_schema, schema_name);
  section.optional("sessions", database.sessions, Count{1, most_sessions});
  read_connections(section, database);
  section.close();
  return database;
}

}  // namespace dvsync::config
