#pragma once
// What the daemon tells: to the journal with fields, to a terminal in colour, as JSON lines. Thread-safe.

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "dvsync/config/configuration.hpp"

namespace dvsync::service {

enum class Priority : std::uint8_t { error = 3, warning = 4, info = 6, debug = 7 };  // syslog's numbers

struct Field {
  std::string_view name;  // as the journal wants it: DVSYNC_RUN, DVSYNC_USER …
  std::string value;
};

struct Entry {
  Priority priority = Priority::info;
  std::string message;  // one line, without anything secret
  std::vector<Field> fields = {};
};

// Where entries go.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual void write(const Entry& entry) = 0;  // one at a time; never throws: a full disk must not end a run
};

class Log {
 public:
  explicit Log(std::unique_ptr<Sink> sink, Priority least = Priority::info) : sink_(std::move(sink)), least_(least) {}
  void write(const Entry& entry);
  void error(std::string message) { write({.priority = Priority::error, .message = std::move(message)}); }
  void warning(std::string message) { write({.priority = Priority::warning, .message = std::move(message)}); }
  void info(std::string message) { write({.priority = Priority::info, .message = std::move(message)}); }
  void debug(std::string message) { write({.priority = Priority::debug, .message = std::move(message)}); }
  // From the next entry on.
  void change(std::unique_ptr<Sink> sink, Priority least);

 private:
  std::mutex mutex_;
  std::unique_ptr<Sink> sink_;
  Priority least_;
};

// On standard error, or the journal. `automatic`: the journal if standard error leads there, else text.
[[nodiscard]] std::unique_ptr<Sink> make_sink(config::LogFormat format, bool color);
[[nodiscard]] Priority least_priority(std::string_view level);  // of `log.level`

}  // namespace dvsync::service
