#pragma once
// The sync log as it is read: runs, changes, rejections.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "changes.hpp"
#include "dvsync/core/counters.hpp"
#include "dvsync/core/guid.hpp"
#include "dvsync/core/identity.hpp"

namespace dvsync::cli {

struct LoggedRun {
  std::string environment;
  std::int64_t run_id = 0;
  std::string kind;
  std::string trigger;
  std::string outcome;  // empty: it is still running, or was cut off
  core::Timestamp started_at;
  std::optional<core::Timestamp> finished_at;
  std::string requested_by;
  core::Counters counters;
  std::vector<std::string> missing;
  std::vector<std::string> warnings;
  std::string detail;
};

struct LoggedChange {
  std::string environment;
  std::int64_t run_id = 0;
  core::Timestamp at;
  std::string action;
  std::string reason;
  std::string systemuserid;
  std::string object_id;
  std::string domainname;
  std::vector<Field> fields;
  std::vector<std::string> notes;
};

struct LoggedRejection {
  std::string environment;
  core::Timestamp since;
  std::string object_id;  // empty: the record did not even say whose it is
  std::string domainname;
  std::string place;
  std::string reason;
  std::string detail;
  std::int64_t first_run_id = 0;
  std::int64_t last_run_id = 0;
};

}  // namespace dvsync::cli
