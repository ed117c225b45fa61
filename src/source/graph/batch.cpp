#include "source/graph/batch.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <ctime>
#include <utility>

#include "dvsync/core/text.hpp"
#include "source/graph/json.hpp"

namespace dvsync::source::graph {
namespace {

namespace json = boost::json;

// Seconds, or a date (RFC 9110, 10.2.3).
std::optional<std::chrono::seconds> read_retry_after(std::string_view text) {
  long seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc{} || end != text.data() + text.size()) {
    const std::time_t date = curl_getdate(std::string(text).c_str(), nullptr);
    seconds = date < 0 ? 0 : static_cast<long>(date - std::time(nullptr));
  }
  return seconds > 0 ? std::optional(std::chrono::seconds{seconds}) : std::nullopt;
}

std::string_view header_at(const json::value& response, std::string_view name) {
  const json::value* headers = find(response, "headers");
  if (headers == nullptr || !headers->is_object()) return {};
  for (const auto& [key, value] : headers->get_object()) {
    if (value.is_string() && core::equal_ignoring_ascii_case({key.data(), key.size()}, name)) {
      return {value.get_string().data(), value.get_string().size()};
    }
  }
  return {};
}

GraphAnswer read_answer(const Document& outer, json::value& response, long status) {
  GraphAnswer answer(status, outer.take(response.get_object(), "body"));
  answer.location = header_at(response, "location");
  answer.request_id = header_at(response, "request-id");
  return answer;
}

}  // namespace

Batch::Batch(std::vector<GraphRequest> requests, std::string_view version_root) : root_length_(version_root.size()) {
  for (GraphRequest& request : requests) {
    parts_.push_back({.request = std::move(request), .answer = {}});
  }
}

bool Batch::complete() const {
  return std::all_of(parts_.begin(), parts_.end(), [](const Part& part) { return part.answer.has_value(); });
}

json::object Batch::json_of(std::size_t index) const {
  const GraphRequest& request = parts_[index].request;
  json::object part{{"id", std::to_string(index + 1)},
                    {"method", request.body ? "POST" : "GET"},
                    {"url", std::string_view(request.url).substr(root_length_)}};
  if (request.body) {
    part["headers"] = {{"Content-Type", "application/json"}};
    part["body"] = *request.body;
  }
  return part;
}

json::value Batch::body() const {
  json::array requests;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    if (!parts_[i].answer) {
      requests.push_back(json_of(i));
    }
  }
  return json::object{{"requests", std::move(requests)}};
}

bool Batch::take(Document& outer) {
  trouble_ = {.what = "Microsoft Graph leaves parts of a batch unanswered", .retry_after = {}};
  bool renew = false;
  json::object* body = outer.root().if_object();
  json::value* responses = body == nullptr ? nullptr : body->if_contains("responses");
  if (responses != nullptr && responses->is_array()) {
    for (json::value& response : responses->get_array()) {
      renew = take_part(outer, response) || renew;
    }
  }
  return renew;
}

Batch::Part* Batch::part_of(const json::value& response) {
  const std::string_view id = text_at(response, "id");
  std::size_t number = 0;
  std::from_chars(id.data(), id.data() + id.size(), number);
  return number >= 1 && number <= parts_.size() ? &parts_[number - 1] : nullptr;
}

bool Batch::take_part(const Document& outer, json::value& response) {
  Part* part = part_of(response);
  const json::value* status = find(response, "status");
  if (part == nullptr || status == nullptr || !status->is_int64()) {
    return false;  // whichever part it belongs to stays unanswered
  }
  const auto code = static_cast<long>(status->get_int64());
  const auto retry_after = read_retry_after(header_at(response, "retry-after"));
  if (const Trouble trouble = trouble_of_status(code, retry_after, "Microsoft Graph"); !trouble.none()) {
    ask_again(trouble);
    return false;
  }
  if (code == 401 && !std::exchange(part->refreshed, true)) return true;
  GraphAnswer answer = read_answer(outer, response, code);
  if (answer.ok() && !answer.body().is_object()) {
    ask_again({.what = "Microsoft Graph sends broken JSON", .retry_after = {}});
    return false;
  }
  part->answer.emplace(std::move(answer));
  return false;
}

// Whoever named the longest time decides for all.
void Batch::ask_again(Trouble why) {
  why.retry_after = std::max(why.retry_after, trouble_.retry_after);
  trouble_ = std::move(why);
}

std::vector<GraphAnswer> Batch::answers() && {
  std::vector<GraphAnswer> answers;
  for (Part& part : parts_) {
    answers.push_back(std::move(*part.answer));
  }
  return answers;
}

}  // namespace dvsync::source::graph
