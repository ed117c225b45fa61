#pragma once
// What a connection string of libpq says, without connecting.

#include <map>
#include <string>
#include <string_view>

namespace dvsync::store {

// What the string says, else libpq's default (its variables among them). Empty: neither.
[[nodiscard]] std::string option_of(const std::string& conninfo, std::string_view keyword);

// The file in which libpq looks for a password.
[[nodiscard]] std::string password_file_of(const std::string& conninfo);

// The same string with other values of some keywords, as keyword='value' …
[[nodiscard]] std::string with_options(const std::string& conninfo, const std::map<std::string, std::string>& options);

// Why libpq cannot read the string; empty: it can. Shows nothing but the keyword that it does not know.
[[nodiscard]] std::string mistake_in(const std::string& conninfo);

// What to do about a connection that failed with this message; empty: the message says enough.
[[nodiscard]] std::string connection_advice(const std::string& conninfo, std::string_view message);

}  // namespace dvsync::store
