#include "dvsync/sync/preflight.hpp"

#include <unistd.h>

#include <set>

#include "dvsync/source/open_directory.hpp"
#include "dvsync/store/open.hpp"
#include "dvsync/store/out_of_reach.hpp"
#include "dvsync/store/postgres/errors.hpp"
#include "dvsync/store/preflight.hpp"
#include "pull.hpp"

namespace dvsync::sync {
namespace {

using Level = PreflightFinding::Level;

bool has_database(const config::Environment& environment) {
  return environment.rules.type != core::EnvironmentType::none;
}

FailureCause cause_of(StoreError::Kind kind) {
  switch (kind) {
    case StoreError::Kind::denied:
      return FailureCause::denied;
    case StoreError::Kind::schema:
    case StoreError::Kind::refused:
      return FailureCause::configuration;
    case StoreError::Kind::fenced:
      return FailureCause::none;
    case StoreError::Kind::unavailable:
      break;
  }
  return FailureCause::unavailable;
}

FailureCause cause_of(source::Finding::Effect effect) {
  switch (effect) {
    case source::Finding::Effect::none:
      return FailureCause::none;
    case source::Finding::Effect::incomplete:
      return FailureCause::incomplete;
    case source::Finding::Effect::denied:
      return FailureCause::denied;
    case source::Finding::Effect::unavailable:
      break;
  }
  return FailureCause::unavailable;
}

// What the check throws is a finding as well.
template <class Check>
void guarded(const std::string& place, const OnFinding& on_finding, const Check& check) {
  const auto wrong = [&](const Error& error, FailureCause cause) {
    const std::string message = error.what();
    const bool named = message.find(place) != std::string::npos;
    on_finding({Level::wrong, (named ? "" : place + ": ") + message, cause});
  };
  try {
    check();
  } catch (const StoreError& error) {
    wrong(error, sync::cause_of(error));
  } catch (const SourceError& error) {
    wrong(error, sync::cause_of(error));
  } catch (const Error& error) {
    wrong(error, FailureCause::unavailable);
  }
}

void tell(const std::string& place, const std::string& schema, const std::vector<store::Obstacle>& obstacles,
          const OnFinding& on_finding) {
  bool ready = true;
  for (const auto& obstacle : obstacles) {
    ready = ready && !obstacle.stops;
    on_finding({obstacle.stops ? Level::wrong : Level::worth_knowing, place + ": " + obstacle.what,
                obstacle.stops ? cause_of(obstacle.kind) : FailureCause::none});
  }
  if (ready) on_finding({Level::good, place + ": schema " + schema + " is as it must be"});
}

void check_mirror(const config::Configuration& configuration, store::OutOfReach& out_of_reach,
                  const OnFinding& on_finding) {
  const std::string place = "the mirror";
  guarded(place, on_finding, [&] {
    const auto& schema = configuration.database.mirror_schema;
    const auto session = out_of_reach.opened(nullptr, [&] { return store::open_mirror(configuration); });
    tell(place, schema, store::find_obstacles(*session, schema), on_finding);
  });
}

void check_environment(const config::Configuration& configuration, const config::Environment& environment,
                       store::OutOfReach& out_of_reach, const OnFinding& on_finding) {
  const auto place = store::place_of(environment);
  if (!has_database(environment)) {
    on_finding({Level::good, place + ": type none: there is no database to keep in line"});
    return;
  }
  if (const auto told = out_of_reach.words_for(environment)) {
    on_finding({Level::worth_knowing, place + ": " + *told});
    return;
  }
  guarded(place, on_finding, [&] {
    const auto session =
        out_of_reach.opened(&environment, [&] { return store::open_environment(configuration, environment); });
    tell(place, environment.schema, store::find_obstacles(*session, environment), on_finding);
  });
}

// What is wrong with the mirror has been told already.
std::optional<store::MirrorState> mirror_state_if_readable(const config::Configuration& configuration) {
  try {
    return store::read_state(*store::open_mirror(configuration));
  } catch (const StoreError&) {
    return std::nullopt;
  }
}

void check_folder(const std::string& of, const std::filesystem::path& folder, const OnFinding& on_finding) {
  std::error_code ignored;
  if (!std::filesystem::is_directory(folder, ignored)) {
    on_finding({Level::wrong, of + ": the folder " + folder.string() + " does not exist: create it",
                FailureCause::configuration});
  } else if (access(folder.c_str(), W_OK | X_OK) != 0) {
    on_finding({Level::wrong, of + ": the folder " + folder.string() + " may not be written by this user",
                FailureCause::denied});
  }
}

// Those that the daemon writes into.
void check_folders(const config::Configuration& configuration, const OnFinding& on_finding) {
  if (const auto& file = configuration.metrics.textfile) {
    check_folder("metrics", file->has_parent_path() ? file->parent_path() : std::filesystem::path("."), on_finding);
  }
  if (configuration.log.archive) check_folder("log.archive", *configuration.log.archive, on_finding);
}

}  // namespace

FailureCause cause_of(const StoreError& error) { return cause_of(error.kind()); }

FailureCause cause_of(const SourceError& error) {
  return error.kind() == SourceError::Kind::denied ? FailureCause::denied : FailureCause::unavailable;
}

void check_connections(const config::Configuration& configuration, const OnFinding& on_finding) {
  std::set<std::string> said;
  const auto tell_once = [&](const std::string& place, const std::string& conninfo) {
    const auto once = [&](const std::string& what, Level level, FailureCause cause) {
      if (!what.empty() && said.insert(what).second) on_finding({level, place + ": " + what, cause});
    };
    const auto mistake = store::mistake_in_connection(conninfo);
    once(mistake.empty() ? "" : "the connection string: " + mistake, Level::wrong, FailureCause::configuration);
    once(store::transport_warning(conninfo), Level::worth_knowing, FailureCause::none);
    once(store::password_file_warning(conninfo), Level::worth_knowing, FailureCause::none);
  };
  const auto& database = configuration.database;
  tell_once("the mirror", database.connection);
  if (database.migrate_connection) tell_once("the mirror", *database.migrate_connection);
  for (const auto& environment : configuration.environments) {
    if (!has_database(environment)) continue;
    tell_once(store::place_of(environment), store::connection_of(configuration, environment));
    tell_once(store::place_of(environment), store::owner_connection_of(configuration, environment));
  }
}

void check_databases(const config::Configuration& configuration, const OnFinding& on_finding) {
  store::OutOfReach out_of_reach(configuration);
  check_mirror(configuration, out_of_reach, on_finding);
  for (const auto& environment : configuration.environments) {
    check_environment(configuration, environment, out_of_reach, on_finding);
  }
}

void check_directory(const config::Configuration& configuration, const OnFinding& on_finding) {
  guarded("the directory", on_finding, [&] {
    const auto source = source::open_directory(configuration);
    const auto mirror = mirror_state_if_readable(configuration);
    auto request = request_for(configuration);
    if (mirror) request.cursor = mirror->cursor;
    bool usable = true;
    for (const auto& finding : source->check(request)) {
      const auto cause = cause_of(finding.effect);
      usable = usable && cause == FailureCause::none;
      on_finding({cause == FailureCause::none ? Level::worth_knowing : Level::wrong,
                  "the directory: " + finding.message, cause});
    }
    if (usable) on_finding({Level::good, "the directory " + source->directory() + " can be read"});
    if (mirror) refuse_another_directory(*mirror, source->directory(), configuration);
  });
  check_folders(configuration, on_finding);
}

void refuse_another_directory(const store::MirrorState& state, const std::string& directory,
                              const config::Configuration& configuration) {
  if (!state.directory || *state.directory == directory) return;
  throw StoreError(StoreError::Kind::refused, "schema " + configuration.database.mirror_schema +
                                                  " mirrors the directory " + *state.directory + ", not " + directory +
                                                  ": give this directory a database.mirror_schema of its own");
}

StoreError explain_failure(const config::Configuration& configuration, const config::Environment* environment,
                           const StoreError& failure) {
  if (failure.kind() == StoreError::Kind::unavailable || failure.kind() == StoreError::Kind::fenced) return failure;
  try {
    if (environment != nullptr) {
      const auto session = store::open_environment(configuration, *environment);
      store::refuse(session->place(), store::find_obstacles(*session, *environment));
    }
    const auto mirror = store::open_mirror(configuration);
    store::refuse(mirror->place(), store::find_obstacles(*mirror, configuration.database.mirror_schema));
  } catch (const StoreError& explained) {
    return explained;
  }
  const std::string message = failure.what();
  // Of an environment a row alone is refused. Nobody but dvsync writes the mirror, and nothing there refuses its rows.
  if (const auto* row = dynamic_cast<const store::RowError*>(&failure); row != nullptr && environment == nullptr) {
    const auto what = row->statement().empty() ? "" : " in " + row->statement();
    return {failure.kind(),
            message + what + ": somebody has changed the tables of schema " + configuration.database.mirror_schema +
                "; look there for triggers, rules, constraints and publications that dvsync did not make"};
  }
  const bool advised = failure.kind() != StoreError::Kind::schema || message.find("`dvsync ") != std::string::npos;
  return advised ? failure : StoreError(failure.kind(), message + ": `dvsync check` tells all that is missing");
}

}  // namespace dvsync::sync
