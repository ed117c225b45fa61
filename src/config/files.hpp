#pragma once
// Files that the configuration names: where they are, and whether they can be used. Converters like those of
// values.hpp; `folder` is the configuration's own.

#include <filesystem>

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
  Read<std::filesystem::path> operator()(const YAML::Node& node) const;
};

}  // namespace dvsync::config
