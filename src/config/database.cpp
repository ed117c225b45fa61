#include "database.hpp"

#include <algorithm>
#include <string_view>

#include "masking.hpp"
#include "values.hpp"

namespace dvsync::config {
namespace {

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

}  // namespace

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
  section.close();
  return database;
}

}  // namespace dvsync::config
