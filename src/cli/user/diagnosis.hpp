#pragma once
// What is wrong with a user in one environment, and what to do about it, in plain words.

#include <boost/json.hpp>
#include <string>
#include <vector>

#include "dvsync/config/configuration.hpp"
#include "dvsync/sync/explain_user.hpp"
#include "terminal/output.hpp"

namespace dvsync::cli {

struct Check {
  enum class State : std::uint8_t { good, wrong, unknown, attention };
  std::string subject;  // sign-in, licence, security group, environment type, row, security role
  State state = State::good;
  std::string words;
  std::string advice;  // empty: nothing to do
};

struct Findings {
  bool access = false;  // may enter, or would be let in by the next request
  std::string verdict;
  std::vector<Check> checks;
};

// Pure.
[[nodiscard]] Findings findings_of(const sync::Explanation& explanation, const config::Licenses& licenses);

[[nodiscard]] std::string text_of(const Findings& findings, const Paint& paint);
[[nodiscard]] boost::json::object json_of(const Findings& findings);

}  // namespace dvsync::cli
