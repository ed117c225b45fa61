#pragma once
// One JSON batch: up to twenty requests side by side (Graph's $batch). The outer answer says nothing about the parts;
// each is throttled and refused for itself, in any order, and only those that got no answer are sent again.

#include <boost/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "source/graph/client.hpp"

namespace dvsync::source::graph {

inline constexpr std::size_t batch_size = 20;  // Graph's own limit

class Batch {
 public:
  // `version_root` is what every request's URL begins with: inside a batch, URLs are relative to it, otherwise byte
  // for byte the same. REQUIRES: at most batch_size requests.
  Batch(std::vector<GraphRequest> requests, std::string_view version_root);

  [[nodiscard]] bool complete() const;
  // The batch of everything unanswered.
  [[nodiscard]] boost::json::value body() const;
  // Takes the outer answer. True: some part was told that the token is no longer valid, for the first time.
  bool take(Document& outer);
  // Why parts are still unanswered.
  [[nodiscard]] const Trouble& trouble() const { return trouble_; }
  // Once complete, in the order of the requests.
  [[nodiscard]] std::vector<GraphAnswer> answers() &&;

 private:
  struct Part {
    GraphRequest request;
    std::optional<GraphAnswer> answer;
    bool refreshed = false;
  };
  bool take_part(const Document& outer, boost::json::value& response);
  void ask_again(Trouble why);
  [[nodiscard]] Part* part_of(const boost::json::value& response);
  [[nodiscard]] boost::json::object json_of(std::size_t index) const;

  std::vector<Part> parts_;
  std::size_t root_length_;
  Trouble trouble_;
};

}  // namespace dvsync::source::graph
