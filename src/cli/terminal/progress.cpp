#include "terminal/progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "terminal/table.hpp"
#include "words.hpp"

namespace dvsync::cli {
namespace {

constexpr std::chrono::milliseconds redraw_interval{100};
constexpr std::size_t bar_width = 20;

std::string clock_text(std::int64_t seconds) {
  if (seconds >= 3600) return fmt::format("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
  return fmt::format("{}:{:02}", seconds / 60, seconds % 60);
}

std::string bar(std::int64_t done, std::int64_t expected) {
  const auto share = std::min(static_cast<double>(done) / static_cast<double>(expected), 1.0);
  const auto filled = static_cast<std::size_t>(share * bar_width);
  return fmt::format("[{}{}] {:3} %", std::string(filled, '#'), std::string(bar_width - filled, '-'),
                     static_cast<int>(share * 100));
}

void add_rate(std::string& line, const Phase& phase) {
  const auto ms = phase.elapsed.count();
  if (ms < 500 || phase.done == 0) return;  // too early to tell
  const auto rate = static_cast<double>(phase.done) * 1000 / static_cast<double>(ms);
  line += fmt::format("  {:.0f}/s", rate);
  if (phase.expected <= phase.done) return;
  line += "  " + clock_text(static_cast<std::int64_t>(static_cast<double>(phase.expected - phase.done) / rate) + 1) +
          " left";
}

class TerminalProgress : public sync::Observer {
 public:
  TerminalProgress(Output& err, Clock clock) : line_(err), clock_(std::move(clock)) {
    begin("directory", "records", 0);
  }

  void waiting_for(const std::string& holder) override {
    line_.show("waiting for " + printable(holder) + " …");
    begin("directory", "records", 0);
  }
  void waiting_for_session(const std::string& why) override {
    line_.show("waiting for a session: " + printable(why) + " …");
  }
  void pulled(std::uint64_t records) override { advance(static_cast<std::int64_t>(records), ""); }
  void merging() override { line_.show("directory  taking over what was read …"); }
  void merged(const sync::PullReport&) override { line_.erase(); }
  void environment_begins(const std::string& name, std::int64_t, std::int64_t expected) override {
    begin(name, "users", expected);
    draw();
  }
  void progress(const std::string& name, const core::Counters& counters) override {
    if (name != phase_.name) return;  // of several at a time the one that began last is shown
    advance(counters.seen, changes_in_words(counters));
  }
  void environment_ends(std::int64_t, const sync::EnvironmentReport&) override { line_.erase(); }

 private:
  void begin(const std::string& name, const std::string& unit, std::int64_t expected) {
    phase_ = {.name = name, .done = 0, .expected = expected, .unit = unit, .detail = "", .elapsed = {}};
    began_ = clock_();
    next_ = began_;
  }
  void advance(std::int64_t done, std::string detail) {
    phase_.done = done;
    const auto now = clock_();
    if (now < next_) return;
    phase_.detail = std::move(detail);
    draw();
  }
  void draw() {
    const auto now = clock_();
    phase_.elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(now - began_);
    next_ = now + redraw_interval;
    line_.show(phase_);
  }

  TransientLine line_;
  Clock clock_;
  Phase phase_;
  std::chrono::steady_clock::time_point began_;
  std::chrono::steady_clock::time_point next_;
};

class PlainProgress : public sync::Observer {
 public:
  PlainProgress(Output& err, Work work) : err_(err), work_(work) {}

  void waiting_for(const std::string& holder) override { say("waiting for " + printable(holder)); }
  void waiting_for_session(const std::string& why) override { say("waiting for a session: " + printable(why)); }
  void pulled(std::uint64_t) override {
    if (!std::exchange(reading_, true)) say("reading the directory");
  }
  void merged(const sync::PullReport& pull) override { say("directory: " + pull_in_words(pull)); }
  void environment_begins(const std::string& name, std::int64_t, std::int64_t expected) override {
    say(name + ": begins" + (expected > 0 ? ", " + count_of(expected, "user", "users") + " to look at" : ""));
  }
  void environment_ends(std::int64_t, const sync::EnvironmentReport& report) override {
    if (work_ == Work::plan && report.error.empty()) return say(report.name + ": planned");
    const auto changes = changes_in_words(report.counters);
    say(report.name + ": " + std::string(core::name_of(report.outcome)) + ", " +
        (changes.empty() ? "no changes" : changes) + ", " + format_duration(report.duration));
  }

 private:
  void say(const std::string& line) {
    err_.write(line + "\n");
    err_.flush();
  }
  Output& err_;
  Work work_;
  bool reading_ = false;
};

}  // namespace

std::string progress_line(const Phase& phase, std::size_t width) {
  auto line = printable(phase.name) + "  ";
  if (phase.expected > 0) {
    line += fmt::format("{}  {}/{} {}", bar(phase.done, phase.expected), phase.done, phase.expected, phase.unit);
  } else {
    line += fmt::format("{} {}", phase.done, phase.unit);
  }
  add_rate(line, phase);
  if (!phase.detail.empty()) line += "  " + phase.detail;
  return shortened(line, width);
}

void TransientLine::show(const std::string& line) {
  err_.write("\r" + line + "\x1b[K");
  err_.flush();
  shown_ = true;
}
void TransientLine::show(const Phase& phase) { show(progress_line(phase, err_.width() - 1)); }
void TransientLine::erase() {
  if (!std::exchange(shown_, false)) return;
  err_.write("\r\x1b[K");
  err_.flush();
}

std::unique_ptr<sync::Observer> make_progress(Output& err, Work work, Clock clock) {
  if (err.terminal()) return std::make_unique<TerminalProgress>(err, std::move(clock));
  return std::make_unique<PlainProgress>(err, work);
}

}  // namespace dvsync::cli
