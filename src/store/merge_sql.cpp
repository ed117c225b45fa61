#include "merge_sql.hpp"

#include <boost/json.hpp>

namespace dvsync::store::merge_sql {

const char* const create_stage = R"(
DROP TABLE IF EXISTS pg_temp.stage_identity, pg_temp.stage_plan_set, pg_temp.stage_membership, pg_temp.stage_role,
  pg_temp.stage_rejected, pg_temp.stage_group, pg_temp.stage_role_coverage, pg_temp.stage_seen, pg_temp.stage_unseen,
  pg_temp.touched;
CREATE TEMP TABLE stage_identity (seq bigint, round integer NOT NULL DEFAULT 1, object_id uuid, content_hash bigint,
  whole boolean, stated integer, lifecycle smallint, deleted_at timestamptz, account_enabled boolean,
  account_expires timestamptz, guest boolean, agent boolean, plan_set bigint, defect text, distinguished_name text, login text,
  user_principal_name text, given_name text, surname text, display_name text, mail text, job_title text,
  business_phone text, mobile_phone text, home_phone text, fax_number text, street_address text, city text, state text,
  postal_code text, country text);
CREATE TEMP TABLE stage_seen (object_id uuid, content_hash bigint);
CREATE TEMP TABLE stage_unseen (object_id uuid);
CREATE TEMP TABLE stage_plan_set (plan_set bigint, plans uuid[]);
CREATE TEMP TABLE stage_membership (seq bigint, group_id uuid, relation smallint, member_id uuid, member_name text,
  member_is_group boolean, removed boolean);
CREATE TEMP TABLE stage_role (seq bigint, role smallint, member_id uuid, member_name text, removed boolean);
CREATE TEMP TABLE stage_rejected (object_id uuid, place text, reason text, detail text);
CREATE TEMP TABLE stage_group (name text, object_id uuid, distinguished_name text, members smallint, owners smallint,
  detail text, named boolean, members_cut boolean, owners_cut boolean);
CREATE TEMP TABLE stage_role_coverage (role smallint, coverage smallint, cut boolean);
CREATE TEMP TABLE touched (member_id uuid, member_name text, is_group boolean))";

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
const char* const upsert_identities = R"(
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
    CASE WHEN s.whole OR s.defect IS NOT NULL OR s.stated & (1 << array_position(ARRAY['userPrincipalName', 'givenName',
           'surname', 'displayName', 'mail', 'jobTitle', 'businessPhones', 'mobilePhone', 'homePhone', 'faxNumber',
           'streetAddress', 'city', 'state', 'postalCode', 'country'], split_part(i.defect, ' ', 1)) - 1) <> 0
         THEN s.defect ELSE i.defect END AS defect,
    CASE WHEN s.whole OR s.stated & (1 << 19) <> 0 THEN s.distinguished_name ELSE i.distinguished_name END AS distinguished_name,
    CASE WHEN s.whole OR s.stated & (1 << 20) <> 0 THEN s.login ELSE i.login END AS login,
    CASE WHEN s.whole OR s.stated & (1 << 0) <> 0 THEN s.user_principal_name ELSE i.user_principal_name END AS user_principal_name,
    CASE WHEN s.whole OR s.stated & (1 << 1) <> 0 THEN s.given_name ELSE i.given_name END AS given_name,
    CASE WHEN s.whole OR s.stated & (1 << 2) <> 0 THEN s.surname ELSE i.surname END AS surname,
    CASE WHEN s.whole OR s.stated & (1 << 3) <> 0 THEN s.display_name ELSE i.display_name END AS display_name,
    CASE WHEN s.whole OR s.stated & (1 << 4) <> 0 THEN s.mail ELSE i.mail END AS mail,
    CASE WHEN s.whole OR s.stated & (1 << 5) <> 0 THEN s.job_title ELSE i.job_title END AS job_title,
    CASE WHEN s.whole OR s.stated & (1 << 6) <> 0 THEN s.business_phone ELSE i.business_phone END AS business_phone,
    CASE WHEN s.whole OR s.stated & (1 << 7) <> 0 THEN s.mobile_phone ELSE i.mobile_phone END AS mobile_phone,
    CASE WHEN s.whole OR s.stated & (1 << 8) <> 0 THEN s.home_phone ELSE i.home_phone END AS home_phone,
    CASE WHEN s.whole OR s.stated & (1 << 9) <> 0 THEN s.fax_number ELSE i.fax_number END AS fax_number,
    CASE WHEN s.whole OR s.stated & (1 << 10) <> 0 THEN s.street_address ELSE i.street_address END AS street_address,
    CASE WHEN s.whole OR s.stated & (1 << 11) <> 0 THEN s.city ELSE i.city END AS city,
    CASE WHEN s.whole OR s.stated & (1 << 12) <> 0 THEN s.state ELSE i.state END AS state,
    CASE WHEN s.whole OR s.stated & (1 << 13) <> 0 THEN s.postal_code ELSE i.postal_code END AS postal_code,
    CASE WHEN s.whole OR s.stated & (1 << 14) <> 0 THEN s.country ELSE i.country END AS country
  FROM stage_identity s LEFT JOIN our.identity i USING (object_id)
  WHERE s.round = $2::integer)
INSERT INTO our.identity AS i (object_id, version, content_hash, lifecycle, deleted_at, account_enabled, account_expires,
  guest, agent, plan_set, defect, distinguished_name, login, user_principal_name, given_name, surname, display_name, mail,
  job_title, business_phone, mobile_phone, home_phone, fax_number, street_address, city, state, postal_code, country)
SELECT object_id, $1::bigint, content_hash, lifecycle, deleted_at, account_enabled, account_expires,
  guest, agent, plan_set, defect, distinguished_name, login, user_principal_name, given_name, surname, display_name, mail,
  job_title, business_phone, mobile_phone, home_phone, fax_number, street_address, city, state, postal_code, country
FROM merged ORDER BY object_id
ON CONFLICT (object_id) DO UPDATE SET
  version = CASE WHEN (i.lifecycle, i.deleted_at, i.account_enabled, i.account_expires, i.guest, i.agent, i.plan_set, i.defect,
      i.user_principal_name, i.given_name, i.surname, i.display_name, i.mail, i.job_title, i.business_phone,
      i.mobile_phone, i.home_phone, i.fax_number, i.street_address, i.city, i.state, i.postal_code, i.country)
    IS DISTINCT FROM (excluded.lifecycle, excluded.deleted_at, excluded.account_enabled, excluded.account_expires,
      excluded.guest, excluded.agent, excluded.plan_set, excluded.defect, excluded.user_principal_name, excluded.given_name,
      excluded.surname, excluded.display_name, excluded.mail, excluded.job_title, excluded.business_phone,
      excluded.mobile_phone, excluded.home_phone, excluded.fax_number, excluded.street_address, excluded.city,
      excluded.state, excluded.postal_code, excluded.country) THEN excluded.version ELSE i.version END,
  content_hash = excluded.content_hash, lifecycle = excluded.lifecycle, deleted_at = excluded.deleted_at,
  account_enabled = excluded.account_enabled, account_expires = excluded.account_expires, guest = excluded.guest,
  agent = excluded.agent,
  plan_set = excluded.plan_set, defect = excluded.defect, distinguished_name = excluded.distinguished_name,
  login = excluded.login, user_principal_name = excluded.user_principal_name, given_name = excluded.given_name,
  surname = excluded.surname, display_name = excluded.display_name, mail = excluded.mail,
  job_title = excluded.job_title, business_phone = excluded.business_phone, mobile_phone = excluded.mobile_phone,
  home_phone = excluded.home_phone, fax_number = excluded.fax_number, street_address = excluded.street_address,
  city = excluded.city, state = excluded.state, postal_code = excluded.postal_code, country = excluded.country
WHERE (i.content_hash, i.lifecycle, i.deleted_at, i.account_enabled, i.account_expires, i.guest, i.agent, i.plan_set, i.defect,
      i.distinguished_name, i.login,
      i.user_principal_name, i.given_name, i.surname, i.display_name, i.mail, i.job_title, i.business_phone,
      i.mobile_phone, i.home_phone, i.fax_number, i.street_address, i.city, i.state, i.postal_code, i.country)
    IS DISTINCT FROM (excluded.content_hash, excluded.lifecycle, excluded.deleted_at, excluded.account_enabled,
      excluded.account_expires, excluded.guest, excluded.agent, excluded.plan_set, excluded.defect, excluded.distinguished_name,
      excluded.login, excluded.user_principal_name, excluded.given_name,
      excluded.surname, excluded.display_name, excluded.mail, excluded.job_title, excluded.business_phone,
      excluded.mobile_phone, excluded.home_phone, excluded.fax_number, excluded.street_address, excluded.city,
      excluded.state, excluded.postal_code, excluded.country))";

// On a first load the mirror knew nothing of a user with conflicting records: what was loaded already goes.
const char* const unload_conflicts =
    "DELETE FROM our.identity i USING stage_rejected r WHERE r.object_id = i.object_id AND r.reason = "
    "'duplicate_identity'";

// An object of an unknown type is a rejected user if the mirror knows a user of this id, and nobody else.
const char* const forget_unknown_objects = R"(
DELETE FROM stage_rejected r
WHERE r.reason = 'unknown_object_type'
  AND (NOT EXISTS (SELECT FROM our.identity i WHERE i.object_id = r.object_id AND i.lifecycle < 2)
       OR EXISTS (SELECT FROM stage_rejected s
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
WHERE i.lifecycle < 2 AND NOT EXISTS (SELECT FROM stage_seen s WHERE s.object_id = i.object_id))";

// Without its hash, so that the same record counts as new when it comes back.
const char* const mark_absent = R"(
UPDATE our.identity i SET lifecycle = 3, deleted_at = NULL, content_hash = NULL, version = $1::bigint
FROM stage_unseen u
WHERE i.object_id = u.object_id AND i.lifecycle < 2
  AND NOT EXISTS (SELECT FROM stage_seen s WHERE s.object_id = i.object_id)
  AND NOT EXISTS (SELECT FROM stage_identity s WHERE s.object_id = i.object_id)
  AND NOT EXISTS (SELECT FROM stage_rejected r WHERE r.object_id = i.object_id))";

// A complete pull tells every reject anew; a partial one adds, and clears those it brought in order.
const char* const replace_rejected = R"(
WITH cleared AS (
  DELETE FROM our.rejected_record r
  WHERE $1::boolean OR EXISTS (SELECT FROM stage_identity s WHERE s.object_id = r.object_id)
                    OR r.object_id IS NULL
                    OR EXISTS (SELECT FROM stage_rejected s WHERE s.place = r.place AND s.object_id = r.object_id)
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
}

}  // namespace dvsync::store::merge_sql
