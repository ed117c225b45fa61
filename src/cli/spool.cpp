#include "spool.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <string>

#include "dvsync/error.hpp"

namespace dvsync::cli {
namespace {

[[noreturn]] void fail() {
  throw Error(std::string("cannot keep the plan in a temporary file: ") + std::strerror(errno) + "; make room in /tmp");
}

}  // namespace

void Spool::add(std::string_view item) {
  if (!file_) file_.reset(std::tmpfile());
  if (!file_ || std::fwrite(item.data(), 1, item.size(), file_.get()) != item.size()) fail();
  ++items_;
}

void Spool::pour_into(Output& out) {
  if (!file_) return;
  if (std::fflush(file_.get()) != 0 || std::fseek(file_.get(), 0, SEEK_SET) != 0) fail();
  std::array<char, 65536> buffer{};
  while (const auto read = std::fread(buffer.data(), 1, buffer.size(), file_.get())) out.write({buffer.data(), read});
  if (std::ferror(file_.get()) != 0) fail();
  file_.reset();
  items_ = 0;
}

}  // namespace dvsync::cli
