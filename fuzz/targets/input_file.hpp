#pragma once
// An input as a file, for readers that open one.

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "require.hpp"

class InputFile {
 public:
  explicit InputFile(std::string_view text) : descriptor_(memfd_create("input", MFD_CLOEXEC)) {
    REQUIRE(write(descriptor_, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    REQUIRE(fchmod(descriptor_, 0600) == 0);
  }
  ~InputFile() { close(descriptor_); }
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  [[nodiscard]] std::filesystem::path path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
};
