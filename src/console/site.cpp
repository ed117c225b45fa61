#include "site.hpp"

#include "page.hpp"
#include "probes.hpp"

namespace dvsync::console {

void Site::use(service::SharedConfiguration configuration) {
  const std::scoped_lock lock(mutex_);
  configuration_ = std::move(configuration);
}

std::optional<Answer> Site::answer_at_once(const Request& request) {
  if (auto page = page_answer(request)) return page;
  if (request.path.size() != 1) return std::nullopt;
  const auto& name = request.path.front();
  if (name != "healthz" && name != "readyz") return std::nullopt;
  if (!request.reads()) return method_not_allowed("GET, HEAD");
  const auto standing = parts_.state.get();
  return name == "healthz" ? healthz(standing, parts_.progress.age()) : readyz(standing);
}

Answer Site::answer(const Request& request, const std::stop_token& stop) {
  const auto& path = request.path;
  if (path.size() > 2 && path[0] == "api" && path[1] == "v1") {
    const auto configuration = current();
    return configuration->console ? api_.answer(request, configuration, stop) : nothing_here();
  }
  if (path.size() != 1 || path.front() != "metrics") return nothing_here();
  if (!request.reads()) return method_not_allowed("GET, HEAD");
  auto answer = plain_text(200, parts_.metrics.text());
  answer.type = "text/plain; version=0.0.4; charset=utf-8";
  return answer;
}

service::SharedConfiguration Site::current() {
  const std::scoped_lock lock(mutex_);
  return configuration_;
}

}  // namespace dvsync::console
