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

std::string_view level_named(sync::PreflightFinding::Level level) {
  using enum sync::PreflightFinding::Level;
  return level == good ? "ok" : level == worth_knowing ? "note" : "error";
}

}  // namespace

void Findings::tell(const sync::PreflightFinding& finding) {
  worst_ = std::max(worst_, finding.cause);
  if (json_) {
    told_.push_back(json_of(finding));
    return;
  }
  const auto mark = mark_of(finding.level);
  const bool terminal = out_.terminal();
  out_.write(tinted(out_.paint(), mark.tint, terminal ? mark.on_terminal : mark.word) + (terminal ? " " : ": ") +
             printable_lines(finding.message) + "\n");
  out_.flush();
}

boost::json::object json_of(const sync::PreflightFinding& finding) {
  return {{"level", level_named(finding.level)}, {"message", finding.message}};
}

boost::json::object json_of(const config::Diagnostic& diagnostic) {
  return {{"level", "error"},
          {"message", diagnostic.message},
          {"file", diagnostic.file},
          {"line", diagnostic.line},
          {"column", diagnostic.column}};
}

}  // namespace dvsync::cli
