#pragma once
// The status for people and for programs.

#include <boost/json.hpp>
#include <string>

#include "status/status_facts.hpp"
#include "terminal/output.hpp"

namespace dvsync::cli {

[[nodiscard]] std::string text_of(const Status& status, const Paint& paint);
[[nodiscard]] boost::json::object json_of(const Status& status);

}  // namespace dvsync::cli
