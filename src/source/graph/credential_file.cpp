#include "source/graph/credential_file.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>

#include "dvsync/error.hpp"

namespace dvsync::source::graph {
namespace {

constexpr std::streamsize largest_credential = 1 << 20;

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& key, const std::string& why) {
  throw SourceError(SourceError::Kind::denied, key + ": " + file.string() + " " + why);
}

}  // namespace

std::string read_credential_file(const std::filesystem::path& file, const std::string& key) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) {
    refuse(file, key, std::string("cannot be read: ") + std::strerror(errno));
  }
  std::string content(static_cast<std::size_t>(largest_credential), '\0');
  stream.read(content.data(), largest_credential);
  content.resize(static_cast<std::size_t>(stream.gcount()));
  if (content.size() == static_cast<std::size_t>(largest_credential)) {
    refuse(file, key, "is too large to be a credential");
  }
  if (content.find_first_not_of(" \t\r\n") == std::string::npos) {
    refuse(file, key, "is empty");
  }
  return content;
}

std::string read_credential_line(const std::filesystem::path& file, const std::string& key) {
  const std::string content = read_credential_file(file, key);
  const auto first = content.find_first_not_of(" \t\r\n");
  const auto last = content.find_last_not_of(" \t\r\n");
  return content.substr(first, last - first + 1);
}

}  // namespace dvsync::source::graph
