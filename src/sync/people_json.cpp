#include "dvsync/store/json_values.hpp"
#include "dvsync/sync/sync_json.hpp"

namespace dvsync::sync {
namespace {

namespace json = boost::json;
using store::json_or_null;
using store::json_text;

std::string_view lifecycle_name_of(const Person& person) {
  if (!person.lifecycle) return "unknown";
  switch (*person.lifecycle) {
    case core::Lifecycle::present:
      return "present";
    case core::Lifecycle::soft_deleted:
      return "soft_deleted";
    case core::Lifecycle::gone:
      return "gone";
  }
  return "";
}

}  // namespace

json::object json_of(const Person& person) {
  json::array rows;
  for (const auto& row : person.rows) {
    rows.push_back(json::object{{"environment", row.environment},
                                {"systemuserid", core::to_string(row.systemuserid)},
                                {"disabled", row.disabled},
                                {"deleted", row.gone}});
  }
  return {{"object_id", json_or_null(person.object_id)},
          {"user_name", json_text(person.user_name)},
          {"display_name", json_text(person.display_name)},
          {"directory", lifecycle_name_of(person)},
          {"rows", std::move(rows)}};
}

json::object json_of(const std::string& word, const std::vector<Person>& people, bool more) {
  json::array candidates;
  for (const auto& person : people) candidates.push_back(json_of(person));
  return {{"asked", word}, {"candidates", std::move(candidates)}, {"more", more}};
}

json::object json_of(const RequestOutcome& answer) {
  return {{"asked", answer.asked},
          {"object_id", json_or_null(answer.object_id)},
          {"user_name", json_text(answer.user_name)},
          {"decision", core::name_of(answer.decision)},
          {"access", answer.access},
          {"reason", answer.reason},
          {"systemuserid", json_or_null(answer.systemuserid)},
          {"held", answer.held},
          {"missing", answer.missing},
          {"run_id", json_or_null(answer.run_id)},
          {"detail", json_text(answer.detail)}};
}

json::object json_of(const RejectedHolds& rejected, std::int64_t run_id) {
  json::array environments;
  for (const auto& [environment, decisions] : rejected.decisions) {
    environments.push_back(json::object{{"name", environment}, {"decisions", decisions}});
  }
  return {{"run_id", rejected.logged_as}, {"rejects", run_id}, {"environments", std::move(environments)}};
}

}  // namespace dvsync::sync
