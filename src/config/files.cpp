#include "files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <optional>
#include <system_error>

namespace dvsync::config {
namespace {

constexpr std::array<std::string_view, 2> credentials_prefixes{"$CREDENTIALS_DIRECTORY/", "${CREDENTIALS_DIRECTORY}/"};

// Empty when systemd gave none.
std::string credentials_directory() {
  const char* directory = std::getenv("CREDENTIALS_DIRECTORY");
  return directory == nullptr ? "" : directory;
}

Read<std::filesystem::path> locate(const YAML::Node& node, const std::filesystem::path& folder) {
  const auto value = text(node);
  if (!value) return value.error();
  for (const auto prefix : credentials_prefixes) {
    if (!value->starts_with(prefix)) continue;
    const auto credentials = credentials_directory();
    if (credentials.empty()) {
      return wrong(
          "needs $CREDENTIALS_DIRECTORY, which is not set: systemd sets it for a unit with LoadCredential=; set it "
          "yourself elsewhere");
    }
    return std::filesystem::path(credentials) / value->substr(prefix.size());
  }
  if (value->starts_with('$')) {
    return wrong("may begin with $CREDENTIALS_DIRECTORY/; other variables are not expanded");
  }
  return (folder / *value).lexically_normal();
}

// systemd lets the service read its credentials by an ACL, of which the mask shows as the group's bits.
bool is_credential(const std::filesystem::path& path) {
  const auto credentials = credentials_directory();
  return !credentials.empty() && path.string().starts_with(credentials + "/");
}

std::string describe(int error) { return std::generic_category().message(error); }

// The file is opened, as the daemon will open it, because access(2) does not know everything (ACLs, root squash).
std::optional<Wrong> cannot_read(const std::filesystem::path& path, struct stat& status) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return wrong("cannot be read: " + path.string() + ": " + describe(errno));
  const bool known = ::fstat(file, &status) == 0;
  ::close(file);
  if (!known || S_ISDIR(status.st_mode)) return wrong("cannot be read: " + path.string() + ": " + describe(EISDIR));
  return std::nullopt;
}

}  // namespace

Read<std::filesystem::path> Path::operator()(const YAML::Node& node) const { return locate(node, folder); }

Read<std::filesystem::path> ReadableFile::operator()(const YAML::Node& node) const {
  auto path = locate(node, folder);
  struct stat status {};
  if (auto wrong = path ? cannot_read(*path, status) : std::nullopt) return *wrong;
  return path;
}

Read<std::filesystem::path> SecretFile::operator()(const YAML::Node& node) const {
  auto path = locate(node, folder);
  struct stat status {};
  if (auto wrong = path ? cannot_read(*path, status) : std::nullopt) return *wrong;
  if (path && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0 && !is_credential(*path)) {
    return wrong("names a secret that others may read: chmod 600 " + path->string() +
                 " (its owner must be the user that dvsync runs as)");
  }
  return path;
}

std::optional<Wrong> cannot_be_started(const std::filesystem::path& program) {
  if (!program.is_absolute()) return wrong("must begin with the whole path of a program, such as /usr/local/bin/page");
  struct stat status {};
  const auto refuse = [&](const std::string& why) { return wrong("cannot be started: " + program.string() + why); };
  if (::stat(program.c_str(), &status) != 0) return refuse(": " + describe(errno));
  if (!S_ISREG(status.st_mode)) return refuse(" is no file");
  if (::access(program.c_str(), X_OK) != 0) return refuse(": " + describe(errno));
  return std::nullopt;
}

}  // namespace dvsync::config
