#include "conninfo.hpp"

#include <libpq-fe.h>

#include <cstdlib>
#include <memory>
#include <new>
#include <utility>
#include <vector>

#include "dvsync/config/suggestion.hpp"
#include "errors.hpp"

namespace dvsync::store {
namespace {

using Options = std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)>;

std::string value_in(const Options& options, std::string_view keyword) {
  for (const auto* option = options.get(); option != nullptr && option->keyword != nullptr; ++option) {
    if (option->keyword == keyword && option->val != nullptr) return option->val;
  }
  return "";
}

struct Given {
  Options options;      // null: the string cannot be read,
  std::string problem;  // and why
};

// Where libpq has no memory, it answers nothing at all: no string is taken for one that gives no option. Throws
// std::bad_alloc.
Given options_given(const std::string& conninfo) {
  char* problem = nullptr;
  Options options(PQconninfoParse(conninfo.c_str(), &problem), &PQconninfoFree);
  const std::unique_ptr<char, decltype(&PQfreemem)> message(problem, &PQfreemem);
  if (options == nullptr && problem == nullptr) throw std::bad_alloc();
  return {std::move(options), problem == nullptr ? "" : on_one_line(problem)};
}

Options defaults() {
  Options known(PQconndefaults(), &PQconninfoFree);
  if (known == nullptr) throw std::bad_alloc();
  return known;
}

std::string value_given(const std::string& conninfo, std::string_view keyword) {
  return value_in(options_given(conninfo).options, keyword);
}

bool says(std::string_view message, std::string_view words) { return message.find(words) != std::string_view::npos; }

// `invalid connection option "usr"`: what was meant.
std::string option_meant(const std::string& message) {
  const auto begin = message.find('"');
  const auto end = message.find('"', begin + 1);
  if (!says(message, "invalid connection option") || end == std::string::npos) return "";
  const auto known = defaults();
  std::vector<std::string_view> keywords;
  for (const auto* option = known.get(); option != nullptr && option->keyword != nullptr; ++option) {
    keywords.emplace_back(option->keyword);
  }
  return config::did_you_mean(message.substr(begin + 1, end - begin - 1), keywords);
}

}  // namespace

std::string option_of(const std::string& conninfo, std::string_view keyword) {
  const auto value = value_given(conninfo, keyword);
  return value.empty() ? value_in(defaults(), keyword) : value;
}

std::string password_file_of(const std::string& conninfo) {
  const auto file = option_of(conninfo, "passfile");
  const char* home = std::getenv("HOME");
  return !file.empty() || home == nullptr ? file : std::string(home) + "/.pgpass";
}

std::string with_options(const std::string& conninfo, const std::map<std::string, std::string>& options) {
  auto values = options;
  const auto given = options_given(conninfo);
  for (const auto* option = given.options.get(); option != nullptr && option->keyword != nullptr; ++option) {
    if (option->val != nullptr) values.emplace(option->keyword, option->val);
  }
  std::string text;
  for (const auto& [keyword, value] : values) {
    text += (text.empty() ? "" : " ") + keyword + "='";
    for (const char c : value) text += c == '\'' || c == '\\' ? std::string("\\") + c : std::string(1, c);
    text += "'";
  }
  return text;
}

std::string mistake_in(const std::string& conninfo) {
  const auto given = options_given(conninfo);
  if (given.options != nullptr) return "";
  const auto& words = given.problem;
  // Of other mistakes libpq shows the piece that it could not read, whatever that is.
  return says(words, "invalid connection option") ? words + option_meant(words)
                                                  : "it is neither keyword=value … nor postgresql://…";
}

std::string connection_advice(const std::string& conninfo, std::string_view message) {
  if (says(message, "session is read-only")) {
    return ". dvsync writes: name the primary server, or reset default_transaction_read_only there";
  }
  if (says(message, "no password supplied")) {
    return ". It was looked for in " + password_file_of(conninfo) +
           ", a line host:port:database:user:password that only its owner may read (chmod 600): `passfile=` in the "
           "connection string names another";
  }
  const bool no_role = says(message, "role \"") && says(message, "does not exist");
  if (no_role && value_given(conninfo, "user").empty()) {
    return ". The connection string names no `user`, so it was the one who runs this: `sudo -u dvsync dvsync …`, or "
           "name "
           "one";
  }
  return "";
}

}  // namespace dvsync::store
