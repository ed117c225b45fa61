#include "pull.hpp"

#include <algorithm>

#include "dvsync/store/group_teams.hpp"
#include "dvsync/store/mirror.hpp"
#include "dvsync/store/open.hpp"
#include "dvsync/store/staging.hpp"
#include "dvsync/sync/preflight.hpp"
#include "prefetcher.hpp"

namespace dvsync::sync {
namespace {

// Reading, encoding and staging go on side by side.
std::uint64_t stage_all(source::Pull& pull, store::Staging& staging, Observer& observer, const std::stop_token& stop) {
  Prefetcher<source::Page> read([&](source::Page& page) { return pull.next(page, stop); });
  Prefetcher<store::EncodedPage> encoded([&, encoder = store::PageEncoder(), raw = source::Page()](auto& page) mutable {
    if (!read.take(raw)) return false;
    encoder.encode(raw, page);
    return true;
  });
  std::uint64_t identities = 0;
  store::EncodedPage page;
  while (encoded.take(page)) {
    if (stop.stop_requested()) throw Interrupted();
    staging.stage(page);
    identities += page.identities.size();
    observer.pulled(identities);
  }
  return identities;
}

// The groups that the teams of all environments follow, as their tables have them at this moment. Of an environment
// that cannot be read, nothing that the mirror already knows is forgotten: its own run says what is wrong with it.
std::vector<std::string> groups_of_teams(const config::Configuration& configuration, store::Connection& mirror,
                                         const std::stop_token& stop) {
  std::vector<std::string> names;
  for (const auto& environment : configuration.environments) {
    const bool has_table = environment.rules.type != core::EnvironmentType::none;
    if (!has_table || environment.rules.teams.follow == core::GroupTeams::ignore) continue;
    try {
      const auto session = store::open_environment(configuration, environment, {.stop = stop});
      for (const auto& team : store::GroupTeams(*session).teams()) names.push_back(core::to_string(team.group));
    } catch (const StoreError&) {
      const auto known = store::named_groups(mirror);
      names.insert(names.end(), known.begin(), known.end());
    }
  }
  return names;
}

void refuse_too_many_rejects(std::int64_t rejected, std::uint64_t records, double most_percent) {
  if (rejected == 0 || static_cast<double>(rejected) * 100 <= most_percent * static_cast<double>(records)) return;
  throw SourceError(
      SourceError::Kind::malformed,
      std::to_string(rejected) + " of " + std::to_string(records) +
          " records cannot be used, more than directory.max_rejects_percent allows; nothing was taken over");
}

}  // namespace

source::PullRequest request_for(const config::Configuration& configuration) {
  source::PullRequest request;
  for (const auto& environment : configuration.environments) {
    if (environment.security_group) request.groups.push_back(*environment.security_group);
    request.nested_groups =
        request.nested_groups || environment.rules.nested_groups == core::NestedGroups::first_access;
  }
  add_groups(request, {});
  return request;
}

bool follow_teams(const config::Configuration& configuration) {
  return std::ranges::any_of(configuration.environments, [](const auto& environment) {
    return environment.rules.teams.follow != core::GroupTeams::ignore;
  });
}

void add_groups(source::PullRequest& request, const std::vector<std::string>& names) {
  request.groups.insert(request.groups.end(), names.begin(), names.end());
  std::sort(request.groups.begin(), request.groups.end());
  request.groups.erase(std::unique(request.groups.begin(), request.groups.end()), request.groups.end());
}

PullReport pull_directory(const config::Configuration& configuration, source::DirectorySource& source,
                          store::Lease& lease, bool full, Observer& observer, std::stop_token stop) {
  const auto started = std::chrono::steady_clock::now();
  const auto session = store::open_mirror(configuration, {.stop = stop, .application_name = lease.worker_name()});
  auto& mirror = *session;
  store::evict_earlier_workers(mirror, lease.worker_name());
  const auto state = store::read_state(mirror);
  refuse_another_directory(state, source.directory(), configuration);
  auto request = request_for(configuration);
  add_groups(request, groups_of_teams(configuration, mirror, stop));
  request.full = state.cursor.empty();
  request.reread = full;
  request.cursor = state.cursor;
  const auto pull = source.pull(request);
  store::Staging staging(mirror, source.duplicates_conflict());
  if (state.version == 0) staging.load_straight(!request.groups.empty());
  const auto identities = stage_all(*pull, staging, observer, stop);
  PullReport report;
  report.began = started;
  report.staged = elapsed_since(started);
  const auto end = pull->end();
  // Of a few changes since a cursor a single bad one would be too many, and the cursor could never move past it. A file
  // can be mended.
  const bool limited = end.users == source::Completeness::complete || end.cursor.empty();
  const auto accept = [&](std::int64_t rejected) {
    if (limited) refuse_too_many_rejects(rejected, std::max(end.records, identities), source.max_rejects_percent());
  };
  accept(staging.rejected());
  report.records = end.records;
  report.version_before = state.version;
  report.warnings = end.warnings;
  observer.merging();
  report.merge = staging.merge(end, request.groups, source.directory(), lease, accept);
  report.duration = elapsed_since(started);
  return report;
}

core::Timestamp began_at(const PullReport& pull, const store::MirrorState& state) {
  return state.asked_at - std::chrono::duration_cast<std::chrono::milliseconds>(state.asked - pull.began);
}

}  // namespace dvsync::sync
