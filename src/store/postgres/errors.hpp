#pragma once
// Errors of PostgreSQL as both its libraries tell them: one text, in verbose form. Private to store/postgres.

#include <string>
#include <string_view>

#include "dvsync/store/postgres/errors.hpp"

namespace dvsync::store {

// The parts of such a text that may be shown: everything else can hold the values of a row.
struct ServerError {
  std::string sqlstate;  // empty: the text is libpq's own, not the server's
  std::string message;   // its first line
  std::string constraint;
  std::string column;
};
[[nodiscard]] ServerError parse_error(std::string_view verbose);

// Throws what it is for a caller: RowError, ContentionError or StoreError. `sql`: what failed.
[[noreturn]] void throw_error(const ServerError& error, const std::string& place, std::string_view sql);

// What a statement of ours does to which table: "UPDATE identity"; empty if it only reads. Never a value.
[[nodiscard]] std::string effect_of(std::string_view sql);

// Why a connection could not be opened.
[[nodiscard]] StoreError::Kind kind_of_connect_failure(std::string_view message);
// Whether it could because the server, the database or the role has as many sessions as it may.
[[nodiscard]] bool has_no_session_left(std::string_view message);

// On one line: libpq ends with a newline, and explains itself on further ones.
[[nodiscard]] std::string on_one_line(std::string_view message);

}  // namespace dvsync::store
