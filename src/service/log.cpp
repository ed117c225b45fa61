#include "dvsync/service/log.hpp"

#include "dvsync/core/text.hpp"
#include "sinks.hpp"

namespace dvsync::service {

void Log::write(const Entry& entry) {
  const std::scoped_lock lock(mutex_);
  if (entry.priority > least_) return;
  // JSON and the journal keep values as they are, in fields; a message is for people.
  Entry shown = entry;
  shown.message = core::printable(entry.message);
  sink_->write(shown);
}

void Log::change(std::unique_ptr<Sink> sink, Priority least) {
  const std::scoped_lock lock(mutex_);
  sink_ = std::move(sink);
  least_ = least;
}

std::unique_ptr<Sink> make_sink(config::LogFormat format, bool color) {
  switch (format) {
    case config::LogFormat::automatic:
      return stderr_is_journal() ? make_journal_sink() : make_text_sink(color);
    case config::LogFormat::text:
      return make_text_sink(color);
    case config::LogFormat::json:
      return make_json_sink();
    case config::LogFormat::journal:
      return make_journal_sink();
  }
  return make_text_sink(color);
}

Priority least_priority(std::string_view level) {
  if (level == "error") return Priority::error;
  if (level == "warn") return Priority::warning;
  if (level == "info") return Priority::info;
  return Priority::debug;  // debug, trace
}

}  // namespace dvsync::service
