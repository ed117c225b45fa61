#pragma once
// What this layer finds and does, for programs: the objects of the commands' --json and of the console's API. The keys
// are stable and described in docs/commands.md.

#include <boost/json.hpp>
#include <map>
#include <string>
#include <vector>

#include "dvsync/config/configuration.hpp"
#include "dvsync/store/run_status.hpp"
#include "dvsync/sync/engine.hpp"
#include "dvsync/sync/explain_user.hpp"
#include "dvsync/sync/on_demand.hpp"
#include "dvsync/sync/people.hpp"
#include "dvsync/sync/report.hpp"

namespace dvsync::sync {

[[nodiscard]] boost::json::object json_of(const Explanation& explanation, core::Trigger trigger,
                                          const config::Licenses& licenses);
// Of anybody, in an environment of type none.
[[nodiscard]] boost::json::object json_without_database(const std::string& environment);
// A user, explained in several environments.
[[nodiscard]] boost::json::object json_of(const core::Guid& object_id, const std::string& user_name,
                                          boost::json::array explained);

[[nodiscard]] boost::json::object json_of(const Person& person);
// Who may be meant by a word.
[[nodiscard]] boost::json::object json_of(const std::string& word, const std::vector<Person>& people, bool more);

[[nodiscard]] boost::json::object json_of(const RequestOutcome& answer);
// `run_id`: whose decisions were rejected.
[[nodiscard]] boost::json::object json_of(const RejectedHolds& rejected, std::int64_t run_id);

// What the guard holds back (docs/rules.md D8, D12), by environment.
using HeldByEnvironment = std::map<std::string, std::vector<store::HeldDecisions>>;
// Of every environment of the report that ended `held`. Throws StoreError.
[[nodiscard]] HeldByEnvironment read_held(const config::Configuration& configuration, const RunReport& report);
[[nodiscard]] boost::json::array json_of(const std::vector<store::HeldDecisions>& held);
[[nodiscard]] boost::json::object json_of(const RunReport& report, const HeldByEnvironment& held);

}  // namespace dvsync::sync
