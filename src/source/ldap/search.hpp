#pragma once
// Searches: one answer as a stream of messages, and the small ones whole.

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "connection.hpp"
#include "message.hpp"

namespace dvsync::source::ldap {

// One running search. Abandoned when it goes out of scope before its end.
class Search {
 public:
  Search(Connection& connection, const SearchRequest& request);
  ~Search();
  Search(Search&& other) noexcept;
  Search& operator=(Search&& other) noexcept;

  // The next entry or intermediate message; null: the search ended, see result(). References are counted: they point to
  // other servers, and referrals are not chased.
  [[nodiscard]] MessagePtr next(const std::stop_token& stop);
  [[nodiscard]] const Result& result() const { return result_; }

 private:
  Connection* connection_;
  int operation_;
  bool running_ = true;
  Result result_;
};

// A listing in pages (RFC 2696). No other search may come between its pages: slapd remembers one listing a connection.
// A time or administrative limit makes the pages smaller once, from the start.
class PagedSearch {
 public:
  PagedSearch(Connection& connection, SearchRequest request, std::string doing);

  // The next entry; null: that was everything. Throws SourceError for any result but success.
  [[nodiscard]] MessagePtr next(const std::stop_token& stop);

 private:
  void ask(std::string_view cookie);

  Connection* connection_;
  SearchRequest request_;
  std::string doing_;
  int page_size_;
  bool smaller_ = false;
  int empty_pages_ = 0;  // in a row; -1: the page at hand has entries
  std::optional<Search> page_;
};

// All entries of a search that has few. `result` is left for the caller to judge.
struct SearchResult {
  Result result;
  std::vector<SmallEntry> entries;
};
[[nodiscard]] SearchResult search_all(Connection& connection, const SearchRequest& request,
                                      const std::stop_token& stop);

// The same, where anything but success is an error.
[[nodiscard]] std::vector<SmallEntry> must_search(Connection& connection, const SearchRequest& request,
                                                  const std::stop_token& stop);

// RFC 4515: a value inside a filter.
[[nodiscard]] std::string escape_filter(std::string_view value);
[[nodiscard]] std::string escape_bytes(std::string_view bytes);                   // every byte as \xx
[[nodiscard]] std::string both(std::string_view filter, std::string_view other);  // (&(a)(b))

}  // namespace dvsync::source::ldap
