#include "sql_statements.hpp"

#include <gmock/gmock.h>

namespace dvsync::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(SqlStatements, ComeInOrderWithoutTheirSemicolons) {
  EXPECT_THAT(statements_of("SELECT 1;SELECT 2;"), ElementsAre("SELECT 1", "SELECT 2"));
}

TEST(SqlStatements, TheLastOneNeedsNoSemicolon) {
  EXPECT_THAT(statements_of("SELECT 1;\nSELECT 2"), ElementsAre("SELECT 1", "\nSELECT 2"));
}

TEST(SqlStatements, CommentsAndBlanksAreNone) {
  EXPECT_THAT(statements_of(""), IsEmpty());
  EXPECT_THAT(statements_of(" ;; -- why; so\n/* and; then */"), IsEmpty());
}

TEST(SqlStatements, ACommentStaysWithItsStatement) {
  EXPECT_THAT(statements_of("-- it's this; that\nSELECT 1; SELECT 2 -- more;"),
              ElementsAre("-- it's this; that\nSELECT 1", " SELECT 2 -- more;"));
}

TEST(SqlStatements, TextsAndNamesAreNotParted) {
  EXPECT_THAT(statements_of(R"(SELECT 'a;b''c;d' AS "x;y")"), ElementsAre(R"(SELECT 'a;b''c;d' AS "x;y")"));
}

TEST(SqlStatements, BodiesAreNotParted) {
  EXPECT_THAT(statements_of("DO $$ BEGIN a; b; END $$; SELECT 1"),
              ElementsAre("DO $$ BEGIN a; b; END $$", " SELECT 1"));
  EXPECT_THAT(statements_of("DO $a_1$ x; $$ y; $$ $a_1$; SELECT 1"),
              ElementsAre("DO $a_1$ x; $$ y; $$ $a_1$", " SELECT 1"));
}

TEST(SqlStatements, AParameterIsNoBody) {
  EXPECT_THAT(statements_of("SELECT $1; SELECT $2"), ElementsAre("SELECT $1", " SELECT $2"));
}

TEST(SqlStatements, WhatDoesNotEndIsOneStatement) {
  EXPECT_THAT(statements_of("SELECT 'a; b"), ElementsAre("SELECT 'a; b"));
  EXPECT_THAT(statements_of("DO $$ a; b"), ElementsAre("DO $$ a; b"));
}

}  // namespace
}  // namespace dvsync::store
