#pragma once
// The directory file as a stream of UTF-8 that never holds more than one block. UTF-16 is read as well, and so are
// lines that end with a carriage return alone; a byte order mark is not part of the text.

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

  // What is read and not yet consumed: UTF-8, or bytes that are none where the file holds such; reads the next block
  // when that is nothing. Empty: the end of the file. Throws Interrupted between blocks, SourceError when reading
  // fails.
  std::string_view window(const std::stop_token& stop);
  void consume(std::size_t count);

  // A place in the file to come back to; not a number of characters.
  [[nodiscard]] std::uint64_t offset() const { return block_offset_ + raw_position_; }
  void seek(std::uint64_t offset);

  // Up to about `size` bytes of text from a place on, whatever the stream is at.
  [[nodiscard]] std::string peek(std::uint64_t offset, std::size_t size) const;
  // The same behind the next `skipped` bytes of the window.
  [[nodiscard]] std::string peek_behind(std::size_t skipped, std::size_t size) const {
    return peek(offset() + raw_size(text_.substr(position_, skipped)), size);
  }
  // The same from the first character of the text on.
  [[nodiscard]] std::string head(std::size_t size) const { return peek(text_begin_, size); }

  [[nodiscard]] std::uint64_t size() const { return static_cast<std::uint64_t>(opened_.st_size); }
  // Without directories: for messages about places in the file.
  [[nodiscard]] const std::string& name() const { return name_; }

  // Throws SourceError when the file is no longer what was opened: written to, replaced or removed.
  void verify_unchanged() const;

 private:
  enum class Encoding : std::uint8_t { utf8, utf16_little, utf16_big };

  void recognize();
  void read_block();
  [[nodiscard]] std::size_t raw_size(std::string_view text) const;
  [[nodiscard]] std::size_t read_at(std::uint64_t offset, char* out, std::size_t size) const;
  // How many bytes of `raw` can be decoded without what follows, and their text.
  std::size_t decode(std::string_view raw, bool at_end, std::string& text) const;

  std::filesystem::path path_;
  std::string name_;
  int descriptor_ = -1;
  struct stat opened_ {};
  Encoding encoding_ = Encoding::utf8;
  bool lines_end_with_cr_ = false;
  std::uint64_t text_begin_ = 0;  // behind a byte order mark
  std::vector<char> block_;
  std::uint64_t block_offset_ = 0;
  std::size_t filled_ = 0;        // how much of the block holds bytes of the file
  std::string decoded_;           // the block's text, when the file is UTF-16
  std::string_view text_;         // the block's text
  std::size_t position_ = 0;      // in text_
  std::size_t raw_position_ = 0;  // in block_
};

}  // namespace dvsync::source::file
