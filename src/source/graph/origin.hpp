#pragma once
// Where the bearer token may go. Links that Graph hands out (nextLink, deltaLink, Location) are opaque and absolute;
// each one is checked against the configured Graph root before it is used, and then used byte for byte.

#include <string>
#include <string_view>

namespace dvsync::source::graph {

class Origin {
 public:
  // `root` is the configured Graph root, "https://graph.microsoft.com". Throws SourceError when it is not an https URL.
  explicit Origin(const std::string& root);

  // Same scheme, host and port, and no user information.
  [[nodiscard]] bool owns(std::string_view link) const;

  // Throws SourceError (malformed): a link elsewhere ends the run.
  void demand(std::string_view link, const std::string& where) const;

  // Without a slash at the end.
  [[nodiscard]] const std::string& root() const { return root_; }
  [[nodiscard]] const std::string& host() const { return host_; }

 private:
  std::string root_;
  std::string host_;
  std::string port_;
};

// Whether the link carries this query option ("$deltatoken"), ignoring case and percent-encoding.
[[nodiscard]] bool has_query_option(std::string_view link, std::string_view option);

// One segment of a path, or a value in a query, percent-encoded.
[[nodiscard]] std::string percent_encoded(std::string_view text);

}  // namespace dvsync::source::graph
