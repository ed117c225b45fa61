#pragma once
// A PostgreSQL server in a temporary folder, one for the whole test program, gone with it. Each test gets a database of
// its own.

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <string>

#include "dvsync/store/postgres/connection.hpp"

namespace dvsync::store {

class PostgresServer {
 public:
  static PostgresServer& instance();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;
  ~PostgresServer();

  // Connects as its owner. `options`: more settings, as `-c name=value`.
  [[nodiscard]] std::string conninfo(const std::string& database, const std::string& options = "") const;

 private:
  PostgresServer();
  [[nodiscard]] std::string as_postgres(const std::string& command) const;

  std::filesystem::path folder_;
  std::string bin_;
};

class PostgresTest : public testing::Test {
 protected:
  PostgresTest();

  [[nodiscard]] std::string conninfo(const std::string& options = "") const;
  // A session of the test's own, beside the one under test.
  Connection& other();
  // Kind of the StoreError and its message: "unavailable: PostgreSQL, here: …".
  static std::string error_of(const std::function<void()>& statement);

  std::string database_;

 private:
  std::unique_ptr<Connection> other_;
};

// A backend that neither works nor dies until this goes.
class StoppedBackend {
 public:
  explicit StoppedBackend(std::int64_t pid);
  ~StoppedBackend();
  StoppedBackend(const StoppedBackend&) = delete;
  StoppedBackend& operator=(const StoppedBackend&) = delete;

 private:
  int pid_;
};

}  // namespace dvsync::store
