#include "errors.hpp"

#include <sysexits.h>

#include <boost/system/system_error.hpp>
#include <cerrno>

#include "cli_support.hpp"
#include "command.hpp"
#include "dvsync/error.hpp"
#include "dvsync/sync/engine.hpp"

namespace dvsync::cli {
namespace {

using test::plain;

int code_of(const std::exception& error) { return failure_of(error, plain).exit_code; }

TEST(ExitCodes, FollowSysexits) {
  using Store = StoreError::Kind;
  using Source = SourceError::Kind;
  EXPECT_EQ(code_of(StoreError(Store::unavailable, "")), EX_UNAVAILABLE);
  EXPECT_EQ(code_of(StoreError(Store::denied, "")), EX_NOPERM);
  EXPECT_EQ(code_of(StoreError(Store::schema, "")), EX_CONFIG);
  EXPECT_EQ(code_of(StoreError(Store::refused, "")), EX_CONFIG);
  EXPECT_EQ(code_of(StoreError(Store::fenced, "")), EX_TEMPFAIL);
  EXPECT_EQ(code_of(SourceError(Source::unavailable, "")), EX_UNAVAILABLE);
  EXPECT_EQ(code_of(SourceError(Source::malformed, "")), EX_UNAVAILABLE);
  EXPECT_EQ(code_of(SourceError(Source::denied, "")), EX_NOPERM);
  EXPECT_EQ(code_of(sync::UsageError("")), EX_USAGE);
  EXPECT_EQ(code_of(sync::Busy("db1")), EX_TEMPFAIL);
  EXPECT_EQ(code_of(Interrupted()), EX_TEMPFAIL);
  EXPECT_EQ(code_of(InvalidConfiguration({})), EX_CONFIG);
  EXPECT_EQ(
      code_of(InvalidConfiguration({{.file = "f", .message = "cannot be read", .source_line = {}, .denied = true}})),
      EX_NOPERM);
  EXPECT_EQ(code_of(std::bad_alloc()), EX_OSERR);
  EXPECT_EQ(code_of(boost::system::system_error(EAGAIN, boost::system::system_category(), "thread")), EX_OSERR);
}

TEST(Errors, AreOneLineThatSaysWhatToDo) {
  EXPECT_EQ(
      failure_of(StoreError(StoreError::Kind::schema, "schema contoso is not set up: run `dvsync migrate`"), plain)
          .text,
      "dvsync: schema contoso is not set up: run `dvsync migrate`\n");
}

TEST(Errors, OfTheConfigurationAreToldAllAtOnce) {
  const InvalidConfiguration invalid(
      {{"d.yaml", 2, 3, "unknown key `pth`", "  pth: x"}, {"d.yaml", 0, 0, "it is empty", ""}});
  EXPECT_EQ(failure_of(invalid, plain).text,
            config::to_string(invalid.diagnostics()[0]) + "\n" + config::to_string(invalid.diagnostics()[1]) + "\n");
  EXPECT_THAT(failure_of(invalid, test::colored).text, testing::HasSubstr("^\x1b[0m"));
}

}  // namespace
}  // namespace dvsync::cli
