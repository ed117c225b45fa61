#pragma once
// The pull: from the directory into the mirror. Reading and staging overlap.

#include <stop_token>
#include <string>
#include <vector>

#include "dvsync/config/configuration.hpp"
#include "dvsync/source/directory_source.hpp"
#include "dvsync/store/lease.hpp"
#include "dvsync/store/mirror.hpp"
#include "dvsync/sync/report.hpp"

namespace dvsync::sync {

// What every pull asks for: the groups the configuration names, and whether nested ones matter. Groups of teams come on
// top.
[[nodiscard]] source::PullRequest request_for(const config::Configuration& configuration);

// Whether any environment has group teams whose members follow (docs/rules.md D19).
[[nodiscard]] bool follow_teams(const config::Configuration& configuration);
// Adds groups, each once.
void add_groups(source::PullRequest& request, const std::vector<std::string>& names);

// Throws SourceError, StoreError or Interrupted; the mirror is then as it was.
[[nodiscard]] PullReport pull_directory(const config::Configuration& configuration, source::DirectorySource& source,
                                        store::Lease& lease, bool full, Observer& observer, std::stop_token stop);

// When the pull began, by the clock of the mirror's server.
[[nodiscard]] core::Timestamp began_at(const PullReport& pull, const store::MirrorState& state);

}  // namespace dvsync::sync
