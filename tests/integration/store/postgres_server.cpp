#include "postgres_server.hpp"

#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <stdexcept>

namespace dvsync::store {
namespace {

void run(const std::string& command) {
  if (std::system(command.c_str()) != 0) throw std::runtime_error("failed: " + command);  // NOLINT(cert-env33-c)
}

// The newest version that Debian has installed.
std::string newest_binaries() {
  std::filesystem::path newest;
  for (const auto& version : std::filesystem::directory_iterator("/usr/lib/postgresql")) {
    if (newest.empty() || std::stod(version.path().filename()) > std::stod(newest.filename())) newest = version.path();
  }
  return (newest / "bin").string();
}

// scripts/test: in memory.
std::filesystem::path place_of_servers() {
  const char* const named = std::getenv("DVSYNC_SERVERS_IN");  // NOLINT(concurrency-mt-unsafe): there is but one thread
  return named != nullptr && *named != '\0' ? std::filesystem::path(named) : std::filesystem::temp_directory_path();
}

}  // namespace

PostgresServer& PostgresServer::instance() {
  static PostgresServer server;
  return server;
}

PostgresServer::PostgresServer() : bin_(newest_binaries()) {
  std::string name = (place_of_servers() / "dvsync-store-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
  folder_ = name;
  if (geteuid() == 0) run("chown postgres " + name);  // PostgreSQL refuses to run as root
  run(as_postgres(bin_ + "/initdb -D " + name + "/data -A trust -U owner -E UTF8 --locale=C.UTF-8 --no-sync"));
  run(as_postgres(bin_ + "/pg_ctl -D " + name + "/data -l " + name + "/log -w -o '-k " + name +
                  " -c listen_addresses= -c fsync=off' start"));
}

PostgresServer::~PostgresServer() {
  const auto stop = as_postgres(bin_ + "/pg_ctl -D " + folder_.string() + "/data -m immediate -w stop");
  if (std::system(stop.c_str()) != 0) return;  // NOLINT(cert-env33-c)
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::string PostgresServer::as_postgres(const std::string& command) const {
  return (geteuid() == 0 ? "cd / && runuser -u postgres -- " : "") + command + " >/dev/null 2>&1";
}

std::string PostgresServer::conninfo(const std::string& database, const std::string& options) const {
  return "host=" + folder_.string() + " user=owner dbname=" + database +
         (options.empty() ? "" : " options='" + options + "'");
}

PostgresTest::PostgresTest() {
  static int number = 0;
  database_ = "test" + std::to_string(++number);
  Connection postgres(PostgresServer::instance().conninfo("postgres"), "public", "postgres");
  postgres.exec("CREATE DATABASE " + database_);
}

std::string PostgresTest::conninfo(const std::string& options) const {
  return PostgresServer::instance().conninfo(database_, options);
}

Connection& PostgresTest::other() {
  if (!other_) other_ = std::make_unique<Connection>(conninfo(), "public", "another session");
  return *other_;
}

std::string PostgresTest::error_of(const std::function<void()>& statement) {
  try {
    statement();
  } catch (const Interrupted&) {
    return "interrupted";
  } catch (const RowError& error) {
    return std::string("row: ") + error.what();
  } catch (const ContentionError& error) {
    return std::string("contention: ") + error.what();
  } catch (const StoreError& error) {
    constexpr std::array kinds{"unavailable", "denied", "schema", "fenced", "refused"};
    return kinds.at(static_cast<std::size_t>(error.kind())) + std::string(": ") + error.what();
  }
  return "none";
}

StoppedBackend::StoppedBackend(std::int64_t pid) : pid_(static_cast<int>(pid)) { kill(pid_, SIGSTOP); }
StoppedBackend::~StoppedBackend() { kill(pid_, SIGCONT); }

}  // namespace dvsync::store
