#include "init/new_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <sstream>
#include <system_error>

#include "dvsync/config/sample_form.hpp"

namespace dvsync::cli {
namespace {

constexpr mode_t for_owner = S_IRUSR | S_IWUSR;
constexpr mode_t for_group_too = for_owner | S_IRGRP;

[[noreturn]] void cannot_write(const std::filesystem::path& file, int error) {
  throw std::system_error(error, std::generic_category(), "cannot write " + file.string());
}

bool write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(file, text.data(), text.size());
    if (written < 0 && errno != EINTR) return false;
    if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
  }
  return ::fsync(file) == 0;
}

// The name is for messages. Closes the file.
void fill(int file, const std::filesystem::path& name, std::string_view text, mode_t mode, uid_t owner, gid_t group) {
  const bool done =
      write_all(file, text) && ::fchmod(file, mode) == 0 && (::geteuid() != 0 || ::fchown(file, owner, group) == 0);
  const int error = errno;
  ::close(file);
  if (!done) cannot_write(name, error);
}

}  // namespace

bool would_be_lost(const std::filesystem::path& file) {
  std::error_code ignored;
  if (!std::filesystem::exists(std::filesystem::symlink_status(file, ignored))) return false;
  std::ifstream there(file, std::ios::binary);
  std::stringstream text;
  text << there.rdbuf();
  return text.view() != config::sample_text();
}

void write_configuration(const std::filesystem::path& file, const std::string& text,
                         const std::optional<SystemUser>& service) {
  auto beside = file.string() + ".XXXXXX";
  const int made = ::mkostemp(beside.data(), O_CLOEXEC);
  if (made < 0) cannot_write(file, errno);
  try {
    fill(made, file, text, for_group_too, 0, service ? service->gid : ::getegid());
    if (::rename(beside.c_str(), file.c_str()) != 0) cannot_write(file, errno);
  } catch (const std::system_error&) {
    ::unlink(beside.c_str());
    throw;
  }
}

NewSecrets::~NewSecrets() {
  if (kept_) return;
  for (const auto& file : made_) ::unlink(file.c_str());
}

void NewSecrets::found(const std::filesystem::path& file) {
  std::error_code ignored;
  if (std::filesystem::is_regular_file(file, ignored) && std::filesystem::file_size(file, ignored) == 0) {
    empty_.push_back(file);
  }
}

void NewSecrets::make(const std::filesystem::path& file, const std::string& secret) {
  const int made = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, for_owner);
  if (made < 0) cannot_write(file, errno);
  made_.push_back(file);
  if (secret.empty()) empty_.push_back(file);
  fill(made, file, secret, for_owner, service_ ? service_->uid : ::geteuid(), service_ ? service_->gid : ::getegid());
}

}  // namespace dvsync::cli
