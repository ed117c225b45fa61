#pragma once
// A saved plan as a file: the JSON of `plan --json`, and at its end a hash over everything before it. It appears under
// its name once it is whole, and is read only if it is as it was written.

#include <boost/json.hpp>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

#include "dvsync/error.hpp"
#include "terminal/output.hpp"

namespace dvsync::cli {

// As much as `show` and `apply` read into memory: about a hundred thousand changes.
inline constexpr std::int64_t most_plan_bytes = 64L * 1024 * 1024;

// The file cannot be read or written, or is no saved plan.
class PlanFileError : public Error {
 public:
  PlanFileError(int code, const std::string& message) : Error(message), exit_code_(code) {}
  [[nodiscard]] int exit_code() const { return exit_code_; }

 private:
  int exit_code_;
};

class PlanFile {
 public:
  enum class IfExists : bool { refuse, overwrite };

  // Begins to write beside `path`: nobody sees half a plan. Throws PlanFileError.
  PlanFile(std::string path, IfExists if_exists);
  ~PlanFile();  // forgets what was not kept
  PlanFile(const PlanFile&) = delete;
  PlanFile& operator=(const PlanFile&) = delete;

  // For one JSON object and a line break.
  [[nodiscard]] Output& out() { return *out_; }
  // Adds the hash, and gives the file its name. Returns the hash. Throws PlanFileError.
  std::string keep();

 private:
  [[nodiscard]] std::string content();
  [[noreturn]] void fail(int code, const std::string& why) const;

  std::string path_;
  IfExists if_exists_;
  std::string beside_;  // empty: kept
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_{nullptr, &std::fclose};
  std::unique_ptr<Output> out_;
};

struct SealedPlan {
  std::string text;  // as it stands in the file
  boost::json::object content;
  std::string hash;
};
// Throws PlanFileError: it cannot be read, is no regular file, is too large, cut off, or was changed.
[[nodiscard]] SealedPlan read_plan_file(const std::string& path);

}  // namespace dvsync::cli
