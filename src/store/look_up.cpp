#include "dvsync/store/look_up.hpp"

#include "dvsync/store/staging.hpp"
#include "merge_sql.hpp"

namespace dvsync::store {
namespace {

// How memberships refer to this user: by id, or by a name that the answer states.
constexpr const char* who = R"(
CREATE TEMP TABLE IF NOT EXISTS looked_up (object_id uuid, member_name text);
DELETE FROM looked_up)";
constexpr const char* insert_who =
    "INSERT INTO looked_up SELECT $1::uuid, name FROM unnest(ARRAY[NULL, 'dn:' || $2, 'uid:' || $3]) AS n (name)";

// Of groups the mirror does not carry nothing is kept: it could not keep it up.
constexpr const char* merge_memberships = R"(
WITH gone AS (
  DELETE FROM our.membership m USING looked_up w
  WHERE m.group_id = ANY ($1::uuid[]) AND NOT m.member_is_group
    AND (m.member_id = w.object_id OR m.member_name = w.member_name)
    AND NOT EXISTS (SELECT 1 FROM stage_membership s WHERE s.group_id = m.group_id AND s.relation = m.relation
                    AND s.member_id IS NOT DISTINCT FROM m.member_id
                    AND s.member_name IS NOT DISTINCT FROM m.member_name)
  RETURNING m.member_id, m.member_name)
INSERT INTO touched SELECT member_id, member_name, false FROM gone)";
constexpr const char* insert_memberships = R"(
WITH come AS (
  INSERT INTO our.membership (group_id, relation, member_id, member_name, member_is_group, member_key)
  SELECT s.group_id, s.relation, s.member_id, s.member_name, s.member_is_group,
    member_key(s.member_id, s.member_name) FROM stage_membership s
  WHERE EXISTS (SELECT 1 FROM our.directory_group g WHERE g.object_id = s.group_id) AND NOT s.removed
  ON CONFLICT DO NOTHING RETURNING member_id, member_name, member_is_group)
INSERT INTO touched SELECT * FROM come)";

constexpr const char* merge_roles = R"(
WITH gone AS (
  DELETE FROM our.role_member m USING looked_up w
  WHERE m.role = ANY ($1::smallint[]) AND (m.member_id = w.object_id OR m.member_name = w.member_name)
    AND NOT EXISTS (SELECT 1 FROM stage_role s WHERE s.role = m.role AND s.member_id IS NOT DISTINCT FROM m.member_id
                    AND s.member_name IS NOT DISTINCT FROM m.member_name)
  RETURNING m.member_id, m.member_name)
INSERT INTO touched SELECT member_id, member_name, false FROM gone)";
constexpr const char* insert_roles = R"(
WITH come AS (
  INSERT INTO our.role_member (role, member_id, member_name, member_key)
  SELECT role, member_id, member_name, member_key(member_id, member_name) FROM stage_role WHERE NOT removed
  ON CONFLICT DO NOTHING RETURNING member_id, member_name)
INSERT INTO touched SELECT member_id, member_name, false FROM come)";

std::string covered_groups(const source::LookUp& answer) {
  std::vector<std::string> ids;
  for (const auto& group : answer.groups) {
    if (group.members == source::Completeness::complete) ids.push_back(core::to_string(group.object_id));
  }
  return to_array(ids);
}

std::string covered_roles(const source::LookUp& answer) {
  std::vector<std::string> roles;
  for (std::size_t role = 0; role < answer.roles.size(); ++role) {
    if (answer.roles[role] == source::Completeness::complete) roles.push_back(std::to_string(role));
  }
  return to_array(roles);
}

}  // namespace

bool merge_look_up(Connection& mirror, const source::LookUp& answer, const MirrorState& state, std::int64_t asked_at) {
  Staging staging(mirror, false, StageSize::one_user);
  EncodedPage page;
  PageEncoder().encode(answer.page, page);
  staging.stage(page);
  mirror.exec("RESET enable_hashjoin; RESET enable_mergejoin; RESET enable_seqscan");
  // One writer at a time allocates versions: none appears behind a watermark.
  const auto version = mirror.exec("SELECT version + 1 FROM our.mirror FOR UPDATE").number(0, 0);
  const auto v = std::to_string(version);
  const auto& user = answer.page.identities.front();
  const auto id = core::to_string(user.object_id);
  const auto newer = mirror.exec("SELECT 1 FROM our.identity WHERE object_id = $1::uuid AND version > $2::bigint",
                                 {id, std::to_string(asked_at)});
  if (!newer.empty()) return false;
  mirror.exec(who);
  mirror.exec(insert_who, {id, user.distinguished_name, user.login});
  mirror.exec(merge_sql::merge_plan_sets);
  const auto living = mirror.exec(merge_sql::living_after).number(0, 0);
  mirror.exec(merge_memberships, {covered_groups(answer)});
  mirror.exec(insert_memberships);
  mirror.exec(merge_roles, {covered_roles(answer)});
  mirror.exec(insert_roles);
  mirror.exec(merge_sql::upsert_identities(), {v, "1", state.plans_stated ? "t" : "f"});
  merge_sql::derive(mirror, version);
  mirror.exec("DELETE FROM our.rejected_record WHERE object_id = $1::uuid", {id});
  mirror.exec(
      "UPDATE our.mirror SET identities = $2::bigint, version = CASE WHEN EXISTS (SELECT 1 FROM our.identity "
      "WHERE version = $1::bigint AND version > 1) THEN $1::bigint ELSE version END",
      {v, std::to_string(living)});
  mark_version(mirror);
  return true;
}

}  // namespace dvsync::store
