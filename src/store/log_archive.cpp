#include "dvsync/store/log_archive.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <map>
#include <system_error>

#include "dvsync/error.hpp"
#include "dvsync/store/log_json.hpp"

namespace dvsync::store {
namespace {

namespace json = boost::json;

constexpr std::size_t bytes_a_write = 1 << 20;

// Lines at the end of a file. Unless they are all on the disk (keep()), the file is cut back to where it was.
class AppendedLines {
 public:
  explicit AppendedLines(std::filesystem::path file)
      : path_(std::move(file)), file_(::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640)) {
    if (file_ < 0) fail();
    begin_ = ::lseek(file_, 0, SEEK_END);
    if (begin_ < 0) fail();
    // A kill may have left half a line: what follows begins one of its own.
    char last = '\n';
    if (begin_ > 0 && ::pread(file_, &last, 1, begin_ - 1) == 1 && last != '\n') text_ += '\n';
  }
  ~AppendedLines() {
    if (!kept_ && begin_ >= 0) static_cast<void>(::ftruncate(file_, begin_) == 0);
    if (file_ >= 0) ::close(file_);
  }
  AppendedLines(const AppendedLines&) = delete;
  AppendedLines& operator=(const AppendedLines&) = delete;

  void add(std::string_view kind, const json::object& entry) {
    json::object line{{"line", kind}};
    for (const auto& [key, value] : entry) line[key] = value;
    text_ += json::serialize(line) + "\n";
    if (text_.size() >= bytes_a_write) write();
  }

  void keep() {
    write();
    if (::fsync(file_) != 0) fail();
    const int folder = ::open(path_.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool there = folder >= 0 && ::fsync(folder) == 0;
    if (folder >= 0) ::close(folder);
    if (!there) fail();
    kept_ = true;
  }

 private:
  void write() {
    for (std::size_t at = 0; at < text_.size();) {
      const auto written = ::write(file_, text_.data() + at, text_.size() - at);
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) fail();
      at += static_cast<std::size_t>(written);
    }
    text_.clear();
  }
  [[noreturn]] void fail() const {
    const auto why = std::error_code(errno, std::generic_category()).message();
    throw StoreError(StoreError::Kind::unavailable, "log.archive: " + path_.string() + ": " + why +
                                                        "; nothing of the log is forgotten until it can be written");
  }

  std::filesystem::path path_;
  int file_ = -1;
  off_t begin_ = -1;
  std::string text_;
  bool kept_ = false;
};

}  // namespace

void LogArchive::add_run(LogReader& log, const LoggedRun& run, const std::stop_token& stop) const {
  AppendedLines lines(file_of(run.started_at));
  lines.add("run", json_of(run));
  log.changes({.run_id = run.run_id}, [&](const LoggedChange& change) {
    lines.add("change", json_of(change));
    return !stop.stop_requested();
  });
  if (stop.stop_requested()) throw Interrupted();
  for (const auto& hold : log.holds_of(run.run_id, std::numeric_limits<std::int64_t>::max())) {
    auto entry = json_of(hold);
    entry["environment"] = run.environment;
    entry["run_id"] = run.run_id;
    lines.add("hold", entry);
  }
  lines.keep();
}

void LogArchive::add_requests(const std::vector<LoggedRequest>& requests) const {
  std::map<std::filesystem::path, std::vector<const LoggedRequest*>> by_file;
  for (const auto& request : requests) by_file[file_of(request.requested_at)].push_back(&request);
  for (const auto& [file, some] : by_file) {
    AppendedLines lines(file);
    for (const auto* request : some) lines.add("request", json_of(*request));
    lines.keep();
  }
}

std::filesystem::path LogArchive::file_of(core::Timestamp time) const {
  auto name = environment_;
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  std::ranges::replace_if(
      name, [&](char c) { return !plain(c); }, '_');
  return folder_ / (name + "-" + core::utc_time(time).substr(0, 7) + ".jsonl");
}

}  // namespace dvsync::store
