#include "document.hpp"

#include <yaml-cpp/eventhandler.h>

#include <algorithm>
#include <array>
#include <sstream>
#include <string>
#include <unordered_map>
#include <vector>

namespace dvsync::config {
namespace {

// yaml-cpp names what it found; people want to know what to do about it.
struct Hint {
  std::string_view problem;
  std::string_view advice;
};
constexpr std::array hints{
    Hint{"illegal map value", "check the indentation, and quote a value that holds a colon"},
    Hint{"end of map not found", "check the indentation, and quote a value that begins or ends oddly"},
    Hint{"end of sequence not found", "check the indentation of the list"},
    Hint{"end of map flow not found", "a { is not closed"},
    Hint{"end of sequence flow not found", "a [ is not closed"},
    Hint{"illegal EOF in scalar", "a quote is not closed"},
    Hint{"illegal tab when looking for indentation", "indent with blanks"},
    Hint{"unknown token", "quote a value that begins with a special character"},
};

// yaml-cpp stumbles over what follows the tab, and says something else.
bool is_indented_by_tab(std::string_view text, const YAML::Mark& mark) {
  const auto at = std::min(static_cast<std::size_t>(std::max(mark.pos, 0)), text.size());
  const auto line = text.substr(text.rfind('\n', at == 0 ? 0 : at - 1) + 1);  // npos + 1 is 0
  const auto first = line.find_first_not_of(' ');
  return first != std::string_view::npos && line[first] == '\t';
}

std::string described(const std::string& problem) {
  std::string text = "this is not YAML: " + problem;
  for (const auto& hint : hints) {
    if (hint.problem == problem) {
      text += ": ";
      text += hint.advice;
    }
  }
  return text;
}

// Walks through one document and stops where it grows beyond what a configuration can be: YAML lets a few bytes stand
// for millions of nodes (aliases of aliases), and yaml-cpp 0.7 sometimes goes round in circles instead of refusing.
class Measure : public YAML::EventHandler {
 public:
  [[nodiscard]] YAML::Mark begin() const { return begin_; }

  void OnDocumentStart(const YAML::Mark& mark) override { begin_ = mark; }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { add(mark, anchor, 1); }
  void OnScalar(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                const std::string& /*value*/) override {
    add(mark, anchor, 1);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto meant = sizes_.find(anchor);
    if (meant == sizes_.end()) throw YAML::ParserException(mark, "an alias within what it stands for");
    add(mark, YAML::NullAnchor, meant->second);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    open(mark, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    open(mark, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  static constexpr std::size_t most_nodes = 100'000;
  static constexpr std::size_t deepest = 50;
  struct Open {
    YAML::anchor_t anchor;
    std::size_t nodes_before;
  };

  void add(const YAML::Mark& mark, YAML::anchor_t anchor, std::size_t nodes) {
    nodes_ += nodes;
    if (nodes_ > most_nodes) throw YAML::ParserException(mark, "this is more than a configuration can be");
    if (anchor != YAML::NullAnchor) sizes_[anchor] = nodes;
  }
  void open(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (open_.size() == deepest) throw YAML::ParserException(mark, "too many levels within each other");
    open_.push_back({anchor, nodes_});
    add(mark, YAML::NullAnchor, 1);
  }
  void close() {
    if (open_.back().anchor != YAML::NullAnchor) sizes_[open_.back().anchor] = nodes_ - open_.back().nodes_before;
    open_.pop_back();
  }

  YAML::Mark begin_;
  std::vector<Open> open_;
  std::unordered_map<YAML::anchor_t, std::size_t> sizes_;  // with every alias written out
  std::size_t nodes_ = 0;
};

// Whether the one document goes on with a comma, which begins no other.
bool is_stray(std::string_view text, const YAML::Mark& mark) {
  const auto at = static_cast<std::size_t>(std::max(mark.pos, 0));
  return at < text.size() && text[at] == ',';
}

}  // namespace

Position position_of(const YAML::Mark& mark) {
  if (mark.line < 0) return {};
  return {static_cast<std::size_t>(mark.line) + 1, static_cast<std::size_t>(mark.column) + 1};
}

std::optional<YAML::Node> read_document(std::string_view text, Report& report) {
  const std::string whole(text);
  try {
    std::istringstream stream(whole);
    YAML::Parser parser(stream);
    Measure first;
    const bool found = parser.HandleNextDocument(first);
    Measure second;
    // Asked for once only: behind a document that goes on with a comma, yaml-cpp finds empty ones without end.
    const bool goes_on = found && parser.HandleNextDocument(second);
    if (goes_on && is_stray(text, second.begin())) {
      report.add(position_of(second.begin()), described("`,` does not belong here"));
      return std::nullopt;
    }
    auto document = found ? YAML::Load(whole) : YAML::Node();
    if (document.IsNull()) {
      report.add({.line = 1, .column = 1}, "the configuration is empty: `dvsync init` writes one");
      return std::nullopt;
    }
    if (goes_on) {
      report.add(position_of(second.begin()), "a second document: the configuration is one document only");
    }
    if (!document.IsMap()) {
      report.add(position_of(document.Mark()), "the configuration must be a mapping of keys (key: value)");
      return std::nullopt;
    }
    return document;
  } catch (const YAML::Exception& problem) {
    const bool tab = is_indented_by_tab(text, problem.mark);
    report.add(position_of(problem.mark),
               tab ? "this is not YAML: the line is indented by a tab: indent with blanks" : described(problem.msg));
    return std::nullopt;
  }
}

}  // namespace dvsync::config
