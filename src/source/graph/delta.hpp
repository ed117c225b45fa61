#pragma once
// The protocols of lists that come in pages, without the transport: which link to ask for next, and what an answer
// means for what was read so far (docs/entra.md).

#include <algorithm>
#include <string>
#include <unordered_set>
#include <vector>

#include "source/graph/client.hpp"

namespace dvsync::source::graph {

// What an answer is for a list that is read.
enum class Outcome {
  page,          // its `value` belongs to the list
  started_over,  // nothing to read here; what earlier pages said will be said again, as far as it still holds
  refused,       // nothing more is to be had; the list is not complete
};

// The delta link that the last round ended with.
struct StoredLink {
  std::string link;       // empty: there is none
  bool may_drop = false;  // `--full`: whatever is wrong with the link, it gives way to an initial round
};

// A delta query: a round ends with a delta link, from which the next one goes on. A stored link that Graph no longer
// takes is dropped, and everything is read anew, once.
class DeltaReader {
 public:
  // `what` names the query in errors ("the users"). `first` is the query without a token. Throws SourceError when the
  // stored link leads to another origin and may not be dropped.
  DeltaReader(const Origin& origin, std::string what, std::string first, StoredLink stored);

  [[nodiscard]] const std::string& next() const { return next_; }
  [[nodiscard]] const std::string& what() const { return what_; }

  // Whether the round lists everything. May turn true in the middle of a pull.
  [[nodiscard]] bool initial() const { return initial_; }
  [[nodiscard]] bool done() const { return !delta_link_.empty(); }
  [[nodiscard]] const std::string& delta_link() const { return delta_link_; }

  // Takes the answer to next(). Throws SourceError over a broken protocol.
  Outcome accept(const GraphAnswer& answer);

 private:
  void take_link(const GraphAnswer& answer);
  Outcome take_refusal(const GraphAnswer& answer);
  [[nodiscard]] bool rejects_stored_link(const GraphAnswer& answer) const;
  Outcome read_anew(std::string from);
  Outcome start_over(std::string from);

  const Origin* origin_;
  std::string what_;
  std::string first_;
  StoredLink stored_;
  std::string next_;
  std::string delta_link_;
  bool initial_ = true;
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
  [[nodiscard]] bool at_first_page() const { return next_ == first_; }
  [[nodiscard]] const std::string& next() const { return next_; }
  [[nodiscard]] const std::string& what() const { return what_; }

  // Takes the answer to next(); where a page in the middle is no longer to be had, the listing starts over. Throws
  // SourceError over a broken protocol.
  Outcome accept(const GraphAnswer& answer);

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

  // Seen by an abandoned attempt only. Call it once, at the end.
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
