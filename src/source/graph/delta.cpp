#include "source/graph/delta.hpp"

#include <functional>
#include <utility>

#include "source/graph/json.hpp"

namespace dvsync::source::graph {
namespace {

constexpr std::size_t most_pages = 200'000;  // at 200 users a page, more people than there are
constexpr int most_restarts = 3;

[[noreturn]] void break_off(const std::string& what, const std::string& why) {
  throw SourceError(SourceError::Kind::malformed, "Microsoft Graph breaks the delta protocol for " + what + ": " + why +
                                                      "; nothing of this run was taken over");
}

}  // namespace

DeltaReader::DeltaReader(const Origin& origin, std::string what, std::string first, std::string link)
    : origin_(&origin),
      what_(std::move(what)),
      first_(std::move(first)),
      stored_(std::move(link)),
      next_(stored_.empty() ? first_ : stored_),
      initial_(stored_.empty()) {
  origin_->demand(next_, what_);
}

DeltaReader::Outcome DeltaReader::accept(const GraphAnswer& answer) {
  if (!answer.ok()) return take_refusal(answer);
  take_link(answer);
  return Outcome::page;
}

void DeltaReader::take_link(const GraphAnswer& answer) {
  const std::string_view next = text_at(answer.body(), "@odata.nextLink");
  const std::string_view delta = text_at(answer.body(), "@odata.deltaLink");
  if (next.empty() == delta.empty()) {
    break_off(what_,
              next.empty() ? "a page with neither nextLink nor deltaLink" : "a page with nextLink and deltaLink");
  }
  origin_->demand(next.empty() ? delta : next, what_);
  if (!delta.empty()) {
    delta_link_ = delta;
    return;
  }
  if (!seen_.insert(std::hash<std::string_view>{}(next)).second || next == next_) {
    break_off(what_, "a nextLink that was there before");
  }
  if (seen_.size() > most_pages) {
    break_off(what_, "more than " + std::to_string(most_pages) + " pages");
  }
  next_ = next;
}

DeltaReader::Outcome DeltaReader::take_refusal(const GraphAnswer& answer) {
  if (answer.status == 403) return Outcome::denied;
  if (!initial_ && rejects_delta_token(answer)) {
    initial_ = true;
    if (!answer.location.empty()) {
      origin_->demand(answer.location, what_);
    }
    start_over(answer.location.empty() ? first_ : answer.location);
    return Outcome::started_over;
  }
  const bool in_the_middle = has_query_option(next_, "$skiptoken");
  if (in_the_middle && answer.status != 401 && restarts_ < most_restarts) {
    ++restarts_;
    start_over(initial_ ? first_ : stored_);
    return Outcome::started_over;
  }
  if (answer.status == 404) return Outcome::missing;
  throw failure(answer, what_);
}

// Documented are 410 and the codes syncStateNotFound and resyncRequired; seen for an expired token on users is 400 with
// Request_UnsupportedQuery, which is also what a wrong query gets: hence only where a token was sent.
bool DeltaReader::rejects_delta_token(const GraphAnswer& answer) const {
  const bool client_error = answer.status >= 400 && answer.status < 500;
  return has_query_option(next_, "$deltatoken") && client_error &&
         (answer.status == 410 || answer.has_code("syncStateNotFound") || answer.has_code("resyncRequired") ||
          (answer.status == 400 && answer.has_code("Request_UnsupportedQuery")));
}

void DeltaReader::start_over(std::string from) {
  next_ = std::move(from);
  seen_.clear();
}

const boost::json::array& items_of(const GraphAnswer& answer, const std::string& what) {
  const boost::json::value* value = find(answer.body(), "value");
  if (value == nullptr || !value->is_array()) {
    throw SourceError(SourceError::Kind::malformed, "Microsoft Graph answers " + what + " without a list of items");
  }
  return value->get_array();
}

bool ListingReader::accept(const GraphAnswer& answer) {
  const bool refused_for_good = answer.status == 401 || answer.status == 403;
  if (!answer.ok() && next_ != first_ && !refused_for_good && restarts_ < most_restarts) {
    ++restarts_;
    seen_.clear();
    next_ = first_;
    return false;
  }
  if (!answer.ok()) throw failure(answer, what_);
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
