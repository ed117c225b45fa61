#pragma once
// How the log's entries are strung together: lines for people, or JSON.

#include <memory>

#include "dvsync/store/log_reader.hpp"
#include "terminal/output.hpp"

namespace dvsync::cli {

using store::LoggedChange;
using store::LoggedHold;
using store::LoggedRejection;
using store::LoggedRequest;
using store::LoggedRun;

class LogPrinter {
 public:
  virtual ~LogPrinter() = default;
  virtual void run(const LoggedRun& run) = 0;  // begins a run …
  virtual void change_of_run(const LoggedChange& change) = 0;
  // … whose changes have all been told; and what it held, and what became of that. Empty: nothing, or not asked for.
  virtual void run_ends(const std::vector<LoggedHold>& holds = {}) = 0;
  virtual void change(const LoggedChange& change) = 0;
  virtual void rejection(const LoggedRejection& rejection) = 0;
  virtual void request(const LoggedRequest& request) = 0;
  virtual void end() = 0;
};

// `with_details`: below a run, where its time went.
[[nodiscard]] std::unique_ptr<LogPrinter> make_log_lines(Output& out, std::size_t name_width, bool with_details);
// One document: {"<list>": [...]}; `list` is runs, changes, rejected or requests.
[[nodiscard]] std::unique_ptr<LogPrinter> make_log_document(Output& out, const std::string& list, bool with_changes);
// A heading and a line each, of the same lists.
[[nodiscard]] std::unique_ptr<LogPrinter> make_log_csv(Output& out, const std::string& list);
// One object a line, for --follow.
[[nodiscard]] std::unique_ptr<LogPrinter> make_log_objects(Output& out, bool with_changes);

}  // namespace dvsync::cli
