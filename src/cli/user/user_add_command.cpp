// dvsync user add, dvsync user refresh: users brought in line on demand, one or ten thousand.

#include <sysexits.h>
#include <unistd.h>

#include <array>

#include "dvsync/sync/engine.hpp"
#include "dvsync/sync/people.hpp"
#include "options.hpp"
#include "terminal/stop_signals.hpp"
#include "user/answers.hpp"
#include "user/user_commands.hpp"
#include "user/user_list_input.hpp"
#include "words.hpp"

namespace dvsync::cli {
namespace {

// Tells answers as they come, and counts them.
class Tally {
 public:
  Tally(const Context& context, std::string environment, bool json)
      : context_(context), environment_(std::move(environment)), json_(json) {
    if (json_) {
      context_.out.write("{\"environment\":" + boost::json::serialize(boost::json::string(environment_)) +
                         ",\"answers\":[");
    }
  }

  void take(const sync::RequestOutcome& answer) {
    if (json_) {
      context_.out.write((total_ == 0 ? "\n" : ",\n") + boost::json::serialize(json_of(answer)));
    } else {
      context_.out.write(line_of(answer, context_.out.paint()));
    }
    ++total_;
    ++decisions_[static_cast<std::size_t>(answer.decision)];
    code_ = weightier(code_, exit_code_of(answer));
    // Who was to be added and is disabled instead was not let in.
    if (answer.decision == core::Decision::disable) disabled_ = true;
  }

  int end(bool adding) {
    if (adding && disabled_) code_ = weightier(code_, EX_DATAERR);
    if (json_) {
      context_.out.write("],\"counts\":" + boost::json::serialize(counts()) +
                         ",\"exit_code\":" + std::to_string(code_) + "}\n");
    } else if (total_ != 1) {
      context_.out.write(summary());
    }
    return code_;
  }

 private:
  static constexpr std::array told{core::Decision::create, core::Decision::enable,  core::Decision::update,
                                   core::Decision::keep,   core::Decision::disable, core::Decision::refuse};
  [[nodiscard]] std::int64_t count(core::Decision decision) const {
    return decisions_[static_cast<std::size_t>(decision)];
  }
  [[nodiscard]] boost::json::object counts() const {
    boost::json::object object;
    for (const auto decision : told) object[core::name_of(decision)] = count(decision);
    return object;
  }
  [[nodiscard]] std::string summary() const {
    std::string text = environment_ + ": " + count_of(total_, "user", "users");
    for (const auto decision : told) {
      if (count(decision) == 0) continue;
      text += ", " + std::string(core::name_of(decision)) + " " + std::to_string(count(decision));
    }
    return text + "\n";
  }

  const Context& context_;
  std::string environment_;
  bool json_;
  std::int64_t total_ = 0;
  std::array<std::int64_t, 7> decisions_{};
  int code_ = 0;
  bool disabled_ = false;
};

class UserAddCommand : public Command {
 public:
  explicit UserAddCommand(bool adds) : adds_(adds) {}

  CLI::App* declare(CLI::App& user) override {
    auto* app = adds_ ? user.add_subcommand("add", "Let users in now, if the rules allow it; many at once")
                      : user.add_subcommand("refresh", "Read users again and bring their rows in line");
    app->add_option("user", users_, "User names, or object ids")->type_name("USER");
    app->add_option("--file", file_, "Users one a line; - is standard input")->type_name("FILE");
    if (adds_) {
      app->add_option("--group", group_, "All direct members of this group (object id, or DN)")->type_name("GROUP");
    } else {
      app->add_flag("--all-fields", all_fields_, "Also fields that are filled on creation only, and edited ones");
    }
    options_.add_to(*app);
    return app->footer(
        adds_ ? "Every user gets an answer of its own; one that is refused stops nobody else.\n"
                "\n"
                "Examples:\n"
                "  dvsync user add ana@contoso.example\n"
                "  dvsync user add --group 3f6b2c1e-0000-4000-8000-000000000001 --environment contoso\n"
                "  cut -d, -f1 staff.csv | dvsync user add --json\n"
                "\n"
                "Exit codes: 0 all let in; 65 some are refused; 64 some are not known; 75 held, or a fact "
                "is missing;\n69 the directory could not be asked."
              : "Examples:\n"
                "  dvsync user refresh ana@contoso.example\n"
                "  dvsync user refresh ana@contoso.example --all-fields    fullname and primary email too");
  }

  int run(const Context& context) override {
    const auto configuration = context.configuration();
    const auto& environment = options_.chosen_of(configuration);
    const StopSignals signals;
    auto named = names();
    Tally tally(context, environment.rules.name, options_.json);
    for (const auto line : named.unreadable) {
      tally.take(sync::refusal_of({"line " + std::to_string(line), std::nullopt, sync::refusal::malformed_request,
                                   "the line is not UTF-8 text"}));
    }
    std::vector<source::UserReference> users;
    for (const auto& name : named.names) users.push_back(sync::reference_to(name));
    if (environment.rules.type == core::EnvironmentType::none) {
      refuse_all(users, tally);
    } else {
      sync::UserOperations operations(configuration, environment, requester(), signals.token());
      if (group_) {
        for (auto& member : operations.members_of(*group_)) users.push_back(std::move(member));
      }
      operations.bring_in_line(
          users, all_fields_, adds_ ? "user add" : "user refresh", [&](sync::RequestOutcome answer) {
            // Of many, each would be looked for in the whole mirror.
            if (users.size() == 1 && is_nobody(answer)) {
              answer.detail += sync::suggestions(sync::find_people(configuration, {&environment}, answer.asked));
            }
            tally.take(answer);
          });
    }
    return tally.end(adds_);
  }

 private:
  // The command line's first, then the file's or the pipe's.
  NamedUsers names() const {
    NamedUsers named{.names = users_, .unreadable = {}};
    const bool piped = users_.empty() && !group_ && isatty(STDIN_FILENO) == 0;
    if (!file_ && !piped) {
      if (users_.empty() && !group_) throw sync::UsageError("name the users, or a file of them with --file");
      return named;
    }
    auto read = read_named(file_.value_or("-"));
    named.names.insert(named.names.end(), read.names.begin(), read.names.end());
    named.unreadable = std::move(read.unreadable);
    return named;
  }

  static void refuse_all(const std::vector<source::UserReference>& users, Tally& tally) {
    for (const auto& user : users) {
      auto answer = sync::refusal_of(
          {user.user_name, user.object_id, std::string(core::code_of(core::Reason::no_dataverse_database)), ""});
      tally.take(answer);
    }
  }

  bool adds_;
  UserOptions options_;
  std::vector<std::string> users_;
  std::optional<std::string> file_;
  std::optional<std::string> group_;
  bool all_fields_ = false;
};

}  // namespace

std::unique_ptr<Command> make_user_add_command() { return std::make_unique<UserAddCommand>(true); }
std::unique_ptr<Command> make_user_refresh_command() { return std::make_unique<UserAddCommand>(false); }

}  // namespace dvsync::cli
