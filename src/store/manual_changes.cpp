#include "dvsync/store/manual_changes.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "dvsync/core/counters.hpp"
#include "dvsync/store/postgres/values.hpp"
#include "dvsync/store/system_users.hpp"
#include "dvsync/store/user_run.hpp"
#include "logged_values.hpp"
#include "postgres/storable.hpp"

namespace dvsync::store {
namespace {

// Everything that names one row of systemuser in the log.
struct Logged {
  std::string action;
  std::string reason;
  core::Guid systemuserid;
  std::optional<core::Guid> object_id;
  core::Text domainname;
  boost::json::object fields;  // {column: [before, after]}
  bool counts = true;          // false: the row changes again in this run, and counts then
};

Parameter parameter(const std::optional<core::Guid>& id) { return id ? Parameter(core::to_string(*id)) : Parameter(); }

void log(Connection& environment, const Act& act, const Logged& change) {
  core::Counters counters;
  if (change.counts) {
    counters.seen = 1;
    (change.action == "create"    ? counters.created
     : change.action == "disable" ? counters.disabled
                                  : counters.updated) = 1;
  }
  log_user_run(environment, {.run_id = act.run_id, .requested_by = act.requested_by, .counters = counters});
  environment.exec(
      "INSERT INTO our.sync_change (run_id, batch_no, action, reason, systemuserid, azureactivedirectoryobjectid, "
      "domainname, fields, notes) VALUES ($1::bigint, 1, $2, $3, $4::uuid, $5::uuid, $6, nullif($7, '{}')::jsonb, $8)",
      {std::to_string(act.run_id), change.action, change.reason, core::to_string(change.systemuserid),
       parameter(change.object_id), change.domainname, boost::json::serialize(change.fields),
       to_array(storable(environment, std::vector{"by:" + act.requested_by}))});
}

Logged logged(const core::SystemUser& row, std::string action, std::string reason) {
  return {.action = std::move(action),
          .reason = std::move(reason),
          .systemuserid = row.systemuserid,
          .object_id = row.azureactivedirectoryobjectid,
          .domainname = row[core::Column::domainname],
          .fields = {}};
}

std::string next_version_number(Connection& environment) {
  return std::string(environment.exec("SELECT nextval(" + environment.object("sync_versionnumber") + ")").text(0, 0));
}

// `assignments` set columns from $4 on.
void update(Connection& environment, const Act& act, const core::SystemUser& row, const std::string& assignments,
            std::vector<Parameter> values) {
  values.insert(values.begin(),
                {core::to_string(row.systemuserid), parameter(act.actor), next_version_number(environment)});
  environment.exec("UPDATE our.systemuser SET modifiedon = now(), modifiedby = $2::uuid, versionnumber = $3::bigint, " +
                       assignments + " WHERE systemuserid = $1::uuid",
                   values);
}

// An application user's row: what all of them have, and columns with a value of their own.
class NewRow {
 public:
  void add(const std::string& column, const std::string& value) {
    columns_.push_back(column);
    values_.emplace_back(value);
  }
  [[nodiscard]] bool has(const std::string& column) const {
    return std::find(columns_.begin(), columns_.end(), column) != columns_.end();
  }
  // Returns the systemuserid.
  Rows insert(Connection& environment) const {
    std::string columns;
    std::string places;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      columns += ", " + environment.quoted(columns_[i]);
      places += ", $" + std::to_string(i + 1);
    }
    return environment.exec(
        "INSERT INTO our.systemuser (systemuserid, firstname, accessmode, isdisabled, islicensed, setupuser, "
        "azurestate, "
        "invitestatuscode, issyncwithdirectory, createdon, modifiedon, versionnumber" +
            columns +
            ") VALUES (gen_random_uuid(), '#', 4, false, false, false, 0, 0, false, now(), now(), "
            "nextval(" +
            environment.object("sync_versionnumber") + ")" + places + ") RETURNING systemuserid",
        values_);
  }

 private:
  std::vector<std::string> columns_;
  std::vector<Parameter> values_;
};

}  // namespace

bool disable_by_hand(Connection& environment, const Act& act, const core::SystemUser& row) {
  if (core::state_of(&row) == core::RowState::disabled_otherwise) return false;
  auto change = logged(row, row.isdisabled ? "update" : "disable", manual_disable_reason);
  if (!row.isdisabled) change.fields["isdisabled"] = {false, true};
  change.fields["disabledreason"] = {logged(row.disabledreason), manual_disable_reason};
  update(environment, act, row, "isdisabled = true, disabledreason = $4", {std::string(manual_disable_reason)});
  log(environment, act, change);
  return true;
}

bool enable_application(Connection& environment, const Act& act, const core::SystemUser& row) {
  if (!row.isdisabled) return false;
  auto change = logged(row, "update", std::string(core::code_of(core::Reason::application_user)));
  change.fields["isdisabled"] = {true, false};
  if (row.disabledreason) change.fields["disabledreason"] = {logged(row.disabledreason), nullptr};
  update(environment, act, row, "isdisabled = false, disabledreason = NULL", {});
  log(environment, act, change);
  return true;
}

bool mark_invited(Connection& environment, const Act& act, const core::SystemUser& row) {
  constexpr std::int16_t invited = 1;
  if (row.invitestatuscode != 0) return false;
  auto change = logged(row, "update", std::string(core::code_of(core::Reason::invitation_sent)));
  change.fields["invitestatuscode"] = {row.invitestatuscode, invited};
  update(environment, act, row, "invitestatuscode = $4::smallint", {std::to_string(invited)});
  log(environment, act, change);
  return true;
}

bool set_access_mode(Connection& environment, const Act& act, const core::SystemUser& row, core::AccessMode mode) {
  const auto value = static_cast<std::int16_t>(mode);
  if (row.accessmode == value && !row.setupuser) return false;
  auto change = logged(row, "update", std::string(core::code_of(core::Reason::access_mode_set)));
  if (row.accessmode != value) change.fields["accessmode"] = {row.accessmode, value};
  if (row.setupuser) change.fields["setupuser"] = {true, false};
  update(environment, act, row, "accessmode = $4::smallint, setupuser = false", {std::to_string(value)});
  log(environment, act, change);
  return true;
}

std::int64_t count_other_non_interactive(Connection& environment, const core::Guid& systemuserid) {
  environment.exec("SELECT 1 FROM our.sync_lock WHERE name = 'non_interactive' FOR UPDATE");
  return environment
      .exec(
          "SELECT count(*) FROM our.systemuser WHERE accessmode = 4 AND applicationid IS NULL AND systemuserid <> "
          "$1::uuid",
          {core::to_string(systemuserid)})
      .number(0, 0);
}

bool link_stub(Connection& environment, const Act& act, const core::SystemUser& stub, const core::Guid& object_id) {
  auto change = logged(stub, "update", std::string(core::code_of(core::Reason::stub_linked)));
  change.object_id = object_id;
  change.counts = false;
  change.fields["azureactivedirectoryobjectid"] = {nullptr, core::to_string(object_id)};
  try {
    Savepoint link(environment);
    // From now on the sync disabled it: a stub is disabled because nobody stands behind it.
    change.fields["disabledreason"] = {logged(stub.disabledreason), "not_in_directory"};
    update(environment, act, stub,
           "azureactivedirectoryobjectid = $4::uuid, issyncwithdirectory = true, disabledreason = CASE WHEN isdisabled "
           "THEN 'not_in_directory' END",
           {core::to_string(object_id)});
    link.release();
  } catch (const RowError& error) {
    if (!error.unique_violation()) throw;
    return false;
  }
  if (!stub.isdisabled) change.fields.erase("disabledreason");
  log(environment, act, change);
  return true;
}

std::optional<core::Guid> add_application(Connection& environment, const Act& act, const ApplicationUser& user,
                                          const std::map<std::string, std::string>& create_values) {
  const auto application = core::to_string(user.application_id);
  // One row for each application: there is no unique index to say so.
  environment.exec("SELECT 1 FROM our.sync_lock WHERE name = 'application' FOR UPDATE");
  if (!environment
           .exec(
               "SELECT 1 FROM our.systemuser WHERE applicationid = $1::uuid OR azureactivedirectoryobjectid = $2::uuid",
               {application, parameter(user.object_id)})
           .empty()) {
    return std::nullopt;
  }
  NewRow row;
  const auto user_name = "applicationuser_" + application;
  row.add("domainname", user_name);
  row.add("lastname", user.name);
  row.add("fullname", "# " + user.name);
  row.add("applicationid", application);
  row.add("internalemailaddress", user.email.empty() ? user_name : user.email);  // as for a user without mail
  if (user.object_id) row.add("azureactivedirectoryobjectid", core::to_string(*user.object_id));
  if (user.business_unit) row.add("businessunitid", core::to_string(*user.business_unit));
  if (act.actor) row.add("createdby", core::to_string(*act.actor));
  if (act.actor) row.add("modifiedby", core::to_string(*act.actor));
  for (const auto& [column, value] : create_values) {
    if (!row.has(column)) row.add(column, value);
  }
  const auto made = row.insert(environment);
  const auto id = guid_at(made, 0, 0).value();
  log(environment, act,
      {.action = "create",
       .reason = "application_user",
       .systemuserid = id,
       .object_id = user.object_id,
       .domainname = user_name,
       .fields = {}});
  return id;
}

}  // namespace dvsync::store
