// dvsync migrate: creates or upgrades the schemas, and grants the daemon's role what it needs.

#include <algorithm>

#include "command.hpp"
#include "dvsync/store/open.hpp"
#include "dvsync/store/out_of_reach.hpp"
#include "dvsync/store/schema.hpp"
#include "dvsync/sync/preflight.hpp"
#include "errors.hpp"
#include "findings.hpp"

namespace dvsync::cli {
namespace {

// The daemon may well be unable to connect yet: its role is then taken from the connection string.
std::string daemon_role(const std::string& conninfo, const std::string& place) {
  try {
    store::Connection session(conninfo, "public", place);
    return store::role_of(session);
  } catch (const StoreError&) {
    return store::role_named_in(conninfo);
  }
}

std::string owner_connection(const config::Configuration& configuration) {
  return configuration.database.migrate_connection.value_or(configuration.database.connection);
}

// As if the owners' connections were everybody's: what is out of reach for an owner is told of those.
config::Configuration of_owners(config::Configuration configuration) {
  for (auto& environment : configuration.environments) {
    environment.connection = store::owner_connection_of(configuration, environment);
  }
  configuration.database.connection = owner_connection(configuration);
  return configuration;
}

std::string describe(const store::Migration& migration) {
  if (migration.from == migration.to) return "up to date (version " + std::to_string(migration.to) + ")";
  if (migration.from == 0) return "created (version " + std::to_string(migration.to) + ")";
  return std::to_string(migration.from) + " → " + std::to_string(migration.to);
}

class MigrateCommand : public Command {
 public:
  CLI::App* declare(CLI::App& program) override {
    auto* app = program.add_subcommand("migrate", "Create or upgrade the schemas, and grant the daemon its rights");
    return app->footer(
        "Connects with `migrate_connection` where the configuration has one, as the owner of the schemas; the role of\n"
        "`connection` is granted what the daemon needs and nothing else. May be repeated at any time. What fails does "
        "not\n"
        "keep the rest from being done; the exit code is then that of the worst failure. Where nothing fails, the "
        "daemon's\n"
        "connections are checked as `dvsync check` does, with its exit code.");
  }

  int run(const Context& context) override {
    const auto configuration = context.configuration();
    const auto& database = configuration.database;
    const auto owners = of_owners(configuration);
    store::OutOfReach out_of_reach(owners);
    int code = attempt(context, [&] {
      out_of_reach.opened(nullptr, [&] {
        migrate(context, store::SchemaKind::mirror, database.mirror_schema, "the mirror",
                owner_connection(configuration), database.connection, {});
      });
    });
    for (const auto& environment : configuration.environments) {
      if (environment.rules.type == core::EnvironmentType::none) continue;
      if (const auto told = out_of_reach.words_for(environment)) {
        context.err.write(store::place_of(environment) + ": " + *told + "\n");
        continue;
      }
      code = std::max(code, attempt(context, [&] {
                        out_of_reach.opened(&environment, [&] { migrate(context, configuration, environment); });
                      }));
    }
    return code != 0 ? code : preflight(context, configuration);
  }

 private:
  static void migrate(const Context& context, const config::Configuration& configuration,
                      const config::Environment& environment) {
    migrate(context, store::SchemaKind::environment, environment.schema, store::place_of(environment),
            store::owner_connection_of(configuration, environment), store::connection_of(configuration, environment),
            environment.create_values);
    admit_askers(context, configuration, environment);
    prepare_tables(context, configuration, environment);
  }

  // What a run would meet, as the daemon's own roles see it. What is well needs no second word.
  static int preflight(const Context& context, const config::Configuration& configuration) {
    Findings findings(context.out);
    sync::check_databases(configuration, [&](const sync::PreflightFinding& finding) {
      if (finding.level != sync::PreflightFinding::Level::good) findings.tell(finding);
    });
    return findings.exit_code();
  }

  // What fails is told and asks for an exit code; the rest is done all the same.
  template <class Work>
  static int attempt(const Context& context, const Work& work) {
    try {
      work();
      return 0;
    } catch (const Error& error) {
      const auto failure = failure_of(error, context.err.paint());
      context.err.write(failure.text);
      context.err.flush();
      return failure.exit_code;
    }
  }

  static void migrate(const Context& context, store::SchemaKind kind, const std::string& schema,
                      const std::string& place, const std::string& owner, const std::string& daemon,
                      const std::map<std::string, std::string>& create_values) {
    store::Connection session(owner, schema, place);
    const auto done = store::migrate(session, kind, schema, daemon_role(daemon, place), create_values);
    context.out.write(place + ": schema " + schema + ": " + describe(done) + "\n");
    context.out.flush();
  }

  // Tables that are not ours: rights on those of roles and teams, and triggers, without which everything else works.
  static void prepare_tables(const Context& context, const config::Configuration& configuration,
                             const config::Environment& environment) {
    const auto place = store::place_of(environment);
    store::Connection owner(store::owner_connection_of(configuration, environment), environment.schema, place);
    if (environment.roles && environment.roles->create_tables) {
      store::create_role_tables(owner, environment.roles->all_names());
    }
    store::grant_access(owner, daemon_role(store::connection_of(configuration, environment), place), environment);
    const auto refused = store::watch_rows(owner, environment.watch_rows);
    if (refused.empty()) return;
    context.err.write(place + ": no trigger notes rows that others change (" + refused +
                      "): the next full run finds them\n");
  }

  // Who may ask in sync_request. Without these roles everything else works.
  static void admit_askers(const Context& context, const config::Configuration& configuration,
                           const config::Environment& environment) {
    const auto place = "environment " + environment.rules.name;
    store::Connection owner(store::owner_connection_of(configuration, environment), environment.schema, place);
    const auto admit = [&](const std::string& role, core::Trigger trigger) {
      if (store::admit_asker(owner, role, std::string(core::name_of(trigger)))) return;
      context.err.write(place + ": nobody can be let to ask in sync_request yet, all else works: there is no role " +
                        role + ", and the owner may not create it. Where applications are to ask, run CREATE ROLE " +
                        owner.quoted(role) + " NOLOGIN as a superuser, then `dvsync migrate` again\n");
    };
    admit(configuration.requests.first_access_role, core::Trigger::first_access);
    admit(configuration.requests.on_demand_role, core::Trigger::on_demand);
  }
};

}  // namespace

std::unique_ptr<Command> make_migrate_command() { return std::make_unique<MigrateCommand>(); }

}  // namespace dvsync::cli
