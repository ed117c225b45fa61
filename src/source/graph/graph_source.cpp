#include "dvsync/source/graph_source.hpp"

#include <algorithm>
#include <cctype>

#include "source/graph/graph_check.hpp"
#include "source/graph/graph_look_up.hpp"
#include "source/graph/graph_pull.hpp"
#include "source/graph/options.hpp"
#include "source/graph/session.hpp"

namespace dvsync::source {
namespace graph {
namespace {

class GraphSource final : public DirectorySource {
 public:
  GraphSource(const config::GraphDirectory& directory, double max_rejects_percent, const Options& options)
      : tenant_(directory, options), max_rejects_percent_(max_rejects_percent) {}

  std::string directory() const override {
    std::string tenant = tenant_.directory.tenant;
    std::transform(tenant.begin(), tenant.end(), tenant.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return "graph:" + tenant;
  }

  double max_rejects_percent() const override { return max_rejects_percent_; }

  std::unique_ptr<Pull> pull(const PullRequest& request) override {
    return make_pull(tenant_, request, max_rejects_percent_);
  }

  std::optional<LookUp> look_up(const UserReference& user, const PullRequest& request, std::stop_token stop) override {
    Session session(tenant_, tenant_.options.interactive);
    return graph::look_up(session, user, request, stop);
  }

  std::vector<Finding> check(const PullRequest& request) override {
    Session session(tenant_, tenant_.options.interactive);
    return check_tenant(session, request);
  }

 private:
  Tenant tenant_;
  double max_rejects_percent_;
};

}  // namespace

std::unique_ptr<DirectorySource> make_source(const config::GraphDirectory& directory, double max_rejects_percent,
                                             const Options& options) {
  return std::make_unique<GraphSource>(directory, max_rejects_percent, options);
}

}  // namespace graph

std::unique_ptr<DirectorySource> make_graph_source(const config::GraphDirectory& directory,
                                                   double max_rejects_percent) {
  return graph::make_source(directory, max_rejects_percent, graph::Options{});
}

}  // namespace dvsync::source
