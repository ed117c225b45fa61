#include "init/first_database.hpp"

#include <utility>

#include "dvsync/error.hpp"
#include "dvsync/store/new_database.hpp"
#include "terminal/question.hpp"

namespace dvsync::cli {
namespace {

// Of the server, and of the machine that it runs on.
constexpr const char* server_administrator = "postgres";

std::string quoted_for_shell(const std::string& word) {
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  const bool simple =
      word.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") == std::string::npos;
  return simple && !word.empty() ? word : quoted + "'";
}

}  // namespace

std::optional<std::string> FirstDatabase::obstacle() const {
  const WorkingAs daemon(service_);
  try {
    store::require_session(conninfo_);
    return std::nullopt;
  } catch (const StoreError& error) {
    return error.what();
  }
}

void FirstDatabase::create(Output& out, Interview& interview, bool asked_for) const {
  const auto wanted = [this] {
    const WorkingAs daemon(service_);
    return store::named_in(conninfo_);
  }();
  std::string statements;
  for (const auto& statement : store::statements_for(wanted)) statements += "  " + statement + ";\n";
  if (!asked_for) {
    interview.say("As " + std::string(server_administrator) + ", what is missing of this can be run now:\n" +
                  statements);
    if (!confirmed("Run it?")) return;
  } else {
    out.write("What is missing of this is run as " + std::string(server_administrator) + ":\n" + statements);
    out.flush();
  }
  const WorkingAs administrator(store::is_on_this_machine(conninfo_) ? other_user(server_administrator) : std::nullopt);
  const auto run = store::create_missing(conninfo_, server_administrator, wanted);
  out.write(run.empty() ? "nothing was missing\n" : "done\n");
}

std::string FirstDatabase::by_hand() const {
  const WorkingAs daemon(service_);
  const auto wanted = store::named_in(conninfo_);
  const auto role = quoted_for_shell(wanted.role);
  return "  sudo -u postgres createuser " + role + "\n  sudo -u postgres createdb -E UTF8 -T template0 -O " + role +
         " " + quoted_for_shell(wanted.database) + "\n";
}

}  // namespace dvsync::cli
