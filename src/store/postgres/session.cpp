#include "session.hpp"

#include <array>
#include <atomic>
#include <string_view>
#include <utility>

#include "dvsync/store/open.hpp"

namespace dvsync::store {
namespace {

std::atomic<std::int64_t> sessions{0};

}  // namespace

#if defined(__SANITIZE_ADDRESS__)
// libpqxx 6.4.5 drops the result that says why a session was lost: some hundred bytes each time.
extern "C" const char* __lsan_default_suppressions() { return "leak:libpq.so"; }
#endif

// What stands before `dbname` are defaults for what the connection string leaves open, what stands behind it is ours.
ConnectOnce::handle ConnectOnce::do_startconnect(handle orig) {
  if (orig != nullptr) return orig;
  if (std::exchange(tried_, true)) throw pqxx::broken_connection(reason());
  constexpr std::array<const char*, 11> keywords{"connect_timeout",
                                                 "keepalives_idle",
                                                 "keepalives_interval",
                                                 "keepalives_count",
                                                 "tcp_user_timeout",
                                                 "target_session_attrs",
                                                 "application_name",
                                                 "client_encoding",
                                                 "dbname",
                                                 "application_name",
                                                 nullptr};
  const auto timeout = std::to_string(default_connect_timeout);
  const std::array<const char*, 11> values{timeout.c_str(),
                                           "30",
                                           "10",
                                           "3",
                                           "60000",
                                           "read-write",
                                           "dvsync",
                                           "UTF8",
                                           options().c_str(),
                                           application_name_.empty() ? nullptr : application_name_.c_str(),
                                           nullptr};
  return handle_ = PQconnectdbParams(keywords.data(), values.data(), 1);
}

ConnectOnce::handle ConnectOnce::do_completeconnect(handle orig) {
  if (PQstatus(orig) != CONNECTION_OK) throw pqxx::broken_connection(reason());
  return orig;
}

ConnectOnce::handle ConnectOnce::do_disconnect(handle orig) noexcept {
  if (orig != nullptr) {
    try {
      last_words_ = reason();
    } catch (const std::bad_alloc&) {
      // It goes without saying why.
    }
    PQfinish(orig);
  }
  return handle_ = nullptr;
}

void ConnectOnce::listen_for_the_end() {
  const auto keep = [](void* self, const PGresult* notice) {
    const char* severity = PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
    if (severity == nullptr || (std::string_view(severity) != "FATAL" && std::string_view(severity) != "PANIC")) return;
    try {  // libpq calls this, and cannot be thrown through
      static_cast<ConnectOnce*>(self)->servers_last_words_ = PQresultErrorMessage(notice);
    } catch (const std::bad_alloc&) {
      // libpq's own words will have to do.
    }
  };
  PQsetNoticeReceiver(handle_, keep, this);
}

std::string ConnectOnce::reason() const {
  if (handle_ != nullptr) PQisBusy(handle_);  // looks at what has come, but was not looked at yet
  if (!servers_last_words_.empty()) return servers_last_words_;
  const std::string words = handle_ == nullptr ? last_words_ : PQerrorMessage(handle_);
  return words.empty() ? "the session is lost" : words;
}

std::int64_t open_sessions() { return sessions; }

Session::Session(const std::string& conninfo, const std::string& application_name)
    : connection_base(policy_), policy_(conninfo, application_name) {
  try {
    init();
    set_verbosity(verbose);  // names constraints and columns
    policy_.listen_for_the_end();
    lifeline_ = std::make_shared<const Lifeline>(raw());
    ++sessions;
  } catch (...) {
    close();
    throw;
  }
}

// PQfinish() says goodbye, and would wait for a server that is silent and has not even taken what was sent before.
Session::~Session() noexcept {
  --sessions;
  if (lifeline_ && PQtransactionStatus(raw()) == PQTRANS_ACTIVE) lifeline_->cut();
  while (!savepoints.empty()) savepoints.pop_back();
  transaction.reset();
  close();
}

}  // namespace dvsync::store
