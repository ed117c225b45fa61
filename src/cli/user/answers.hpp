#pragma once
// Answers on demand, for people and for programs.

#include <string>

#include "dvsync/sync/sync_json.hpp"
#include "terminal/output.hpp"

namespace dvsync::cli {

// "+ ana@contoso.example: created, may enter (entitled)", with its line break.
[[nodiscard]] std::string line_of(const sync::RequestOutcome& answer, const Paint& paint);
using sync::json_of;

// Nobody, or several, of the name that was asked.
[[nodiscard]] bool is_nobody(const sync::RequestOutcome& answer);
// 0; 64 nobody, or several, of this name; 65 refused; 69 the directory could not be asked; 75 held, or a fact is
// missing.
[[nodiscard]] int exit_code_of(const sync::RequestOutcome& answer);
// The one that an operator should see of two.
[[nodiscard]] int weightier(int code, int other);

}  // namespace dvsync::cli
