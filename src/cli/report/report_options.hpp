#pragma once
// What every report takes: which environments, and in which form it is told.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "command.hpp"
#include "environments.hpp"
#include "listing.hpp"

namespace dvsync::cli {

struct ReportOptions {
  std::vector<std::string> environments;
  bool json = false;
  bool csv = false;

  void add_to(CLI::App& app);
  [[nodiscard]] Format format() const { return json ? Format::json : csv ? Format::csv : Format::text; }
};

// Each is a command of its own below `dvsync report`.
[[nodiscard]] std::unique_ptr<Command> make_users_report();
[[nodiscard]] std::unique_ptr<Command> make_kept_out_report();
[[nodiscard]] std::unique_ptr<Command> make_administrators_report();
[[nodiscard]] std::unique_ptr<Command> make_group_report();
[[nodiscard]] std::unique_ptr<Command> make_leavers_report();
[[nodiscard]] std::unique_ptr<Command> make_changes_report();
[[nodiscard]] std::unique_ptr<Command> make_lag_report();
[[nodiscard]] std::unique_ptr<Command> make_rejected_report();

// Cells for people; empty where there is nothing to say.
[[nodiscard]] Cell name_cell(std::string_view name);
[[nodiscard]] Cell time_cell(const std::optional<core::Timestamp>& time);
[[nodiscard]] Cell yes_or_no(const std::optional<bool>& value);
// "enabled", or why it is not.
[[nodiscard]] Cell state_cell(bool disabled, std::string_view reason);
// "3 no_license, 1 soft_deleted"
[[nodiscard]] std::string tally_of(const std::vector<std::pair<std::string, std::int64_t>>& counts);

}  // namespace dvsync::cli
