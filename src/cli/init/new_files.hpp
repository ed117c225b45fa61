#pragma once
// The files that `dvsync init` makes: the configuration, and secrets beside it.

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "init/system_user.hpp"

namespace dvsync::cli {

// Whether something lies there that would be lost: anything but the sample as it is shipped.
[[nodiscard]] bool would_be_lost(const std::filesystem::path& file);

// Replaces the file as a whole. The daemon's group may read it, others may not. Throws std::system_error.
void write_configuration(const std::filesystem::path& file, const std::string& text,
                         const std::optional<SystemUser>& service);

// Files for secrets, for their owner alone: the daemon's user if there is one. Those that were made go again unless
// they are kept.
class NewSecrets {
 public:
  explicit NewSecrets(std::optional<SystemUser> service) : service_(std::move(service)) {}
  ~NewSecrets();
  NewSecrets(const NewSecrets&) = delete;
  NewSecrets& operator=(const NewSecrets&) = delete;

  // One that is there is never touched.
  void found(const std::filesystem::path& file);
  // Throws std::system_error.
  void make(const std::filesystem::path& file, const std::string& secret);
  void keep() { kept_ = true; }
  [[nodiscard]] const std::vector<std::filesystem::path>& empty_ones() const { return empty_; }

 private:
  std::optional<SystemUser> service_;
  std::vector<std::filesystem::path> made_;
  std::vector<std::filesystem::path> empty_;
  bool kept_ = false;
};

}  // namespace dvsync::cli
