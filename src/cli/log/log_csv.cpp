// The log as comma separated values: the keys of its JSON as columns, in their order.

#include "csv.hpp"
#include "log/log_printer.hpp"
#include "log/log_text.hpp"

namespace dvsync::cli {
namespace {

namespace json = boost::json;

// Objects whose keys are columns of their own.
json::object flattened(const LoggedRun& run) {
  auto whole = run;
  whole.phases = run.phases.value_or(core::RunPhases{});
  auto object = json_of(whole);
  for (const auto* name : {"counters", "phases"}) {
    const auto inner = object.at(name).as_object();
    object.stable_erase(name);
    const bool known = run.phases.has_value() || std::string_view(name) != "phases";
    for (const auto& [key, value] : inner) object[key] = known ? value : json::value(nullptr);
  }
  return object;
}

class LogCsv : public LogPrinter {
 public:
  LogCsv(Output& out, const std::string& list) : out_(out), runs_(list == "runs") {
    const auto like = runs_                ? flattened(LoggedRun{})
                      : list == "changes"  ? json_of(LoggedChange{})
                      : list == "requests" ? json_of(LoggedRequest{})
                                           : json_of(LoggedRejection{});
    out_.write(csv_heading(like));
  }

  void run(const LoggedRun& run) override {
    if (runs_) line(flattened(run));
  }
  void change_of_run(const LoggedChange& change) override { line(json_of(change)); }
  void run_ends(const std::vector<LoggedHold>&) override {}
  void change(const LoggedChange& change) override { line(json_of(change)); }
  void rejection(const LoggedRejection& rejection) override { line(json_of(rejection)); }
  void request(const LoggedRequest& request) override { line(json_of(request)); }
  void end() override {}

 private:
  void line(const json::object& object) { out_.write(csv_line(object)); }

  Output& out_;
  bool runs_;
};

}  // namespace

std::unique_ptr<LogPrinter> make_log_csv(Output& out, const std::string& list) {
  return std::make_unique<LogCsv>(out, list);
}

}  // namespace dvsync::cli
