#include "source/file/input_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "dvsync/error.hpp"

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
}

InputFile::~InputFile() { ::close(descriptor_); }

std::string_view InputFile::window(const std::stop_token& stop) {
  if (position_ == filled_) {
    if (stop.stop_requested()) {
      throw Interrupted();
    }
    block_offset_ += filled_;
    position_ = 0;
    filled_ = 0;
    filled_ = read_at(block_offset_, block_.data(), block_.size());
  }
  return {block_.data() + position_, filled_ - position_};
}

void InputFile::seek(std::uint64_t offset) {
  if (offset >= block_offset_ && offset - block_offset_ <= filled_) {
    position_ = static_cast<std::size_t>(offset - block_offset_);
    return;
  }
  block_offset_ = offset;
  filled_ = 0;
  position_ = 0;
}

std::string InputFile::peek(std::uint64_t offset, std::size_t size) const {
  std::string bytes(size, '\0');
  bytes.resize(read_at(offset, bytes.data(), size));
  return bytes;
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
