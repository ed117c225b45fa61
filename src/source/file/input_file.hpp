#pragma once
// The directory file as a stream of bytes that never holds more than one block.

#include <sys/stat.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace dvsync::source::file {

inline constexpr std::size_t default_block_size = std::size_t{1} << 20U;

class InputFile {
 public:
  // Throws SourceError when there is no such file, it may not be read, is not a plain file, or is empty.
  explicit InputFile(std::filesystem::path path, std::size_t block_size = default_block_size);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  // What is read and not yet consumed; reads the next block when that is nothing. Empty: the end of the file.
  // Throws Interrupted between blocks, SourceError when reading fails.
  std::string_view window(const std::stop_token& stop);
  void consume(std::size_t count) { position_ += count; }
  [[nodiscard]] std::uint64_t offset() const { return block_offset_ + position_; }
  void seek(std::uint64_t offset);

  // Up to `size` bytes from `offset` on, whatever the stream is at.
  [[nodiscard]] std::string peek(std::uint64_t offset, std::size_t size) const;

  [[nodiscard]] std::uint64_t size() const { return static_cast<std::uint64_t>(opened_.st_size); }
  // Without directories: for messages about places in the file.
  [[nodiscard]] const std::string& name() const { return name_; }

  // Throws SourceError when the file is no longer what was opened: written to, replaced or removed.
  void verify_unchanged() const;

 private:
  [[nodiscard]] std::size_t read_at(std::uint64_t offset, char* out, std::size_t size) const;

  std::filesystem::path path_;
  std::string name_;
  int descriptor_ = -1;
  struct stat opened_ {};
  std::vector<char> block_;
  std::uint64_t block_offset_ = 0;
  std::size_t filled_ = 0;  // how much of the block holds bytes of the file
  std::size_t position_ = 0;
};

}  // namespace dvsync::source::file
