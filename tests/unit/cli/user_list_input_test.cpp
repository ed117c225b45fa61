#include "user/user_list_input.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace dvsync::cli {
namespace {

using Names = std::vector<std::string>;
using Lines = std::vector<std::size_t>;

NamedUsers read(const std::string& text) {
  std::istringstream input(text);
  return read_names(input);
}

TEST(UserListInput, TakesOneUserALine) {
  EXPECT_EQ(read("a@x\nb@x\n").names, (Names{"a@x", "b@x"}));
  EXPECT_EQ(read("a@x\nb@x").names, (Names{"a@x", "b@x"}));
  EXPECT_TRUE(read("").names.empty());
}

TEST(UserListInput, LeavesOutBlanksCommentsAndTheByteOrderMark) {
  EXPECT_EQ(read("\xEF\xBB\xBF# staff\r\n\r\n  \t\n a@x \r\n").names, (Names{"a@x"}));
  EXPECT_EQ(read("\xEF\xBB\xBF"
                 "a@x\n")
                .names,
            (Names{"a@x"}));
  EXPECT_EQ(read("a b@x\n").names, (Names{"a b@x"})) << "a blank within a name is part of it";
}

TEST(UserListInput, NamesLinesThatAreNoText) {
  const auto users = read(std::string("a@x\n\xFF\nb\0c\nd@x\n", 14));
  EXPECT_EQ(users.names, (Names{"a@x", "d@x"}));
  EXPECT_EQ(users.unreadable, (Lines{2, 3}));
}

}  // namespace
}  // namespace dvsync::cli
