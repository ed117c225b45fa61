#include "log_filter.hpp"

#include "dvsync/store/postgres/copy_line.hpp"

namespace dvsync::store {
namespace {

// Numbers and times of our own, so nothing needs quoting.
std::string moment(const Since& since) {
  if (const auto* length = std::get_if<std::chrono::seconds>(&since)) {
    return "now() - make_interval(secs => " + std::to_string(length->count()) + ")";
  }
  return "'" + to_string(std::get<core::Timestamp>(since)) + "'";
}

std::string rows_of(const LoggedUser& user) {
  std::string ids;
  for (const auto& id : user.systemuserids) ids += (ids.empty() ? "" : ",") + core::to_string(id);
  return "c.systemuserid IN (SELECT systemuserid FROM our.systemuser WHERE azureactivedirectoryobjectid = " +
         id_or_null(user.object_id) + " UNION ALL SELECT unnest('{" + ids + "}'::uuid[]))";
}

}  // namespace

std::string not_before(const std::string& column, const Since& since) { return column + " >= " + moment(since); }
std::string not_after(const std::string& column, const Since& until) { return column + " <= " + moment(until); }

std::string id_or_null(const std::optional<core::Guid>& id) {
  return id ? "'" + core::to_string(*id) + "'::uuid" : "NULL::uuid";
}

std::string one_of(const Connection& environment, const std::string& column, const std::vector<std::string>& texts) {
  std::string list;
  for (const auto& text : texts) list += (list.empty() ? "" : ", ") + environment.literal(text);
  return column + " IN (" + list + ")";
}

std::string runs_where(const Connection& environment, const LogFilter& filter) {
  std::string condition = "true";
  if (filter.run_id) condition += " AND r.run_id = " + std::to_string(*filter.run_id);
  if (filter.background) condition += " AND r.trigger = 'background'";
  // A run that began earlier may have gone on until then.
  if (filter.since) condition += " AND " + not_before("coalesce(r.finished_at, now())", *filter.since);
  if (filter.until) condition += " AND " + not_after("r.started_at", *filter.until);
  if (!filter.by.empty()) condition += " AND r.requested_by = " + environment.literal(filter.by);
  if (!filter.outcome.empty()) {
    condition += " AND coalesce(r.outcome, 'running') = " + environment.literal(filter.outcome);
  }
  return condition;
}

std::string changes_where(const Connection& environment, const LogFilter& filter) {
  std::string condition = "true";
  if (filter.user) condition += " AND " + rows_of(*filter.user);
  if (filter.since) condition += " AND " + not_before("c.at", *filter.since);
  if (filter.until) condition += " AND " + not_after("c.at", *filter.until);
  if (!filter.actions.empty()) condition += " AND " + one_of(environment, "c.action", filter.actions);
  if (!filter.reasons.empty()) condition += " AND " + one_of(environment, "c.reason", filter.reasons);
  return condition;
}

}  // namespace dvsync::store
