#include "search.hpp"

#include <fmt/format.h>

#include <utility>

#include "failure.hpp"

namespace dvsync::source::ldap {
namespace {

constexpr int most_empty_pages = 1'000;  // in a row; a busy server may have some

}  // namespace

Search::Search(Connection& connection, const SearchRequest& request)
    : connection_(&connection), operation_(connection.send(request)) {}

Search::~Search() {
  if (running_) connection_->abandon(operation_);
}

Search::Search(Search&& other) noexcept
    : connection_(other.connection_),
      operation_(other.operation_),
      running_(std::exchange(other.running_, false)),
      result_(std::move(other.result_)) {}

Search& Search::operator=(Search&& other) noexcept {
  std::swap(connection_, other.connection_);
  std::swap(operation_, other.operation_);
  std::swap(running_, other.running_);
  std::swap(result_, other.result_);
  return *this;
}

MessagePtr Search::next(const std::stop_token& stop) {
  while (running_) {
    MessagePtr message = connection_->receive(operation_, stop);
    switch (ldap_msgtype(message.get())) {
      case LDAP_RES_SEARCH_ENTRY:
      case LDAP_RES_INTERMEDIATE:
        return message;
      case LDAP_RES_SEARCH_RESULT:
        running_ = false;
        result_ = connection_->result_of(message.get());
        break;
      case LDAP_RES_SEARCH_REFERENCE:
        connection_->count_reference();
        break;
      default:
        break;
    }
  }
  return nullptr;
}

PagedSearch::PagedSearch(Connection& connection, SearchRequest request, std::string doing)
    : connection_(&connection),
      request_(std::move(request)),
      doing_(std::move(doing)),
      page_size_(connection.limits().page_size) {
  request_.controls.emplace_back();  // the last one is the page's
  ask({});
}

void PagedSearch::ask(std::string_view cookie) {
  request_.controls.back() = paged_results(page_size_, cookie);
  page_.emplace(*connection_, request_);
}

MessagePtr PagedSearch::next(const std::stop_token& stop) {
  while (page_) {
    MessagePtr message = page_->next(stop);
    if (message && ldap_msgtype(message.get()) == LDAP_RES_SEARCH_ENTRY) {
      empty_pages_ = -1;
      return message;
    }
    if (message) continue;
    const Result& result = page_->result();
    const bool limited = result.code == LDAP_TIMELIMIT_EXCEEDED || result.code == LDAP_ADMINLIMIT_EXCEEDED;
    if (limited && !std::exchange(smaller_, true)) {
      page_size_ = std::max(1, page_size_ / 10);
      ask({});  // entries come again; the last word on a user counts
      continue;
    }
    if (result.code != LDAP_SUCCESS) throw failure(result, doing_);
    const Control* page = find_control(result.controls, LDAP_CONTROL_PAGEDRESULTS);
    const std::string cookie = page == nullptr ? std::string{} : next_page_cookie(page->value);
    if (++empty_pages_ > most_empty_pages) {
      throw malformed(fmt::format("{}: the server sends one empty page after the other", doing_));
    }
    if (cookie.empty()) {
      page_.reset();
    } else {
      ask(cookie);
    }
  }
  return nullptr;
}

SearchResult search_all(Connection& connection, const SearchRequest& request, const std::stop_token& stop) {
  SearchResult answer;
  Search search(connection, request);
  while (const MessagePtr message = search.next(stop)) {
    if (ldap_msgtype(message.get()) != LDAP_RES_SEARCH_ENTRY) continue;
    answer.entries.push_back(copy_entry(connection.handle(), message.get()));
  }
  answer.result = search.result();
  return answer;
}

std::vector<SmallEntry> must_search(Connection& connection, const SearchRequest& request, const std::stop_token& stop) {
  SearchResult answer = search_all(connection, request, stop);
  if (answer.result.code != LDAP_SUCCESS) {
    throw failure(answer.result, fmt::format("searching {}", request.base.empty() ? "the root DSE" : request.base));
  }
  return std::move(answer.entries);
}

std::string escape_filter(std::string_view value) {
  std::string escaped;
  for (const char c : value) {
    if (c == '*' || c == '(' || c == ')' || c == '\\' || c == '\0') {
      escaped += escape_bytes({&c, 1});
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::string escape_bytes(std::string_view bytes) {
  std::string escaped;
  for (const char c : bytes) escaped += fmt::format("\\{:02x}", static_cast<unsigned char>(c));
  return escaped;
}

std::string both(std::string_view filter, std::string_view other) { return fmt::format("(&{}{})", filter, other); }

}  // namespace dvsync::source::ldap
