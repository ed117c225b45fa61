#include "dvsync/store/people.hpp"

#include "dvsync/store/postgres/values.hpp"
#include "postgres/storable.hpp"

namespace dvsync::store {
namespace {

constexpr const char* person_columns =
    "SELECT object_id, user_principal_name, display_name, mail, lifecycle FROM our.identity WHERE ";

constexpr const char* identity_has_name =
    "hashtextextended(lower(user_principal_name), 0) = hashtextextended(lower($1), 0) "
    "AND lower(user_principal_name) = lower($1)";

// One folded text for all names of a row costs a third of folding each of them.
constexpr const char* identity_has_part =
    "strpos(lower(concat_ws(E'\\n', user_principal_name, display_name, mail, concat_ws(' ', given_name, surname))), "
    "lower($1)) > 0";

// `named` is a list of systemuserids, of rows that are there or that the log remembers.
std::string rows_named(const std::string& named) {
  return "WITH named AS (" + named +
         R"()
SELECT n.systemuserid,
  coalesce(u.azureactivedirectoryobjectid, (
    SELECT azureactivedirectoryobjectid FROM our.sync_change c
    WHERE c.systemuserid = n.systemuserid AND azureactivedirectoryobjectid IS NOT NULL LIMIT 1)),
  coalesce(u.domainname, (
    SELECT domainname FROM our.sync_change c WHERE c.systemuserid = n.systemuserid ORDER BY run_id DESC LIMIT 1)),
  u.fullname, u.internalemailaddress, u.isdisabled, u.systemuserid IS NULL
FROM named n LEFT JOIN our.systemuser u USING (systemuserid) ORDER BY 3, 1 LIMIT )" +
         std::to_string(most_people);
}

constexpr const char* rows_with_name = R"(
SELECT systemuserid FROM our.systemuser
WHERE hashtextextended(lower(domainname), 0) = hashtextextended(lower($1), 0) AND lower(domainname) = lower($1)
UNION SELECT systemuserid FROM our.sync_change
WHERE fields ? 'domainname' AND lower(fields -> 'domainname' ->> 0) = lower($1)
  AND hashtextextended(lower(fields -> 'domainname' ->> 0), 0) = hashtextextended(lower($1), 0)
UNION SELECT systemuserid FROM our.sync_change
WHERE action = 'disable' AND lower(domainname) = lower($1)
  AND hashtextextended(lower(domainname), 0) = hashtextextended(lower($1), 0))";

// Rows whose names the mirror has as well need not be folded a second time.
constexpr const char* rows_with_part = R"(
SELECT systemuserid FROM our.systemuser
WHERE (azurestate <> 0 OR azureactivedirectoryobjectid IS NULL OR applicationid IS NOT NULL)
  AND strpos(lower(concat_ws(E'\n', domainname, fullname, internalemailaddress)), lower($1)) > 0)";

constexpr const char* rows_with_id = R"(
SELECT systemuserid FROM our.systemuser WHERE systemuserid = ANY ($1::uuid[])
UNION SELECT systemuserid FROM our.systemuser WHERE azureactivedirectoryobjectid = ANY ($1::uuid[])
UNION SELECT systemuserid FROM our.sync_change WHERE systemuserid = ANY ($1::uuid[])
UNION SELECT systemuserid FROM our.sync_change WHERE action = 'disable' AND azureactivedirectoryobjectid = ANY ($1::uuid[]))";

core::Lifecycle lifecycle_of(std::int64_t stored) {
  return stored == 0 ? core::Lifecycle::present : stored == 1 ? core::Lifecycle::soft_deleted : core::Lifecycle::gone;
}

std::vector<KnownIdentity> identities_from(const Rows& rows) {
  std::vector<KnownIdentity> found;
  for (int row = 0; row < rows.size(); ++row) {
    found.push_back({.object_id = guid_at(rows, row, 0).value(),
                     .user_name = std::string(rows.text(row, 1)),
                     .display_name = std::string(rows.text(row, 2)),
                     .mail = std::string(rows.text(row, 3)),
                     .lifecycle = lifecycle_of(rows.number(row, 4))});
  }
  return found;
}

std::vector<KnownRow> rows_from(const Rows& rows) {
  std::vector<KnownRow> found;
  for (int row = 0; row < rows.size(); ++row) {
    found.push_back({.systemuserid = guid_at(rows, row, 0).value(),
                     .object_id = guid_at(rows, row, 1),
                     .user_name = std::string(rows.text(row, 2)),
                     .full_name = std::string(rows.text(row, 3)),
                     .mail = std::string(rows.text(row, 4)),
                     .disabled = rows.boolean(row, 5),
                     .gone = rows.boolean(row, 6)});
  }
  return found;
}

std::string array_of(const std::vector<core::Guid>& ids) {
  std::vector<std::string> texts;
  for (const auto& id : ids) texts.push_back(core::to_string(id));
  return to_array(texts);
}

}  // namespace

std::vector<KnownIdentity> identities_called(Connection& mirror, const std::string& word, NameMatch match) {
  return identities_from(
      mirror.exec(std::string(person_columns) + (match == NameMatch::whole ? identity_has_name : identity_has_part) +
                      " ORDER BY lifecycle, lower(user_principal_name), object_id LIMIT " + std::to_string(most_people),
                  {word}));
}

std::vector<KnownIdentity> identities_of(Connection& mirror, const std::vector<core::Guid>& object_ids) {
  return identities_from(
      mirror.exec(std::string(person_columns) + "object_id = ANY ($1::uuid[])", {array_of(object_ids)}));
}

std::vector<KnownRow> rows_called(Connection& environment, const std::string& word, NameMatch match) {
  return rows_from(
      find_by_text(environment, rows_named(match == NameMatch::whole ? rows_with_name : rows_with_part), word));
}

std::vector<KnownRow> rows_of(Connection& environment, const std::vector<core::Guid>& ids) {
  return rows_from(environment.exec(rows_named(rows_with_id), {array_of(ids)}));
}

}  // namespace dvsync::store
