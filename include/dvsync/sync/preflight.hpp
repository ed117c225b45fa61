#pragma once
// The preflight: everything that a run needs to be true, told problem by problem (store/preflight.hpp has the part
// about databases). `dvsync check` prints all of it and `dvsync migrate` the part about databases; a run that fails is
// explained in the same words.

#include <functional>
#include <string>

#include "dvsync/config/configuration.hpp"
#include "dvsync/error.hpp"
#include "dvsync/source/directory_source.hpp"
#include "dvsync/store/mirror.hpp"
#include "dvsync/sync/report.hpp"

namespace dvsync::sync {

struct PreflightFinding {
  enum class Level : std::uint8_t { good, worth_knowing, wrong };
  Level level = Level::good;
  std::string message;                      // begins with where it is: "environment contoso: ..."
  FailureCause cause = FailureCause::none;  // of what is wrong
};
using OnFinding = std::function<void(const PreflightFinding&)>;

// What the connection strings say, without connecting.
void check_connections(const config::Configuration& configuration, const OnFinding& on_finding);
// The mirror and every environment, as the daemon's roles see them.
void check_databases(const config::Configuration& configuration, const OnFinding& on_finding);
// The directory, and whether the mirror is of this one; the groups that environments name; the folders of files that a
// run writes. A directory file is read to its end.
void check_directory(const config::Configuration& configuration, const OnFinding& on_finding);

// The mirror remembers which directory it mirrors, and takes in no other: throws StoreError refused.
void refuse_another_directory(const store::MirrorState& state, const std::string& directory,
                              const config::Configuration& configuration);

// The same failure in the preflight's words, where it knows what is behind it. PostgreSQL's own about a missing table,
// column or right do not say what to do. `environment`: nullptr if it was no environment's.
[[nodiscard]] StoreError explain_failure(const config::Configuration& configuration,
                                         const config::Environment* environment, const StoreError& failure);

[[nodiscard]] FailureCause cause_of(const StoreError& error);
[[nodiscard]] FailureCause cause_of(const SourceError& error);

}  // namespace dvsync::sync
