#include "explain/reasons.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "dvsync/config/suggestion.hpp"
#include "dvsync/core/text.hpp"
#include "dvsync/sync/engine.hpp"
#include "words.hpp"

namespace dvsync::cli {
namespace {

constexpr std::string_view heading = "### `";
constexpr std::string_view decided_by = "- Decided by:";
constexpr std::string_view advice = "- What to do:";

void append(std::string& text, std::string_view line) {
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  if (!text.empty() && !line.empty()) text += ' ';
  text += line;
}

// "The user has no plan." → "the user has no plan"
std::string as_clause(std::string sentence) {
  if (sentence.ends_with('.')) sentence.pop_back();
  if (!sentence.empty() && sentence.front() >= 'A' && sentence.front() <= 'Z') {
    sentence.front() = static_cast<char>(sentence.front() - 'A' + 'a');
  }
  return sentence;
}

const std::map<std::string, std::string, std::less<>>& clauses() {
  static const auto known = [] {
    std::map<std::string, std::string, std::less<>> by_code;
    for (const auto& entry : reason_entries()) by_code.emplace(entry.code, as_clause(entry.meaning));
    return by_code;
  }();
  return known;
}

const ReasonEntry* find_entry(std::string_view code) {
  const auto& entries = reason_entries();
  const auto found = std::ranges::find(entries, code, &ReasonEntry::code);
  return found == entries.end() ? nullptr : &*found;
}

}  // namespace

std::vector<ReasonEntry> read_reason_page(std::string_view page) {
  std::vector<ReasonEntry> entries;
  std::string* part = nullptr;  // what a line that stands for itself continues
  while (!page.empty()) {
    auto line = core::take_line(page);
    if (line.starts_with(heading)) {
      line.remove_prefix(heading.size());
      entries.push_back(
          {.code = std::string(line.substr(0, line.find('`'))), .meaning = {}, .decided_by = {}, .advice = {}});
      part = &entries.back().meaning;
    } else if (line.starts_with('#')) {
      part = nullptr;
    } else if (part != nullptr && line.starts_with(decided_by)) {
      part = &entries.back().decided_by;
      append(*part, line.substr(decided_by.size()));
    } else if (part != nullptr && line.starts_with(advice)) {
      part = &entries.back().advice;
      append(*part, line.substr(advice.size()));
    } else if (part != nullptr && !line.empty()) {
      append(*part, line);
    }
  }
  return entries;
}

const std::vector<ReasonEntry>& reason_entries() {
  static const auto entries = read_reason_page(reason_page);
  return entries;
}

std::string_view sentence_of(std::string_view code) {
  const auto found = clauses().find(code);
  return found == clauses().end() ? std::string_view() : std::string_view(found->second);
}

std::string_view sentence_of(core::Reason reason) { return sentence_of(core::code_of(reason)); }

std::string_view advice_on(core::Reason reason) {
  const auto* entry = find_entry(core::code_of(reason));
  return entry == nullptr ? std::string_view() : std::string_view(entry->advice);
}

const ReasonEntry& reason_entry(std::string_view code) {
  if (const auto* entry = find_entry(code)) return *entry;
  std::vector<std::string_view> codes;
  std::string list;
  for (const auto& entry : reason_entries()) {
    codes.push_back(entry.code);
    list += "\n  " + entry.code;
  }
  throw sync::UsageError("there is no reason code `" + printable(code) + "`" + config::did_you_mean(code, codes) +
                         "\nThe codes:" + list);
}

std::string entry_text(std::string_view code) {
  const auto& entry = reason_entry(code);
  return entry.code + "\n  " + entry.meaning + "\n  Decided by: " + entry.decided_by +
         "\n  What to do: " + entry.advice + "\n";
}

}  // namespace dvsync::cli
