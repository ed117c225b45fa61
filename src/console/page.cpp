#include "page.hpp"

#include <algorithm>

namespace dvsync::console {
namespace {

constexpr std::string_view index_name = "index.html";

// Whatever a user is called: the browser runs this file's own scripts, takes no text for HTML, and asks nobody else.
constexpr const char* policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

Answer answer_with(const PageFile& file) {
  return {.status = 200, .type = std::string(file.type), .body = std::string(file.text)};
}

// A name of an asset changes with what it holds, so only this file can be out of date.
Answer index_answer(const PageFile& index, const Request& request) {
  const auto tag = '"' + std::string(index.sha256.substr(0, 16)) + '"';
  auto answer = request.header("If-None-Match") == tag ? Answer{.status = 304, .type = std::string(index.type)}
                                                       : answer_with(index);
  answer.headers = {{"Cache-Control", "no-cache"},
                    {"Content-Security-Policy", policy},
                    {"Cross-Origin-Opener-Policy", "same-origin"},
                    {"ETag", tag}};
  return answer;
}

Answer asset_answer(const PageFile& asset) {
  auto answer = answer_with(asset);
  answer.headers = {{"Cache-Control", "public, max-age=31536000, immutable"}};
  return answer;
}

}  // namespace

std::optional<Answer> page_answer(const Request& request, const std::vector<PageFile>& files) {
  const auto& path = request.path;
  const bool index = path.empty() || (path.size() == 1 && path.front().empty());
  const bool asset = path.size() == 2 && path.front() == "assets" && path.back() != index_name;
  if (!index && !asset) return std::nullopt;
  if (!request.reads()) return method_not_allowed("GET, HEAD");
  if (files.empty() && index) {
    return plain_text(404, "This dvsync was built without the operator's page: npm was missing (docs/console.md).\n");
  }
  const auto found = std::ranges::find(files, index ? index_name : std::string_view(path.back()), &PageFile::name);
  if (found == files.end()) return nothing_here();
  return index ? index_answer(*found, request) : asset_answer(*found);
}

}  // namespace dvsync::console
