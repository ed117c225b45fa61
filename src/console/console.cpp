#include "dvsync/console/console.hpp"

#include <mutex>

#include "api.hpp"
#include "page.hpp"
#include "probes.hpp"
#include "server.hpp"

namespace dvsync::console {

class Console::Site : private Handler {
 public:
  explicit Site(const Parts& parts) : parts_(parts), api_(parts.log), server_(*this, parts.log) {}

  void serve(service::SharedConfiguration configuration) {
    auto place = place_of(*configuration);
    {
      const std::scoped_lock lock(mutex_);
      configuration_ = std::move(configuration);
    }
    server_.listen(std::move(place));
  }

 private:
  [[nodiscard]] std::optional<Answer> answer_at_once(const Request& request) override {
    if (auto page = page_answer(request)) return page;
    if (request.path.size() != 1) return std::nullopt;
    const auto& name = request.path.front();
    if (name != "healthz" && name != "readyz") return std::nullopt;
    if (!request.reads()) return method_not_allowed("GET, HEAD");
    const auto standing = parts_.state.get();
    return name == "healthz" ? healthz(standing, parts_.progress.age()) : readyz(standing);
  }

  [[nodiscard]] Answer answer(const Request& request, const std::stop_token& stop) override {
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

  [[nodiscard]] service::SharedConfiguration current() {
    const std::scoped_lock lock(mutex_);
    return configuration_;
  }

  Parts parts_;
  Api api_;
  std::mutex mutex_;
  service::SharedConfiguration configuration_;  // guarded by mutex_
  Server server_;                               // last: its threads end first
};

Console::Console(const Parts& parts) : site_(std::make_unique<Site>(parts)) {}
Console::~Console() = default;

void Console::serve(service::SharedConfiguration configuration) { site_->serve(std::move(configuration)); }

}  // namespace dvsync::console
