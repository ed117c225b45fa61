// Bytes as PostgreSQL 15 sends them for COPY … TO STDOUT (FORMAT binary).

#include "dvsync/store/postgres/copied_rows.hpp"

#include <gtest/gtest.h>

namespace dvsync::store {
namespace {

using std::string_literals::operator""s;

const std::string header = "PGCOPY\n\377\r\n\0"s + "\0\0\0\0"s + "\0\0\0\0"s;
const std::string ana = "\0\2"s + "\0\0\0\3ana"s + "\377\377\377\377"s;  // "ana", null
const std::string empty = "\0\2"s + "\0\0\0\0"s + "\0\0\0\2\1\2"s;       // "", two bytes
const std::string trailer = "\377\377"s;

TEST(CopiedRows, AreReadWithTheSignatureBeforeTheFirst) {
  CopiedRows rows;
  ASSERT_TRUE(rows.add(header + ana));
  ASSERT_TRUE(rows.add(empty));
  ASSERT_TRUE(rows.add(trailer));
  ASSERT_EQ(rows.size(), 2);
  EXPECT_EQ(rows.bytes(0, 0), "ana");
  EXPECT_FALSE(rows.null(0, 0));
  EXPECT_TRUE(rows.null(0, 1));
  EXPECT_EQ(rows.bytes(0, 1), "");
  EXPECT_FALSE(rows.null(1, 0));
  EXPECT_EQ(rows.bytes(1, 0), "");
  EXPECT_EQ(rows.bytes(1, 1), "\1\2");
}

TEST(CopiedRows, MayBeNone) {
  CopiedRows rows;
  EXPECT_TRUE(rows.add(header + trailer));
  EXPECT_EQ(rows.size(), 0);
}

TEST(CopiedRows, AnExtensionOfTheHeaderIsSkipped) {
  CopiedRows rows;
  ASSERT_TRUE(rows.add("PGCOPY\n\377\r\n\0"s + "\0\0\0\0"s + "\0\0\0\2xy"s + ana));
  EXPECT_EQ(rows.bytes(0, 0), "ana");
}

TEST(CopiedRows, SeveralInOneMessageAndAgainAfterClear) {
  CopiedRows rows;
  ASSERT_TRUE(rows.add(ana + empty + trailer));
  EXPECT_EQ(rows.size(), 2);
  rows.clear();
  EXPECT_EQ(rows.size(), 0);
  ASSERT_TRUE(rows.add(empty));
  EXPECT_EQ(rows.bytes(0, 1), "\1\2");
}

TEST(CopiedRows, WhatIsCutOrHasOtherColumnsIsNoRow) {
  for (std::size_t length = 1; length < ana.size(); ++length) {
    CopiedRows rows;
    EXPECT_FALSE(rows.add(std::string_view(ana).substr(0, length))) << length;
  }
  CopiedRows rows;
  ASSERT_TRUE(rows.add(ana));
  EXPECT_FALSE(rows.add("\0\1\0\0\0\1x"s));
  EXPECT_FALSE(CopiedRows().add(trailer + ana));
  EXPECT_FALSE(CopiedRows().add("\377\376"s));
}

}  // namespace
}  // namespace dvsync::store
