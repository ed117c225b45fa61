#include "dvsync/store/lease.hpp"

#include "dvsync/store/preflight.hpp"
#include "dvsync/store/schema.hpp"

namespace dvsync::store {
namespace {

// The session that took the lease is the surest sign of life: a killed process loses it at once. The function behind
// pg_stat_activity is asked, since the view joins what is not needed here, which takes milliseconds to plan.
constexpr const char* take_sql = R"(
UPDATE our.lease SET fence = fence + 1, holder = gen_random_uuid(), holder_name = $1, backend_pid = pg_backend_pid(),
       backend_start = (SELECT backend_start FROM pg_stat_get_activity(pg_backend_pid())),
       expires_at = clock_timestamp() + make_interval(secs => $2::int)
WHERE holder IS NULL OR expires_at < clock_timestamp()
   OR NOT EXISTS (SELECT 1 FROM pg_stat_get_activity(lease.backend_pid) a
                  WHERE a.backend_start IS NULL OR a.backend_start = lease.backend_start)
RETURNING holder, fence)";

constexpr const char* renew_sql = R"(
UPDATE our.lease SET expires_at = clock_timestamp() + make_interval(secs => $3::int), backend_pid = pg_backend_pid(),
       backend_start = (SELECT backend_start FROM pg_stat_get_activity(pg_backend_pid()))
WHERE holder = $1::uuid AND fence = $2::bigint)";

constexpr const char* give_back_sql =
    "UPDATE our.lease SET holder = NULL, expires_at = NULL WHERE holder = $1::uuid AND fence = $2::bigint";

// Nothing can be done without the lease, so that this is where a server that takes no writes is met first.
Rows take(Connection& session, const std::string& name, std::chrono::seconds duration) {
  try {
    return session.exec(take_sql, {name, std::to_string(duration.count())});
  } catch (const StoreError&) {
    if (!session.broken()) require_writes(session);
    throw;
  }
}

}  // namespace

std::unique_ptr<Lease> Lease::try_take(const std::string& conninfo, const std::string& schema, const std::string& name,
                                       std::chrono::seconds duration, LeaseHolder& holder) {
  auto session = std::make_unique<Connection>(conninfo, schema, "the mirror");
  require_version(*session, SchemaKind::mirror, schema);  // said before anybody waits for a turn
  const auto taken = take(*session, name, duration);
  if (taken.empty()) {
    const auto now = session->exec(
        "SELECT holder_name, ceil(extract(epoch FROM expires_at - clock_timestamp()))::bigint FROM our.lease");
    holder = {now.optional_text(0, 0).value_or("another dvsync"), now.number(0, 1)};
    return nullptr;
  }
  return std::unique_ptr<Lease>(
      new Lease(std::move(session), conninfo, schema, duration, std::string(taken.text(0, 0)), taken.number(0, 1)));
}

Lease::Lease(std::unique_ptr<Connection> session, std::string conninfo, std::string schema,
             std::chrono::seconds duration, std::string holder, std::int64_t fence)
    : session_(std::move(session)),
      conninfo_(std::move(conninfo)),
      schema_(std::move(schema)),
      duration_(duration),
      holder_(std::move(holder)),
      fence_(fence) {
  session_->stop_on(leaving_.get_token());
  thread_ = std::jthread([this](const std::stop_token& stop) { keep_renewing(stop); });
}

Lease::~Lease() {
  leaving_.request_stop();
  thread_.request_stop();
  thread_.join();
  try {
    if (session_ && !session_->broken()) session_->exec(give_back_sql, {holder_, std::to_string(fence_)});
  } catch (const std::exception&) {
    // It expires by itself.
  }
}

void Lease::keep_renewing(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested() && !lost_) {
    wake_.wait_for(lock, stop, duration_ / 3, [] { return false; });
    if (!stop.stop_requested()) renew();
  }
}

Connection& Lease::session() {
  if (!session_ || session_->broken()) {
    session_ = std::make_unique<Connection>(conninfo_, schema_, "the mirror",
                                            ConnectionSettings{.stop = leaving_.get_token()});
  }
  return *session_;
}

void Lease::renew() {
  try {
    const auto renewed =
        session().exec(renew_sql, {holder_, std::to_string(fence_), std::to_string(duration_.count())});
    if (renewed.affected() == 0) lost_ = true;
  } catch (const std::exception&) {
    // The server is away, or memory is short: the next round tries again. If somebody takes over meanwhile, the fence
    // stops us.
    session_.reset();
  }
}

void Lease::assert_held(Connection& mirror) const {
  const auto held = mirror.exec("SELECT 1 FROM our.lease WHERE holder = $1::uuid AND fence = $2::bigint FOR SHARE",
                                {holder_, std::to_string(fence_)});
  if (held.empty()) {
    throw StoreError(StoreError::Kind::fenced, "another dvsync has taken over the work; this one stops writing");
  }
}

void Lease::raise_above(std::int64_t fence) {
  const std::scoped_lock lock(mutex_);
  const auto raised = session().exec(
      "UPDATE our.lease SET fence = greatest(fence, $3::bigint) + 1 WHERE holder = $1::uuid AND fence = $2::bigint "
      "RETURNING fence",
      {holder_, std::to_string(fence_), std::to_string(fence)});
  if (raised.empty()) {
    throw StoreError(StoreError::Kind::fenced, "another dvsync has taken over the work; this one stops writing");
  }
  fence_ = raised.number(0, 0);
}

void evict_earlier_workers(Connection& connection, const std::string& worker_name) {
  // Mostly there are none, and this is a third of the time the whole question takes.
  const auto others = connection.exec(
      "SELECT 1 FROM pg_stat_get_activity(NULL) WHERE application_name LIKE 'dvsync run %' AND application_name <> $1",
      {worker_name});
  if (others.empty()) return;
  connection.exec(
      "SELECT pg_terminate_backend(a.pid) FROM pg_stat_get_activity(NULL) a "
      "WHERE a.datid = (SELECT oid FROM pg_database WHERE datname = current_database()) "
      "AND a.usesysid = (SELECT oid FROM pg_roles WHERE rolname = current_user) "
      "AND a.application_name LIKE 'dvsync run %' AND a.application_name <> $1 "
      "AND EXISTS (SELECT 1 FROM pg_locks l JOIN pg_class c ON c.oid = l.relation WHERE l.pid = a.pid "
      "AND c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $2))",
      {worker_name, connection.schema()});
}

}  // namespace dvsync::store
