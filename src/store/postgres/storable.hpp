#pragma once
// Texts of our own tables in a database that lacks their characters. A row of systemuser that cannot be converted is
// that user's rejection; its name in the list of rejections must not become everybody's.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dvsync/store/postgres/connection.hpp"

namespace dvsync::store {

// `text` with everything but ASCII as <U+0142>.
[[nodiscard]] std::string spelled_out(std::string_view text);

// The text itself where the database takes every character (UTF8, or SQL_ASCII, which takes any byte), else spelled
// out.
[[nodiscard]] std::string storable(const Connection& session, std::string_view text);
[[nodiscard]] std::optional<std::string> storable(const Connection& session, const std::optional<std::string>& text);
[[nodiscard]] std::vector<std::string> storable(const Connection& session, const std::vector<std::string>& texts);

// What a query finds by a text of its own ($1): nothing where the database lacks one of its characters.
[[nodiscard]] Rows find_by_text(Connection& session, const std::string& query, const std::string& text);

}  // namespace dvsync::store
