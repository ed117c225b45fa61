#pragma once
// An ordinary collection, page by page along its nextLinks.

#include <string>
#include <unordered_set>

#include "source/graph/graph_client.hpp"

namespace dvsync::source::graph {

class Listing {
 public:
  // `what` names it in errors.
  Listing(const Origin& origin, std::string what, std::string first)
      : origin_(&origin), what_(std::move(what)), first_(std::move(first)), next_(first_) {}

  [[nodiscard]] bool done() const { return next_.empty(); }
  [[nodiscard]] const std::string& next() const { return next_; }
  [[nodiscard]] const std::string& what() const { return what_; }

  // Takes the answer to next(). False: a page in the middle is no longer to be had, the listing starts over. Throws
  // SourceError for every other refusal and for a broken protocol.
  bool accept(const Answer& answer);

 private:
  const Origin* origin_;
  std::string what_;
  std::string first_;
  std::string next_;
  int restarts_ = 0;
  std::unordered_set<std::size_t> seen_;
};

}  // namespace dvsync::source::graph
