#include "source/file_source.hpp"

#include <algorithm>
#include <utility>

#include "source/file/file_pull.hpp"
#include "source/file/format.hpp"
#include "source/file/input_file.hpp"

namespace dvsync::source {
namespace {

class FileSource final : public DirectorySource {
 public:
  explicit FileSource(file::FileSettings settings) : settings_(std::move(settings)) {}

  // The same whatever the path: a snapshot, its deltas and a renamed export feed one mirror.
  [[nodiscard]] std::string directory() const override { return "file"; }

  [[nodiscard]] bool duplicates_conflict() const override {
    return settings_.directory.mode == config::FileMode::snapshot;
  }

  [[nodiscard]] double max_rejects_percent() const override { return settings_.max_rejects_percent; }

  [[nodiscard]] std::unique_ptr<Pull> pull(const PullRequest& request) override {
    return file::make_file_pull(settings_, request);
  }

  std::vector<Finding> check(const PullRequest& request) override {
    try {
      const file::InputFile input(settings_.directory.path);
      const auto format =
          file::detect_format(settings_.directory.format, input.head(file::format_sample), input.name());
      std::vector<Finding> findings{{.effect = Finding::Effect::none,
                                     .message = input.name() + " is read as " + std::string(file::name_of(format))}};
      read_to_the_end(request, findings);
      return findings;
    } catch (const SourceError& error) {
      return {finding_of(error)};
    }
  }

 private:
  // Only the end of a file tells whether it is whole and which groups it has.
  void read_to_the_end(const PullRequest& request, std::vector<Finding>& findings) {
    const auto reading = pull(request);
    Page page;
    while (reading->next(page, {})) {
    }
    const auto end = reading->end();
    for (const auto& group : end.groups) {
      const bool named = std::ranges::find(request.groups, group.name) != request.groups.end();
      if (!named || group.members != Completeness::unreadable) continue;
      findings.push_back(
          {.effect = Finding::Effect::incomplete, .message = "the security group " + group.name + ": " + group.detail});
    }
    for (const auto& warning : end.warnings) findings.push_back({.effect = Finding::Effect::none, .message = warning});
  }

  file::FileSettings settings_;
};

}  // namespace

std::unique_ptr<DirectorySource> make_file_source(const config::FileDirectory& directory, double max_rejects_percent,
                                                  const std::vector<core::Guid>& full_plans) {
  return std::make_unique<FileSource>(file::FileSettings{directory, max_rejects_percent, full_plans});
}

}  // namespace dvsync::source
