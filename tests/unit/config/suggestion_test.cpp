#include "dvsync/config/suggestion.hpp"

#include <gtest/gtest.h>

#include <array>

namespace dvsync::config {
namespace {

struct Pair {
  std::string_view left;
  std::string_view right;
  std::size_t distance;
};

TEST(EditDistance, CountsInsertionsDeletionsSubstitutionsAndSwaps) {
  for (const auto& pair : {Pair{"", "", 0}, Pair{"", "abc", 3}, Pair{"schema", "schema", 0}, Pair{"shema", "schema", 1},
                           Pair{"scchema", "schema", 1}, Pair{"skhema", "schema", 1}, Pair{"shcema", "schema", 1},
                           Pair{"ba", "ab", 1}, Pair{"ca", "abc", 3}, Pair{"kitten", "sitting", 3}}) {
    EXPECT_EQ(edit_distance(pair.left, pair.right), pair.distance) << pair.left << " " << pair.right;
    EXPECT_EQ(edit_distance(pair.right, pair.left), pair.distance) << pair.right << " " << pair.left;
  }
}

TEST(Nearest, IsTheOneWithTheFewestEdits) {
  constexpr std::array<std::string_view, 3> words{"full_add", "full", "full_every"};
  EXPECT_EQ(nearest("ful", words), "full");
  EXPECT_EQ(nearest("fulladd", words), "full_add");
}

TEST(Nearest, IsAtMostTwoEditsAway) {
  constexpr std::array<std::string_view, 1> words{"security_group"};
  EXPECT_EQ(nearest("securty_grup", words), "security_group");
  EXPECT_EQ(nearest("secrty_grup", words), std::nullopt);
}

TEST(Nearest, KeepsHalfOfAShortWord) {
  constexpr std::array<std::string_view, 1> words{"log"};
  EXPECT_EQ(nearest("lgo", words), "log");
  EXPECT_EQ(nearest("foo", words), std::nullopt);
}

}  // namespace
}  // namespace dvsync::config
