#pragma once
// Answers on demand: users who are asked for are evaluated and brought in line at once, beside whatever run there may
// be (docs/architecture.md, Beside a run).

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dvsync/config/configuration.hpp"
#include "dvsync/core/plan.hpp"
#include "dvsync/store/batch.hpp"
#include "dvsync/store/postgres/connection.hpp"
#include "dvsync/sync/resolution.hpp"

namespace dvsync::sync {

// What became of one user who was asked for.
struct RequestOutcome {
  std::string asked = {};  // as it was written
  core::Decision decision = core::Decision::refuse;
  bool access = false;
  std::string reason = {};  // a code of docs/rules.md, or a refusal's
  std::string detail = {};  // in words, where the code does not say it all
  std::optional<core::Guid> object_id = {};
  std::string user_name = {};  // as the directory has it; empty: it has none
  std::optional<core::Guid> systemuserid = {};
  std::optional<std::int64_t> run_id = {};  // of the change in the log
  bool held = false;                        // the guard holds the change back
  bool missing = false;                     // a fact was not known (D7)
  bool asks_directory = false;              // refused, and the directory may say otherwise; see Asking
};
[[nodiscard]] RequestOutcome refusal_of(const Resolved& resolved);
// The refusal of a word that means a placeholder, by systemuserid or user name, and what can be done with it; nullopt:
// it means none.
[[nodiscard]] std::optional<RequestOutcome> placeholder_named(store::Connection& session, const std::string& word);

struct Asking {
  core::Trigger trigger = core::Trigger::on_demand;
  std::string requested_by = {};
  std::int64_t run_id = 0;      // of the log; 0: taken when something is to be written
  int batch_no = 1;             // in that run: one a transaction
  bool all_fields = false;      // `on_create` fields and edited ones follow too
  bool impatient = false;       // does not wait for a row that somebody holds, if all it lacks is a newer profile
  bool defer_refusals = false;  // whom the directory might let in is neither written nor refused yet (D15)
  std::string silence =
      {};                // why the directory, which was to be asked in any case, did not answer: nobody is let in (D15)
  bool by_hand = false;  // an administrator enables: a manual disable does not stand in the way
};

// Somebody else counts for the guard at this moment: roll back, and try again in a moment.
class GuardBusy : public Error {
 public:
  GuardBusy() : Error("the guard is counting for somebody else; try again") {}
};

class EvaluationContext;

// One environment, with sessions of its own. One thread at a time.
class OnDemand {
 public:
  // Both sessions must live as long, and be connected to the right schemas.
  OnDemand(const config::Configuration& configuration, const config::Environment& environment,
           store::Connection& mirror, store::Connection& session);
  ~OnDemand();
  OnDemand(const OnDemand&) = delete;
  OnDemand& operator=(const OnDemand&) = delete;

  // The mirror as it is now: looks whether it moved, and reads again what did.
  const store::MirrorState& renew();
  [[nodiscard]] const store::MirrorState& state() const;  // as of the last renew()
  // How old it is, by its server's clock; nullopt: never read. As of the last renew().
  [[nodiscard]] std::optional<std::chrono::seconds> age() const { return age_; }

  // Whether the mirror knows this user as present. After renew().
  [[nodiscard]] bool is_living(const core::Guid& object_id);

  // Within the caller's transaction on the environment's session, after renew(). In the order of `asked`; the same user
  // twice is answered twice alike. Throws GuardBusy, store::ContentionError (try again), StoreError: roll back.
  [[nodiscard]] std::vector<RequestOutcome> answer(const std::vector<Resolved>& asked, const Asking& asking);

 private:
  store::Connection& mirror_;
  store::Connection& session_;
  store::WriteSettings settings_;
  std::unique_ptr<EvaluationContext> evaluation_;
  std::optional<std::chrono::seconds> age_;
};

}  // namespace dvsync::sync
