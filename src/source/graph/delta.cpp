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

DeltaReader::DeltaReader(const Origin& origin, std::string what, std::string first, StoredLink stored)
    : origin_(&origin), what_(std::move(what)), first_(std::move(first)), stored_(std::move(stored)) {
  if (stored_.may_drop && !origin_->owns(stored_.link)) stored_.link.clear();
  initial_ = stored_.link.empty();
  next_ = initial_ ? first_ : stored_.link;
  origin_->demand(next_, what_);
}

Outcome DeltaReader::accept(const GraphAnswer& answer) {
  if (!answer.ok()) return take_refusal(answer);
  try {
    take_link(answer);
  } catch (const SourceError&) {
    if (initial_ || !stored_.may_drop) throw;
    return read_anew(first_);
  }
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

Outcome DeltaReader::take_refusal(const GraphAnswer& answer) {
  if (rejects_stored_link(answer)) {
    if (answer.location.empty()) return read_anew(first_);
    origin_->demand(answer.location, what_);
    return read_anew(answer.location);
  }
  const bool in_the_middle = has_query_option(next_, "$skiptoken");
  if (!in_the_middle || answer.about_rights() || answer.about_throttling()) return Outcome::refused;
  if (restarts_ < most_restarts) {
    ++restarts_;
    return start_over(initial_ ? first_ : stored_.link);
  }
  return initial_ ? Outcome::refused : read_anew(first_);
}

// Documented are 410 and the codes syncStateNotFound and resyncRequired; seen are 400 with Request_UnsupportedQuery,
// and others may come. Whatever it is, it is about the link, unless it says that it is about rights or the load: what
// is wrong with the query itself the initial round will be told as well.
bool DeltaReader::rejects_stored_link(const GraphAnswer& answer) const {
  if (initial_ || next_ != stored_.link) return false;
  if (answer.has_code("syncStateNotFound") || answer.has_code("resyncRequired")) return true;
  return !answer.about_rights() && !answer.about_throttling();
}

Outcome DeltaReader::read_anew(std::string from) {
  initial_ = true;
  return start_over(std::move(from));
}

Outcome DeltaReader::start_over(std::string from) {
  next_ = std::move(from);
  seen_.clear();
  return Outcome::started_over;
}

const boost::json::array& items_of(const GraphAnswer& answer, const std::string& what) {
  const boost::json::value* value = find(answer.body(), "value");
  if (value == nullptr || !value->is_array()) {
    throw SourceError(SourceError::Kind::malformed, "Microsoft Graph answers " + what + " without a list of items");
  }
  return value->get_array();
}

Outcome ListingReader::accept(const GraphAnswer& answer) {
  if (!answer.ok()) {
    if (at_first_page() || answer.about_rights() || restarts_ == most_restarts) return Outcome::refused;
    ++restarts_;
    seen_.clear();
    next_ = first_;
    return Outcome::started_over;
  }
  const std::string_view next = text_at(answer.body(), "@odata.nextLink");
  if (!next.empty()) {
    origin_->demand(next, what_);
    if (!seen_.insert(std::hash<std::string_view>{}(next)).second) {
      throw SourceError(SourceError::Kind::malformed, "Microsoft Graph repeats a nextLink in " + what_);
    }
  }
  next_ = next;
  return Outcome::page;
}

}  // namespace dvsync::source::graph
