// Whatever the file holds, it is either read or refused with positions that exist.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <sstream>

#include "config_support.hpp"

namespace dvsync::config {
namespace {

std::string sample() {
  std::ifstream file(DVSYNC_SAMPLE_CONFIGURATION);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// One edit of the kind that people and editors make.
std::string damaged(std::string text, std::mt19937& random) {
  const auto below = [&](std::size_t end) { return std::uniform_int_distribution<std::size_t>(0, end - 1)(random); };
  static constexpr std::string_view characters = ":-#{}[],&*!|>'\"%@` \n\tax0~?<\x01\xC3\xFF";
  for (auto edits = below(4) + 1; edits > 0 && !text.empty(); --edits) {
    const auto at = below(text.size());
    switch (below(4)) {
      case 0:
        text.erase(at, below(20) + 1);
        break;
      case 1:
        text.insert(at, 1, characters[below(characters.size())]);
        break;
      case 2:
        text.insert(at, text.substr(below(text.size()), below(40)));
        break;
      default:
        text[at] = characters[below(characters.size())];
    }
  }
  return text;
}

TEST(Robustness, DamagedConfigurationsAreReadOrRefused) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const auto whole = sample();
  for (int i = 0; i < 100; ++i) {
    const auto text = damaged(whole, random);
    const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1;
    const auto loaded = parse(text, "t.yaml");
    if (const auto* diagnostics = std::get_if<std::vector<Diagnostic>>(&loaded)) {
      ASSERT_FALSE(diagnostics->empty()) << text;
      for (const auto& diagnostic : *diagnostics) {
        ASSERT_GE(diagnostic.line, 1U) << to_string(diagnostic) << "\n" << text;
        ASSERT_LE(diagnostic.line, lines) << to_string(diagnostic) << "\n" << text;
        ASSERT_GE(diagnostic.column, 1U) << to_string(diagnostic) << "\n" << text;
        ASSERT_FALSE(diagnostic.message.empty()) << text;
      }
    }
  }
}

// Text that a parser may go round in circles about, or take for more than there is.
std::string made_of(std::string_view parts, std::mt19937& random) {
  const auto below = [&](std::size_t end) { return std::uniform_int_distribution<std::size_t>(0, end - 1)(random); };
  std::string text;
  for (auto length = below(12) + 1; length > 0; --length) text += parts[below(parts.size())];
  return text;
}

TEST(Robustness, WhateverIsMadeOfIndicatorsEnds) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int i = 0; i < 20'000; ++i) {
    const auto text = made_of(",[]{}:-?&*!|>'\"#%@` \n\tab", random);
    SCOPED_TRACE(text);
    ASSERT_FALSE(mistakes(text).empty());
  }
}

TEST(Robustness, WhatStandsBehindTheDocumentIsNamedWithItsPlace) {
  const auto problem = [](std::string_view at) {
    return std::vector{"t.yaml:" + std::string(at) + ": this is not YAML: `,` does not belong here"};
  };
  EXPECT_EQ(mistakes(","), problem("1:1"));
  EXPECT_EQ(mistakes(",,,,"), problem("1:1"));
  EXPECT_EQ(mistakes("# a comment\n ,\n"), problem("2:2"));
  EXPECT_THAT(mistakes(with(",\n")), testing::ElementsAre(testing::StartsWith("t.yaml:4:1: this is not YAML: ")));
  EXPECT_EQ(mistakes("--- ,"), problem("1:5"));
  EXPECT_EQ(mistakes("  log: {}\n,\n"), problem("2:1"));
  EXPECT_EQ(mistakes("]"), std::vector<std::string>{"t.yaml:1:1: this is not YAML: illegal flow end"});
  EXPECT_EQ(mistakes(with("  ]\n")), std::vector<std::string>{"t.yaml:4:3: this is not YAML: illegal flow end"});
  EXPECT_FALSE(mistakes("? ").empty());
  EXPECT_FALSE(mistakes("\t").empty());
}

TEST(Robustness, DeepNestingAndLoopsEnd) {
  for (const std::string_view repeated : {"[", "{", "- ", "? ", "a: [", "a: {", "!a ", "&a ", "[a: "}) {
    SCOPED_TRACE(repeated);
    std::string text;
    for (int i = 0; i < 100'000; ++i) text += repeated;
    EXPECT_FALSE(mistakes(text).empty());
    EXPECT_FALSE(mistakes("a: " + text).empty());
  }
  EXPECT_THAT(mistakes("environments: &e [*e]\n"),
              testing::ElementsAre("t.yaml:1:19: this is not YAML: an alias within what it stands for"));
  EXPECT_FALSE(mistakes("directory: &d {type: openldap, admin_groups: *d, attributes: *d}\n").empty());
}

TEST(Robustness, AliasesOfAliasesCountForWhatTheyStandFor) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 30; ++i) {
    const auto last = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last;
    for (int j = 1; j < 10; ++j) text += ", " + last;
    text += "]\n";
  }
  EXPECT_THAT(mistakes(text), testing::ElementsAre(testing::HasSubstr("more than a configuration can be")));
  EXPECT_THAT(mistakes("a: [" + std::string(500'000, ',') + "]"),
              testing::ElementsAre(testing::HasSubstr("more than a configuration can be")));
}

TEST(Robustness, AFileThatBreaksOffWhileItIsReadIsNotAnEmptyOne) {
  EXPECT_THAT(mistakes_in(load("/proc/self/mem")), testing::ElementsAre(testing::HasSubstr("cannot be read: ")));
}

}  // namespace
}  // namespace dvsync::config
