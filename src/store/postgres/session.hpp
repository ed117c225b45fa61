#pragma once
// A libpqxx session that never reconnects (libpqxx 6.4 would, behind the caller's back: temporary tables and locks
// would be gone, and the fence walked around), and that lends its libpq handle for what libpqxx does not do: binary
// COPY and binary look-ups. Private to store/postgres.

#include <libpq-fe.h>

#include <memory>
#include <optional>
#include <pqxx/pqxx>
#include <string>

#include "cancel.hpp"

namespace dvsync::store {

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

// A savepoint that is there at once: libpqxx sends it with the first plain statement, which may be one of libpq's.
class Subtransaction final : public pqxx::subtransaction {
 public:
  explicit Subtransaction(pqxx::work& work)
      : namedclass("subtransaction", work.conn().adorn_name("")), pqxx::subtransaction(work) {
    Begin();
  }
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
  std::optional<Subtransaction> savepoint;  // within the transaction

 private:
  ConnectOnce policy_;
  std::shared_ptr<const Lifeline> lifeline_;
};

}  // namespace dvsync::store
