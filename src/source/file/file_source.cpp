#include "dvsync/source/file_source.hpp"

#include <utility>

#include "source/file/file_pull.hpp"
#include "source/file/format.hpp"
#include "source/file/input_file.hpp"

namespace dvsync::source {
namespace {

class FileSource final : public DirectorySource {
 public:
  FileSource(config::FileDirectory directory, double max_rejects_percent)
      : directory_(std::move(directory)), max_rejects_percent_(max_rejects_percent) {}

  // The same whatever the path: a snapshot, its deltas and a renamed export feed one mirror.
  [[nodiscard]] std::string directory() const override { return "file"; }

  [[nodiscard]] bool duplicates_conflict() const override { return directory_.mode == config::FileMode::snapshot; }

  [[nodiscard]] double max_rejects_percent() const override { return max_rejects_percent_; }

  [[nodiscard]] std::unique_ptr<Pull> pull(const PullRequest& request) override {
    return file::make_file_pull(directory_, max_rejects_percent_, request);
  }

  std::vector<Finding> check(const PullRequest& request) override {
    try {
      const file::InputFile input(directory_.path);
      const auto format = file::detect_format(directory_.format, input.peek(0, file::format_sample), input.name());
      Page first;
      pull(request)->next(first, {});  // a wrong header, or a file that is broken from its start
      return {{.error = false, .message = input.name() + " is read as " + std::string(file::name_of(format))}};
    } catch (const SourceError& error) {
      return {{.error = true, .message = error.what()}};
    }
  }

 private:
  config::FileDirectory directory_;
  double max_rejects_percent_;
};

}  // namespace

std::unique_ptr<DirectorySource> make_file_source(const config::FileDirectory& directory, double max_rejects_percent) {
  return std::make_unique<FileSource>(directory, max_rejects_percent);
}

}  // namespace dvsync::source
