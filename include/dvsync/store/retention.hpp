#pragma once
// Forgetting the sync log once it is old enough: in small transactions, each of a moment, so that nobody waits for it.

#include <chrono>

#include "dvsync/store/postgres/connection.hpp"

namespace dvsync::store {

// Removes a few thousand lines at most, of runs that ended before `retention` ago. False: there is no more. What is
// still needed stays however old: the last run, the last one that went through, and runs that hold decisions.
bool forget_some(Connection& environment, std::chrono::seconds retention);

}  // namespace dvsync::store
