#pragma once
// The table systemuser as it stands, and what it would have to be. Private to store's preflight.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "dvsync/store/business_unit.hpp"
#include "dvsync/store/preflight.hpp"

namespace dvsync::store {

struct TableColumn {
  std::uint32_t type = 0;  // its number in pg_type; of a domain, that of the type below it
  bool made = false;       // somebody made the type: a domain, or citext
  std::string type_name;
  bool is_citext = false;
  std::int64_t length = 0;  // 0: unlimited
  bool mandatory = false;   // NOT NULL without default
  bool generated = false;
  bool identity_always = false;
};

struct SystemUserTable {
  std::map<std::string, TableColumn> columns;  // empty: there is no such table
  bool object_ids_are_unique = false;
  BusinessUnit business_unit;  // of new rows; the table alone does not tell
  bool in_recovery = false;
  bool read_only = false;
};

// One statement, two where the table has types that somebody made.
[[nodiscard]] SystemUserTable read_table(Connection& session, const config::Environment& environment);

// Missing, mistyped and unwritable columns; mandatory ones without a value; no unique index.
[[nodiscard]] std::vector<Obstacle> find_obstacles(const SystemUserTable& table,
                                                   const config::Environment& environment);

// Columns that the rules write: on a new row, and on one that is there.
struct WrittenColumns {
  std::vector<std::string> created;
  std::vector<std::string> updated;
};
[[nodiscard]] WrittenColumns written_columns(const SystemUserTable& table, const config::Environment& environment);

// Whether the columns that a create writes have just the types of sql/environment: rows may then come in binary. An
// existing table may have others.
[[nodiscard]] bool takes_binary(const SystemUserTable& table, const config::Environment& environment);

// Columns that decide something, or that the rules write: whoever else changes them is noted (docs/rules.md D16).
[[nodiscard]] std::vector<std::string_view> watched_columns();

// Told at the beginning of every session and by the preflight.
[[nodiscard]] std::string row_security_refusal(const std::string& schema, const std::string& table,
                                               const std::string& role);

}  // namespace dvsync::store
