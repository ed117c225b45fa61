#include "source/ldap_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <utility>

#include "check.hpp"
#include "dvsync/interruptible_sleep.hpp"
#include "groups.hpp"
#include "look_up.hpp"
#include "pull_phase.hpp"
#include "server.hpp"
#include "source/distinguished_name.hpp"
#include "source/ldap_roles.hpp"

namespace dvsync::source {
namespace ldap {

std::string PullContext::remembered(const std::string& key) const {
  const auto found = request.cursor.find(key);
  return found == request.cursor.end() ? std::string{} : found->second;
}

void demand_somebody(std::uint64_t users, const PullContext& context) {
  if (users > 0) return;
  throw SourceError(
      SourceError::Kind::denied,
      fmt::format("not one user below {} matches {}: check `base`, `user_filter` and the account's rights; "
                  "an empty listing is never taken for an empty directory",
                  context.schema.base, context.schema.user_filter));
}

namespace {

constexpr const char* query_key = "query";

class LdapPull : public Pull {
 public:
  LdapPull(const config::LdapDirectory& directory, const Schema& schema, const LdapLimits& limits, Pause pause,
           PullRequest request)
      : directory_(directory),
        schema_(schema),
        limits_(limits),
        pause_(std::move(pause)),
        request_(std::move(request)),
        urls_(directory.urls) {}

  bool next(Page& page, std::stop_token stop) override {
    for (;;) {
      try {
        read(page, stop);
        delivered_ = delivered_ || !page.empty();
        return !page.empty();
      } catch (const SourceError& error) {
        // Once something was told, starting over could miss who vanished in between: then the next pull tries again.
        if (error.kind() != SourceError::Kind::unavailable || delivered_ || ++failures_ >= limits_.attempts) throw;
      }
      if (!pause_(limits_.first_retry * (1 << (failures_ - 1)), stop)) throw Interrupted();
      start_over();
    }
  }

  PullEnd end() override {
    phases_.clear();
    warn_of_references();
    context_->connection.reset();
    return std::move(context_->end);
  }

 private:
  // Active Directory refers to the forest's other partitions whenever a whole domain is read.
  void warn_of_references() {
    if (schema_.active_directory() || context_->connection->references() == 0) return;
    context_->end.warnings.push_back(
        fmt::format("the server refers to other servers for parts of {}; dvsync does not follow referrals: whoever is "
                    "there is not read",
                    schema_.base));
  }

  void read(Page& page, const std::stop_token& stop) {
    page.clear();
    if (!context_) start(stop);
    while (stage_ < phases_.size() && !is_full(page)) {
      if (!phases_[stage_]->fill(page, stop)) ++stage_;
    }
  }

  void start(const std::stop_token& stop) {
    context_.emplace(PullContext{.directory = directory_,
                                 .schema = schema_,
                                 .request = request_,
                                 .connection = {},
                                 .root = {},
                                 .full = true,
                                 .groups = {},
                                 .end = {}});
    open(stop);
    context_->root = read_root(*context_->connection, stop);
    mode_ = mode_of(directory_, context_->root);
    if (const auto fault = mode_fault(directory_, *mode_, context_->root); !fault.empty()) {
      throw SourceError(SourceError::Kind::denied, fault);
    }
    const std::string query = fingerprint(schema_, *mode_);
    // `reread` too: an LDAP directory has no other way to tell account states again.
    context_->full = request_.full || request_.reread || context_->remembered(query_key) != query;
    context_->end.cursor[query_key] = query;
    initial_roles(directory_.policy, context_->end);
    phases_ = phases_of(*mode_, stop);
  }

  // The same server first; a DirSync cookie is good at every controller, so the last attempt begins with another one.
  void start_over() {
    phases_.clear();
    context_.reset();
    stage_ = 0;
    if (mode_ == Mode::dirsync && failures_ + 1 == limits_.attempts) {
      std::rotate(urls_.begin(), urls_.begin() + 1, urls_.end());
    }
  }

  // uSNChanged polling stays with the server whose numbers it remembers; everything else may use any server.
  void open(const std::stop_token& stop) {
    const std::string pinned =
        request_.full || request_.reread ? std::string{} : context_->remembered(pinned_server_key);
    if (std::ranges::find(urls_, pinned) == urls_.end()) {
      context_->connection = connect(directory_, urls_, limits_, stop);
      return;
    }
    try {
      context_->connection = connect(directory_, {pinned}, limits_, stop);
    } catch (const SourceError& error) {
      if (error.kind() != SourceError::Kind::unavailable) throw;
      throw SourceError(error.kind(),
                        fmt::format("{}. uSNChanged polling stays with this server; if it is gone for good, "
                                    "`dvsync sync --full` moves to the next one of `urls`",
                                    error.what()));
    }
  }

  PullPhases phases_of(Mode mode, const std::stop_token& stop) {
    switch (mode) {
      case Mode::dirsync:
        return dirsync_phases(*context_, stop);
      case Mode::usn:
        return usn_phases(*context_, stop);
      case Mode::syncrepl:
        return syncrepl_phases(*context_, stop);
      case Mode::timestamp:
        return timestamp_phases(*context_, stop);
    }
    return {};
  }

  const config::LdapDirectory& directory_;
  const Schema& schema_;
  LdapLimits limits_;
  Pause pause_;
  PullRequest request_;
  std::vector<std::string> urls_;
  std::optional<PullContext> context_;  // from start() on
  std::optional<Mode> mode_;
  PullPhases phases_;
  std::size_t stage_ = 0;
  int failures_ = 0;
  bool delivered_ = false;
};

class LdapSource : public DirectorySource {
 public:
  LdapSource(config::LdapDirectory directory, double max_rejects_percent, const LdapLimits& limits, Pause pause)
      : directory_(std::move(directory)),
        schema_(schema_of(directory_)),
        max_rejects_percent_(max_rejects_percent),
        limits_(limits),
        pause_(std::move(pause)) {}

  [[nodiscard]] std::string directory() const override { return "ldap:" + fold_distinguished_name(directory_.base); }
  [[nodiscard]] double max_rejects_percent() const override { return max_rejects_percent_; }

  [[nodiscard]] std::unique_ptr<Pull> pull(const PullRequest& request) override {
    return std::make_unique<LdapPull>(directory_, schema_, limits_, pause_, request);
  }

  std::optional<LookUp> look_up(const UserReference& user, const PullRequest& request, std::stop_token stop) override {
    LdapLimits limits = limits_;
    limits.connect = std::min(limits.connect, limits.look_up);
    limits.answer = std::min(limits.answer, limits.look_up);
    return ldap::look_up(directory_, schema_, limits, user, request, stop);
  }

  std::vector<Finding> check(const PullRequest& request) override {
    return ldap::check(directory_, schema_, limits_, request);
  }

 private:
  config::LdapDirectory directory_;
  Schema schema_;
  double max_rejects_percent_;
  LdapLimits limits_;
  Pause pause_;
};

// libldap reads its files and variables once, at its first call; setenv is safe only while there is one thread.
void isolate(const config::LdapDirectory& directory) {
  setenv("LDAPNOINIT", "1", 1);  // NOLINT(concurrency-mt-unsafe)
  if (!directory.keytab) return;
  setenv("KRB5_CLIENT_KTNAME", ("FILE:" + directory.keytab->string()).c_str(), 1);  // NOLINT(concurrency-mt-unsafe)
  setenv("KRB5CCNAME", "MEMORY:dvsync", 1);                                         // NOLINT(concurrency-mt-unsafe)
}

}  // namespace
}  // namespace ldap

std::unique_ptr<DirectorySource> make_ldap_source(const config::LdapDirectory& directory, double max_rejects_percent,
                                                  const LdapLimits& limits, Pause pause) {
  ldap::isolate(directory);
  return std::make_unique<ldap::LdapSource>(directory, max_rejects_percent, limits, std::move(pause));
}

}  // namespace dvsync::source
