#include "plan/plan_file.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>

#include "words.hpp"

namespace dvsync::cli {
namespace {

constexpr std::string_view before_hash = R"(,"sha256":")";
constexpr std::string_view behind_hash = "\"}\n";
constexpr std::size_t hash_digits = 64;

std::string sha256(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1) {
    throw Error("OpenSSL has no SHA-256");
  }
  constexpr std::string_view digits = "0123456789abcdef";
  std::string hex;
  for (unsigned int i = 0; i < size; ++i) {
    hex += digits[digest[i] >> 4];
    hex += digits[digest[i] & 0x0f];
  }
  return hex;
}

std::string reason_of(int error) { return std::strerror(error); }

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int number() const { return number_; }

 private:
  int number_;
};

[[noreturn]] void unreadable(const std::string& path, int error) {
  const int code = error == EACCES || error == EPERM ? EX_NOPERM : EX_USAGE;
  throw PlanFileError(code, "cannot read " + printable(path) + ": " + reason_of(error));
}

[[noreturn]] void no_plan(const std::string& path, const std::string& why) {
  throw PlanFileError(EX_DATAERR, printable(path) + " " + why);
}

std::string whole_text(const std::string& path) {
  // Without waiting for whoever writes a pipe.
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat about {};
  if (file.number() < 0 || fstat(file.number(), &about) != 0) unreadable(path, errno);
  if (!S_ISREG(about.st_mode)) throw PlanFileError(EX_USAGE, printable(path) + " is not a file");
  if (about.st_size > most_plan_bytes) no_plan(path, "is larger than a saved plan can be");
  std::string text(static_cast<std::size_t>(about.st_size), '\0');
  std::size_t filled = 0;
  while (filled < text.size()) {
    const auto got = read(file.number(), text.data() + filled, text.size() - filled);
    if (got < 0 && errno != EINTR) unreadable(path, errno);
    if (got == 0) break;
    if (got > 0) filled += static_cast<std::size_t>(got);
  }
  text.resize(filled);
  return text;
}

}  // namespace

PlanFile::PlanFile(std::string path, IfExists if_exists) : path_(std::move(path)), if_exists_(if_exists) {
  std::error_code ignored;
  const auto there = std::filesystem::symlink_status(path_, ignored);
  if (std::filesystem::exists(there)) {
    if (if_exists_ == IfExists::refuse) fail(EX_USAGE, "it exists already; `--overwrite` replaces it");
    if (!std::filesystem::is_regular_file(there)) fail(EX_USAGE, "it is not a file");
  }
  beside_ = path_ + ".XXXXXX";
  const int made = mkostemp(beside_.data(), O_CLOEXEC);  // for its owner alone: it names people
  if (made < 0) {
    const int error = errno;
    beside_.clear();
    fail(error == EACCES || error == EPERM ? EX_NOPERM : EX_IOERR, reason_of(error));
  }
  file_.reset(fdopen(made, "w+"));
  out_ = std::make_unique<Output>(file_.get(), ColorMode::never);
}

PlanFile::~PlanFile() {
  if (!beside_.empty()) unlink(beside_.c_str());
}

void PlanFile::fail(int code, const std::string& why) const {
  throw PlanFileError(code, "cannot write " + printable(path_) + ": " + why);
}

// All but the end of the object and the line break.
std::string PlanFile::content() {
  const auto size = std::ftell(file_.get());
  if (size > most_plan_bytes - 100) {
    fail(EX_DATAERR,
         "the plan has more changes than can be applied as a whole; plan fewer environments or users at a time");
  }
  std::string text(static_cast<std::size_t>(size), '\0');
  std::rewind(file_.get());
  if (std::fread(text.data(), 1, text.size(), file_.get()) != text.size()) fail(EX_IOERR, reason_of(errno));
  return text.substr(0, text.size() - std::string_view("}\n").size());
}

std::string PlanFile::keep() {
  if (!out_->good()) fail(EX_IOERR, reason_of(errno));
  const auto text = content();
  auto hash = sha256(text);
  std::fseek(file_.get(), static_cast<long>(text.size()), SEEK_SET);
  out_->write(before_hash);
  out_->write(hash);
  out_->write(behind_hash);
  if (!out_->good() || fsync(fileno(file_.get())) != 0) fail(EX_IOERR, reason_of(errno));
  // link() takes no name that somebody else has taken meanwhile.
  const bool named = if_exists_ == IfExists::overwrite ? rename(beside_.c_str(), path_.c_str()) == 0
                                                       : link(beside_.c_str(), path_.c_str()) == 0;
  if (!named) fail(EX_IOERR, reason_of(errno));
  if (if_exists_ == IfExists::refuse) unlink(beside_.c_str());
  beside_.clear();
  return hash;
}

SealedPlan read_plan_file(const std::string& path) {
  SealedPlan plan{.text = whole_text(path), .content = {}, .hash = {}};
  const std::string_view text = plan.text;
  const auto end_size = before_hash.size() + hash_digits + behind_hash.size();
  if (text.empty() || text.front() != '{') no_plan(path, "is no saved plan (`dvsync plan --out FILE` makes one)");
  const auto end = text.size() < end_size ? std::string_view() : text.substr(text.size() - end_size);
  if (!end.starts_with(before_hash) || !end.ends_with(behind_hash)) {
    no_plan(path, "has no hash at its end: it was cut off, or is no saved plan (`dvsync plan --out FILE` makes one)");
  }
  plan.hash = end.substr(before_hash.size(), hash_digits);
  if (sha256(text.substr(0, text.size() - end_size)) != plan.hash) {
    no_plan(path, "was changed after it was saved: its content has another hash");
  }
  boost::system::error_code broken;
  auto parsed = boost::json::parse({text.data(), text.size()}, broken);
  if (broken || !parsed.is_object()) no_plan(path, "is no saved plan: it is not JSON");
  plan.content = std::move(parsed.get_object());
  return plan;
}

}  // namespace dvsync::cli
