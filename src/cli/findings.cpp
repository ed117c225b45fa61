#include "findings.hpp"

#include <algorithm>

#include "terminal/table.hpp"
#include "words.hpp"

namespace dvsync::cli {
namespace {

struct Mark {
  const char* word;
  const char* on_terminal;
  Tint tint;
};

Mark mark_of(sync::PreflightFinding::Level level) {
  switch (level) {
    case sync::PreflightFinding::Level::good:
      return {"ok", "✓", Tint::good};
    case sync::PreflightFinding::Level::worth_knowing:
      return {"note", "·", Tint::none};
    case sync::PreflightFinding::Level::wrong:
      break;
  }
  return {"ERROR", "✗", Tint::bad};
}

}  // namespace

void Findings::tell(const sync::PreflightFinding& finding) {
  const auto mark = mark_of(finding.level);
  const bool terminal = out_.terminal();
  out_.write(tinted(out_.paint(), mark.tint, terminal ? mark.on_terminal : mark.word) + (terminal ? " " : ": ") +
             printable_lines(finding.message) + "\n");
  out_.flush();
  worst_ = std::max(worst_, finding.cause);
}

}  // namespace dvsync::cli
