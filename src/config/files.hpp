#pragma once
// Files that the configuration names: where they are, and whether they can be used. Converters like those of
// values.hpp; `folder` is the configuration's own.

#include <filesystem>
#include <optional>

#include "values.hpp"

namespace dvsync::config {

// A path: relative ones start at `folder`, $CREDENTIALS_DIRECTORY/ is systemd's (systemd.exec(5), LoadCredential=).
struct Path {
  std::filesystem::path folder;
  Read<std::filesystem::path> operator()(const YAML::Node& node) const;
};

// A file that must be there and readable now.
struct ReadableFile {
  std::filesystem::path folder;
  Read<std::filesystem::path> operator()(const YAML::Node& node) const;
};

// The same, and nobody but its owner may read it.
struct SecretFile {
  std::filesystem::path folder;
  [[nodiscard]] static Shape shape() { return {.secret_file = true}; }
  Read<std::filesystem::path> operator()(const YAML::Node& node) const;
};

// A program that is there and may be started, by its whole path: a relative one would depend on who starts dvsync.
[[nodiscard]] std::optional<Wrong> cannot_be_started(const std::filesystem::path& program);

}  // namespace dvsync::config
