#pragma once
// The protocol of one delta query (docs/sources.md, Delta queries), without the transport: which link to ask for next,
// and what an answer means for the round. A round ends with a delta link; a delta link that Graph no longer takes
// starts the one full round over.

#include <string>
#include <unordered_set>

#include "source/graph/graph_client.hpp"

namespace dvsync::source::graph {

class DeltaQuery {
 public:
  enum class Outcome {
    page,          // the answer's `value` belongs to the round
    started_over,  // nothing to read here; what earlier pages said will be said again, as far as it still holds
    denied,        // 403: a permission is missing
    missing,       // 404
  };

  // `what` names the query in errors ("the users"). `first` is the query without a token. `link` is the delta link of
  // the last round; empty: an initial round. Throws SourceError when `link` leads to another origin.
  DeltaQuery(const Origin& origin, std::string what, std::string first, std::string link);

  [[nodiscard]] const std::string& next() const { return next_; }
  [[nodiscard]] const std::string& what() const { return what_; }

  // Whether the round lists everything. May turn true in the middle of a pull.
  [[nodiscard]] bool initial() const { return initial_; }
  [[nodiscard]] bool done() const { return !delta_link_.empty(); }
  [[nodiscard]] const std::string& delta_link() const { return delta_link_; }

  // Takes the answer to next(). Throws SourceError over a broken protocol and over refusals that starting over cannot
  // mend: a refused first query never leads to another one.
  Outcome accept(const Answer& answer);

 private:
  void take_link(const Answer& answer);
  Outcome take_refusal(const Answer& answer);
  [[nodiscard]] bool rejects_delta_token(const Answer& answer) const;
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
[[nodiscard]] const boost::json::array& items_of(const Answer& answer, const std::string& what);

}  // namespace dvsync::source::graph
