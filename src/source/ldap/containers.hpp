#pragma once
// Whether a container of the tree was renamed or moved. Nothing tells so of the entries below it: they are not touched,
// and yet have other names, by which groups refer to them.

#include <stop_token>

#include "pull_phase.hpp"

namespace dvsync::source::ldap {

// Compares the containers with what the cursor remembers of them, and notes in the context's cursor what they are now.
// True: the names that the mirror knows may be old, so everything is to be read anew.
[[nodiscard]] bool containers_moved(PullContext& context, const std::stop_token& stop);

}  // namespace dvsync::source::ldap
