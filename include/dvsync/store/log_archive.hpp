#pragma once
// What retention forgets of the log, in files of JSON lines: written, and on the disk, before it is deleted.

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "dvsync/store/log_reader.hpp"

namespace dvsync::store {

// The files of one environment, one a month: `contoso-2026-03.jsonl`. One process at a time writes them: whoever has
// the lease. Every function throws StoreError where a file cannot be written; it is then as long as it was.
class LogArchive {
 public:
  LogArchive(std::filesystem::path folder, std::string environment)
      : folder_(std::move(folder)), environment_(std::move(environment)) {}

  // The run, its changes and what it held, into the file of the month in which it began. Throws Interrupted.
  void add_run(LogReader& log, const LoggedRun& run, const std::stop_token& stop) const;
  // Each into the file of the month in which it was asked.
  void add_requests(const std::vector<LoggedRequest>& requests) const;

 private:
  [[nodiscard]] std::filesystem::path file_of(core::Timestamp time) const;

  std::filesystem::path folder_;
  std::string environment_;
};

}  // namespace dvsync::store
