#include "source/file/tally.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

#include "dvsync/error.hpp"

namespace dvsync::source::file {
namespace {

constexpr std::size_t places_shown = 5;

}  // namespace

void Tally::reject(Page& page, RejectedRecord rejected) {
  ++rejected_;
  if (!rejected.object_id && anonymous_++ == 0) {
    first_anonymous_ = fmt::format("{} ({})", rejected.where, rejected.detail);
  }
  if (first_rejected_.size() < places_shown) {
    first_rejected_.push_back(fmt::format("{} ({})", rejected.where, rejected.detail));
  }
  page.rejected.push_back(std::move(rejected));
}

void Tally::warn_of_anonymous(std::vector<std::string>& warnings) const {
  if (anonymous_ == 0) return;
  warnings.push_back(fmt::format(
      "{}{} does not even say whose it is: until the export is right, nobody counts as absent for not being "
      "in it",
      first_anonymous_, anonymous_ == 1 ? "" : fmt::format(", like {} more,", anonymous_ - 1)));
}

void Tally::verify(const std::string& file, double max_rejects_percent, bool lists_everybody) const {
  const double percent = records_ == 0 ? 0 : 100.0 * static_cast<double>(rejected_) / static_cast<double>(records_);
  if (percent > max_rejects_percent) {
    throw SourceError(SourceError::Kind::malformed,
                      fmt::format("{}: {} of {} records cannot be used, more than directory.max_rejects_percent ({}) "
                                  "allows; nothing was taken over. Mend or repeat the export. The first: {}",
                                  file, rejected_, records_, max_rejects_percent, fmt::join(first_rejected_, "; ")));
  }
  if (lists_everybody && present_users_ == 0) {
    throw SourceError(SourceError::Kind::malformed,
                      fmt::format("{}: {} records, but not one user: taken as it stands, everybody would be absent. "
                                  "Export the users, or set directory.mode: delta if this is a list of changes",
                                  file, records_));
  }
}

}  // namespace dvsync::source::file
