#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/ansicolor_sink.h>

#include <array>
#include <boost/json.hpp>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <memory>
#include <utility>

#include "dvsync/core/identity.hpp"
#include "dvsync/core/text.hpp"
#include "sinks.hpp"

namespace dvsync::service {
namespace {

spdlog::level::level_enum level_of(Priority priority) {
  switch (priority) {
    case Priority::error:
      return spdlog::level::err;
    case Priority::warning:
      return spdlog::level::warn;
    case Priority::info:
      return spdlog::level::info;
    case Priority::debug:
      return spdlog::level::debug;
  }
  return spdlog::level::info;
}

// run=17 user=ana@contoso.example; quoted where a value has a blank.
std::string in_words(const std::vector<Field>& fields) {
  constexpr std::string_view prefix = "DVSYNC_";
  std::string words;
  for (const auto& field : fields) {
    auto name = field.name;
    if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
    words += words.empty() ? "  " : " ";
    for (const char c : name) words += static_cast<char>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    const bool quoted = field.value.find(' ') != std::string::npos;
    const auto value = core::printable(field.value);
    words += quoted ? "=\"" + value + "\"" : "=" + value;
  }
  return words;
}

// "+0100", as the commands spell times; spdlog's own has a colon.
class UtcOffset : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg&, const std::tm& time, spdlog::memory_buf_t& line) override {
    std::array<char, 16> text{};
    line.append(text.data(), text.data() + std::strftime(text.data(), text.size(), "%z", &time));
  }
  [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<UtcOffset>(); }
};

class TextSink : public Sink {
 public:
  explicit TextSink(bool color)
      : logger_("dvsync", std::make_shared<spdlog::sinks::ansicolor_stderr_sink_st>(
                              color ? spdlog::color_mode::always : spdlog::color_mode::never)) {
    auto formatter = std::make_unique<spdlog::pattern_formatter>();
    formatter->add_flag<UtcOffset>('z').set_pattern("%Y-%m-%d %H:%M:%S %z  %^%-7l%$  %v");
    logger_.set_formatter(std::move(formatter));
    logger_.set_level(spdlog::level::trace);
    logger_.set_error_handler([](const std::string&) {});  // nobody is left to be told
  }
  void write(const Entry& entry) override {
    logger_.log(level_of(entry.priority), entry.message + in_words(entry.fields));
    logger_.flush();
  }

 private:
  spdlog::logger logger_;
};

std::string now_in_utc() {
  const auto now = std::chrono::system_clock::now();
  const auto second = std::chrono::floor<std::chrono::seconds>(now);
  auto time = core::utc_time(second);
  time.insert(time.size() - 1,
              fmt::format(".{:03}", std::chrono::floor<std::chrono::milliseconds>(now - second).count()));
  return time;
}

// As `log.level` spells it.
std::string_view level_name(Priority priority) {
  switch (priority) {
    case Priority::error:
      return "error";
    case Priority::warning:
      return "warn";
    case Priority::info:
      return "info";
    case Priority::debug:
      return "debug";
  }
  return "info";
}

class JsonSink : public Sink {
 public:
  void write(const Entry& entry) override {
    boost::json::object line{{"time", now_in_utc()},
                             {"level", level_name(entry.priority)},
                             {"priority", static_cast<int>(entry.priority)},
                             {"message", entry.message}};
    for (const auto& field : entry.fields) line[boost::json::string_view(field.name)] = field.value;
    const auto text = boost::json::serialize(line) + "\n";
    std::fwrite(text.data(), 1, text.size(), stderr);
  }
};

}  // namespace

std::unique_ptr<Sink> make_text_sink(bool color) { return std::make_unique<TextSink>(color); }
std::unique_ptr<Sink> make_json_sink() { return std::make_unique<JsonSink>(); }

}  // namespace dvsync::service
