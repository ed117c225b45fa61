#pragma once
// What `dvsync log` is asked for, and whether that is possible.

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

#include "dvsync/store/log_reader.hpp"

namespace dvsync::cli {

struct LogOptions {
  std::optional<std::int64_t> run_id;
  std::optional<std::string> user;
  std::optional<std::string> since;
  std::optional<std::string> until;
  std::vector<std::string> actions;
  std::vector<std::string> reasons;
  std::string by;
  std::string outcome;
  std::vector<std::string> environments;
  std::int64_t limit = 200;
  bool follow = false;
  bool changes = false;
  bool rejected = false;
  bool requests = false;
  bool refused = false;
  bool json = false;
  bool csv = false;

  void add_to(CLI::App& app);
  // Without the user. Throws UsageError where nothing could ever match.
  [[nodiscard]] store::LogFilter filter() const;

  // Changes on their own, and not below their runs.
  [[nodiscard]] bool lists_changes() const { return user || !actions.empty() || !reasons.empty(); }
  [[nodiscard]] bool nests_changes() const { return !lists_changes() && (changes || run_id); }
  // runs, changes, rejected or requests. A table has one kind of lines.
  [[nodiscard]] const char* list() const {
    return rejected                                      ? "rejected"
           : requests || refused                         ? "requests"
           : lists_changes() || (csv && nests_changes()) ? "changes"
                                                         : "runs";
  }
};

}  // namespace dvsync::cli
