#pragma once
// The user that a command's USER means, and what is told where that is not clear.

#include <string>
#include <vector>

#include "command.hpp"
#include "dvsync/sync/people.hpp"

namespace dvsync::cli {

// In these environments (of type none: left out). Who had the name before is told on standard error. Where several may
// be meant, they are in the error's text, and with `json` on standard output as well. `spare` gets the sessions that
// were opened for it. Throws sync::WhoIsMeant.
[[nodiscard]] sync::Person person_named(const Context& context, const config::Configuration& configuration,
                                        const std::vector<const config::Environment*>& environments,
                                        const std::string& word, bool json, sync::SpareSessions* spare = nullptr);

}  // namespace dvsync::cli
