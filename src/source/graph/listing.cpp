#include "source/graph/listing.hpp"

#include <functional>

#include "source/graph/json_document.hpp"

namespace dvsync::source::graph {
namespace {

constexpr int most_restarts = 3;

}  // namespace

bool Listing::accept(const Answer& answer) {
  const bool refused_for_good = answer.status == 401 || answer.status == 403;
  if (!answer.ok() && next_ != first_ && !refused_for_good && restarts_ < most_restarts) {
    ++restarts_;
    seen_.clear();
    next_ = first_;
    return false;
  }
  if (!answer.ok()) {
    throw failure(answer, what_);
  }
  const std::string_view next = text_at(answer.body(), "@odata.nextLink");
  if (!next.empty()) {
    origin_->demand(next, what_);
    if (!seen_.insert(std::hash<std::string_view>{}(next)).second) {
      throw SourceError(SourceError::Kind::malformed, "Microsoft Graph repeats a nextLink in " + what_);
    }
  }
  next_ = next;
  return true;
}

}  // namespace dvsync::source::graph
