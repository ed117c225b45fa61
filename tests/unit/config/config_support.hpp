#pragma once
// Configurations in a few words, and what is wrong with them.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "dvsync/config/configuration.hpp"

namespace dvsync::config {

// Each "file:line:column: message"; empty: the configuration is valid.
inline std::vector<std::string> mistakes_in(const Loaded& loaded) {
  std::vector<std::string> lines;
  if (const auto* diagnostics = std::get_if<std::vector<Diagnostic>>(&loaded)) {
    for (auto diagnostic : *diagnostics) {
      diagnostic.source_line.clear();
      lines.push_back(to_string(diagnostic));
    }
  }
  return lines;
}

inline std::vector<std::string> mistakes(std::string_view yaml) { return mistakes_in(parse(yaml, "t.yaml")); }

inline Configuration valid(const Loaded& loaded) {
  if (const auto* configuration = std::get_if<Configuration>(&loaded)) {
    return *configuration;
  }
  for (const auto& mistake : mistakes_in(loaded)) {
    ADD_FAILURE() << mistake;
  }
  return {};
}

// A valid configuration of three lines; `more` begins in line 4.
inline std::string with(std::string_view more) {
  return "directory: {type: file, path: tenant.jsonl}\n"
         "database: {connection: dbname=dvsync}\n"
         "environments: [{name: contoso, schema: contoso}]\n" +
         std::string(more);
}

// The same with another `directory`, of which the keys begin in line 4, column 3.
inline std::string with_directory(std::string_view keys) {
  return "database: {connection: dbname=dvsync}\n"
         "environments: [{name: contoso, schema: contoso}]\n"
         "directory:\n" +
         std::string(keys);
}

// The same with more keys of the environment, from line 6, column 5.
inline std::string with_environment(std::string_view keys) {
  return "directory: {type: file, path: tenant.jsonl}\n"
         "database: {connection: dbname=dvsync}\n"
         "environments:\n"
         "  - name: contoso\n"
         "    schema: contoso\n" +
         std::string(keys);
}

// A folder of its own, gone with the test.
class Folder {
 public:
  Folder() {
    auto pattern = (std::filesystem::temp_directory_path() / "dvsync-config-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  std::filesystem::path write(const std::string& name, std::string_view text, unsigned mode = 0600) const {
    auto file = path_ / name;
    std::ofstream(file, std::ios::binary) << text;
    std::filesystem::permissions(file, static_cast<std::filesystem::perms>(mode));
    return file;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace dvsync::config
