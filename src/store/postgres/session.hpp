#pragma once
// A libpqxx session that never reconnects (libpqxx 6.4 would, behind the caller's back: temporary tables and locks
// would be gone, and the fence walked around), and that lends its libpq handle for what libpqxx does not do: binary
// COPY and binary look-ups. Private to store/postgres.

#include <libpq-fe.h>

#include <memory>
#include <optional>
#include <pqxx/pqxx>
#include <string>
#include <utility>
#include <vector>

#include "cancel.hpp"

namespace dvsync::store {

// Where the connection string says nothing; seconds.
constexpr int default_connect_timeout = 10;

// Connects once. Whatever libpqxx does later to come back is refused.
class ConnectOnce final : public pqxx::connectionpolicy {
 public:
  ConnectOnce(const std::string& conninfo, std::string application_name)
      : connectionpolicy(conninfo), application_name_(std::move(application_name)) {}

  handle do_startconnect(handle orig) override;
  handle do_completeconnect(handle orig) override;
  handle do_dropconnect(handle orig) noexcept override { return do_disconnect(orig); }
  handle do_disconnect(handle orig) noexcept override;
  [[nodiscard]] bool is_ready(handle connection) const noexcept override { return connection != nullptr; }

  [[nodiscard]] PGconn* raw() const { return handle_; }
  [[nodiscard]] std::string reason() const;
  // From now on keeps what the server says when it ends a session that is idle: to libpq that is a mere notice.
  void listen_for_the_end();

 private:
  std::string application_name_;
  bool tried_ = false;
  handle handle_ = nullptr;
  std::string servers_last_words_;
  std::string last_words_;  // the connection's, once it is gone
};

// A savepoint that is there at once (libpqxx sends it with the first plain statement, and ours may be one of libpq's),
// and gone once it was gone back to: thousands would pile up.
class Subtransaction final : public pqxx::subtransaction {
 public:
  // `entering` and `leaving`: statements that go along with it and with its release; going back undoes the first.
  Subtransaction(pqxx::dbtransaction& parent, std::string entering, std::string leaving)
      : namedclass("subtransaction", parent.conn().adorn_name("")),
        pqxx::subtransaction(parent),
        entering_(std::move(entering)),
        leaving_(std::move(leaving)) {
    Begin();
  }
  ~Subtransaction() noexcept override { End(); }
  Subtransaction(const Subtransaction&) = delete;
  Subtransaction& operator=(const Subtransaction&) = delete;

 private:
  void do_begin() override { direct_exec(("SAVEPOINT " + name() + entering_).c_str()); }
  void do_commit() override { direct_exec((leaving_ + "RELEASE SAVEPOINT " + name()).c_str()); }
  void do_abort() override {
    direct_exec(("ROLLBACK TO SAVEPOINT " + name() + "; RELEASE SAVEPOINT " + name()).c_str());
  }

  std::string entering_;
  std::string leaving_;
};

class Session final : public pqxx::connection_base {
 public:
  // Throws pqxx::broken_connection. `application_name`: empty, what `conninfo` says.
  Session(const std::string& conninfo, const std::string& application_name);
  ~Session() noexcept;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  [[nodiscard]] PGconn* raw() const { return policy_.raw(); }
  [[nodiscard]] const std::shared_ptr<const Lifeline>& lifeline() const { return lifeline_; }
  [[nodiscard]] bool lost() const { return PQstatus(raw()) != CONNECTION_OK; }
  // Why: the server's own words if it had any.
  [[nodiscard]] std::string reason() const { return policy_.reason(); }

  std::optional<pqxx::work> transaction;
  std::vector<std::unique_ptr<Subtransaction>> savepoints;  // within the transaction, one within the other
  // Where statements go; nullptr: there is none.
  [[nodiscard]] pqxx::dbtransaction* innermost() {
    if (!savepoints.empty()) return savepoints.back().get();
    return transaction ? &*transaction : nullptr;
  }

 private:
  ConnectOnce policy_;
  std::shared_ptr<const Lifeline> lifeline_;
};

}  // namespace dvsync::store
