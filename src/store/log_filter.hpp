#pragma once
// What a filter of the log says, as conditions of SQL. Private to store.

#include <optional>
#include <string>
#include <vector>

#include "dvsync/store/log_reader.hpp"
#include "dvsync/store/postgres/connection.hpp"

namespace dvsync::store {

[[nodiscard]] std::string not_before(const std::string& column, const Since& since);
[[nodiscard]] std::string not_after(const std::string& column, const Since& until);
[[nodiscard]] std::string id_or_null(const std::optional<core::Guid>& id);
// `column IN (…)`
[[nodiscard]] std::string one_of(const Connection& environment, const std::string& column,
                                 const std::vector<std::string>& texts);

// Of sync_run r: those that may have lines of this time, of this actor and outcome.
[[nodiscard]] std::string runs_where(const Connection& environment, const LogFilter& filter);
// Of sync_change c.
[[nodiscard]] std::string changes_where(const Connection& environment, const LogFilter& filter);

}  // namespace dvsync::store
