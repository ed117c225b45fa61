#pragma once
// The protocol of one delta query (reference A.1, A.8), without the transport: which link to ask for next, and what an
// answer means for the round. A round ends with a delta link; a delta link that Graph no longer takes starts the one
// full round over.

#include <algorithm>
#include <string>
#include <unordered_set>
#include <vector>

#include "source/graph/client.hpp"

namespace dvsync::source::graph {

class DeltaReader {
 public:
  enum class Outcome {
    page,          // the answer's `value` belongs to the round
    started_over,  // nothing to read here; what earlier pages said will be said again, as far as it still holds
    denied,        // 403: a permission is missing
    missing,       // 404
  };

  // `what` names the query in errors ("the users"). `first` is the query without a token. `link` is the delta link of
  // the last round; empty: an initial round. Throws SourceError when `link` leads to another origin.
  DeltaReader(const Origin& origin, std::string what, std::string first, std::string link);

  [[nodiscard]] const std::string& next() const { return next_; }
  [[nodiscard]] const std::string& what() const { return what_; }

  // Whether the round lists everything. May turn true in the middle of a pull.
  [[nodiscard]] bool initial() const { return initial_; }
  [[nodiscard]] bool done() const { return !delta_link_.empty(); }
  [[nodiscard]] const std::string& delta_link() const { return delta_link_; }

  // Takes the answer to next(). Throws SourceError over a broken protocol and over refusals that starting over cannot
  // mend: a refused first query never leads to another one.
  Outcome accept(const GraphAnswer& answer);

 private:
  void take_link(const GraphAnswer& answer);
  Outcome take_refusal(const GraphAnswer& answer);
  [[nodiscard]] bool rejects_delta_token(const GraphAnswer& answer) const;
  void start_over(std::string from);

  const Origin* origin_;
  std::string what_;
  std::string first_;
  std::string stored_;
  std::string next_;
  std::string delta_link_;
  bool initial_;
  int restarts_ = 0;
  std::unordered_set<std::size_t> seen_;
};

// The items of a page; throws SourceError when there is no array of them.
[[nodiscard]] const boost::json::array& items_of(const GraphAnswer& answer, const std::string& what);

// An ordinary collection, page by page along its nextLinks.
class ListingReader {
 public:
  // `what` names it in errors.
  ListingReader(const Origin& origin, std::string what, std::string first)
      : origin_(&origin), what_(std::move(what)), first_(std::move(first)), next_(first_) {}

  [[nodiscard]] bool done() const { return next_.empty(); }
  [[nodiscard]] const std::string& next() const { return next_; }
  [[nodiscard]] const std::string& what() const { return what_; }

  // Takes the answer to next(). False: a page in the middle is no longer to be had, the listing starts over. Throws
  // SourceError for every other refusal and for a broken protocol.
  bool accept(const GraphAnswer& answer);

 private:
  const Origin* origin_;
  std::string what_;
  std::string first_;
  std::string next_;
  int restarts_ = 0;
  std::unordered_set<std::size_t> seen_;
};

// A round that had to start over has already delivered pages. What they named and the final attempt did not name again
// vanished in between; the pull must say so, because what it named once counts as there.
template <class Key>
class SeenSet {
 public:
  void add(const Key& key) { current_.push_back(key); }

  void start_over() {
    abandoned_.insert(abandoned_.end(), current_.begin(), current_.end());
    current_.clear();
  }

  // SeenSet by an abandoned attempt only. Call it once, at the end.
  [[nodiscard]] std::vector<Key> vanished() {
    std::vector<Key> keys;
    if (!abandoned_.empty()) {
      sort(abandoned_);
      sort(current_);
      std::set_difference(abandoned_.begin(), abandoned_.end(), current_.begin(), current_.end(),
                          std::back_inserter(keys));
    }
    abandoned_ = {};
    current_ = {};
    return keys;
  }

 private:
  static void sort(std::vector<Key>& keys) {
    std::sort(keys.begin(), keys.end());
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  }

  std::vector<Key> current_;
  std::vector<Key> abandoned_;
};

}  // namespace dvsync::source::graph
