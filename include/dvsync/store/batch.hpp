#pragma once
// One batch: the rows and their log in one transaction. The only place that executes changes.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "dvsync/core/counters.hpp"
#include "dvsync/core/plan.hpp"
#include "dvsync/store/access.hpp"
#include "dvsync/store/postgres/connection.hpp"
#include "dvsync/store/postgres/copy_line.hpp"
#include "dvsync/store/system_users.hpp"

namespace dvsync::store {

// What a batch needs to know of its environment.
struct WriteSettings {
  std::optional<core::Guid> business_unit;
  std::optional<core::Guid> actor;                   // createdby, modifiedby
  std::map<std::string, std::string> create_values;  // column → constant
  bool binary = false;                               // rows may come in binary, by the preflight (NewRows)
  Access access = {};
};

// A change that waits for the end of the run, where the guard counts.
struct PendingChange {
  core::Guid object_id;
  core::GuardClass guard_class = core::GuardClass::stated;
  core::Decision action = core::Decision::disable;
  core::Reason reason = core::Reason::account_disabled;
  core::Text domainname;
};

struct ListedRejection {
  std::optional<core::Guid> object_id;
  std::string place;
  std::string reason;
  std::string detail;
  core::Text domainname;

  // "users.csv:7: the id is not a GUID".
  [[nodiscard]] std::string in_words() const { return place.empty() ? detail : place + ": " + detail; }
};

// A change that the table does not take.
struct RefusedChange {
  enum class Why : std::uint8_t {
    refused,     // the value, a constraint, a trigger
    exists_now,  // somebody else created the row meanwhile: plan it again
    taken,       // another row has a value that must be unique
    blocked,     // somebody else holds the row, or a value that must be unique, and does not let go
  };
  core::Guid object_id;
  Why why = Why::refused;
  std::string detail;
};

struct Remembered {
  core::Guid systemuserid;
  core::WrittenColumn column;
};

// What executing changes asks of a table. A batch is one transaction on a database; tests have a table in memory.
class RowWriter {
 public:
  virtual ~RowWriter() = default;

  // A run leaves rows to whoever holds them for longer than a moment. Whoever works beside it waits, and throws
  // ContentionError in the end.
  [[nodiscard]] virtual LockedRows lock_rows(const std::vector<core::Guid>& object_ids) = 0;
  [[nodiscard]] virtual WrittenById read_written(const std::vector<core::Guid>& systemuserids) = 0;

  // Executes and logs. Creates get their systemuserid here. What the table refuses is isolated and returned; all the
  // rest is done. `notes`: added to the log line of each. `exchange`: changes that only work together, as users who
  // exchange their names, are tried together.
  virtual std::vector<RefusedChange> write(std::vector<core::Change>& changes,
                                           const std::vector<std::vector<std::string>>& notes, bool exchange) = 0;

  virtual void remember(const std::vector<Remembered>& written) = 0;           // sync_user
  virtual void hold_until_end(const std::vector<PendingChange>& pending) = 0;  // sync_pending
  [[nodiscard]] virtual const std::string& place() const = 0;                  // in messages
};

class Batch : public RowWriter {
 public:
  // Begins the transaction, takes the environment's state row and checks the fence: throws StoreError fenced when
  // another dvsync works by now.
  Batch(Connection& environment, const WriteSettings& settings, std::int64_t fence, std::int64_t run_id, int batch_no);

  // Joins the transaction that the caller began and will commit: of a request, or an administrator's command, beside
  // whatever run there may be. It holds no fence; it shares the state row, so that a run that begins on newer facts
  // waits for it, and the facts are to be read after that (docs/architecture.md, Beside a run).
  Batch(Connection& environment, const WriteSettings& settings, std::int64_t run_id, int batch_no);

  LockedRows lock_rows(const std::vector<core::Guid>& object_ids) override;
  WrittenById read_written(const std::vector<core::Guid>& systemuserids) override;
  std::vector<RefusedChange> write(std::vector<core::Change>& changes,
                                   const std::vector<std::vector<std::string>>& notes, bool exchange) override;
  void remember(const std::vector<Remembered>& written) override;
  void hold_until_end(const std::vector<PendingChange>& pending) override;
  [[nodiscard]] const std::string& place() const override { return environment_.place(); }

  void list_rejections(const std::vector<ListedRejection>& rejections);

  void log_batch(const core::Counters& counters);
  // Without waiting for the disk: a later commit makes it durable (SessionOptions::commits_later, of this batch alone).
  void commit_later() { environment_.exec("SET LOCAL synchronous_commit = off"); }
  void commit();  // only of a transaction that the batch began

  [[nodiscard]] int batch_no() const { return batch_no_; }

 private:
  using Set = std::vector<core::Change*>;
  std::int64_t share_state();  // returns the fence
  // A temporary table, which empties itself at the end of the transaction.
  void make_empty(const std::string& table, const std::string& columns);
  void number_rows();
  void write_set(const Set& changes, std::vector<RefusedChange>& refused);
  void exchange(std::vector<core::Change>& changes, std::vector<RefusedChange>& refused);
  bool exchange_all(const Set& changes, std::vector<RefusedChange>& refused);
  void park_names(const Set& changes);
  [[nodiscard]] RefusedChange refusal_of(const core::Change& change, const StoreError& error);
  void create(const Set& changes);
  template <class Lines>
  void write_created(Lines lines, const std::string& statement, const Set& changes);
  void update(const Set& changes);
  void log(const std::vector<core::Change>& changes, const std::vector<std::vector<std::string>>& notes,
           const std::vector<RefusedChange>& refused);

  Connection& environment_;
  const WriteSettings& settings_;
  std::int64_t run_id_;
  int batch_no_;
  std::optional<Transaction> transaction_;  // of a run; none: the caller's
  std::int64_t versionnumber_ = 0;
  core::Timestamp now_;
  std::set<std::string> filled_;  // temporary tables, by now
  CopyLines lines_;
};

// A batch of a run without changes of its own is only counted.
struct CountedBatch {
  int batch_no = 0;
  core::Counters counters;
};
void log_batches(Connection& environment, std::int64_t run_id, const std::vector<CountedBatch>& batches);

}  // namespace dvsync::store
