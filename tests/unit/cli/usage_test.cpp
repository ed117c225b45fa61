#include "usage.hpp"

#include <algorithm>

#include "cli_support.hpp"
#include "command.hpp"

namespace dvsync::cli {
namespace {

// What the program says to this command line; empty: it takes it.
std::string refusal(std::vector<std::string> arguments) {
  CLI::App app{"", "dvsync"};
  std::string configuration;
  app.add_option("--config", configuration);
  app.require_subcommand(1)->fallthrough();
  const auto commands = all_commands();
  for (const auto& command : commands) command->declare(app);
  std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
  try {
    app.parse(arguments);
  } catch (const CLI::ParseError& error) {
    return usage_error(app, error);
  }
  return "";
}

TEST(Usage, TakesGlobalOptionsOnEitherSideOfTheCommand) {
  EXPECT_EQ(refusal({"--config", "f", "sync"}), "");
  EXPECT_EQ(refusal({"sync", "--full", "--config", "f"}), "");
}

TEST(Usage, TakesSeveralEnvironments) {
  EXPECT_EQ(refusal({"sync", "--environment", "a", "--environment", "b"}), "");
  EXPECT_EQ(refusal({"explain", "-e", "a", "ana@contoso.example", "-e", "b"}), "");
}

TEST(Usage, SuggestsWhatWasProbablyMeant) {
  EXPECT_EQ(refusal({"sycn"}), "unknown command `sycn`: did you mean `sync`?; see `dvsync --help`");
  EXPECT_EQ(refusal({"sync", "--ful"}), "unknown option `--ful`: did you mean `--full`?; see `dvsync sync --help`");
  EXPECT_EQ(refusal({"sync", "--enviroment=x"}),
            "unknown option `--enviroment`: did you mean `--environment`?; see `dvsync sync --help`");
  EXPECT_EQ(refusal({"--confg", "f", "sync"}),
            "unknown option `--confg`: did you mean `--config`?; see `dvsync sync --help`");
  EXPECT_EQ(refusal({"frobnicate"}), "unknown command `frobnicate`; see `dvsync --help`");
}

TEST(Usage, KnowsTheVerbsOfACommand) {
  EXPECT_EQ(refusal({"user", "lst"}),
            "`lst` is no command of `dvsync user`: did you mean `list`?; see `dvsync user --help`");
  EXPECT_EQ(refusal({"user", "list", "--jsn"}),
            "unknown option `--jsn`: did you mean `--json`?; see `dvsync user list --help`");
}

TEST(Usage, SaysWhatIsMissingOrTooMuch) {
  EXPECT_EQ(refusal({}), "a command is missing; see `dvsync --help`");
  EXPECT_EQ(refusal({"sync", "now"}), "`now` is one word too many for `dvsync sync`; see `dvsync sync --help`");
  EXPECT_EQ(refusal({"approve"}), "run is required; see `dvsync approve --help`");
  EXPECT_THAT(refusal({"sync", "--full", "--user", "a"}), testing::HasSubstr("excludes"));
  EXPECT_THAT(refusal({"approve", "seventeen"}), testing::HasSubstr("seventeen"));
  EXPECT_NE(refusal({"approve", "-3"}), "");
  EXPECT_EQ(refusal({"explain", "a", "--trigger", "never"}),
            "--trigger: `never` is none of background, on_demand, first_access; see `dvsync explain --help`");
  EXPECT_NE(refusal({"log", "--limit", "-1"}), "");
  EXPECT_THAT(refusal({"log", "--rejected", "--follow"}), testing::HasSubstr("excludes"));
}

TEST(Commands, AllHaveExamplesOrAnExplanation) {
  CLI::App app{"", "dvsync"};
  const auto commands = all_commands();
  for (const auto& command : commands) {
    const auto* declared = command->declare(app);
    EXPECT_FALSE(declared->get_description().empty()) << declared->get_name();
    EXPECT_FALSE(declared->get_footer().empty()) << declared->get_name();
  }
}

}  // namespace
}  // namespace dvsync::cli
