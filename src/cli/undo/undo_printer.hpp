#pragma once
// What `dvsync undo` prints: whom it brings back and what the rules would do again, and whom it leaves and why.

#include <memory>

#include "dvsync/sync/undo.hpp"
#include "terminal/output.hpp"

namespace dvsync::cli {

class UndoPrinter : public sync::UndoObserver {
 public:
  // After the last environment.
  virtual void end(const sync::UndoReport& report, const sync::UndoRequest& request, int exit_code) = 0;
};

// The plan, for people.
[[nodiscard]] std::unique_ptr<UndoPrinter> make_text_undo(Output& out, Output& err);
// One document (docs/commands.md), of the plan or of what was done.
[[nodiscard]] std::unique_ptr<UndoPrinter> make_json_undo(Output& out, Output& err);

// "3 to enable, 2 to update": what is brought back.
[[nodiscard]] std::string brought_back(const core::Counters& counters);

}  // namespace dvsync::cli
