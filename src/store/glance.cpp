// What environments say of themselves, many of a server in one statement. Their tables are small, but each costs a
// catalogue look-up, and a lock until the statement ends: so they are asked in portions.

#include <algorithm>

#include "dvsync/store/in_line.hpp"
#include "dvsync/store/postgres/copy_line.hpp"
#include "dvsync/store/postgres/values.hpp"
#include "dvsync/store/schema.hpp"
#include "environment_state.hpp"

namespace dvsync::store {
namespace {

// What PostgreSQL needs to plan a portion of these grows with its square.
constexpr std::size_t portion = 10;
constexpr std::size_t portion_of_rows = 50;  // of one simple question each

// `our.` stands for the schema.
constexpr const char* settled = R"(
(SELECT coalesce(bool_and(coalesce(r.outcome = 'succeeded', false) AND r.missing IS NULL AND r.warnings IS NULL
                          AND coalesce(r.mirror_version <= s.watermark, true)), false)
 FROM our.sync_run r WHERE r.run_id >= (SELECT max(run_id) FROM our.sync_run WHERE kind IN ('full', 'incremental')))
AND NOT EXISTS (SELECT 1 FROM our.sync_pending WHERE declined_at IS NULL)
AND NOT EXISTS (SELECT 1 FROM our.sync_rejected)
AND NOT EXISTS (SELECT 1 FROM our.sync_touched)
AND (SELECT max(version) FROM our.schema_version) = )";

std::string in(std::string statement, const std::string& quoted_schema) {
  constexpr std::string_view word = "our.";
  for (auto at = statement.find(word); at != std::string::npos; at = statement.find(word, at)) {
    statement.replace(at, word.size(), quoted_schema + ".");
    at += quoted_schema.size() + 1;
  }
  return statement;
}

std::string glance_sql(const Connection& session, const std::string& schema, std::size_t number) {
  return in("SELECT " + environment_state::columns + ", " + std::string(settled) +
                std::to_string(needed_version(SchemaKind::environment)) + ", (SELECT max(run_id) FROM our.sync_run), " +
                std::to_string(number) + " FROM our.sync_state s",
            session.quoted(schema));
}

// Runs a statement made of one of each schema; where it fails, one by one, so that a schema that cannot be read does
// not hide the others. `take` is given the answers.
template <class Make, class Take>
void ask_each(Connection& session, const std::vector<std::string>& schemas, std::size_t at_a_time,
              const std::vector<Parameter>& parameters, const Make& make, const Take& take) {
  for (std::size_t from = 0; from < schemas.size(); from += at_a_time) {
    const auto to = std::min(schemas.size(), from + at_a_time);
    std::string all;
    for (auto i = from; i < to; ++i) all += (i > from ? " UNION ALL " : "") + make(schemas[i], i);
    try {
      take(session.exec(all, parameters));
    } catch (const StoreError&) {
      if (session.broken()) throw;
      for (auto i = from; i < to; ++i) {
        try {
          take(session.exec(make(schemas[i], i), parameters));
        } catch (const StoreError&) {
          if (session.broken()) throw;
        }
      }
    }
  }
}

}  // namespace

std::vector<std::optional<Glance>> glance_at(Connection& session, const std::vector<std::string>& schemas) {
  std::vector<std::optional<Glance>> found(schemas.size());
  ask_each(
      session, schemas, portion, {},
      [&](const auto& schema, auto number) { return glance_sql(session, schema, number); },
      [&](const Rows& rows) {
        for (int row = 0; row < rows.size(); ++row) {
          found.at(static_cast<std::size_t>(rows.number(row, environment_state::column_count + 2))) =
              Glance{.state = environment_state::from(rows, row),
                     .fence = rows.number(row, environment_state::fence),
                     .last_run = rows.number(row, environment_state::column_count + 1),
                     .settled = rows.boolean(row, environment_state::column_count)};
        }
      });
  return found;
}

std::int64_t last_run_id(Connection& session, const std::vector<std::string>& schemas) {
  std::int64_t last = 0;
  ask_each(
      session, schemas, portion, {},
      [&](const auto& schema, auto /*number*/) {
        return in("SELECT coalesce(max(run_id), 0) FROM our.sync_run", session.quoted(schema));
      },
      [&](const Rows& rows) {
        for (int row = 0; row < rows.size(); ++row) last = std::max(last, rows.number(row, 0));
      });
  return last;
}

std::vector<bool> have_rows_of(Connection& session, const std::vector<std::string>& schemas,
                               const std::vector<core::Guid>& object_ids) {
  // Who cannot be asked may have some.
  std::vector<bool> found(schemas.size(), true);
  std::vector<std::string> ids;
  for (const auto& id : object_ids) ids.push_back(core::to_string(id));
  ask_each(
      session, schemas, portion_of_rows, {to_array(ids)},
      [&](const auto& schema, auto number) {
        return in(
            "SELECT EXISTS (SELECT 1 FROM our.systemuser WHERE azureactivedirectoryobjectid = ANY ($1::uuid[])), " +
                std::to_string(number),
            session.quoted(schema));
      },
      [&](const Rows& rows) {
        for (int row = 0; row < rows.size(); ++row) {
          found.at(static_cast<std::size_t>(rows.number(row, 1))) = rows.boolean(row, 0);
        }
      });
  return found;
}

}  // namespace dvsync::store
