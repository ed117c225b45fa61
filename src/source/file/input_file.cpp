#include "source/file/input_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "dvsync/error.hpp"
#include "source/utf8.hpp"

namespace dvsync::source::file {
namespace {

using Kind = SourceError::Kind;

std::string words(int error) { return std::generic_category().message(error); }

[[noreturn]] void refuse_open(const std::filesystem::path& path, int error) {
  const std::string file = "the directory file " + path.string();
  if (error == ENOENT || error == ENOTDIR) {
    throw SourceError(Kind::unavailable, file + " does not exist: export it there, or correct directory.path");
  }
  if (error == EACCES || error == EPERM) {
    throw SourceError(Kind::denied, file + " may not be read: give the user dvsync runs as the right to read it");
  }
  throw SourceError(Kind::unavailable, file + " cannot be opened: " + words(error));
}

bool same(const timespec& a, const timespec& b) { return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec; }

bool same_file(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino && a.st_size == b.st_size && same(a.st_mtim, b.st_mtim) &&
         same(a.st_ctim, b.st_ctim);
}

}  // namespace

InputFile::InputFile(std::filesystem::path path, std::size_t block_size)
    : path_(std::move(path)), name_(path_.filename().string()), block_(block_size) {
  // O_NONBLOCK: a named pipe put there by mistake must not hang the daemon.
  descriptor_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (descriptor_ < 0) {
    refuse_open(path_, errno);
  }
  const bool known = ::fstat(descriptor_, &opened_) == 0;
  if (!known || !S_ISREG(opened_.st_mode) || opened_.st_size == 0) {
    ::close(descriptor_);
    const bool plain = known && S_ISREG(opened_.st_mode);
    throw SourceError(Kind::malformed,
                      "the directory file " + path_.string() +
                          (plain ? " is empty: export the directory again"
                                 : " is not a plain file: directory.path must name the export itself"));
  }
  ::posix_fadvise(descriptor_, 0, 0, POSIX_FADV_SEQUENTIAL);
  try {
    recognize();
  } catch (...) {
    ::close(descriptor_);
    throw;
  }
}

InputFile::~InputFile() { ::close(descriptor_); }

// Encodings and line ends are told by the beginning of the file.
void InputFile::recognize() {
  constexpr std::size_t sample = std::size_t{64} << 10U;
  std::string raw(4, '\0');
  raw.resize(read_at(0, raw.data(), raw.size()));
  const auto begins_with = [&](std::string_view mark) { return raw.starts_with(mark); };
  using namespace std::string_view_literals;
  if (begins_with("\xff\xfe\0\0"sv) || begins_with("\0\0\xfe\xff"sv)) {
    throw SourceError(Kind::malformed, "the directory file " + path_.string() + " is UTF-32: save it as UTF-8");
  }
  const bool zero_behind = raw.size() == 4 && raw[0] != '\0' && raw[1] == '\0' && raw[2] != '\0' && raw[3] == '\0';
  const bool zero_before = raw.size() == 4 && raw[0] == '\0' && raw[1] != '\0' && raw[2] == '\0' && raw[3] != '\0';
  if (begins_with("\xff\xfe") || zero_behind) encoding_ = Encoding::utf16_little;
  if (begins_with("\xfe\xff") || zero_before) encoding_ = Encoding::utf16_big;
  if (begins_with("\xff\xfe") || begins_with("\xfe\xff")) text_begin_ = 2;
  if (begins_with(byte_order_mark)) text_begin_ = byte_order_mark.size();
  block_offset_ = text_begin_;
  if (encoding_ != Encoding::utf8) block_.resize(std::max<std::size_t>(block_.size(), 8));
  const std::string text = head(sample);
  const std::size_t end = text.find_first_of("\r\n");
  const std::size_t behind = text.find_first_not_of('\r', end);
  lines_end_with_cr_ = end != std::string::npos && text[end] == '\r' && behind != std::string::npos &&
                       text[behind] != '\n' && text.find("\r\n") == std::string::npos;
}

std::string_view InputFile::window(const std::stop_token& stop) {
  if (position_ == text_.size()) {
    if (stop.stop_requested()) throw Interrupted();
    read_block();
  }
  return text_.substr(position_);
}

void InputFile::read_block() {
  block_offset_ += filled_;
  filled_ = read_at(block_offset_, block_.data(), block_.size());
  position_ = raw_position_ = 0;
  if (lines_end_with_cr_ && encoding_ == Encoding::utf8) {
    std::replace(block_.data(), block_.data() + filled_, '\r', '\n');
  }
  text_ = {block_.data(), filled_};
  if (encoding_ == Encoding::utf8) return;
  const bool at_end = filled_ < block_.size();
  filled_ = decode(text_, at_end, decoded_);
  text_ = decoded_;
}

void InputFile::consume(std::size_t count) {
  const std::string_view consumed = text_.substr(position_, count);
  position_ += count;
  raw_position_ += raw_size(consumed);
}

std::size_t InputFile::raw_size(std::string_view text) const {
  return encoding_ == Encoding::utf8 ? text.size() : 2 * utf16_units_in(text);
}

void InputFile::seek(std::uint64_t offset) {
  if (encoding_ == Encoding::utf8 && offset >= block_offset_ && offset - block_offset_ <= filled_) {
    position_ = raw_position_ = static_cast<std::size_t>(offset - block_offset_);
    return;
  }
  block_offset_ = offset;
  filled_ = 0;
  text_ = {};
  position_ = raw_position_ = 0;
}

std::size_t InputFile::decode(std::string_view raw, bool at_end, std::string& text) const {
  const std::size_t high = encoding_ == Encoding::utf16_big ? 0 : 1;
  raw = raw.substr(0, raw.size() / 2 * 2);
  const auto leads = [](char byte) { return (static_cast<unsigned char>(byte) & 0xfcU) == 0xd8U; };
  if (!at_end && !raw.empty() && leads(raw[raw.size() - 2 + high])) {
    raw.remove_suffix(2);  // its pair is in the next block
  }
  text.clear();
  Utf16Decoder decoder(encoding_ == Encoding::utf16_big);
  decoder.decode(raw, text);
  static_cast<void>(decoder.finish(text));
  if (lines_end_with_cr_) std::ranges::replace(text, '\r', '\n');
  return raw.size();
}

std::string InputFile::peek(std::uint64_t offset, std::size_t size) const {
  std::string bytes(size, '\0');
  bytes.resize(read_at(offset, bytes.data(), size));
  if (encoding_ == Encoding::utf8) {
    if (lines_end_with_cr_) std::ranges::replace(bytes, '\r', '\n');
    return bytes;
  }
  std::string text;
  decode(bytes, bytes.size() < size, text);
  return text;
}

std::size_t InputFile::read_at(std::uint64_t offset, char* out, std::size_t size) const {
  std::size_t filled = 0;
  while (filled < size) {
    const ssize_t got = ::pread(descriptor_, out + filled, size - filled, static_cast<off_t>(offset + filled));
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      throw SourceError(Kind::unavailable, "the directory file " + path_.string() + " cannot be read: " + words(errno));
    }
    if (got == 0) {
      break;
    }
    filled += static_cast<std::size_t>(got);
  }
  return filled;
}

void InputFile::verify_unchanged() const {
  struct stat open_file {};
  struct stat named_file {};
  const bool unchanged = ::fstat(descriptor_, &open_file) == 0 && ::stat(path_.c_str(), &named_file) == 0 &&
                         same_file(opened_, open_file) && same_file(opened_, named_file);
  if (!unchanged) {
    const bool replaced = named_file.st_ino != opened_.st_ino || named_file.st_dev != opened_.st_dev;
    if (replaced) {
      throw SourceError(Kind::unavailable,
                        "the directory file " + path_.string() +
                            " was replaced while it was being read; nothing of the old one was taken over, and the "
                            "next run reads the new one");
    }
    throw SourceError(Kind::unavailable,
                      "the directory file " + path_.string() +
                          " changed while it was being read; nothing was taken over and the next run reads it again. "
                          "Write the export under another name and rename it into place when it is complete");
  }
}

}  // namespace dvsync::source::file
