#include "source/file/file_pull.hpp"

#include <optional>
#include <utility>

#include "source/file/format.hpp"
#include "source/file/record_reader.hpp"
#include "source/file/tally.hpp"

namespace dvsync::source::file {
namespace {

using config::FileFormat;

std::unique_ptr<RecordReader> make_reader(FileFormat format, const ReadingContext& context) {
  switch (format) {
    case FileFormat::m365_csv:
      return make_csv_reader(context);
    case FileFormat::ldif:
      return make_ldif_reader(context);
    case FileFormat::graph_jsonl:
    case FileFormat::automatic:
      break;
  }
  return make_graph_reader(context);
}

class FilePull final : public Pull {
 public:
  FilePull(FileSettings settings, PullRequest request, std::size_t block_size)
      : settings_(std::move(settings)), request_(std::move(request)), block_size_(block_size) {}

  bool next(Page& page, std::stop_token stop) override {
    page.clear();
    if (ended_) return false;
    if (!input_) input_.emplace(settings_.directory.path, block_size_);
    try {
      read(page, stop);
    } catch (const SourceError&) {
      input_->verify_unchanged();  // a file in the middle of being written looks broken: say so instead
      throw;
    }
    return !page.empty();
  }

  PullEnd end() override {
    PullEnd end;
    end.users = is_snapshot() ? Completeness::complete : Completeness::changes;
    end.records = tally_.records();
    reader_->conclude(end);
    if (is_snapshot()) tally_.warn_of_anonymous(end.warnings);
    return end;
  }

 private:
  void read(Page& page, const std::stop_token& stop) {
    if (!reader_) {
      const FileFormat format = detect_format(settings_.directory.format, input_->head(format_sample), input_->name());
      reader_ = make_reader(format, {settings_.directory, request_, settings_.full_plans, *input_, tally_});
    }
    if (reader_->read(page, stop)) return;
    ended_ = true;
    input_->verify_unchanged();
    tally_.verify(input_->name(), settings_.max_rejects_percent, is_snapshot());
  }

  [[nodiscard]] bool is_snapshot() const { return settings_.directory.mode == config::FileMode::snapshot; }

  const FileSettings settings_;
  const PullRequest request_;
  const std::size_t block_size_;
  std::optional<InputFile> input_;
  Tally tally_;
  std::unique_ptr<RecordReader> reader_;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<Pull> make_file_pull(const FileSettings& settings, const PullRequest& request, std::size_t block_size) {
  return std::make_unique<FilePull>(settings, request, block_size);
}

}  // namespace dvsync::source::file
