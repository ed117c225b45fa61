#include "log/log_text.hpp"
#include "status/status_text.hpp"
#include "sync/report_json.hpp"
#include "words.hpp"

namespace dvsync::cli {
namespace {

namespace json = boost::json;

template <class T>
json::value or_null(const std::optional<T>& value) {
  return value ? json::value(*value) : json::value(nullptr);
}

json::object json_of(const MirrorStatus& mirror) {
  return {{"directory", or_null(mirror.directory)},
          {"version", mirror.version},
          {"identities", mirror.identities},
          {"pulled_at", mirror.pulled_at ? json::value(utc_time(*mirror.pulled_at)) : json::value(nullptr)},
          {"pulled_seconds_ago", or_null(mirror.pulled_seconds_ago)},
          {"listing_complete", mirror.listing_complete},
          {"rejected_records", mirror.rejected_records},
          {"working", or_null(mirror.working)},
          {"next_run_seconds", or_null(mirror.next_run_seconds)}};
}

json::object json_of(const EnvironmentStatus& e) {
  return {{"name", e.name},
          {"error", json_text(e.error)},
          {"last_run", e.last_run ? json::value(cli::json_of(*e.last_run)) : json::value(nullptr)},
          {"ended_seconds_ago", or_null(e.ended_seconds_ago)},
          {"in_line_seconds_ago", or_null(e.in_line_seconds_ago)},
          {"watermark", or_null(e.watermark)},
          {"behind", e.behind},
          {"failures", e.failures},
          {"held", cli::json_of(e.held)},
          {"approved", e.approved},
          {"rejected", e.rejected}};
}

}  // namespace

json::object json_of(const Status& status) {
  json::array environments;
  for (const auto& environment : status.environments) environments.push_back(json_of(environment));
  return {{"mirror", json_of(status.mirror)}, {"environments", std::move(environments)}};
}

}  // namespace dvsync::cli
