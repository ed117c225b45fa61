#include "dvsync/console/tokens.hpp"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <sstream>
#include <system_error>

#include "digest.hpp"
#include "dvsync/error.hpp"
#include "dvsync/random_bytes.hpp"

namespace dvsync::console {
namespace {

constexpr std::string_view token_prefix = "dvsync_";
constexpr std::size_t random_bytes = 32;
constexpr std::size_t longest_token_name = 100;
constexpr std::size_t hash_digits = 64;

[[noreturn]] void cannot(const std::filesystem::path& file, const std::string& what) {
  throw Error(file.string() + ": " + what);
}

// Whoever may write the file makes operators.
void check_rights(const std::filesystem::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) == 0 && (status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    cannot(file, "others may write it: chmod 600");
  }
}

std::optional<Role> role_named(std::string_view name) {
  for (const auto role : {Role::viewer, Role::operating}) {
    if (name == name_of(role)) return role;
  }
  return std::nullopt;
}

std::optional<TokenHolder> holder_in(const std::string& line) {
  std::istringstream words(line);
  TokenHolder holder;
  std::string role;
  std::string more;
  words >> holder.name >> role >> holder.hash;
  const auto known = role_named(role);
  if (!known || !is_token_name(holder.name) || holder.hash.size() != hash_digits || words >> more) return std::nullopt;
  holder.role = *known;
  return holder;
}

std::string text_of(const std::vector<TokenHolder>& holders) {
  std::string text = "# Made by `dvsync console token`: name, role, SHA-256 of the token.\n";
  for (const auto& holder : holders) {
    text.append(holder.name).append(" ").append(name_of(holder.role)).append(" ").append(holder.hash).append("\n");
  }
  return text;
}

// A whole file takes the place of the old one. Root makes it for the daemon.
void write_tokens(const std::filesystem::path& file, const std::vector<TokenHolder>& holders) {
  struct stat before {};
  const auto folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
  if (::stat(file.c_str(), &before) != 0 && ::stat(folder.c_str(), &before) != 0) {
    cannot(folder, std::generic_category().message(errno));
  }
  const auto unfinished = file.string() + ".new";
  ::unlink(unfinished.c_str());
  const int descriptor = ::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (descriptor < 0) cannot(file, std::generic_category().message(errno));
  const auto text = text_of(holders);
  bool done = ::write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (done && ::geteuid() == 0) done = ::fchown(descriptor, before.st_uid, before.st_gid) == 0;
  done = done && ::fsync(descriptor) == 0;
  const int error = errno;
  ::close(descriptor);
  if (done && ::rename(unfinished.c_str(), file.c_str()) == 0) return;
  const int last = done ? errno : error;
  ::unlink(unfinished.c_str());
  cannot(file, std::generic_category().message(last));
}

}  // namespace

std::string_view name_of(Role role) { return role == Role::operating ? "operator" : "viewer"; }

bool is_token_name(std::string_view name) {
  const auto usable = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '@' || c == '-';
  };
  return !name.empty() && name.size() <= longest_token_name && std::ranges::all_of(name, usable);
}

std::vector<TokenHolder> read_tokens(const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::exists(file, error) && !error) return {};
  check_rights(file);
  std::ifstream stream(file);
  if (!stream) cannot(file, "cannot be read: " + std::generic_category().message(errno));
  std::vector<TokenHolder> holders;
  std::size_t number = 0;
  for (std::string line; std::getline(stream, line);) {
    ++number;
    if (line.empty() || line.front() == '#') continue;
    auto holder = holder_in(line);
    if (!holder) cannot(file, "line " + std::to_string(number) + " is no name, role and hash");
    holders.push_back(*std::move(holder));
  }
  return holders;
}

std::string add_token(const std::filesystem::path& file, const std::string& name, Role role) {
  auto holders = read_tokens(file);
  std::array<unsigned char, random_bytes> secret{};
  fill_with_random(secret);
  auto token = std::string(token_prefix) + hexadecimal(secret);
  std::erase_if(holders, [&](const auto& holder) { return holder.name == name; });
  holders.push_back({.name = name, .role = role, .hash = hexadecimal(sha256(token))});
  write_tokens(file, holders);
  return token;
}

bool remove_token(const std::filesystem::path& file, const std::string& name) {
  auto holders = read_tokens(file);
  if (std::erase_if(holders, [&](const auto& holder) { return holder.name == name; }) == 0) return false;
  write_tokens(file, holders);
  return true;
}

std::optional<TokenHolder> holder_of(const std::vector<TokenHolder>& holders, std::string_view token) {
  const auto hash = hexadecimal(sha256(token));
  std::optional<TokenHolder> found;
  for (const auto& holder : holders) {
    if (same_secret(holder.hash, hash)) found = holder;  // goes on, so as to tell nothing by its time
  }
  return found;
}

}  // namespace dvsync::console
