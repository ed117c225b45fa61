#pragma once
// What our statements depend on, whatever the server, the database, the role or the connection string sets. A setting
// that only slows us down is left to the administrator.

#include <string>

namespace dvsync::store {

// One SELECT without FROM that sets them all. `search_path`: as a literal. `own_statement_timeout`: the connection
// string has one, which stays.
[[nodiscard]] std::string select_settings(const std::string& search_path, int server_version,
                                          bool own_statement_timeout);

}  // namespace dvsync::store
