#pragma once
// Secrets and keys lie in files: ordinary ones, or systemd credentials.

#include <filesystem>
#include <string>

namespace dvsync::source::graph {

// Throws SourceError (denied) naming the configuration key when the file is missing, unreadable, empty or larger than
// any credential is.
[[nodiscard]] std::string read_credential_file(const std::filesystem::path& file, const std::string& key);

// The same without white space at either end: editors leave a newline there.
[[nodiscard]] std::string read_credential_line(const std::filesystem::path& file, const std::string& key);

}  // namespace dvsync::source::graph
