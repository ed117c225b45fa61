#include "dvsync/store/batch.hpp"

#include <sys/random.h>

#include <chrono>

#include "dvsync/store/postgres/copy_tuples.hpp"
#include "dvsync/store/postgres/values.hpp"

namespace dvsync::store {
namespace {

constexpr const char* batch_table = R"(
CREATE TEMP TABLE IF NOT EXISTS batch_row (systemuserid uuid, domainname text, firstname text, lastname text,
  fullname text, internalemailaddress text, jobtitle text, address1_telephone1 text, mobilephone text, homephone text,
  address1_fax text, address1_line1 text, address1_city text, address1_stateorprovince text, address1_postalcode text,
  address1_country text, islicensed boolean, isdisabled boolean, disabledreason text, accessmode smallint,
  setupuser boolean, azurestate smallint, azuredeletedon timestamptz, invitestatuscode smallint) ON COMMIT DELETE ROWS)";

constexpr const char* written_columns =
    "domainname, firstname, lastname, fullname, internalemailaddress, jobtitle, address1_telephone1, mobilephone, "
    "homephone, address1_fax, address1_line1, address1_city, address1_stateorprovince, address1_postalcode, "
    "address1_country, islicensed, isdisabled, disabledreason, accessmode, setupuser, azurestate, azuredeletedon, "
    "invitestatuscode";

template <class Lines>
void write_columns(Lines& lines, const core::SystemUser& row) {
  for (const auto& text : row.texts) lines.text(text);
  lines.boolean(row.islicensed).boolean(row.isdisabled).text(row.disabledreason).small(row.accessmode);
  lines.boolean(row.setupuser).small(row.azurestate).timestamp(row.azuredeletedon).small(row.invitestatuscode);
}

// Ordered by time (UUID version 7, RFC 9562), so that a bulk load fills the primary key from left to right.
void give_systemuserids(const std::vector<core::Change*>& creates) {
  using namespace std::chrono;
  const auto ms =
      static_cast<std::uint64_t>(duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count());
  for (auto* change : creates) {
    auto& id = change->after.systemuserid;
    if (getrandom(id.bytes.data(), id.bytes.size(), 0) != static_cast<ssize_t>(id.bytes.size())) {
      throw StoreError(StoreError::Kind::unavailable, "the system gives no random numbers");
    }
    for (std::size_t i = 0; i < 6; ++i) id.bytes[i] = static_cast<std::uint8_t>(ms >> (40 - 8 * i));
    id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0f) | 0x70);
    id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3f) | 0x80);
  }
}

// A trigger of a foreign table may swallow a row: what did not happen is not logged.
void require_all_taken(std::int64_t taken, std::size_t given) {
  if (taken == static_cast<std::int64_t>(given)) return;
  throw RowError("", "the table did not take the row and raised no error: look at its triggers and rules");
}

}  // namespace

Batch::Batch(Connection& environment, const WriteSettings& settings, std::int64_t fence, std::int64_t run_id,
             int batch_no)
    : environment_(environment), settings_(settings), run_id_(run_id), batch_no_(batch_no) {
  transaction_.emplace(environment);
  if (share_state() != fence) {
    throw StoreError(StoreError::Kind::fenced,
                     "another dvsync works on " + environment_.place() + "; this one stops writing");
  }
}

Batch::Batch(Connection& environment, const WriteSettings& settings, std::int64_t run_id, int batch_no)
    : environment_(environment), settings_(settings), run_id_(run_id), batch_no_(batch_no) {
  share_state();
}

std::int64_t Batch::share_state() {
  environment_.exec("SET CONSTRAINTS ALL IMMEDIATE");
  const auto state = environment_.exec("SELECT fence, nextval(" + environment_.object("sync_versionnumber") +
                                       "), (extract(epoch FROM now()) * 1000000)::bigint "
                                       "FROM our.sync_state FOR SHARE");
  if (state.empty())
    throw StoreError(StoreError::Kind::schema, environment_.place() + ": sync_state is empty: run `dvsync migrate`");
  versionnumber_ = state.number(0, 1);
  now_ = timestamp_at(state, 0, 2).value();
  return state.number(0, 0);
}

RowsById Batch::lock_rows(const std::vector<core::Guid>& object_ids) {
  return read_rows(environment_, object_ids, Lock::yes);
}

std::vector<Refused> Batch::write(std::vector<core::Change>& changes, const std::vector<std::string>& notes) {
  Set creates;
  Set updates;
  for (auto& change : changes) {
    if (change.action == core::Decision::create) {
      creates.push_back(&change);
    } else {
      updates.push_back(&change);
    }
  }
  give_systemuserids(creates);
  std::vector<Refused> refused;
  Set done;
  write_set(creates, true, refused, done);
  write_set(updates, false, refused, done);
  log(done, notes);
  return refused;
}

// A set that fails is halved until the row that fails stands alone.
void Batch::write_set(const Set& changes, bool creates, std::vector<Refused>& refused, Set& done) {
  if (changes.empty()) return;
  try {
    Savepoint savepoint(environment_);
    creates ? create(changes) : update(changes);
    savepoint.release();
    done.insert(done.end(), changes.begin(), changes.end());
    return;
  } catch (const RowError& error) {
    if (changes.size() == 1) {
      const auto& id = changes.front()->object_id;
      const bool exists = creates && error.unique_violation() && !read_rows(environment_, {id}, Lock::no).empty();
      refused.push_back({id, exists, error.what()});
      return;
    }
  }
  const auto middle = changes.begin() + static_cast<std::ptrdiff_t>(changes.size() / 2);
  write_set(Set(changes.begin(), middle), creates, refused, done);
  write_set(Set(middle, changes.end()), creates, refused, done);
}

bool takes_binary(Connection& environment, const WriteSettings& settings) {
  std::vector<std::string> texts{"disabledreason"};
  for (std::size_t c = 0; c < core::text_column_count; ++c) {
    texts.emplace_back(core::name_of(static_cast<core::Column>(c)));
  }
  for (const auto& [column, value] : settings.create_values) texts.push_back(column);
  // The numbers are PostgreSQL's own for text, varchar, boolean, smallint, bigint, uuid and timestamptz.
  const auto other = environment.exec(
      "SELECT FROM pg_attribute WHERE attrelid = $2::regclass AND attnum > 0 AND NOT attisdropped AND NOT "
      "CASE WHEN attname = ANY ($1::text[]) THEN atttypid IN (25, 1043) "
      "WHEN attname IN ('islicensed', 'isdisabled', 'setupuser', 'issyncwithdirectory') THEN atttypid = 16 "
      "WHEN attname IN ('accessmode', 'azurestate', 'invitestatuscode') THEN atttypid = 21 "
      "WHEN attname = 'versionnumber' THEN atttypid = 20 "
      "WHEN attname IN ('systemuserid', 'azureactivedirectoryobjectid', 'createdby', 'modifiedby', 'businessunitid') "
      "THEN atttypid = 2950 "
      "WHEN attname IN ('azuredeletedon', 'createdon', 'modifiedon') THEN atttypid = 1184 ELSE true END LIMIT 1",
      {to_array(texts), environment.named("systemuser")});
  return other.empty();
}

void Batch::create(const Set& changes) {
  std::string statement = std::string("COPY our.systemuser (") + written_columns +
                          ", systemuserid, azureactivedirectoryobjectid, issyncwithdirectory, createdon, createdby, "
                          "modifiedon, modifiedby, versionnumber";
  if (settings_.business_unit) statement += ", businessunitid";
  for (const auto& [column, value] : settings_.create_values) statement += ", " + environment_.quoted(column);
  if (settings_.binary) {
    write_created(CopyTuples(), statement, changes);
  } else {
    write_created(CopyLines(), statement, changes);
  }
}

template <class Lines>
void Batch::write_created(Lines lines, const std::string& statement, const Set& changes) {
  for (const auto* change : changes) {
    lines.begin_line();
    write_columns(lines, change->after);
    lines.guid(change->after.systemuserid).guid(change->object_id).boolean(true);
    lines.timestamp(now_).guid(settings_.actor).timestamp(now_).guid(settings_.actor).big(versionnumber_);
    if (settings_.business_unit) lines.guid(settings_.business_unit);
    for (const auto& [column, value] : settings_.create_values) lines.text(std::string_view(value));
    lines.end_line();
  }
  environment_.begin_copy(statement + Lines::statement_end);
  environment_.put_copy(lines.lines());
  require_all_taken(environment_.end_copy(), changes.size());
}

void Batch::update(const Set& changes) {
  environment_.exec(batch_table);
  environment_.exec("TRUNCATE batch_row");
  lines_.clear();
  for (const auto* change : changes) {
    lines_.guid(change->after.systemuserid);
    write_columns(lines_, change->after);
    lines_.end_line();
  }
  environment_.begin_copy(std::string("COPY batch_row (systemuserid, ") + written_columns + ") FROM STDIN");
  environment_.put_copy(lines_.lines());
  environment_.end_copy();
  std::string statement =
      "UPDATE our.systemuser u SET modifiedon = now(), modifiedby = $1::uuid, versionnumber = $2::bigint";
  for (std::size_t c = 0; c < core::column_count; ++c) {
    const std::string name(core::name_of(static_cast<core::Column>(c)));
    statement.append(", ").append(name).append(" = b.").append(name);
  }
  const auto updated = environment_.exec(
      statement + " FROM batch_row b WHERE u.systemuserid = b.systemuserid",
      {settings_.actor ? Parameter(core::to_string(*settings_.actor)) : Parameter(), std::to_string(versionnumber_)});
  require_all_taken(updated.affected(), changes.size());
}

void Batch::log(const Set& changes, const std::vector<std::string>& notes) {
  if (changes.empty()) return;
  CopyTuples lines;
  for (const auto* change : changes) {
    lines.begin_line();
    lines.big(run_id_).integer(batch_no_).text(core::name_of(change->action)).text(core::code_of(change->reason));
    lines.guid(change->after.systemuserid).guid(change->object_id).text(change->after[core::Column::domainname]);
    change->action == core::Decision::create ? lines.null() : lines.json(fields_json(*change));
    auto all = notes_of(*change);
    all.insert(all.end(), notes.begin(), notes.end());
    all.empty() ? lines.null() : lines.texts(all);
    lines.end_line();
  }
  environment_.begin_copy(
      std::string("COPY our.sync_change (run_id, batch_no, action, reason, systemuserid, azureactivedirectoryobjectid, "
                  "domainname, fields, notes") +
      CopyTuples::statement_end);
  environment_.put_copy(lines.lines());
  environment_.end_copy();
}

void Batch::log_batch(const core::Counters& counters) { log_batches(environment_, run_id_, {{batch_no_, counters}}); }

void Batch::commit() { transaction_.value().commit(); }

}  // namespace dvsync::store
