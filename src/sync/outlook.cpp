#include "outlook.hpp"

#include <algorithm>
#include <future>
#include <list>
#include <map>
#include <optional>

#include "dvsync/store/in_line.hpp"
#include "dvsync/store/open.hpp"
#include "evaluation_context.hpp"
#include "mirror_answers.hpp"
#include "pull.hpp"
#include "rules.hpp"
#include "run_sessions.hpp"

namespace dvsync::sync {
namespace {

// Below so many environments on a server, to open them costs hardly more than to ask whether it has to be; and every
// run stands in their logs.
constexpr std::size_t fewest_on_a_server = fewest_of_a_session;
// Beyond so many identities that moved, to look whom they concern costs as much as the runs themselves.
constexpr int most_moved = 5000;

// Its roles, teams and units are tables of its own, which a look from outside does not tell of.
bool can_be_seen_from_outside(const config::Environment& environment) {
  return environment.rules.type != core::EnvironmentType::none && !environment.roles &&
         environment.rules.teams.follow == core::GroupTeams::ignore;
}

// One that may be in line, and why it may be not.
struct Place {
  const config::Environment* environment = nullptr;
  std::optional<store::Glance> glance = {};
  store::EnvironmentState stands = {};  // with what the mirror remembers of it
  EvaluationContext context;
};
using PlacesByServer = std::map<std::string, std::list<Place>>;

std::vector<std::string> schemas_of(const std::vector<Place*>& places) {
  std::vector<std::string> schemas;
  for (const auto* place : places) schemas.push_back(place->environment->schema);
  return schemas;
}

class Look {
 public:
  Look(const RunContext& context, const store::Lease& lease, store::Connection& mirror)
      : context_(context),
        lease_(lease),
        mirror_(mirror),
        known_(MirrorKnowledge::read(mirror, context.configuration.licenses)) {}

  // Those in line.
  store::InLineByName make(const std::vector<const config::Environment*>& environments, LastRuns& last_runs) {
    // A version without a mark was merged by an older dvsync; records that cannot be used are every environment's.
    if (!known_.state.mark || known_.has_rejected_records) return {};
    gather(environments);
    if (servers_.empty()) return {};
    on_each_server([](store::Connection& session, const std::vector<Place*>& places) {
      const auto found = store::glance_at(session, schemas_of(places));
      for (std::size_t i = 0; i < places.size(); ++i) places[i]->glance = found[i];
    });
    note(last_runs);
    keep_those_that_stand_well();
    leave_out_whom_changes_concern();
    return those_left();
  }

 private:
  void gather(const std::vector<const config::Environment*>& environments) {
    for (const auto* environment : environments) {
      if (!can_be_seen_from_outside(*environment)) continue;
      if (context_.scope.missed_full.contains(environment->rules.name)) continue;
      auto& places = servers_[store::connection_of(context_.configuration, *environment)];
      auto& place = places.emplace_back(
          Place{.environment = environment, .context = EvaluationContext(context_.configuration, *environment)});
      place.context.mirror_state = known_.state;
      if (!environment->security_group) continue;
      place.context.group = store::group_named(known_.groups, *environment->security_group);
    }
    std::erase_if(servers_, [](const auto& server) { return server.second.size() < fewest_on_a_server; });
  }

  // `ask` with some sessions of each server, side by side. What cannot be asked is opened, and says itself what is
  // wrong.
  template <class Ask>
  void on_each_server(const Ask& ask) {
    std::vector<std::future<void>> asked;
    for (auto& [conninfo, places] : servers_) {
      std::vector<Place*> all;
      for (auto& place : places) all.push_back(&place);
      for (auto& part : in_parts(all, context_.configuration.database.sessions)) {
        asked.push_back(std::async(std::launch::async, [this, &ask, part = std::move(part)] {
          try {
            const auto session =
                store::open_environment(context_.configuration, *part.front()->environment, {.stop = context_.stop});
            ask(*session, part);
          } catch (const StoreError&) {
            for (auto* place : part) place->glance.reset();
          }
        }));
      }
    }
    for (auto& one : asked) one.get();
  }

  template <class Leaves>
  void leave_out(const Leaves& leaves) {
    for (auto& [conninfo, places] : servers_) std::erase_if(places, leaves);
  }

  void note(LastRuns& last_runs) const {
    for (const auto& [conninfo, places] : servers_) {
      for (const auto& place : places) {
        if (place.glance) last_runs.emplace(place.environment, place.glance->last_run);
      }
    }
  }

  void keep_those_that_stand_well() {
    const auto remembered = store::read_in_line(mirror_);
    std::vector<std::int64_t> versions;
    leave_out([&](Place& place) {
      if (!place.glance || !place.glance->settled || place.glance->fence > lease_.fence()) return true;
      const auto found = remembered.find(place.environment->rules.name);
      place.stands =
          store::moved_on(place.glance->state, found == remembered.end() ? std::nullopt : std::optional(found->second));
      if (place.stands.watermark) versions.push_back(*place.stands.watermark);
      return false;
    });
    std::ranges::sort(versions);
    versions.erase(std::unique(versions.begin(), versions.end()), versions.end());
    const auto marks = store::marks_of(mirror_, versions);
    leave_out([&](const Place& place) { return !stands_well(place, marks); });
  }

  // What choose_run_kind() would call a run of what changed.
  [[nodiscard]] bool stands_well(const Place& place, const std::map<std::int64_t, core::Guid>& marks) const {
    const auto& stands = place.stands;
    if (!stands.watermark || !stands.mark || !stands.evaluated_at) return false;
    if (stands.mirror_id != known_.state.mirror_id) return false;
    const auto mark = marks.find(*stands.watermark);
    if (mark == marks.end() || mark->second != *stands.mark || *stands.watermark > known_.state.version) return false;
    return *stands.evaluated_at <= known_.state.asked_at && place.context.same_rules(stands) &&
           stands.knowledge_hash == hash_of_knowledge(place.context) && place.context.standing_gaps().empty();
  }

  void leave_out_whom_changes_concern() {
    std::optional<store::Watermark> earliest;
    for (const auto& [conninfo, places] : servers_) {
      for (const auto& place : places) {
        if (!earliest) earliest = {*place.stands.watermark, *place.stands.evaluated_at};
        earliest->watermark = std::min(earliest->watermark, *place.stands.watermark);
        earliest->evaluated_at = std::min(earliest->evaluated_at, *place.stands.evaluated_at);
      }
    }
    if (!earliest) return;
    const auto moved = store::moved_since(mirror_, earliest->watermark, earliest->evaluated_at,
                                          known_.state.listing_complete, most_moved);
    if (!moved) return servers_.clear();
    leave_out([&](const Place& place) {
      return std::ranges::any_of(*moved, [&](const auto& one) { return concerns(one, place); });
    });
    if (moved->empty()) return;
    // Whoever left the group, or never was in it, and has a row.
    std::vector<core::Guid> ids;
    for (const auto& one : *moved) ids.push_back(one.object_id);
    on_each_server([&ids](store::Connection& session, const std::vector<Place*>& places) {
      const auto found = store::have_rows_of(session, schemas_of(places), ids);
      for (std::size_t i = 0; i < places.size(); ++i) {
        if (found[i]) places[i]->glance.reset();
      }
    });
    leave_out([](const Place& place) { return !place.glance; });
  }

  // Whether this change has to be looked at in an environment that has no row of the user.
  static bool concerns(const store::Moved& moved, const Place& place) {
    const bool since =
        moved.version > *place.stands.watermark || (moved.expired_at && *moved.expired_at > *place.stands.evaluated_at);
    if (!since) return false;
    if (!place.context.group_decides() || moved.apart) return true;
    return std::ranges::find(moved.groups, *place.context.group->object_id) != moved.groups.end();
  }

  [[nodiscard]] store::InLineByName those_left() const {
    store::InLineByName found;
    for (const auto& [conninfo, places] : servers_) {
      for (const auto& place : places) {
        const auto& own = place.glance->state;
        found.emplace(place.environment->rules.name, store::InLine{.watermark = *own.watermark,
                                                                   .watermark_mark = *own.mark,
                                                                   .version = known_.state.version,
                                                                   .mark = *known_.state.mark,
                                                                   .evaluated_at = known_.state.asked_at,
                                                                   .read_at = began_at(*context_.pull, known_.state)});
      }
    }
    return found;
  }

  const RunContext& context_;
  const store::Lease& lease_;
  store::Connection& mirror_;
  MirrorKnowledge known_;
  PlacesByServer servers_;
};

}  // namespace

Outlook look_around(const RunContext& context, const std::vector<const config::Environment*>& environments,
                    const store::Lease& lease, store::Connection& mirror) {
  const auto& scope = context.scope;
  const bool of_changes =
      context.pull != nullptr && !scope.full && !scope.only && !scope.approved_only && scope.saved == nullptr;
  if (!of_changes || environments.size() < fewest_on_a_server) return {.to_open = environments};
  Outlook outlook{.to_open = {}};
  outlook.found = Look(context, lease, mirror).make(environments, outlook.last_runs);
  for (const auto* environment : environments) {
    const auto& name = environment->rules.name;
    outlook.found.contains(name) ? outlook.in_line.push_back(name) : outlook.to_open.push_back(environment);
  }
  return outlook;
}

}  // namespace dvsync::sync
