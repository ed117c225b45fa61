#include "request_worker.hpp"

#include <algorithm>

#include "dvsync/interruptible_sleep.hpp"
#include "dvsync/store/open.hpp"
#include "dvsync/store/preflight.hpp"
#include "dvsync/store/schema.hpp"
#include "dvsync/store/touched_rows.hpp"
#include "dvsync/sync/resolution.hpp"

namespace dvsync::service {
namespace {

constexpr int most_a_round = 64;
constexpr std::chrono::seconds poll{1};                 // notifications can get lost: a failover forgets LISTEN
constexpr std::chrono::milliseconds beside_a_lock{20};  // until somebody else's locks are looked at again
constexpr std::chrono::seconds after_a_failure{1};
constexpr std::chrono::seconds beside_a_broken_environment{5};
constexpr std::chrono::minutes beside_a_refusal{1};  // until rows that others changed are looked at again
constexpr int most_expired = 1000;                   // rows a statement: answers must not wait for long

// Out of the transaction that claimed it; what it would change is what another one holds.
constexpr const char* failed_reason = core::code_of(core::Reason::failed).data();

}  // namespace

RequestWorker::RequestWorker(Kind kind, const config::Configuration& configuration, std::string conninfo,
                             const std::vector<const config::Environment*>& environments,
                             source::DirectorySource& source, RecentQuestions& questions, Log& log)
    : kind_(kind),
      configuration_(configuration),
      conninfo_(std::move(conninfo)),
      source_(source),
      questions_(questions),
      failures_(log) {
  for (const auto* environment : environments) queues_.emplace_back().environment = environment;
  thread_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
}

RequestWorker::~RequestWorker() = default;

void RequestWorker::work(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    try {
      connect(stop);
      serve(stop);
    } catch (const Interrupted&) {
      return;
    } catch (const std::exception& error) {
      failed("answering requests", words_of(error));
    }
    if (!sleep_for(after_a_failure, stop)) return;
  }
}

void RequestWorker::connect(const std::stop_token& stop) {
  for (auto& queue : queues_) {
    queue.on_demand.reset();
    queue.ready = false;
  }
  mirror_.reset();
  session_.reset();
  session_ = std::make_unique<store::Connection>(conninfo_, queues_.front().environment->schema, "requests");
  session_->stop_on(stop);
  store::listen_for_requests(*session_);
  succeeded("answering requests");
}

void RequestWorker::serve(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    if (serve_all(stop)) continue;
    const bool somebody_waits = std::any_of(queues_.begin(), queues_.end(),
                                            [](const EnvironmentQueue& queue) { return !queue.skip_locked.empty(); });
    session_->await_notification(somebody_waits ? beside_a_lock : std::chrono::milliseconds(poll));
  }
}

// A round for each environment, so that a flood in one does not keep the others waiting.
bool RequestWorker::serve_all(const std::stop_token& stop) {
  const bool expires = kind_ == Kind::mirror && Clock::now() >= expire_from_;
  if (expires) expire_from_ = Clock::now() + poll;
  const bool follows = kind_ == Kind::mirror && Clock::now() >= touched_from_;
  if (follows) touched_from_ = Clock::now() + poll;
  bool any = false;
  for (auto& queue : queues_) {
    if (stop.stop_requested()) return false;
    if (Clock::now() < queue.usable_from) continue;
    const auto what = "requests of environment " + queue.environment->rules.name;
    try {
      session_->enter(queue.environment->schema);
      if (!queue.ready) {
        store::require_version(*session_, store::SchemaKind::environment, queue.environment->schema);
        store::require_ready(*session_, *queue.environment, store::Use::writing);
        queue.ready = true;
      }
      if (expires) expire_requests(queue);
      any = serve_queue(queue, stop) || any;
      if (follows) any = follow_touched_rows(queue, stop) || any;
      succeeded(what);
    } catch (const StoreError& error) {
      if (session_->broken()) throw;
      failed(what, error.what());
      queue.usable_from = Clock::now() + beside_a_broken_environment;
    }
  }
  return any;
}

bool RequestWorker::serve_queue(EnvironmentQueue& queue, const std::stop_token& stop) {
  bool any = false;
  if (Clock::now() >= queue.skip_locked_until) queue.skip_locked.clear();
  for (const auto trigger : {core::Trigger::first_access, core::Trigger::on_demand}) {
    if (const auto claim = mine(queue, trigger, stop)) any = answer_some(queue, trigger, *claim, stop) || any;
  }
  return any;
}

void RequestWorker::expire_requests(EnvironmentQueue& queue) {
  store::require_version(*session_, store::SchemaKind::environment, queue.environment->schema);
  while (store::expire_requests(*session_, configuration_.requests.expire_after, most_expired) == most_expired) {
  }
}

// Under the background's rules, as the next run would. Whatever is in the way now is left to that run.
bool RequestWorker::follow_touched_rows(EnvironmentQueue& queue, const std::stop_token& stop) {
  try {
    store::Transaction transaction(*session_);
    const auto claimed = store::claim_touched_rows(*session_, most_a_round);
    if (claimed.notes.empty() || !mirror_ready(queue, stop) || !queue.on_demand->state().pulled_at) return false;
    std::vector<sync::Resolved> rows;
    for (const auto& id : claimed.object_ids) rows.push_back({"", id, "", ""});
    static_cast<void>(
        queue.on_demand->answer(rows, {.trigger = core::Trigger::background, .requested_by = "dvsync run"}));
    store::forget_claimed_rows(*session_, claimed);
    store::commit_durably(*session_);
    transaction.commit();
    return true;
  } catch (const sync::GuardBusy&) {
  } catch (const store::ContentionError&) {
  } catch (const StoreError& error) {
    if (session_->broken()) throw;
    // Whoever waits for an answer must not wait for this.
    failed("rows of environment " + queue.environment->rules.name + " that others changed", error.what());
    touched_from_ = Clock::now() + beside_a_refusal;
  }
  return false;
}

// D7, D15: who answers what. Without a mirror nobody can tell, and the request must not wait for it.
std::optional<store::Claim> RequestWorker::mine(EnvironmentQueue& queue, core::Trigger trigger,
                                                const std::stop_token& stop) {
  using enum store::Claim;
  const auto all_of = [this](Kind kind) { return kind_ == kind ? std::optional(all) : std::nullopt; };
  if (!sync::can_be_asked(configuration_.directory) || !mirror_ready(queue, stop)) return all_of(Kind::mirror);
  const bool asks_always = configuration_.requests.first_access == config::FirstAccess::ask_always;
  const bool by_directory =
      trigger == core::Trigger::on_demand || asks_always || !is_fresh(*queue.on_demand, configuration_);
  if (by_directory) return all_of(Kind::directory);
  return kind_ == Kind::mirror ? not_handed_over : handed_over;
}

bool RequestWorker::mirror_ready(EnvironmentQueue& queue, const std::stop_token& stop) {
  try {
    if (mirror_ && mirror_->broken()) {
      for (auto& other : queues_) other.on_demand.reset();
      mirror_.reset();
    }
    if (!mirror_) {
      if (Clock::now() < mirror_from_) return false;
      mirror_ = store::open_mirror(configuration_, {.stop = stop});
    }
    if (!queue.on_demand) {
      queue.on_demand = std::make_unique<sync::OnDemand>(configuration_, *queue.environment, *mirror_, *session_);
    }
    queue.on_demand->renew();
    succeeded("reading the mirror for requests");
    return true;
  } catch (const StoreError& error) {
    failed("reading the mirror for requests", error.what());
    queue.on_demand.reset();
    if (mirror_ && !mirror_->broken()) mirror_.reset();
    mirror_from_ = Clock::now() + after_a_failure;
    return false;
  }
}

bool RequestWorker::answer_some(EnvironmentQueue& queue, core::Trigger trigger, store::Claim claim,
                                const std::stop_token& stop) {
  const int most = queue.single_mode > 0 || kind_ == Kind::directory ? 1 : most_a_round;
  if (queue.single_mode > 0) --queue.single_mode;
  claimed_.clear();
  try {
    return round(queue, trigger, claim, most, stop);
  } catch (const sync::GuardBusy&) {
  } catch (const store::ContentionError&) {
  } catch (const StoreError& error) {
    if (session_->broken() || !mirror_ || mirror_->broken()) {
      if (session_->broken()) throw;
      return false;  // the mirror went away: the next round tells so
    }
    if (claimed_.size() == 1) {
      give_up(queue, claimed_.front(), error.what());
      return true;
    }
  }
  // Somebody else's locks, or one request that spoils the others': one at a time, that one later.
  if (claimed_.size() == 1) {
    queue.skip_locked.push_back(claimed_.front());
    queue.skip_locked_until = Clock::now() + beside_a_lock;
  } else {
    queue.single_mode = most_a_round;
  }
  return true;
}

bool RequestWorker::round(EnvironmentQueue& queue, core::Trigger trigger, store::Claim claim, int most,
                          const std::stop_token& stop) {
  store::Transaction transaction(*session_);
  const auto requests = store::claim_requests(*session_, trigger, claim, most, queue.skip_locked);
  if (requests.empty()) return false;
  for (const auto& request : requests) claimed_.push_back(request.request_id);
  auto told = answers_to(queue, requests, stop);
  store::answer_requests(*session_, told.answers);
  store::hand_over_requests(*session_, told.handed_over);
  if (told.wrote) store::commit_durably(*session_);
  transaction.commit();
  return true;
}

RequestRound::Told RequestWorker::answers_to(EnvironmentQueue& queue, const std::vector<store::OpenRequest>& requests,
                                             const std::stop_token& stop) {
  if (!mirror_ready(queue, stop)) {
    return {.answers = stale_answers(requests, "the directory's mirror is out of reach"), .handed_over = {}};
  }
  return RequestRound({.asks_directory = kind_ == Kind::directory,
                       .configuration = configuration_,
                       .source = source_,
                       .questions = questions_,
                       .mirror = *mirror_,
                       .on_demand = *queue.on_demand,
                       .stop = stop})
      .answer(requests);
}

// It fails whatever is tried, and must neither keep the client waiting nor those behind it.
void RequestWorker::give_up(EnvironmentQueue& queue, std::int64_t request, const std::string& why) {
  failed("requests of environment " + queue.environment->rules.name, why);
  auto refusal =
      sync::refusal_of({"", std::nullopt, failed_reason, "the request could not be carried out; see the log"});
  store::answer_requests(*session_, {answer_of(request, refusal)});
}

void RequestWorker::failed(const std::string& what, const std::string& why) {
  failures_.failed(what, why, FailureLog::Time::clock::now());
}
void RequestWorker::succeeded(const std::string& what) { failures_.succeeded(what, FailureLog::Time::clock::now()); }

}  // namespace dvsync::service
