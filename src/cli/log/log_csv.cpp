// The log as comma separated values: the keys of its JSON as columns, in their order.

#include "csv.hpp"
#include "log/log_printer.hpp"
#include "log/log_text.hpp"

namespace dvsync::cli {
namespace {

namespace json = boost::json;

std::string cell_of(const json::value& value) {
  if (value.is_null()) return "";
  if (const auto* text = value.if_string()) return std::string(*text);
  // Lists of texts in one cell; changed fields as they are logged.
  if (const auto* list = value.if_array()) {
    std::string joined;
    for (const auto& item : *list) joined += (joined.empty() ? "" : "; ") + cell_of(item);
    return joined;
  }
  return json::serialize(value);
}

// Objects whose keys are columns of their own.
json::object flattened(json::object object) {
  if (auto* counters = object.if_contains("counters")) {
    const auto inner = counters->as_object();
    object.stable_erase("counters");
    for (const auto& [key, value] : inner) object[key] = value;
  }
  return object;
}

class LogCsv : public LogPrinter {
 public:
  LogCsv(Output& out, const std::string& list) : out_(out), runs_(list == "runs") {
    const auto like = runs_               ? flattened(json_of(LoggedRun{}))
                      : list == "changes" ? json_of(LoggedChange{})
                                          : json_of(LoggedRejection{});
    std::vector<std::string> heading;
    for (const auto& [key, value] : like) heading.emplace_back(key);
    out_.write(csv_line(heading));
  }

  void run(const LoggedRun& run) override {
    if (runs_) line(flattened(json_of(run)));
  }
  void change_of_run(const LoggedChange& change) override { line(json_of(change)); }
  void run_ends(const std::vector<LoggedHold>&) override {}
  void change(const LoggedChange& change) override { line(json_of(change)); }
  void rejection(const LoggedRejection& rejection) override { line(json_of(rejection)); }
  void end() override {}

 private:
  void line(const json::object& object) {
    std::vector<std::string> cells;
    for (const auto& [key, value] : object) cells.push_back(cell_of(value));
    out_.write(csv_line(cells));
  }

  Output& out_;
  bool runs_;
};

}  // namespace

std::unique_ptr<LogPrinter> make_log_csv(Output& out, const std::string& list) {
  return std::make_unique<LogCsv>(out, list);
}

}  // namespace dvsync::cli
