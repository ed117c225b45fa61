#include "undo/undo_printer.hpp"

#include <utility>

#include "changes.hpp"
#include "json.hpp"
#include "plan/plan_sections.hpp"
#include "words.hpp"

namespace dvsync::cli {
namespace {

namespace json = boost::json;

std::string in_words(const core::Change& change) {
  return std::string(core::name_of(change.action)) + " (" + std::string(core::code_of(change.reason)) + ")";
}

class TextUndo : public UndoPrinter {
 public:
  TextUndo(Output& out, Output& err) : out_(out), err_(err), paint_(out.paint()) {}

  void waiting_for(const std::string& holder) override { err_.write("waiting for " + printable(holder) + " …\n"); }
  void brings_back(const std::string&, const sync::UndoneRow& row) override {
    auto text = change_text(row.change, {}, paint_);
    if (row.again) {
      text += "      " + paint_.yellow("the rules would do it again:") + " " + in_words(*row.again) +
              (row.on_hold ? "; that is put on hold" : "") + "\n";
    }
    back_.add(text);
  }
  void leaves(const std::string&, const sync::LeftRow& row) override {
    left_.add("  " + paint_.yellow("x") + " " + paint_.bold(printable(row.user.value_or("(no user name)"))) + "  " +
              printable(row.why) + "  " + paint_.faint(core::to_string(row.object_id)) + "\n");
  }
  void ends(const sync::UndoEnvironment& environment) override {
    const auto name = paint_.bold(environment.name);
    if (!environment.error.empty()) {
      out_.write(name + ": " + paint_.red("failed:") + " " + printable(environment.error) + "\n");
    } else {
      out_.write(name + ": " + brought_back(environment.counters) + "\n");
    }
    back_.pour_into(out_);
    if (left_.items() > 0) {
      out_.write("  " + count_of(left_.items(), "row stays as it is", "rows stay as they are") + ":\n");
    }
    left_.pour_into(out_);
    tell_rest(environment);
  }
  void end(const sync::UndoReport&, const sync::UndoRequest&, int) override {}

 private:
  void tell_rest(const sync::UndoEnvironment& environment) {
    if (environment.created > 0) {
      out_.write("  " + count_of(environment.created, "row was created and stays", "rows were created and stay") +
                 ": `dvsync user disable` closes a row\n");
    }
    if (environment.undone > 0) {
      out_.write("  " + count_of(environment.undone, "row was brought back", "rows were brought back") +
                 " by an earlier undo\n");
    }
    if (environment.again > 0) {
      out_.write("  " + count_of(environment.again, "change", "changes") +
                 " the rules would make again at the next run that looks at these users, a full one at the latest; " +
                 std::to_string(environment.on_hold) + " of them put on hold\n");
    }
  }

  Output& out_;
  Output& err_;
  const Paint& paint_;
  Spool back_;
  Spool left_;
};

class JsonUndo : public UndoPrinter {
 public:
  JsonUndo(Output& out, Output& err) : out_(out), err_(err) {}

  void waiting_for(const std::string& holder) override { err_.write("waiting for " + printable(holder) + " …\n"); }
  void brings_back(const std::string&, const sync::UndoneRow& row) override {
    json::value again(nullptr);
    if (row.again) {
      again = json::object{{"action", core::name_of(row.again->action)},
                           {"reason", core::code_of(row.again->reason)},
                           {"on_hold", row.on_hold}};
    }
    add(back_, json::object{{"action", core::name_of(row.change.action)},
                            {"object_id", core::to_string(row.change.object_id)},
                            {"systemuserid", core::to_string(row.change.before.systemuserid)},
                            {"domainname", json_or_null(row.change.before[core::Column::domainname])},
                            {"fields", json_of(fields_of(row.change))},
                            {"again", std::move(again)}});
  }
  void leaves(const std::string&, const sync::LeftRow& row) override {
    add(left_,
        json::object{
            {"object_id", core::to_string(row.object_id)}, {"domainname", json_or_null(row.user)}, {"why", row.why}});
  }
  void ends(const sync::UndoEnvironment& environment) override {
    out_.write(std::exchange(begun_, true) ? "," : R"({"environments":[)");
    out_.write(R"({"rows":[)");
    back_.pour_into(out_);
    out_.write(R"(],"left":[)");
    left_.pour_into(out_);
    const auto rest = json::serialize(json::object{{"name", environment.name},
                                                   {"counters", json_of(environment.counters)},
                                                   {"again", environment.again},
                                                   {"on_hold", environment.on_hold},
                                                   {"created", environment.created},
                                                   {"undone_before", environment.undone},
                                                   {"error", json_text(environment.error)}});
    out_.write("]," + rest.substr(1));
  }
  void end(const sync::UndoReport& report, const sync::UndoRequest& request, int exit_code) override {
    if (!begun_) out_.write(R"({"environments":[)");
    const auto rest =
        json::serialize(json::object{{"run_id", report.run_id == 0 ? json::value(nullptr) : json::value(report.run_id)},
                                     {"undoes", request.run_id},
                                     {"exit_code", exit_code}});
    out_.write("]," + rest.substr(1) + "\n");
  }

 private:
  static void add(Spool& spool, const json::object& item) {
    spool.add((spool.items() > 0 ? "," : "") + json::serialize(item));
  }

  Output& out_;
  Output& err_;
  Spool back_;
  Spool left_;
  bool begun_ = false;
};

}  // namespace

std::string brought_back(const core::Counters& counters) {
  if (counters.changed() == 0) return "no row is brought back";
  std::string text;
  const auto add = [&text](std::int64_t number, const char* what) {
    if (number > 0) text += (text.empty() ? "" : ", ") + std::to_string(number) + " to " + what;
  };
  add(counters.enabled, "enable");
  add(counters.disabled, "disable");
  add(counters.updated, "update");
  return text;
}

std::unique_ptr<UndoPrinter> make_text_undo(Output& out, Output& err) { return std::make_unique<TextUndo>(out, err); }
std::unique_ptr<UndoPrinter> make_json_undo(Output& out, Output& err) { return std::make_unique<JsonUndo>(out, err); }

}  // namespace dvsync::cli
