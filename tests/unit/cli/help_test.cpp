#include "help.hpp"

#include <sstream>

#include "cli_support.hpp"
#include "command.hpp"
#include "dvsync/cli/program.hpp"
#include "terminal/table.hpp"

namespace dvsync::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

struct Told {
  int code;
  std::string text;
};
Told told_by(const std::vector<std::string>& words) {
  std::vector<const char*> arguments{"dvsync"};
  for (const auto& word : words) arguments.push_back(word.c_str());
  testing::internal::CaptureStdout();
  const int code = run_program(static_cast<int>(arguments.size()), arguments.data());
  return {code, testing::internal::GetCapturedStdout()};
}

// Every command with its own commands, as somebody types them.
void add_commands(const CLI::App& app, const std::vector<std::string>& words,
                  std::vector<std::vector<std::string>>& all) {
  all.push_back(words);
  for (const auto* next : app.get_subcommands(nullptr)) {
    auto longer = words;
    longer.push_back(next->get_name());
    add_commands(*next, longer, all);
  }
}
std::vector<std::vector<std::string>> every_command() {
  CLI::App app{"", "dvsync"};
  const auto commands = all_commands();
  for (const auto& command : commands) command->declare(app);
  std::vector<std::vector<std::string>> all;
  add_commands(app, {}, all);
  return all;
}

TEST(Help, FitsIntoEightyColumnsEverywhere) {
  std::size_t texts = 0;
  for (auto words : every_command()) {
    words.emplace_back("--help");
    std::istringstream lines(told_by(words).text);
    for (std::string line; std::getline(lines, line);)
      EXPECT_LE(display_width(line), 80U) << words.front() << ": " << line;
    ++texts;
  }
  EXPECT_GT(texts, 30U);
}

TEST(Help, IsACommandToo) {
  for (const auto& words : every_command()) {
    std::vector<std::string> as_command{"help"};
    as_command.insert(as_command.end(), words.begin(), words.end());
    auto as_option = words;
    as_option.emplace_back("--help");
    const auto told = told_by(as_command);
    EXPECT_EQ(told.code, 0);
    EXPECT_EQ(told.text, told_by(as_option).text);
    EXPECT_THAT(told.text, HasSubstr("Usage: dvsync"));
  }
}

TEST(Help, OfACommandThatThereIsNotIsAUsageError) {
  testing::internal::CaptureStderr();
  EXPECT_EQ(told_by({"help", "sycn"}).code, 64);
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("unknown command `sycn`: did you mean `sync`?"));
}

TEST(Help, VersionIsACommandToo) {
  const auto told = told_by({"version"});
  EXPECT_EQ(told.code, 0);
  EXPECT_THAT(told.text, StartsWith("dvsync "));
  EXPECT_EQ(told.text, told_by({"--version"}).text);
}

TEST(Help, ProseIsJoinedUnlessASentenceEnds) {
  EXPECT_EQ(joined("one two\nthree.\nFour\n  five\n\nsix\n"), "one two three.\nFour\n  five\n\nsix\n");
}

TEST(Help, ALineGoesOnBelowItsLastColumn) {
  const std::string words = "what this is for and why one would like to have it";
  EXPECT_EQ(fitted("  --key X   " + words + "\n", 40),
            "  --key X   what this is for and why one\n            would like to have it\n");
  EXPECT_EQ(fitted(words + "\n", 40), "what this is for and why one would like\nto have it\n");
  EXPECT_EQ(fitted("  a command that is rather long  " + words + "\n", 40),
            "  a command that is rather long\n                    what this is for and\n"
            "                    why one would like\n                    to have it\n");
  EXPECT_EQ(fitted("short\n\n", 40), "short\n\n");
}

}  // namespace
}  // namespace dvsync::cli
