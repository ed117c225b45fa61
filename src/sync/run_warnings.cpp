#include "run_warnings.hpp"

#include "candidates.hpp"
#include "dvsync/store/system_users.hpp"
#include "dvsync/store/user_references.hpp"
#include "dvsync/sync/user_operations.hpp"

namespace dvsync::sync {
namespace {

constexpr std::size_t most_warnings = 100;

// Rows that gate 0 ignores although their object id is a living user of the directory.
void warn_of_rows_left_alone(std::vector<std::string>& warnings, store::Connection& environment,
                             store::Connection& mirror, const store::IdentityView& view) {
  const auto rows = store::rows_left_alone(environment);
  if (rows.empty()) return;
  std::vector<core::Guid> ids;
  for (const auto& row : rows) ids.push_back(row.object_id);
  const auto identities = store::read_identities(mirror, view, ids);
  const auto users = store::read_rows(environment, ids, store::Lock::no);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (identities[i].lifecycle != core::Lifecycle::present) continue;
    const auto user = users.find(rows[i].object_id);
    const auto reason = user == users.end() ? std::nullopt : core::row_type_exclusion(user->second);
    if (!reason) continue;
    warnings.push_back("the row " + core::to_string(rows[i].systemuserid) + " (" + rows[i].domainname +
                       ") is left alone as " + std::string(core::code_of(*reason)) +
                       ", although its object id is a living user of the directory");
  }
}

}  // namespace

std::vector<std::string> standing_warnings(store::Connection& environment, store::Connection& mirror,
                                           const store::IdentityView& view) {
  std::vector<std::string> warnings;
  warn_of_rows_left_alone(warnings, environment, mirror, view);
  const auto non_interactive = store::count_non_interactive(environment);
  if (non_interactive > most_non_interactive) {
    warnings.push_back(std::to_string(non_interactive) +
                       " users have access mode 4 (non-interactive); Dataverse allows seven");
  }
  return warnings;
}

std::vector<std::string> run_warnings(store::Connection& environment, store::Connection& mirror,
                                      const store::IdentityView& view, std::int64_t run_id,
                                      const std::vector<core::Guid>* renamed) {
  std::vector<std::string> warnings;
  store::prefer_indexes(environment, true);
  const auto collisions =
      renamed == nullptr ? store::find_collisions(environment, run_id) : store::find_namesakes(environment, *renamed);
  for (const auto& collision : collisions) {
    warnings.push_back(collision_warning(collision.domainname, collision.written, collision.other));
  }
  const auto standing = standing_warnings(environment, mirror, view);
  store::prefer_indexes(environment, false);
  warnings.insert(warnings.end(), standing.begin(), standing.end());
  if (warnings.size() > most_warnings) warnings.resize(most_warnings);
  return warnings;
}

std::string collision_warning(const std::string& domainname, const core::Guid& written, const core::Guid& other) {
  return "user_name_collision: " + domainname + " is the user name of " + core::to_string(written) + " and of " +
         core::to_string(other);
}

}  // namespace dvsync::sync
