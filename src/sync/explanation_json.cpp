#include "dvsync/store/json_values.hpp"
#include "dvsync/sync/changed_fields.hpp"
#include "dvsync/sync/gate_facts.hpp"
#include "dvsync/sync/sync_json.hpp"

namespace dvsync::sync {
namespace {

namespace json = boost::json;
using core::utc_time;
using store::json_or_null;
using store::json_text;

json::array gates(const Explanation& e, const config::Licenses& licenses) {
  json::array all;
  for (std::size_t g = 0; g < core::gate_count; ++g) {
    const auto gate = static_cast<core::Gate>(g);
    const auto& result = e.planned.evaluation.gates[g];
    all.push_back(json::object{{"gate", g},
                               {"name", name_of(gate)},
                               {"answer", name_of(result.outcome)},
                               {"reason", json_or_null(result.reason)},
                               {"counts", result.counts},
                               {"decides", e.planned.evaluation.deciding == gate},
                               {"facts", facts_of(gate, e, licenses)}});
  }
  return all;
}

json::value row(const Explanation& e) {
  if (!e.row) return nullptr;
  return json::object{{"systemuserid", core::to_string(e.row->systemuserid)},
                      {"domainname", json_or_null((*e.row)[core::Column::domainname])},
                      {"isdisabled", e.row->isdisabled},
                      {"disabledreason", json_or_null(e.row->disabledreason)},
                      {"islicensed", e.row->islicensed},
                      {"accessmode", e.row->accessmode},
                      {"setupuser", e.row->setupuser},
                      {"azurestate", e.row->azurestate},
                      {"azuredeletedon", json_or_null(e.row->azuredeletedon)}};
}

json::value roles(const Explanation& e) {
  if (!e.held_roles) return nullptr;
  return json::object{{"direct", json::value_from(e.held_roles->direct)},
                      {"through_teams", json::value_from(e.held_roles->through_teams)}};
}

json::value change(const Explanation& e) {
  if (!e.planned.change) return nullptr;
  return json::object{{"action", core::name_of(e.planned.change->action)},
                      {"fields", json_of(fields_of(*e.planned.change))},
                      {"invitation_required", e.planned.change->invitation_required}};
}

json::value held(const Explanation& e) {
  if (!e.held) return nullptr;
  return json::object{{"run_id", e.held->run_id},
                      {"since", utc_time(e.held->since)},
                      {"class", e.held->guard_class},
                      {"approved", e.held->approved},
                      {"rejected_by", json_text(e.held->declined_by)}};
}

json::array history(const Explanation& e) {
  json::array all;
  for (const auto& past : e.history) {
    all.push_back(json::object{{"run_id", past.run_id},
                               {"at", utc_time(past.at)},
                               {"action", past.action},
                               {"reason", past.reason},
                               {"fields", json_of(fields_of(past.fields))}});
  }
  return all;
}

json::array plans(const Explanation& e, const config::Licenses& licenses) {
  json::array all;
  for (const auto& plan : e.plans) {
    all.push_back(json::object{{"id", core::to_string(plan)},
                               {"name", plan_name(plan)},
                               {"entitlement", json_text(entitlement_of(plan, licenses))}});
  }
  return all;
}

}  // namespace

json::object json_of(const Explanation& e, core::Trigger trigger, const config::Licenses& licenses) {
  const auto& rejection = e.planned.rejection;
  const auto rejected =
      rejection ? std::string(core::code_of(rejection->reason)) + ": " + rejection->detail : e.rejected;
  return {{"environment", e.environment},
          {"trigger", core::name_of(trigger)},
          {"pulled_at", json_or_null(e.pulled_at)},
          {"in_mirror", e.in_mirror},
          {"decision", core::name_of(e.planned.decision)},
          {"reason", core::code_of(e.planned.reason)},
          {"access", e.planned.access},
          {"missing", json_or_null(e.planned.missing)},
          {"gates", gates(e, licenses)},
          {"plans", plans(e, licenses)},
          {"row", row(e)},
          {"roles", roles(e)},
          {"change", change(e)},
          {"held", held(e)},
          {"waits_for_full", e.waits_for_full.has_value()},
          {"rejected", json_text(rejected)},
          {"history", history(e)}};
}

// Gate 1 stops everybody, and there is no table to look at.
json::object json_without_database(const std::string& environment) {
  return {{"environment", environment},
          {"decision", core::name_of(core::Decision::ignore)},
          {"reason", core::code_of(core::Reason::no_dataverse_database)},
          {"access", false}};
}

json::object json_of(const core::Guid& object_id, const std::string& user_name, json::array explained) {
  return {{"object_id", core::to_string(object_id)},
          {"user_name", json_text(user_name)},
          {"environments", std::move(explained)}};
}

}  // namespace dvsync::sync
