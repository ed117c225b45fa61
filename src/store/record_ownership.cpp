#include "dvsync/store/record_ownership.hpp"

#include "dvsync/store/postgres/values.hpp"
#include "dvsync/store/user_run.hpp"

namespace dvsync::store {
namespace {

// Told by the columns, as Dataverse describes a user-owned table.
constexpr const char* tables_sql = R"(
SELECT c.relname, bool_or(a.attname = 'owningteam'), bool_or(a.attname = 'owningbusinessunit'),
  bool_or(a.attname = 'modifiedon'), bool_or(a.attname = 'modifiedby')
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = to_regnamespace($1) AND c.relkind = 'r'
GROUP BY c.relname
HAVING count(*) FILTER (WHERE a.attname IN ('ownerid', 'owninguser') AND a.atttypid = 2950) = 2
ORDER BY c.relname)";

}  // namespace

std::vector<OwnedTable> owned_tables(Connection& environment) {
  const auto rows = environment.exec(tables_sql, {environment.quoted(environment.schema())});
  std::vector<OwnedTable> tables;
  for (int row = 0; row < rows.size(); ++row) {
    tables.push_back({.name = std::string(rows.text(row, 0)),
                      .owning_team = rows.boolean(row, 1),
                      .owning_business_unit = rows.boolean(row, 2),
                      .modified_on = rows.boolean(row, 3),
                      .modified_by = rows.boolean(row, 4)});
  }
  return tables;
}

std::int64_t count_records(Connection& environment, const OwnedTable& table, const core::Guid& owner) {
  return environment
      .exec("SELECT count(*) FROM our." + environment.quoted(table.name) + " WHERE ownerid = $1::uuid",
            {core::to_string(owner)})
      .number(0, 0);
}

std::optional<core::Guid> business_unit_of_row(Connection& environment, const core::Guid& systemuserid) {
  const auto rows = environment.exec(
      "SELECT to_jsonb(u) ->> 'businessunitid' FROM our.systemuser u "
      "WHERE u.systemuserid = $1::uuid",
      {core::to_string(systemuserid)});
  return rows.empty() || rows.null(0, 0) ? std::nullopt : core::parse_guid(rows.text(0, 0));
}

std::int64_t reassign_records(Connection& environment, const OwnedTable& table, const Reassignment& reassignment,
                              const Act& act, int most) {
  const auto name = "our." + environment.quoted(table.name);
  std::vector<Parameter> values{core::to_string(reassignment.from), core::to_string(reassignment.to)};
  std::string assignments = "ownerid = $2::uuid, owninguser = $2::uuid";
  const auto assign = [&](const char* column, const std::optional<core::Guid>& id) {
    if (!id) return;
    values.emplace_back(core::to_string(*id));
    assignments.append(", ").append(column).append(" = $").append(std::to_string(values.size())).append("::uuid");
  };
  if (table.owning_team) assignments += ", owningteam = NULL";
  if (table.owning_business_unit) assign("owningbusinessunit", reassignment.business_unit);
  if (table.modified_on) assignments += ", modifiedon = now()";
  if (table.modified_by) assign("modifiedby", act.actor);
  return environment
      .exec("UPDATE " + name + " SET " + assignments + " WHERE ctid = ANY (ARRAY(SELECT ctid FROM " + name +
                " WHERE ownerid = $1::uuid LIMIT " + std::to_string(most) + " FOR UPDATE))",
            values)
      .affected();
}

void log_reassignment(Connection& environment, const OwnedTable& table, const Reassignment& reassignment,
                      const core::Text& source_name, const Act& act, std::int64_t records) {
  log_user_run(environment, {.run_id = act.run_id, .requested_by = act.requested_by});
  const auto note = "records:" + table.name;
  const auto run = std::to_string(act.run_id);
  const auto source = core::to_string(reassignment.from);
  const auto target = core::to_string(reassignment.to);
  const auto again = environment.exec(
      "UPDATE our.sync_change SET fields = jsonb_build_object($4::text, jsonb_build_array("
      "(fields -> $4::text ->> 0)::bigint + $5::bigint, $6::text)) "
      "WHERE run_id = $1::bigint AND systemuserid = $2::uuid AND $3::text = ANY (notes)",
      {run, source, note, table.name, std::to_string(records), target});
  if (again.affected() > 0) return;
  environment.exec(
      "INSERT INTO our.sync_change (run_id, batch_no, action, reason, systemuserid, domainname, fields, notes) "
      "VALUES ($1::bigint, 1, 'update', $2, $3::uuid, $4, "
      "jsonb_build_object($5::text, jsonb_build_array($6::bigint, $7::text)), $8)",
      {run, std::string(core::code_of(core::Reason::records_reassigned)), source, source_name, table.name,
       std::to_string(records), target, to_array({"by:" + act.requested_by, note})});
}

}  // namespace dvsync::store
