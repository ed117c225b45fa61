#pragma once
// Reading the sync log. What can be long is read in pieces and handed on one by one.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "dvsync/store/postgres/connection.hpp"
#include "log/log_entries.hpp"
#include "log/since.hpp"

namespace dvsync::cli {

struct LogFilter {
  std::optional<std::int64_t> run_id = {};
  std::optional<core::Guid> user = {};
  std::optional<Since> since = {};
  std::int64_t limit = 0;   // the newest so many; 0: all
  bool background = false;  // without what was done on demand
};

// One environment's log. Throws StoreError.
class LogQuery {
 public:
  LogQuery(store::Connection& environment, std::string name) : environment_(environment), name_(std::move(name)) {}

  [[nodiscard]] const std::string& name() const { return name_; }

  // Oldest first; one more than `limit` where there are more.
  [[nodiscard]] std::vector<LoggedRun> runs(const LogFilter& filter);
  // In the order in which they were made.
  void changes_of(std::int64_t run_id, const std::function<void(const LoggedChange&)>& take);
  // The user's changes, oldest first; one more than `limit` where there are more.
  [[nodiscard]] std::vector<LoggedChange> changes_of_user(const LogFilter& filter);
  [[nodiscard]] core::Timestamp now();  // by the server's clock
  void rejections(const LogFilter& filter, const std::function<void(const LoggedRejection&)>& take);

 private:
  store::Connection& environment_;
  std::string name_;
};

}  // namespace dvsync::cli
