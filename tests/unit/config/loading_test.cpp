#include <gmock/gmock.h>

#include <cstdlib>

#include "config_support.hpp"

namespace dvsync::config {
namespace {

using ::testing::ElementsAre;

TEST(Load, ReadsTheFileAndRemembersIt) {
  const Folder folder;
  const auto file = folder.write("dvsync.yaml", with(""));
  const auto configuration = valid(load(file));
  EXPECT_EQ(configuration.file, file);
  EXPECT_EQ(std::get<FileDirectory>(configuration.directory.kind).path, folder.path() / "tenant.jsonl");
}

TEST(Load, NamesTheFileInDiagnostics) {
  const Folder folder;
  const auto file = folder.write("dvsync.yaml", with("log: x"));
  EXPECT_THAT(mistakes_in(load(file)),
              ElementsAre(file.string() + ":4:6: `log` must be a mapping of keys (key: value)"));
}

TEST(Load, AnUnusableFileIsOneDiagnostic) {
  const Folder folder;
  const auto missing = folder.path() / "dvsync.yaml";
  EXPECT_THAT(mistakes_in(load(missing)),
              ElementsAre(missing.string() +
                          ": cannot be read: No such file or directory: name the configuration with --config or "
                          "DVSYNC_CONFIG, or have `dvsync init` write one"));
  EXPECT_THAT(mistakes_in(load(folder.path())),
              ElementsAre(folder.path().string() + ": cannot be read: Is a directory"));
  const auto large = folder.write("tenant.jsonl", std::string(1024 * 1024 + 1, ' '));
  EXPECT_THAT(mistakes_in(load(large)),
              ElementsAre(large.string() + ": is larger than 1 MiB: is this the configuration?"));
}

TEST(FileToLoad, IsTheOptionThenTheVariableThenTheSystems) {
  ::unsetenv("DVSYNC_CONFIG");
  EXPECT_EQ(file_to_load(std::nullopt), "/etc/dvsync/dvsync.yaml");
  ::setenv("DVSYNC_CONFIG", "", 1);
  EXPECT_EQ(file_to_load(std::nullopt), "/etc/dvsync/dvsync.yaml");
  ::setenv("DVSYNC_CONFIG", "a.yaml", 1);
  EXPECT_EQ(file_to_load(std::nullopt), "a.yaml");
  EXPECT_EQ(file_to_load("b.yaml"), "b.yaml");
  ::unsetenv("DVSYNC_CONFIG");
}

}  // namespace
}  // namespace dvsync::config
