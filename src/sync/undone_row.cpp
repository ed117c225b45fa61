#include "undone_row.hpp"

#include "dvsync/store/change_fields.hpp"

namespace dvsync::sync {
namespace {

core::Decision action_between(const core::SystemUser& before, const core::SystemUser& after) {
  if (before.isdisabled == after.isdisabled) return core::Decision::update;
  return after.isdisabled ? core::Decision::disable : core::Decision::enable;
}

BackOrNot stays(std::string why) { return {.change = {}, .why_not = std::move(why)}; }

}  // namespace

BackOrNot bring_back(const store::PastLine& line, const core::SystemUser& row) {
  if (line.later_run) return stays("run " + std::to_string(*line.later_run) + " changed it since");
  if (row.systemuserid != line.systemuserid) return stays("the user has another row now");
  if (const auto exclusion = core::row_type_exclusion(row)) return stays(std::string(core::code_of(*exclusion)));
  // The line laid over the row: as it was before the run, and as the run left it.
  core::Change logged;
  logged.before = row;
  logged.after = row;
  const auto others = store::read_fields(line.fields, logged);
  if (!others || !others->empty()) return stays("its line in the log cannot be read");
  if (logged.after != row) return stays("somebody changed it since");
  core::Change change;
  change.before = row;
  change.after = logged.before;
  change.columns = core::difference(change.before, change.after);
  if (change.columns.empty()) return stays("only its roles or teams were changed, and they follow the rules");
  change.object_id = line.object_id;
  change.action = action_between(change.before, change.after);
  change.reason = core::Reason::run_undone;
  return {.change = std::move(change), .why_not = {}};
}

void foresee(UndoneRow& row, std::optional<core::Change> again) {
  if (!again || (again->columns.bits() & row.change.columns.bits()) == 0) return;
  row.on_hold = row.change.action == core::Decision::enable && again->action == core::Decision::disable &&
                again->guarded.has_value();
  row.again = std::move(again);
}

}  // namespace dvsync::sync
