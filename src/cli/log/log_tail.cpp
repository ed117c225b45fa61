#include "log/log_tail.hpp"

#include <algorithm>

namespace dvsync::cli {
namespace {

// Neither ids nor ends become visible in their own order: an on-demand run ends within a longer one, and a run's end is
// written a while before it is committed. So a little of the past is looked at again.
constexpr std::chrono::minutes overlap{10};

}  // namespace

std::vector<store::LoggedRun> LogTail::ended() {
  auto runs = log_.runs({.since = core::Timestamp(newest_ - overlap)});
  std::erase_if(runs, [](const auto& run) { return !run.finished_at; });
  std::set<std::int64_t> recent;
  for (const auto& run : runs) {
    recent.insert(run.run_id);
    newest_ = std::max(newest_, *run.finished_at);
  }
  std::erase_if(runs, [this](const auto& run) { return told_.contains(run.run_id); });
  told_ = std::move(recent);
  return runs;
}

}  // namespace dvsync::cli
