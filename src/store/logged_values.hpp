#pragma once
// Values of a row as the log keeps them: JSON that an operator reads.

#include <boost/json.hpp>

#include "dvsync/core/system_user.hpp"

namespace dvsync::store {

[[nodiscard]] inline boost::json::value logged(const core::Text& text) {
  return text ? boost::json::value(*text) : boost::json::value(nullptr);
}

}  // namespace dvsync::store
