#define SD_JOURNAL_SUPPRESS_LOCATION 1  // every line would name this file
#include <sys/stat.h>
#include <sys/uio.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "sinks.hpp"

namespace dvsync::service {
namespace {

constexpr const char* socket_path = "/run/systemd/journal/socket";

class JournalSink : public Sink {
 public:
  void write(const Entry& entry) override {
    // sd_journal_sendv says nothing when there is no journal: the line would be lost.
    if (access(socket_path, W_OK) != 0 || !send(entry)) fallback_->write(entry);
  }

 private:
  static bool send(const Entry& entry) {
    std::vector<std::string> texts{"MESSAGE=" + entry.message,
                                   "PRIORITY=" + std::to_string(static_cast<int>(entry.priority)),
                                   "SYSLOG_IDENTIFIER=dvsync"};
    for (const auto& field : entry.fields) texts.push_back(std::string(field.name) + "=" + field.value);
    std::vector<iovec> vectors;
    vectors.reserve(texts.size());
    for (auto& text : texts) vectors.push_back({text.data(), text.size()});
    return sd_journal_sendv(vectors.data(), static_cast<int>(vectors.size())) == 0;
  }

  std::unique_ptr<Sink> fallback_ = make_text_sink(false);
};

}  // namespace

bool stderr_is_journal() {
  const char* stream = std::getenv("JOURNAL_STREAM");  // "device:inode" of the socket systemd made
  struct stat status {};
  if (stream == nullptr || fstat(STDERR_FILENO, &status) != 0) return false;
  return std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino) == stream;
}

std::unique_ptr<Sink> make_journal_sink() { return std::make_unique<JournalSink>(); }

}  // namespace dvsync::service
