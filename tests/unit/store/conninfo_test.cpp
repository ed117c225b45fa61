#include "postgres/conninfo.hpp"

#include <gmock/gmock.h>

#include <cstdlib>

#include "postgres/errors.hpp"

namespace dvsync::store {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Conninfo, AMisspeltKeywordIsNamedWithWhatWasMeant) {
  EXPECT_EQ(mistake_in("host=/run/postgresql dbname=x user=y"), "");
  EXPECT_EQ(mistake_in("postgresql://h/x"), "");
  EXPECT_EQ(mistake_in("dbname=x usr=y"), "invalid connection option \"usr\": did you mean `user`?");
}

TEST(Conninfo, WhatLibpqSaysInLinesIsSaidInSentences) {
  EXPECT_EQ(on_one_line("failed: No such file or directory\n\tIs the server running?\nsecond host failed\n"),
            "failed: No such file or directory. Is the server running? second host failed");
  EXPECT_EQ(on_one_line("FATAL:  no entry for \"x\"\npassword from file \"y\"\n"),
            "FATAL: no entry for \"x\"; password from file \"y\"");
}

TEST(Conninfo, NothingIsShownOfAStringThatCannotBeRead) {
  EXPECT_THAT(mistake_in("dbname=x topsecret"), AllOf(Not(""), Not(HasSubstr("topsecret"))));
}

TEST(Conninfo, AMissingPasswordIsMissingInAFile) {
  const std::string message = "fe_sendauth: no password supplied";
  EXPECT_THAT(connection_advice("dbname=x passfile=/etc/dvsync/pgpass", message), HasSubstr("in /etc/dvsync/pgpass,"));
  ::setenv("HOME", "/home/ana", 1);
  ::unsetenv("PGPASSFILE");
  EXPECT_THAT(connection_advice("dbname=x", message), HasSubstr("in /home/ana/.pgpass,"));
  ::setenv("PGPASSFILE", "/tmp/passwords", 1);
  EXPECT_THAT(connection_advice("dbname=x", message), HasSubstr("in /tmp/passwords,"));
  ::unsetenv("PGPASSFILE");
}

TEST(Conninfo, ARoleThatNobodyNamedIsWhoeverRunsTheProgram) {
  const std::string message = "FATAL: role \"root\" does not exist";
  EXPECT_THAT(connection_advice("dbname=x", message), HasSubstr("`sudo -u dvsync dvsync …`"));
  EXPECT_EQ(connection_advice("dbname=x user=root", message), "");
}

}  // namespace
}  // namespace dvsync::store
