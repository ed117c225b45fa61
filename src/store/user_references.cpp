#include "dvsync/store/user_references.hpp"

#include "dvsync/store/postgres/copy_line.hpp"
#include "dvsync/store/postgres/values.hpp"
#include "postgres/storable.hpp"

namespace dvsync::store {
namespace {

constexpr int most_candidates = 20;

constexpr const char* by_name = R"(
SELECT n.position, i.object_id, i.user_principal_name
FROM unnest($1::text[]) WITH ORDINALITY AS n (name, position)
CROSS JOIN LATERAL (
  SELECT object_id, user_principal_name FROM our.identity
  WHERE hashtextextended(lower(user_principal_name), 0) = hashtextextended(lower(n.name), 0)
    AND lower(user_principal_name) = lower(n.name) AND lifecycle = 0
  ORDER BY object_id LIMIT $2::int) i)";

constexpr const char* members = R"(
WITH member AS MATERIALIZED (
  SELECT member_id, member_name FROM our.membership WHERE group_id = $1::uuid AND relation = 0 AND NOT member_is_group)
SELECT object_id, user_principal_name FROM (
  SELECT i.object_id, i.user_principal_name, i.lifecycle FROM member m JOIN our.identity i ON i.object_id = m.member_id
  UNION SELECT i.object_id, i.user_principal_name, i.lifecycle FROM member m JOIN our.identity i ON i.distinguished_name = substr(m.member_name, 4)
        WHERE m.member_name LIKE 'dn:%'
  UNION SELECT i.object_id, i.user_principal_name, i.lifecycle FROM member m JOIN our.identity i ON i.login = substr(m.member_name, 5)
        WHERE m.member_name LIKE 'uid:%') i
WHERE lifecycle = 0 ORDER BY lower(user_principal_name), object_id)";

constexpr const char* by_reference = R"(
SELECT DISTINCT i.object_id, i.user_principal_name FROM unnest($1::text[], $2::text[]) AS r (kind, name)
JOIN LATERAL (
  SELECT object_id, user_principal_name FROM our.identity WHERE r.kind = 'id' AND object_id = r.name::uuid
  UNION ALL SELECT object_id, user_principal_name FROM our.identity WHERE r.kind = 'dn' AND distinguished_name = r.name
  UNION ALL SELECT object_id, user_principal_name FROM our.identity WHERE r.kind = 'uid' AND login = r.name) i ON true
ORDER BY 2, 1)";

constexpr const char* namesakes = R"(
SELECT a.domainname, a.systemuserid, b.systemuserid FROM our.systemuser a
JOIN our.systemuser b ON hashtextextended(lower(b.domainname), 0) = hashtextextended(lower(a.domainname), 0)
  AND lower(b.domainname) = lower(a.domainname) AND b.systemuserid <> a.systemuserid
WHERE a.systemuserid = ANY ($1) LIMIT 100)";

std::vector<Candidate> candidates_from(const Rows& rows) {
  std::vector<Candidate> found;
  for (int row = 0; row < rows.size(); ++row) {
    found.push_back({guid_at(rows, row, 0).value(), rows.optional_text(row, 1).value_or("")});
  }
  return found;
}

Rows rows_of_id(Connection& environment, const core::Guid& id) {
  return environment.exec(
      "SELECT systemuserid, azureactivedirectoryobjectid, domainname FROM our.systemuser "
      "WHERE systemuserid = $1::uuid OR azureactivedirectoryobjectid = $1::uuid OR applicationid = $1::uuid "
      "ORDER BY systemuserid LIMIT 20",
      {core::to_string(id)});
}

Rows rows_of_name(Connection& environment, const std::string& name) {
  return find_by_text(environment,
                      "SELECT systemuserid, azureactivedirectoryobjectid, domainname FROM our.systemuser "
                      "WHERE hashtextextended(lower(domainname), 0) = hashtextextended(lower($1), 0) "
                      "AND lower(domainname) = lower($1) ORDER BY systemuserid LIMIT 20",
                      name);
}

std::string_view kind_of(source::MemberRef::Kind kind) {
  switch (kind) {
    case source::MemberRef::Kind::object_id:
      return "id";
    case source::MemberRef::Kind::distinguished_name:
      return "dn";
    case source::MemberRef::Kind::login:
      return "uid";
  }
  return "";
}

}  // namespace

std::vector<std::vector<Candidate>> find_by_name(Connection& mirror, const std::vector<std::string>& names) {
  std::vector<std::vector<Candidate>> found(names.size());
  if (names.empty()) return found;
  const auto rows = mirror.exec(by_name, {to_array(names), std::to_string(most_candidates)});
  for (int row = 0; row < rows.size(); ++row) {
    found[static_cast<std::size_t>(rows.number(row, 0) - 1)].push_back(
        {guid_at(rows, row, 1).value(), rows.optional_text(row, 2).value_or("")});
  }
  return found;
}

std::optional<std::vector<Candidate>> members_of(Connection& mirror, const std::string& group) {
  const auto id = core::parse_guid(group);
  const auto known = mirror.exec(
      "SELECT g.object_id FROM our.directory_group g LEFT JOIN our.named_group n ON n.object_id = g.object_id "
      "WHERE (n.name = $1 OR g.object_id = $2::uuid) AND g.members = 0 LIMIT 1",
      {group, id ? Parameter(core::to_string(*id)) : Parameter()});
  if (known.empty()) return std::nullopt;
  return candidates_from(mirror.exec(members, {std::string(known.text(0, 0))}));
}

std::vector<Candidate> find_members(Connection& mirror, const std::vector<source::MemberRef>& members_named) {
  std::vector<std::string> kinds;
  std::vector<std::string> names;
  for (const auto& member : members_named) {
    kinds.emplace_back(kind_of(member.kind));
    names.push_back(member.kind == source::MemberRef::Kind::object_id ? core::to_string(member.object_id)
                                                                      : member.name);
  }
  return candidates_from(mirror.exec(by_reference, {to_array(kinds), to_array(names)}));
}

std::vector<RowReference> find_rows(Connection& environment, const std::string& word) {
  const auto id = core::parse_guid(word);
  const auto rows = id ? rows_of_id(environment, *id) : rows_of_name(environment, word);
  std::vector<RowReference> found;
  for (int row = 0; row < rows.size(); ++row) {
    found.push_back({guid_at(rows, row, 0).value(), guid_at(rows, row, 1), rows.optional_text(row, 2).value_or("")});
  }
  return found;
}

std::vector<Collision> find_namesakes(Connection& environment, const std::vector<core::Guid>& systemuserids) {
  if (systemuserids.empty()) return {};
  const auto rows = environment.exec_uuids(namesakes, uuid_array(systemuserids));
  std::vector<Collision> found;
  for (int row = 0; row < rows.size(); ++row) {
    found.push_back({std::string(rows.text(row, 0)), guid_at(rows, row, 1).value(), guid_at(rows, row, 2).value()});
  }
  return found;
}

}  // namespace dvsync::store
