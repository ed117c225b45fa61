#include "responder.hpp"

#include <algorithm>
#include <condition_variable>

#include "dvsync/store/open.hpp"
#include "dvsync/store/preflight.hpp"
#include "dvsync/store/schema.hpp"
#include "dvsync/sync/resolution.hpp"

namespace dvsync::service {
namespace {

constexpr int most_a_round = 64;
constexpr std::chrono::seconds poll{1};                 // notifications can get lost: a failover forgets LISTEN
constexpr std::chrono::milliseconds beside_a_lock{20};  // until somebody else's locks are looked at again
constexpr std::chrono::seconds after_a_failure{1};
constexpr std::chrono::seconds beside_a_broken_place{5};
constexpr int most_housekeeping = 1000;  // rows a statement: answers must not wait for long

// Out of the transaction that claimed it; what it would change is what another one holds.
constexpr const char* failed_reason = "failed";

bool is_blank(const core::Text& text) { return !text || core::is_blank(*text); }

store::RequestAnswer request_answer(std::int64_t request_id, const sync::Answer& answer) {
  return {.request_id = request_id,
          .decision = std::string(core::name_of(answer.decision)),
          .access = answer.access,
          .reason = answer.reason,
          .systemuserid = answer.systemuserid,
          .detail = answer.detail,
          .run_id = answer.run_id};
}

}  // namespace

Responder::Responder(Kind kind, const config::Configuration& configuration, std::string conninfo,
                     std::vector<const config::Environment*> environments, source::DirectorySource& source, Log& log)
    : kind_(kind), configuration_(configuration), conninfo_(std::move(conninfo)), source_(source), failures_(log) {
  for (const auto* environment : environments) places_.emplace_back().environment = environment;
  thread_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
}

Responder::~Responder() = default;

void Responder::work(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    try {
      connect(stop);
      serve(stop);
    } catch (const Interrupted&) {
      return;
    } catch (const std::exception& error) {
      failed("answering requests", error.what());
    }
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock(mutex);
    wake.wait_for(lock, stop, after_a_failure, [] { return false; });
  }
}

void Responder::connect(const std::stop_token& stop) {
  for (auto& place : places_) {
    place.on_demand.reset();
    place.ready = false;
  }
  mirror_.reset();
  session_.reset();
  session_ = std::make_unique<store::Connection>(conninfo_, places_.front().environment->schema, "requests");
  session_->stop_on(stop);
  // Locks: sooner than PostgreSQL looks for deadlocks (1 s), so that we give way to a run. Commits: an answer that only
  // tells need not be durable, for a lost one is given again; a round that writes asks for more.
  // Policies: sync_request has some, for those who ask; the preflight has made sure that systemuser has none.
  session_->exec("SET lock_timeout = '500ms'; SET synchronous_commit = off; SET row_security = on");
  session_->exec(std::string("LISTEN ") + store::request_channel);
  succeeded("answering requests");
}

void Responder::serve(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    if (serve_all(stop)) continue;
    const bool somebody_waits =
        std::any_of(places_.begin(), places_.end(), [](const Place& place) { return !place.passed_over.empty(); });
    session_->await_notification(somebody_waits ? beside_a_lock : std::chrono::milliseconds(poll));
  }
}

// A round for each environment, so that a flood in one does not keep the others waiting.
bool Responder::serve_all(const std::stop_token& stop) {
  const bool keeps_house = kind_ == Kind::mirror && Clock::now() >= house_from_;
  if (keeps_house) house_from_ = Clock::now() + poll;
  bool any = false;
  for (auto& place : places_) {
    if (stop.stop_requested()) return false;
    if (Clock::now() < place.usable_from) continue;
    const auto what = "requests of environment " + place.environment->rules.name;
    try {
      session_->enter(place.environment->schema);
      if (!place.ready) {
        store::require_version(*session_, store::SchemaKind::environment, place.environment->schema);
        store::require_ready(*session_, *place.environment, store::Use::writing);
        place.ready = true;
      }
      if (keeps_house) keep_house(place);
      any = serve_place(place, stop) || any;
      succeeded(what);
    } catch (const StoreError& error) {
      if (session_->broken()) throw;
      failed(what, error.what());
      place.usable_from = Clock::now() + beside_a_broken_place;
    }
  }
  return any;
}

bool Responder::serve_place(Place& place, const std::stop_token& stop) {
  bool any = false;
  if (Clock::now() >= place.passed_over_until) place.passed_over.clear();
  for (const auto trigger : {core::Trigger::first_access, core::Trigger::on_demand}) {
    if (mine(place, trigger, stop)) any = answer_some(place, trigger, stop) || any;
  }
  return any;
}

void Responder::keep_house(Place& place) {
  store::require_version(*session_, store::SchemaKind::environment, place.environment->schema);
  while (store::expire_requests(*session_, configuration_.requests.expire_after, most_housekeeping) ==
         most_housekeeping) {
  }
}

// D7: who answers what. Without a mirror nobody can tell, and the request must not wait for it.
bool Responder::mine(Place& place, core::Trigger trigger, const std::stop_token& stop) {
  if (!sync::can_be_asked(configuration_.directory)) return kind_ == Kind::mirror;
  const bool ready = mirror_ready(place, stop);
  const bool from_mirror = !ready || (trigger == core::Trigger::first_access && fresh(place));
  return from_mirror == (kind_ == Kind::mirror);
}

bool Responder::mirror_ready(Place& place, const std::stop_token& stop) {
  try {
    if (mirror_ && mirror_->broken()) {
      for (auto& other : places_) other.on_demand.reset();
      mirror_.reset();
    }
    if (!mirror_) {
      if (Clock::now() < mirror_from_) return false;
      mirror_ = store::open_mirror(configuration_, {.stop = stop});
    }
    if (!place.on_demand) {
      place.on_demand = std::make_unique<sync::OnDemand>(configuration_, *place.environment, *mirror_, *session_);
    }
    place.on_demand->renew();
    succeeded("reading the mirror for requests");
    return true;
  } catch (const StoreError& error) {
    failed("reading the mirror for requests", error.what());
    place.on_demand.reset();
    if (mirror_ && !mirror_->broken()) mirror_.reset();
    mirror_from_ = Clock::now() + after_a_failure;
    return false;
  }
}

bool Responder::fresh(Place& place) const {
  const auto age = place.on_demand->age();
  return age && *age <= configuration_.schedule.fresh_within.value_or(2 * configuration_.schedule.every);
}

bool Responder::answer_some(Place& place, core::Trigger trigger, const std::stop_token& stop) {
  const int most = place.one_by_one > 0 || kind_ == Kind::directory ? 1 : most_a_round;
  if (place.one_by_one > 0) --place.one_by_one;
  claimed_.clear();
  try {
    return round(place, trigger, most, stop);
  } catch (const sync::GuardBusy&) {
  } catch (const store::ContentionError&) {
  } catch (const StoreError& error) {
    if (session_->broken() || !mirror_ || mirror_->broken()) {
      if (session_->broken()) throw;
      return false;  // the mirror went away: the next round tells so
    }
    if (claimed_.size() == 1) {
      give_up(place, claimed_.front(), error.what());
      return true;
    }
  }
  // Somebody else's locks, or one request that spoils the others': one at a time, that one later.
  if (claimed_.size() == 1) {
    place.passed_over.push_back(claimed_.front());
    place.passed_over_until = Clock::now() + beside_a_lock;
  } else {
    place.one_by_one = most_a_round;
  }
  return true;
}

bool Responder::round(Place& place, core::Trigger trigger, int most, const std::stop_token& stop) {
  store::Transaction transaction(*session_);
  const auto requests = store::claim_requests(*session_, trigger, most, place.passed_over);
  if (requests.empty()) return false;
  for (const auto& request : requests) claimed_.push_back(request.request_id);
  wrote_ = false;
  store::answer_requests(*session_, answers_to(place, requests, stop));
  if (wrote_) session_->exec("SET LOCAL synchronous_commit TO DEFAULT");
  transaction.commit();
  return true;
}

std::vector<store::RequestAnswer> Responder::answers_to(Place& place, const std::vector<store::OpenRequest>& requests,
                                                        const std::stop_token& stop) {
  std::vector<store::RequestAnswer> answers;
  const auto refuse_all = [&](const std::string& detail) {
    for (const auto& request : requests) {
      answers.push_back(request_answer(request.request_id,
                                       sync::refusal_of({"", std::nullopt, sync::refusal::stale_directory, detail})));
    }
    return answers;
  };
  if (!mirror_ready(place, stop)) return refuse_all("the directory's mirror is out of reach");
  const bool asks = sync::can_be_asked(configuration_.directory);
  if (!asks && requests.front().trigger == core::Trigger::first_access && !fresh(place)) {
    return refuse_all("the mirror is older than schedule.fresh_within, and this directory cannot be asked");
  }
  std::vector<sync::Resolved> resolved;
  std::vector<source::UserReference> users;  // those whom the mirror is asked about, all at once
  for (const auto& request : requests) {
    resolved.push_back(resolve(request, stop));
    if (resolved.back().reason.empty() && !resolved.back().object_id)
      users.push_back({std::nullopt, *request.user_name});
  }
  auto found = sync::resolve_users(*mirror_, place.on_demand->state(), users);
  auto next = found.begin();
  for (auto& one : resolved) {
    if (one.reason.empty() && !one.object_id) one = std::move(*next++);
  }
  answer_askers(place, requests, resolved, answers);
  return answers;
}

// Neither object id nor reason: by name, by the mirror.
sync::Resolved Responder::resolve(const store::OpenRequest& request, const std::stop_token& stop) {
  sync::Resolved resolved{.asked = {}, .object_id = std::nullopt, .reason = {}, .detail = {}};
  if (!is_blank(request.object_id)) {
    resolved.object_id = core::parse_guid(*request.object_id);
    if (!resolved.object_id) {
      resolved.reason = sync::refusal::malformed_request;
      resolved.detail = "object_id is no GUID";
      return resolved;
    }
  } else if (is_blank(request.user_name)) {
    resolved.reason = sync::refusal::malformed_request;
    resolved.detail = "neither user_name nor object_id says who is meant";
    return resolved;
  }
  if (kind_ == Kind::mirror) return resolved;
  return sync::ask_directory(configuration_, source_, *mirror_, {resolved.object_id, request.user_name.value_or("")},
                             stop);
}

// What is written is logged under who asked for it.
void Responder::answer_askers(Place& place, const std::vector<store::OpenRequest>& requests,
                              const std::vector<sync::Resolved>& resolved, std::vector<store::RequestAnswer>& answers) {
  std::map<std::string, std::vector<std::size_t>> by_asker;
  for (std::size_t i = 0; i < requests.size(); ++i) by_asker[requests[i].requested_by].push_back(i);
  for (const auto& [asker, indexes] : by_asker) {
    std::vector<sync::Resolved> asked;
    for (const auto i : indexes) asked.push_back(resolved[i]);
    const auto told =
        place.on_demand->answer(asked, {.trigger = requests.front().trigger, .requested_by = asker, .impatient = true});
    for (std::size_t i = 0; i < indexes.size(); ++i) {
      wrote_ = wrote_ || told[i].run_id || told[i].held;
      answers.push_back(request_answer(requests[indexes[i]].request_id, told[i]));
    }
  }
}

// It fails whatever is tried, and must neither keep the client waiting nor those behind it.
void Responder::give_up(Place& place, std::int64_t request, const std::string& why) {
  failed("requests of environment " + place.environment->rules.name, why);
  auto refusal =
      sync::refusal_of({"", std::nullopt, failed_reason, "the request could not be carried out; see the log"});
  store::answer_requests(*session_, {request_answer(request, refusal)});
}

void Responder::failed(const std::string& what, const std::string& why) {
  failures_.failed(what, why, FailureLog::Time::clock::now());
}
void Responder::succeeded(const std::string& what) { failures_.succeeded(what, FailureLog::Time::clock::now()); }

}  // namespace dvsync::service
