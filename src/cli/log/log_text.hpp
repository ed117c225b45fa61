#pragma once
// Lines of the sync log, for people.

#include <string>

#include "dvsync/store/log_json.hpp"
#include "dvsync/store/log_reader.hpp"
#include "terminal/output.hpp"

namespace dvsync::cli {

using store::json_of;
using store::LoggedChange;
using store::LoggedHold;
using store::LoggedRejection;
using store::LoggedRequest;
using store::LoggedRun;

// `name_width`: that of the longest environment's name, so that lines stand below each other.
[[nodiscard]] std::string run_line(const LoggedRun& run, std::size_t name_width, const Paint& paint);
// "isdisabled: false → true, disabledreason: null → …"; empty: a create.
[[nodiscard]] std::string fields_text(const LoggedChange& change);
// Below its run, a line each: why everybody was looked at, where its time went, how late the rows were, its warnings.
[[nodiscard]] std::string details_of(const LoggedRun& run, const Paint& paint);
// Below its run: "    2026-03-01 14:05:09 +0100  run     17  ! disable  bob@contoso.example  account_disabled
// isdisabled: false → true  by root".
[[nodiscard]] std::string change_line(const LoggedChange& change, const Paint& paint);
// On its own, with time, environment and run.
[[nodiscard]] std::string dated_change_line(const LoggedChange& change, std::size_t name_width, const Paint& paint);
// Below its run: "    held  disable  ana@…  not_in_directory (absent): approved by root on …; carried out by run 19".
[[nodiscard]] std::string hold_line(const LoggedHold& hold, const Paint& paint);
[[nodiscard]] std::string rejection_line(const LoggedRejection& rejection, std::size_t name_width, const Paint& paint);

// "2026-…  contoso  portal asked for ana@… (first_access): refused, may not enter (no_license)".
[[nodiscard]] std::string request_line(const LoggedRequest& request, std::size_t name_width, const Paint& paint);
// Where nothing of a log matches what was asked: from when to when it goes.
[[nodiscard]] std::string nothing_in(store::LogReader& log);

}  // namespace dvsync::cli
