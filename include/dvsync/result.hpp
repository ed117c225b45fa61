#pragma once
// The one result type: a value, or the reason why this record has none. It is for outcomes that are
// part of the job (a rejected identity, a name nobody has); a broken world is an exception.

#include <boost/system/result.hpp>

namespace dvsync {

template <class T, class E>
using Result = boost::system::result<T, E>;

}  // namespace dvsync
