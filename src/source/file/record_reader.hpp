#pragma once
// One format of the directory file: bytes in, records out.

#include <cstddef>
#include <memory>
#include <stop_token>

#include "dvsync/config/configuration.hpp"
#include "dvsync/source/directory_source.hpp"
#include "source/file/input_file.hpp"
#include "source/file/tally.hpp"

namespace dvsync::source::file {

// A page is closed when it holds this many records; what one block adds beyond is bounded by the readers.
inline constexpr std::size_t records_a_page = 4'000;

class RecordReader {
 public:
  virtual ~RecordReader() = default;

  // Adds to `page` until it is full (true) or the file has ended (false). Throws SourceError, Interrupted.
  virtual bool read(Page& page, const std::stop_token& stop) = 0;

  // After read() returned false: coverage and warnings.
  virtual void conclude(PullEnd& end) = 0;
};

// What every reader works with; all of it outlives the reader.
struct ReadingContext {
  const config::FileDirectory& directory;
  const PullRequest& request;
  const std::vector<core::Guid>& full_plans;  // licenses.full
  InputFile& input;
  Tally& tally;

  [[nodiscard]] bool is_snapshot() const { return directory.mode == config::FileMode::snapshot; }
};

[[nodiscard]] std::unique_ptr<RecordReader> make_graph_reader(const ReadingContext& context);
[[nodiscard]] std::unique_ptr<RecordReader> make_csv_reader(const ReadingContext& context);
[[nodiscard]] std::unique_ptr<RecordReader> make_ldif_reader(const ReadingContext& context);

}  // namespace dvsync::source::file
