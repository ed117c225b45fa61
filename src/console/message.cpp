#include "message.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <boost/url.hpp>

namespace dvsync::console {
namespace {

bool same_name(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

}  // namespace

std::size_t Request::count(std::string_view name) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(headers, [&](const auto& header) { return same_name(header.first, name); }));
}

std::optional<std::string> Request::header(std::string_view name) const {
  if (count(name) != 1) return std::nullopt;
  return std::ranges::find_if(headers, [&](const auto& header) { return same_name(header.first, name); })->second;
}

std::string Request::parameter(const std::string& name) const {
  const auto found = query.find(name);
  return found == query.end() ? "" : found->second;
}

Answer refusal(unsigned status, std::string_view code, std::string_view message) {
  const boost::json::object error{{"code", code}, {"message", message}};
  return {.status = status, .body = boost::json::serialize(boost::json::object{{"error", error}}) + "\n"};
}

Answer nothing_here() { return refusal(404, "not_found", "there is nothing here"); }

Answer method_not_allowed(const std::string& allowed) {
  auto answer = refusal(405, "method_not_allowed", "this takes " + allowed);
  answer.headers.emplace_back("Allow", allowed);
  return answer;
}

Answer plain_text(unsigned status, std::string text) {
  return {.status = status, .type = "text/plain; charset=utf-8", .body = std::move(text)};
}

bool read_target(std::string_view target, Request& request) {
  const auto url = boost::urls::parse_origin_form({target.data(), target.size()});
  if (!url) return false;
  for (const auto& segment : url->segments()) request.path.emplace_back(segment.data(), segment.size());
  for (const auto& parameter : url->params()) {
    const bool first = request.query.emplace(parameter.key, parameter.value).second;
    if (!first) return false;
  }
  return true;
}

}  // namespace dvsync::console
