// dvsync user reassign: the records of one row, given to another one.

#include <sysexits.h>

#include <algorithm>
#include <chrono>

#include "dvsync/sync/engine.hpp"
#include "dvsync/sync/reassignment.hpp"
#include "errors.hpp"
#include "json.hpp"
#include "options.hpp"
#include "terminal/progress.hpp"
#include "terminal/stop_signals.hpp"
#include "user/user_commands.hpp"
#include "user/user_list_input.hpp"
#include "words.hpp"

namespace dvsync::cli {
namespace {

struct Pair {
  std::string source;
  std::string target;
};

// Of the table in hand, on a terminal.
class RecordProgress {
 public:
  explicit RecordProgress(Output& err) : terminal_(err.terminal()), line_(err) {}

  void show(const std::string& table, std::int64_t done, std::int64_t expected) {
    if (!terminal_) return;
    const auto now = std::chrono::steady_clock::now();
    if (std::exchange(table_, table) != table) began_ = now;
    line_.show({.name = table,
                .done = done,
                .expected = expected,
                .unit = "records",
                .detail = "",
                .elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(now - began_)});
  }
  void erase() { line_.erase(); }

 private:
  bool terminal_;
  TransientLine line_;
  std::string table_;
  std::chrono::steady_clock::time_point began_;
};

boost::json::object reassigned_json(const sync::Reassigned& reassigned) {
  boost::json::array tables;
  for (const auto& table : reassigned.tables) {
    tables.push_back(
        boost::json::object{{"table", table.name}, {"records", table.records}, {"error", json_text(table.error)}});
  }
  return {{"from", core::to_string(reassigned.from.systemuserid)},
          {"to", core::to_string(reassigned.to.systemuserid)},
          {"records", reassigned.records()},
          {"run_id", json_or_null(reassigned.run_id)},
          {"tables", std::move(tables)},
          {"error", nullptr}};
}

std::string text_of(const Pair& pair, const sync::Reassigned& reassigned, bool dry_run, const Paint& paint) {
  auto text = paint.bold(printable(pair.source)) + " (" + core::to_string(reassigned.from.systemuserid) + ") to " +
              paint.bold(printable(pair.target)) + " (" + core::to_string(reassigned.to.systemuserid) +
              "): " + count_of(reassigned.records(), "record", "records") + (dry_run ? " to move" : " moved") + "\n";
  for (const auto& table : reassigned.tables) {
    if (table.records == 0 && table.error.empty()) continue;
    text += "  " + printable(table.name) + ": " + std::to_string(table.records);
    if (!table.error.empty()) text += "; " + paint.red("refused") + ": " + printable(table.error);
    text += "\n";
  }
  return text;
}

class UserReassignCommand : public Command {
 public:
  CLI::App* declare(CLI::App& user) override {
    auto* app = user.add_subcommand("reassign", "Give the records that a row owns to another row");
    app->add_option("source", source_, "Whose records: a user name, an object id or a systemuserid")
        ->type_name("SOURCE");
    app->add_option("target", target_, "Who gets them")->type_name("TARGET");
    app->add_option("--file", file_, "Pairs, one a line: SOURCE,TARGET; - is standard input")->type_name("CSV");
    app->add_option("--tables", tables_, "Only these tables")->delimiter(',')->type_name("TABLE");
    app->add_flag("--dry-run", dry_run_, "Count, and move nothing");
    options_.add_to(*app);
    return app->footer(
        "Every table of the schema that has the columns ownerid and owninguser. A placeholder often shares the user\n"
        "name of the real user: name it by its systemuserid. Interrupted or killed, it goes on where it was when it\n"
        "is run again. Connects with `migrate_connection` where there is one: the daemon's own role may not do this.\n"
        "\n"
        "Examples:\n"
        "  dvsync user reassign 3f6b2c1e-0000-4000-8000-000000000001 ana@contoso.example --dry-run\n"
        "  dvsync user reassign --file stubs.csv --tables account,contact --environment contoso");
  }

  int run(const Context& context) override {
    const auto configuration = context.configuration();
    const auto& environment = options_.with_rows_of(configuration);
    int code = 0;
    const auto pairs = this->pairs(context, code);
    const StopSignals signals;
    sync::RecordReassigner reassigner(configuration, environment, {.tables = tables_, .dry_run = dry_run_}, requester(),
                                      signals.token());
    for (const auto& pair : pairs) code = std::max(code, reassign(context, reassigner, pair));
    if (options_.json) {
      context.out.write(
          boost::json::serialize(boost::json::object{
              {"environment", environment.rules.name}, {"dry_run", dry_run_}, {"reassigned", std::move(told_)}}) +
          "\n");
    }
    return code;
  }

 private:
  std::vector<Pair> pairs(const Context& context, int& code) const {
    if (!file_) {
      if (source_.empty() || target_.empty()) throw sync::UsageError("name a SOURCE and a TARGET, or a --file of both");
      return {{source_, target_}};
    }
    if (!source_.empty()) throw sync::UsageError("either a SOURCE and a TARGET, or a --file of both");
    const auto named = read_named(*file_);
    std::vector<Pair> pairs;
    for (const auto& line : named.names) {
      const auto comma = line.find(',');
      if (comma == 0 || comma == std::string::npos || comma + 1 == line.size() ||
          line.find(',', comma + 1) != std::string::npos) {
        context.err.write("not SOURCE,TARGET: " + printable(line) + "\n");
        code = EX_USAGE;
        continue;
      }
      pairs.push_back({trimmed(line.substr(0, comma)), trimmed(line.substr(comma + 1))});
    }
    for (const auto line : named.unreadable) {
      context.err.write("line " + std::to_string(line) + " is not UTF-8 text\n");
      code = EX_USAGE;
    }
    return pairs;
  }

  // One pair that is wrong keeps nobody else's records where they are.
  int reassign(const Context& context, sync::RecordReassigner& reassigner, const Pair& pair) {
    try {
      RecordProgress progress(context.err);
      const auto reassigned = reassigner.reassign(
          pair.source, pair.target, [&](const std::string& table, std::int64_t done, std::int64_t expected) {
            progress.show(table, done, expected);
          });
      progress.erase();
      tell(context, pair, reassigned_json(reassigned), text_of(pair, reassigned, dry_run_, context.out.paint()));
      return reassigned.refused() ? EX_DATAERR : 0;
    } catch (const sync::UsageError& error) {
      if (!file_) throw;
      tell(context, pair, {{"records", 0}, {"error", error.what()}},
           printable(pair.source) + " to " + printable(pair.target) + ": " + error.what() + "\n");
      return EX_USAGE;
    }
  }

  void tell(const Context& context, const Pair& pair, boost::json::object object, const std::string& text) {
    if (!options_.json) return context.out.write(text);
    object["source"] = pair.source;
    object["target"] = pair.target;
    told_.push_back(std::move(object));
  }

  UserOptions options_;
  std::string source_;
  std::string target_;
  std::optional<std::string> file_;
  std::vector<std::string> tables_;
  bool dry_run_ = false;
  boost::json::array told_;
};

}  // namespace

std::unique_ptr<Command> make_user_reassign_command() { return std::make_unique<UserReassignCommand>(); }

}  // namespace dvsync::cli
