#include <utility>

#include "dvsync/core/text.hpp"
#include "source/graph/memberships.hpp"
#include "source/graph/options.hpp"
#include "source/graph/session.hpp"
#include "source/graph/users.hpp"
#include "source/graph_source.hpp"

namespace dvsync::source {
namespace graph {
namespace {

// Graph's pages hold at most 200 users; a few of them at a time are cheaper to take over.
constexpr std::size_t records_per_page = 2'000;

StoredLink users_link(const PullRequest& request) {
  const auto link = request.cursor.find(std::string(users_cursor));
  return {.link = request.full || link == request.cursor.end() ? std::string{} : link->second,
          .may_drop = request.reread};
}

// Users, then (where asked for) their account states, then groups and roles. `max_rejects_percent` is enforced on
// complete listings only: a delta of two users, one of them garbled, must not hold back the delta link for good.
class GraphPull final : public Pull {
 public:
  GraphPull(Tenant& tenant, const PullRequest& request, double max_rejects_percent)
      : session_(tenant, tenant.options.pull),
        users_(session_, users_link(request)),
        states_(session_),
        memberships_(session_, request),
        reread_(request.reread),
        max_rejects_percent_(max_rejects_percent) {}

  bool next(Page& page, std::stop_token stop) override {
    page.clear();
    while (page.size() < records_per_page && read_some(page, stop)) {
    }
    records_ += page.size();
    rejected_ += page.rejected.size();
    const bool more = page.size() > 0;
    if (!more) {
      demand_usable_listing();
    }
    return more;
  }

  PullEnd end() override {
    PullEnd end;
    end.users = users_.completeness();
    end.cursor.emplace(users_cursor, users_.delta_link());
    end.records = records_;
    memberships_.report(end);
    return end;
  }

 private:
  // A first round has just said everything that a second look at the account states could say.
  [[nodiscard]] bool states_wanted() const {
    return reread_ && users_.completeness() == Completeness::changes && !states_.done();
  }

  // False: there is nothing left to read.
  bool read_some(Page& page, const std::stop_token& stop) {
    if (!users_.done()) {
      users_.read(page, stop);
    } else if (states_wanted()) {
      states_.read(page, stop);
    } else if (!memberships_.done()) {
      memberships_.read(page, stop);
    } else {
      return false;
    }
    return true;
  }

  void demand_usable_listing() const {
    const double most = static_cast<double>(records_) * max_rejects_percent_ / 100;
    if (users_.completeness() == Completeness::complete && static_cast<double>(rejected_) > most) {
      throw SourceError(SourceError::Kind::malformed,
                        std::to_string(rejected_) + " of " + std::to_string(records_) +
                            " records from Microsoft Graph cannot be used, more than directory.max_rejects_percent "
                            "allows; nothing of this run was taken over");
    }
  }

  Session session_;
  UserReader users_;
  AccountStateReader states_;
  MembershipReader memberships_;
  bool reread_;
  double max_rejects_percent_;
  std::uint64_t records_ = 0;
  std::uint64_t rejected_ = 0;
};

class GraphSource final : public DirectorySource {
 public:
  GraphSource(const config::GraphDirectory& directory, double max_rejects_percent, const Options& options)
      : tenant_(directory, options), max_rejects_percent_(max_rejects_percent) {}

  std::string directory() const override { return "graph:" + core::ascii_lower(tenant_.directory.tenant); }

  double max_rejects_percent() const override { return max_rejects_percent_; }

  std::unique_ptr<Pull> pull(const PullRequest& request) override {
    return std::make_unique<GraphPull>(tenant_, request, max_rejects_percent_);
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
