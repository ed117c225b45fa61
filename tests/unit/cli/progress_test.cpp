#include "terminal/progress.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>

#include "cli_support.hpp"

namespace dvsync::cli {
namespace {

using std::chrono::milliseconds;
using test::Kept;

TEST(ProgressLine, TellsShareRateAndTimeLeft) {
  const Phase phase{.name = "contoso",
                    .done = 5000,
                    .expected = 10000,
                    .unit = "users",
                    .detail = "3 created",
                    .elapsed = milliseconds(4000)};
  EXPECT_EQ(progress_line(phase, 200),
            "contoso  [##########----------]  50 %  5000/10000 users  1250/s  0:05 left  3 created");
}

TEST(ProgressLine, OfAnUnknownAmountTellsTheRateAlone) {
  EXPECT_EQ(progress_line({.name = "directory",
                           .done = 1000,
                           .expected = 0,
                           .unit = "records",
                           .detail = "",
                           .elapsed = milliseconds(2000)},
                          200),
            "directory  1000 records  500/s");
}

TEST(ProgressLine, SaysNothingOfTheRateTooEarly) {
  EXPECT_EQ(progress_line({.name = "directory",
                           .done = 10,
                           .expected = 0,
                           .unit = "records",
                           .detail = "",
                           .elapsed = milliseconds(499)},
                          200),
            "directory  10 records");
}

TEST(ProgressLine, NeverPassesOneHundredPercent) {
  const auto line = progress_line(
      {.name = "e", .done = 12, .expected = 10, .unit = "users", .detail = "", .elapsed = milliseconds(1000)}, 200);
  EXPECT_EQ(line, "e  [####################] 100 %  12/10 users  12/s");
}

TEST(ProgressLine, FitsTheTerminal) {
  const Phase phase{.name = "en-lang-østlig-omgivelse",
                    .done = 5,
                    .expected = 10,
                    .unit = "users",
                    .detail = "",
                    .elapsed = milliseconds(1000)};
  EXPECT_EQ(progress_line(phase, 12), "en-lang-øst…");
}

TEST(PlainProgress, SaysWhereAPhaseBeginsAndEnds) {
  Kept kept;
  auto progress = make_progress(kept.output(), Work::run);
  progress->waiting_for("db1, pid 7, dvsync run");
  progress->pulled(10);
  progress->pulled(20);
  sync::PullReport pull;
  pull.records = 20;
  pull.merge.changed = 3;
  pull.merge.absent = 1;
  pull.merge.rejected = 1;
  pull.duration = milliseconds(1200);
  progress->merged(pull);
  progress->environment_begins("contoso", 17, 20);
  progress->progress("contoso", {.seen = 10});
  sync::EnvironmentReport report;
  report.name = "contoso";
  report.counters = {.seen = 20, .created = 2, .disabled = 1, .unchanged = 17};
  report.duration = milliseconds(300);
  progress->environment_ends(17, report);
  EXPECT_EQ(kept.text(),
            "waiting for db1, pid 7, dvsync run\n"
            "reading the directory\n"
            "directory: 20 records in 1.2 s, 3 identities new or changed, 1 of them absent now, 1 record rejected\n"
            "contoso: begins, 20 users to look at\n"
            "contoso: succeeded, 2 created, 1 disabled, 300 ms\n");
}

// A terminal whose other end the test reads.
class Terminal {
 public:
  Terminal() : master_(posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK)) {
    grantpt(master_);
    unlockpt(master_);
    file_ = fdopen(open(ptsname(master_), O_RDWR | O_NOCTTY), "w");
  }
  ~Terminal() {
    std::fclose(file_);
    close(master_);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  std::FILE* file() { return file_; }
  std::string text() {
    std::array<char, 65536> buffer{};
    const auto size = read(master_, buffer.data(), buffer.size());
    return size > 0 ? std::string(buffer.data(), static_cast<std::size_t>(size)) : "";
  }

 private:
  int master_;
  std::FILE* file_ = nullptr;
};

TEST(TerminalProgress, RedrawsAtMostTenTimesASecondAndErasesItsLine) {
  Terminal terminal;
  Output err(terminal.file(), ColorMode::never);
  ASSERT_TRUE(err.terminal());
  std::chrono::steady_clock::time_point now{};
  auto progress = make_progress(err, Work::run, [&now] { return now; });
  progress->pulled(1);
  for (int i = 0; i < 99; ++i) {
    now += milliseconds(1);
    progress->pulled(2);
  }
  EXPECT_EQ(terminal.text(), "\rdirectory  1 records\x1b[K");
  now += milliseconds(1);
  progress->pulled(3);
  EXPECT_EQ(terminal.text(), "\rdirectory  3 records\x1b[K");
  progress->merged({});
  EXPECT_EQ(terminal.text(), "\r\x1b[K");
  progress.reset();
  EXPECT_EQ(terminal.text(), "");
}

TEST(TerminalProgress, ErasesItsLineWhenItGoes) {
  Terminal terminal;
  Output err(terminal.file(), ColorMode::never);
  auto progress = make_progress(err, Work::run);
  progress->waiting_for("db1, pid 7, dvsync\x1b run");
  EXPECT_EQ(terminal.text(), "\rwaiting for db1, pid 7, dvsync? run …\x1b[K");
  progress.reset();
  EXPECT_EQ(terminal.text(), "\r\x1b[K");
}

}  // namespace
}  // namespace dvsync::cli
