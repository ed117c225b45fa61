#pragma once
// The sync log of one environment as it is read: runs, changes, rejections. What can be long is read in pieces and
// handed on one by one.

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "dvsync/core/counters.hpp"
#include "dvsync/core/guid.hpp"
#include "dvsync/core/identity.hpp"
#include "dvsync/store/postgres/connection.hpp"

namespace dvsync::store {

struct LoggedRun {
  std::string environment;
  std::int64_t run_id = 0;
  std::string kind;
  std::string trigger;
  std::string outcome;  // empty: it is still running, or was cut off
  core::Timestamp started_at;
  std::optional<core::Timestamp> finished_at;
  std::string requested_by;
  core::Counters counters;
  std::vector<std::string> missing;
  std::vector<std::string> warnings;
  std::string detail;
};

struct LoggedChange {
  std::string environment;
  std::int64_t run_id = 0;
  core::Timestamp at;
  std::string action;
  std::string reason;
  std::string systemuserid;
  std::string object_id;
  std::string domainname;
  std::string fields;  // JSON: {"column": [before, after]}; empty for a create, whose row is there to see
  std::vector<std::string> notes;
};

struct LoggedRejection {
  std::string environment;
  core::Timestamp since;
  std::string object_id;  // empty: the record did not even say whose it is
  std::string domainname;
  std::string place;
  std::string reason;
  std::string detail;
  std::int64_t first_run_id = 0;
  std::int64_t last_run_id = 0;
};

// A length of time before now by the server's clock, or a moment.
using Since = std::variant<std::chrono::seconds, core::Timestamp>;

// A user's rows: today's by object id, and others by their own ids.
struct LoggedUser {
  std::optional<core::Guid> object_id;
  std::vector<core::Guid> systemuserids = {};
};

struct LogFilter {
  std::optional<std::int64_t> run_id = {};
  std::optional<LoggedUser> user = {};
  std::optional<Since> since = {};
  std::int64_t limit = 0;   // the newest so many; 0: all
  bool background = false;  // without what was done on demand
};

// Throws StoreError. The session is the caller's, and outlives this.
class LogReader {
 public:
  LogReader(Connection& environment, std::string name) : environment_(environment), name_(std::move(name)) {}

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
  Connection& environment_;
  std::string name_;
};

// A column that was selected by array_to_json(); null: empty.
[[nodiscard]] std::vector<std::string> texts_at(const Rows& rows, int row, int column);

}  // namespace dvsync::store
