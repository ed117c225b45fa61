// docs/reasons.md, which is built into the program, against the tables of core.

#include "explain/reasons.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "dvsync/core/plan.hpp"
#include "dvsync/sync/engine.hpp"

namespace dvsync::cli {
namespace {

using testing::HasSubstr;

std::set<std::string> codes_of_core() {
  std::set<std::string> codes(core::reason_codes.begin(), core::reason_codes.end());
  for (std::size_t c = 0; c < core::guard_class_count; ++c)
    codes.emplace(core::name_of(static_cast<core::GuardClass>(c)));
  return codes;
}

TEST(ReasonPage, HasAnEntryForEveryCodeAndNoOther) {
  std::multiset<std::string> entries;
  for (const auto& entry : reason_entries()) entries.insert(entry.code);
  const auto codes = codes_of_core();
  EXPECT_EQ(entries, std::multiset<std::string>(codes.begin(), codes.end()));
}

TEST(ReasonPage, SaysOfEveryCodeWhatItMeansWhatDecidesItAndWhatToDo) {
  for (const auto& entry : reason_entries()) {
    SCOPED_TRACE(entry.code);
    EXPECT_TRUE(entry.meaning.ends_with('.'));
    EXPECT_EQ(entry.meaning.find(". "), std::string::npos) << "one sentence, which goes behind \"because\"";
    EXPECT_TRUE(entry.decided_by.ends_with('.'));
    EXPECT_TRUE(entry.advice.ends_with('.'));
  }
}

TEST(ReasonPage, IsReadAcrossLineBreaksAndPastEverythingElse) {
  const auto entries = read_reason_page(
      "# Page\n\nText.\n\n### `one`\n\nThe first\nsentence.\n\n- Decided by: a gate,\n  and another.\n- What to do:\n  "
      "nothing\n\n## Section\n\nIgnored.\n\n### `two`\n\nSecond.\n");
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].code, "one");
  EXPECT_EQ(entries[0].meaning, "The first sentence.");
  EXPECT_EQ(entries[0].decided_by, "a gate, and another.");
  EXPECT_EQ(entries[1].code, "two");
  EXPECT_EQ(entries[1].meaning, "Second.");
}

TEST(ReasonPage, GivesItsSentencesToGoBehindBecause) {
  EXPECT_EQ(sentence_of("stale_directory"), "the directory could not be asked, and the mirror may be out of date");
  EXPECT_EQ(sentence_of(core::Reason::entitled), "the user passes every gate");
  EXPECT_EQ(sentence_of("nonsense"), "");
}

TEST(ReasonPage, IsPrintedEntryByEntry) {
  const auto text = entry_text("no_license");
  EXPECT_THAT(text, HasSubstr("no_license\n  The user has no service plan that entitles to this environment.\n"));
  EXPECT_THAT(text, HasSubstr("\n  Decided by: none of the user's"));
  EXPECT_THAT(text, HasSubstr("\n  What to do: Assign a licence"));
}

TEST(ReasonPage, AnswersAnUnknownCodeWithASuggestionAndTheCodes) {
  try {
    (void)reason_entry("no_licence");
    FAIL() << "there is no such code";
  } catch (const sync::UsageError& error) {
    EXPECT_THAT(error.what(), HasSubstr("no reason code `no_licence`: did you mean `no_license`?"));
    EXPECT_THAT(error.what(), HasSubstr("\n  account_disabled"));
  }
}

}  // namespace
}  // namespace dvsync::cli
