// Whatever the file holds, it is either read or refused with positions that exist.

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

TEST(Robustness, DeepNestingAndLoopsEnd) {
  EXPECT_FALSE(mistakes("a: " + std::string(100'000, '[')).empty());
  EXPECT_FALSE(mistakes("a: " + std::string(100'000, '{')).empty());
  EXPECT_FALSE(mistakes("environments: &e [*e]\nlog: &l {level: *l}\n").empty());
  EXPECT_FALSE(mistakes("directory: &d {type: openldap, admin_groups: *d, attributes: *d}\n").empty());
}

}  // namespace
}  // namespace dvsync::config
