#pragma once
// sync_request: what clients ask of an environment, and what they are told (docs/on-demand.md).

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dvsync/core/environment.hpp"
#include "dvsync/core/guid.hpp"
#include "dvsync/store/postgres/connection.hpp"

namespace dvsync::store {

// Payloads are `schema:request_id`. They only say that it is worth looking: the rows are what counts.
inline constexpr const char* request_channel = "dvsync_request";
inline constexpr const char* answer_channel = "dvsync_answer";

struct OpenRequest {
  std::int64_t request_id = 0;
  core::Trigger trigger = core::Trigger::on_demand;
  core::Text user_name;  // as the client wrote it
  core::Text object_id;  // the same: it may be no id at all
  std::string requested_by;
};

// Of the requests with one trigger.
enum class Claim : std::uint8_t {
  all,
  not_handed_over,  // those that the mirror may answer
  handed_over,      // those that the directory has to be asked about
};

struct RequestAnswer {
  std::int64_t request_id = 0;
  std::string decision;
  bool access = false;
  std::string reason;
  std::optional<core::Guid> systemuserid;
  std::string detail;
  std::optional<std::int64_t> run_id;  // of the change it led to
};

// Prepares a session that answers requests. It hears of new ones. It waits for locks more briefly than PostgreSQL takes
// to look for deadlocks (1 s), so that it gives way to a run. Its commits do not wait for the disk: an answer that only
// tells is given again if it gets lost.
void listen_for_requests(Connection& session);
// The transaction under way writes rows: its commit waits for the disk.
void commit_durably(Connection& session);

// Takes up to `most` open requests with this trigger, but for those in `skip_locked`, and locks them until the
// transaction ends; what another session has locked is left to it. Askers take turns: each one's oldest request first,
// then each one's second, so that nobody waits behind another's flood.
[[nodiscard]] std::vector<OpenRequest> claim_requests(Connection& environment, core::Trigger trigger, Claim claim,
                                                      int most, const std::vector<std::int64_t>& skip_locked);

// Leaves these to whoever asks the directory, and notifies on request_channel once the transaction commits.
void hand_over_requests(Connection& environment, const std::vector<std::int64_t>& request_ids);

// Answers, and notifies on answer_channel once the transaction commits.
void answer_requests(Connection& environment, const std::vector<RequestAnswer>& answers);

// An administrator's command on a user that was refused: kept beside the requests, and answered already. Outside of a
// transaction.
struct RefusedCommand {
  std::string asked;  // a name or an id
  std::string reason;
  std::string detail;
  std::optional<core::Guid> systemuserid;
};
void keep_refused(Connection& environment, const std::string& command, const std::string& requested_by,
                  const std::vector<RefusedCommand>& refused);

// Refuses open requests that have waited longer, at most `most` of them; returns how many.
std::int64_t expire_requests(Connection& environment, std::chrono::seconds longest_wait, int most);

}  // namespace dvsync::store
