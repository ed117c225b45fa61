#include "merge_sql.hpp"

#include <fmt/format.h>

#include <array>
#include <boost/json.hpp>

#include "dvsync/store/mirror.hpp"
#include "identity_columns.hpp"

namespace dvsync::store::merge_sql {
namespace {

// What a pull or a look-up fills, and what a merge notes beside it.
constexpr std::array stage_tables{"stage_identity", "stage_plan_set", "stage_membership", "stage_unseen_member",
                                  "stage_role",     "stage_rejected", "stage_group",      "stage_role_coverage",
                                  "stage_seen",     "stage_unseen",   "touched"};

std::string new_stage() {
  std::string profile;
  for (const auto column : identity_columns::profile) profile += fmt::format(", {} text", column);
  return fmt::format(R"(
CREATE TEMP TABLE stage_identity (seq bigint, round integer NOT NULL DEFAULT 1, object_id uuid, content_hash bigint,
  whole boolean, stated integer, lifecycle smallint, deleted_at timestamptz, account_enabled boolean,
  account_expires timestamptz, guest boolean, agent boolean, plan_set bigint, defect text, distinguished_name text, login text{});
CREATE TEMP TABLE stage_seen (object_id uuid, content_hash bigint);
CREATE TEMP TABLE stage_unseen (object_id uuid);
CREATE TEMP TABLE stage_plan_set (plan_set bigint, plans uuid[]);
CREATE TEMP TABLE stage_membership (seq bigint, group_id uuid, relation smallint, member_id uuid, member_name text,
  member_is_group boolean, removed boolean);
CREATE TEMP TABLE stage_unseen_member (group_id uuid, relation smallint, member_key uuid);
CREATE TEMP TABLE stage_role (seq bigint, role smallint, member_id uuid, member_name text, removed boolean);
CREATE TEMP TABLE stage_rejected (object_id uuid, place text, reason text, detail text);
CREATE TEMP TABLE stage_group (name text, object_id uuid, distinguished_name text, members smallint, owners smallint,
  detail text, named boolean, members_cut boolean, owners_cut boolean, gone boolean);
CREATE TEMP TABLE stage_role_coverage (role smallint, coverage smallint, cut boolean);
CREATE TEMP TABLE touched (member_id uuid, member_name text, is_group boolean);
)",
                     profile);
}

// One statement for each of the stage's tables.
std::string for_each_stage_table(const char* before, const char* after) {
  std::string text;
  for (const auto* table : stage_tables) text.append(before).append("pg_temp.").append(table).append(after);
  return text;
}

}  // namespace

bool any(Connection& mirror, const std::string& query) {
  return mirror.exec("SELECT EXISTS (" + query + ")").boolean(0, 0);
}

void make_stage(Connection& mirror, StageSize expected) {
  const bool there = mirror.exec("SELECT to_regclass('pg_temp.touched') IS NOT NULL").boolean(0, 0);
  if (there && expected == StageSize::one_user) {
    mirror.exec(for_each_stage_table("DELETE FROM ", ";"));
  } else {
    mirror.exec((there ? for_each_stage_table("DROP TABLE ", ";") : "") + new_stage());
  }
}

const char* const see_page = R"(
WITH page AS MATERIALIZED (
  SELECT object_id, content_hash, position
  FROM unnest($1::uuid[], $2::bigint[]) WITH ORDINALITY AS u (object_id, content_hash, position)),
seen AS (INSERT INTO stage_seen SELECT object_id, content_hash FROM page)
SELECT position FROM page LEFT JOIN our.identity i USING (object_id)
WHERE i.content_hash IS DISTINCT FROM page.content_hash)";

const char* const merge_plan_sets =
    "INSERT INTO our.plan_set SELECT DISTINCT ON (plan_set) * FROM stage_plan_set ON CONFLICT DO NOTHING";

const char* const find_repeated = R"(
CREATE TEMP TABLE repeated ON COMMIT DROP AS
SELECT object_id FROM stage_identity GROUP BY object_id HAVING count(*) > 1)";

// What went straight into the mirror counts as seen once others are compared with it.
const char* const see_loaded = "INSERT INTO stage_seen SELECT object_id, content_hash FROM our.identity";

// Two records that differ: neither is believed, and what the mirror knew stays. Records that differ cannot both be the
// one the mirror knows, so at least one of them is staged.
const char* const reject_conflicts = R"(
WITH record AS (
  SELECT object_id, content_hash FROM stage_identity
  WHERE NOT whole OR object_id IN (SELECT object_id FROM repeated) OR object_id IN (SELECT object_id FROM stage_seen)
  UNION ALL SELECT object_id, content_hash FROM stage_seen WHERE object_id IN (SELECT object_id FROM stage_identity)),
conflict AS (
  SELECT object_id FROM record GROUP BY object_id HAVING min(content_hash) <> max(content_hash)),
dropped AS (DELETE FROM stage_identity s USING conflict c WHERE s.object_id = c.object_id),
remembered AS (INSERT INTO stage_seen SELECT object_id, NULL FROM conflict)
INSERT INTO stage_rejected
SELECT object_id, '', 'duplicate_identity',
       'several records of one export name this object id and differ: remove the wrong ones' FROM conflict)";

// The n-th record of an identity is merged in round n, so that partial records add up in order.
const char* const number_rounds = R"(
UPDATE stage_identity s SET round = n.round
FROM (SELECT seq, row_number() OVER (PARTITION BY object_id ORDER BY seq) AS round FROM stage_identity
      WHERE object_id IN (SELECT object_id FROM repeated)) n
WHERE s.seq = n.seq AND n.round > 1)";

// Merged by presence: a whole record replaces, a partial one only what it states. A whole record without plans has
// none, if plans are known at all. The hash is only kept where it stands for everything the mirror holds.
std::string upsert_identities() {
  std::string attributes;  // as a record calls them: a defect begins with one
  std::string merged;
  for (std::size_t bit = 0; bit < core::attribute_count; ++bit) {
    attributes += fmt::format("{}'{}'", bit == 0 ? "" : ", ", core::name_of(static_cast<core::Attribute>(bit)));
    merged += fmt::format(",\n    CASE WHEN s.whole OR s.stated & (1 << {1}) <> 0 THEN s.{0} ELSE i.{0} END AS {0}",
                          identity_columns::profile[bit], bit);
  }
  return fmt::format(R"(
WITH merged AS (
  SELECT s.object_id, i.object_id IS NULL AS new,
    CASE WHEN s.whole THEN s.content_hash END AS content_hash, s.lifecycle,
    CASE WHEN s.lifecycle = 1
         THEN coalesce(s.deleted_at, CASE WHEN i.lifecycle = 1 THEN i.deleted_at END, now()) END AS deleted_at,
    CASE WHEN s.whole OR s.stated & (1 << 15) <> 0 THEN s.account_enabled ELSE i.account_enabled END AS account_enabled,
    CASE WHEN s.stated & (1 << 16) <> 0 THEN s.account_expires ELSE i.account_expires END AS account_expires,
    CASE WHEN s.whole OR s.stated & (1 << 17) <> 0 THEN coalesce(s.guest, false) ELSE coalesce(i.guest, false) END AS guest,
    CASE WHEN s.whole OR s.stated & (1 << 21) <> 0 THEN coalesce(s.agent, false) ELSE coalesce(i.agent, false) END AS agent,
    CASE WHEN s.stated & (1 << 18) <> 0 THEN s.plan_set WHEN s.whole THEN CASE WHEN $3::boolean THEN 0 END
         ELSE i.plan_set END AS plan_set,
    -- A defect begins with the name of its attribute, and stays until that one is stated anew.
    CASE WHEN s.whole OR s.defect IS NOT NULL
           OR s.stated & (1 << array_position(ARRAY[{attributes}], split_part(i.defect, ' ', 1)) - 1) <> 0
         THEN s.defect ELSE i.defect END AS defect,
    CASE WHEN s.whole OR s.stated & (1 << 19) <> 0 THEN s.distinguished_name ELSE i.distinguished_name END AS distinguished_name,
    CASE WHEN s.whole OR s.stated & (1 << 20) <> 0 THEN s.login ELSE i.login END AS login{merged}
  FROM stage_identity s LEFT JOIN our.identity i USING (object_id)
  WHERE s.round = $2::integer)
INSERT INTO our.identity AS i (object_id, version, content_hash, {columns})
SELECT object_id, $1::bigint, content_hash, {columns} FROM merged ORDER BY object_id
ON CONFLICT (object_id) DO UPDATE SET
  version = CASE WHEN ({evaluated}) IS DISTINCT FROM ({excluded_evaluated}) THEN excluded.version ELSE i.version END,
  content_hash = excluded.content_hash, {assignments}
WHERE (i.content_hash, {known}) IS DISTINCT FROM (excluded.content_hash, {excluded}))",
                     fmt::arg("attributes", attributes), fmt::arg("merged", merged),
                     fmt::arg("columns", identity_columns::record_list()),
                     fmt::arg("evaluated", identity_columns::evaluated_list("i.")),
                     fmt::arg("excluded_evaluated", identity_columns::evaluated_list("excluded.")),
                     fmt::arg("assignments", identity_columns::assignments_from_excluded()),
                     fmt::arg("known", identity_columns::record_list("i.")),
                     fmt::arg("excluded", identity_columns::record_list("excluded.")));
}

// On a first load the mirror knew nothing of a user with conflicting records: what was loaded already goes.
const char* const unload_conflicts =
    "DELETE FROM our.identity i USING stage_rejected r WHERE r.object_id = i.object_id AND r.reason = "
    "'duplicate_identity'";

// An object of an unknown type is a rejected user if the mirror knows a user of this id, and nobody else.
const char* const forget_unknown_objects = R"(
DELETE FROM stage_rejected r
WHERE r.reason = 'unknown_object_type'
  AND (NOT EXISTS (SELECT 1 FROM our.identity i WHERE i.object_id = r.object_id AND i.lifecycle < 2)
       OR EXISTS (SELECT 1 FROM stage_rejected s
                  WHERE s.object_id = r.object_id AND s.reason = r.reason AND s.ctid < r.ctid)))";

// The directory says for the first time who has which plans: whoever came whole and without has none.
const char* const plans_become_known =
    "UPDATE our.identity SET plan_set = 0, version = $1::bigint "
    "WHERE plan_set IS NULL AND content_hash IS NOT NULL AND lifecycle < 2 AND NOT (SELECT plans_stated FROM "
    "our.mirror)";

const char* const date_soft_deletes =
    "UPDATE our.identity SET deleted_at = now() WHERE lifecycle = 1 AND deleted_at IS NULL";

// How the number of living identities moves, without counting them all.
const char* const living_after = R"(
SELECT m.identities + coalesce(sum((s.lifecycle < 2)::int - (coalesce(i.lifecycle, 3) < 2)::int), 0)
FROM our.mirror m LEFT JOIN (SELECT DISTINCT ON (object_id) object_id, lifecycle FROM stage_identity
                         ORDER BY object_id, seq DESC) s ON true
LEFT JOIN our.identity i ON i.object_id = s.object_id
GROUP BY m.identities)";

const char* const list_unseen = R"(
INSERT INTO stage_unseen SELECT object_id FROM our.identity i
WHERE i.lifecycle < 2 AND NOT EXISTS (SELECT 1 FROM stage_seen s WHERE s.object_id = i.object_id))";

// Without its hash, so that the same record counts as new when it comes back.
const char* const mark_absent = R"(
UPDATE our.identity i SET lifecycle = 3, deleted_at = NULL, content_hash = NULL, version = $1::bigint
FROM stage_unseen u
WHERE i.object_id = u.object_id AND i.lifecycle < 2
  AND NOT EXISTS (SELECT 1 FROM stage_seen s WHERE s.object_id = i.object_id)
  AND NOT EXISTS (SELECT 1 FROM stage_identity s WHERE s.object_id = i.object_id)
  AND NOT EXISTS (SELECT 1 FROM stage_rejected r WHERE r.object_id = i.object_id))";

// A complete pull tells every reject anew; a partial one adds, and clears those it brought in order.
const char* const replace_rejected = R"(
WITH cleared AS (
  DELETE FROM our.rejected_record r
  WHERE $1::boolean OR EXISTS (SELECT 1 FROM stage_identity s WHERE s.object_id = r.object_id)
                    OR r.object_id IS NULL
                    OR EXISTS (SELECT 1 FROM stage_rejected s WHERE s.place = r.place AND s.object_id = r.object_id)
  RETURNING object_id, place, reason, since)
INSERT INTO our.rejected_record (object_id, place, reason, detail, since)
SELECT s.object_id, s.place, s.reason, s.detail,
  coalesce((SELECT min(c.since) FROM cleared c WHERE c.reason = s.reason AND c.object_id = s.object_id), now())
FROM stage_rejected s)";

void finish_merge(Connection& mirror, const Finish& finish) {
  boost::json::object cursor;
  for (const auto& [query, link] : finish.cursor) cursor[query] = link;
  const auto flag = [](std::optional<bool> value) { return value ? Parameter(*value ? "t" : "f") : Parameter(); };
  mirror.exec(R"(
UPDATE our.mirror SET version = $1::bigint, listing_complete = coalesce($2::boolean, listing_complete),
  plans_stated = coalesce($3::boolean, plans_stated), everybody_licensed = $4::boolean,
  nested_groups_read = $5::boolean, cursor = $6::jsonb, directory = $7, pulled_at = clock_timestamp(),
  identities = $8::bigint)",
              {std::to_string(finish.version), flag(finish.listing_complete), flag(finish.plans_stated),
               flag(finish.everybody_licensed), flag(finish.nested_groups_read), boost::json::serialize(cursor),
               finish.directory, std::to_string(finish.living)});
  mark_version(mirror);
}

}  // namespace dvsync::store::merge_sql
