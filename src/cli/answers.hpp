#pragma once
// Answers on demand, for people and for programs.

#include <boost/json.hpp>
#include <string>
#include <string_view>

#include "dvsync/sync/on_demand.hpp"
#include "output.hpp"

namespace dvsync::cli {

// "+ ana@contoso.example: created, may enter (entitled)", with its line break.
[[nodiscard]] std::string line_of(const sync::Answer& answer, const Paint& paint);
[[nodiscard]] boost::json::object json_of(const sync::Answer& answer);

// A reason, a gate's or a refusal's, in a sentence; empty where the code is all there is.
[[nodiscard]] std::string_view sentence_of(std::string_view reason);

// 0; 64 nobody, or several, of this name; 65 refused; 69 the directory could not be asked; 75 held, or a fact is
// missing.
[[nodiscard]] int exit_code_of(const sync::Answer& answer);
// The one that an operator should see of two.
[[nodiscard]] int weightier(int code, int other);

}  // namespace dvsync::cli
