#pragma once
// The reason codes in words. docs/reasons.md is built into the program: its entries are what people are told.

#include <string>
#include <string_view>
#include <vector>

#include "dvsync/core/eligibility.hpp"
#include "dvsync/core/reason.hpp"

namespace dvsync::cli {

extern const std::string_view reason_page;  // docs/reasons.md

struct ReasonEntry {
  std::string code;
  std::string meaning;     // one sentence: "The account is disabled in the directory."
  std::string decided_by;  // in words, with a small initial
  std::string advice;      // what to do
};

// In the order of the page.
[[nodiscard]] std::vector<ReasonEntry> read_reason_page(std::string_view page);
[[nodiscard]] const std::vector<ReasonEntry>& reason_entries();

// "the account is disabled in the directory": goes behind "because". Empty: there is no such code.
[[nodiscard]] std::string_view sentence_of(std::string_view code);
[[nodiscard]] std::string_view sentence_of(core::Reason reason);
// What an administrator can do about it.
[[nodiscard]] std::string_view advice_on(core::Reason reason);

// Throws UsageError, with a suggestion and the known codes, where there is no such code.
[[nodiscard]] const ReasonEntry& reason_entry(std::string_view code);
// The entry as `dvsync explain --reason` prints it. Throws as above.
[[nodiscard]] std::string entry_text(std::string_view code);

}  // namespace dvsync::cli
