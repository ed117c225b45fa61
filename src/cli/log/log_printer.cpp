#include "log/log_printer.hpp"

#include <utility>

#include "log/log_text.hpp"

namespace dvsync::cli {
namespace {

namespace json = boost::json;

class LogLines : public LogPrinter {
 public:
  LogLines(Output& out, std::size_t name_width, bool with_details)
      : out_(out), name_width_(name_width), with_details_(with_details) {}

  void run(const LoggedRun& run) override {
    out_.write(run_line(run, name_width_, out_.paint()));
    if (with_details_) out_.write(details_of(run, out_.paint()));
  }
  void change_of_run(const LoggedChange& change) override { out_.write(change_line(change, out_.paint())); }
  void run_ends(const std::vector<LoggedHold>& holds) override {
    for (const auto& hold : holds) out_.write(hold_line(hold, out_.paint()));
    out_.flush();
  }
  void change(const LoggedChange& change) override { out_.write(dated_change_line(change, name_width_, out_.paint())); }
  void rejection(const LoggedRejection& rejection) override {
    out_.write(rejection_line(rejection, name_width_, out_.paint()));
  }
  void request(const LoggedRequest& request) override { out_.write(request_line(request, name_width_, out_.paint())); }
  void end() override {}

 private:
  Output& out_;
  std::size_t name_width_;
  bool with_details_;
};

// What both kinds of JSON share: a run is an object whose changes are written while they are read.
class JsonLog : public LogPrinter {
 public:
  JsonLog(Output& out, bool with_changes) : out_(out), with_changes_(with_changes) {}

  void run(const LoggedRun& run) override {
    before_item();
    auto text = json::serialize(json_of(run));
    if (with_changes_) {
      text.pop_back();
      text += R"(,"changes":[)";
    }
    out_.write(text);
    changes_ = 0;
  }
  void change_of_run(const LoggedChange& change) override {
    out_.write((changes_++ > 0 ? "," : "") + json::serialize(json_of(change)));
  }
  void run_ends(const std::vector<LoggedHold>& holds) override {
    if (with_changes_) {
      json::array all;
      for (const auto& hold : holds) all.push_back(json_of(hold));
      out_.write("],\"holds\":" + json::serialize(all) + "}");
    }
    after_item();
  }
  void change(const LoggedChange& change) override { item(json_of(change)); }
  void rejection(const LoggedRejection& rejection) override { item(json_of(rejection)); }
  void request(const LoggedRequest& request) override { item(json_of(request)); }

 protected:
  virtual void before_item() = 0;
  virtual void after_item() = 0;
  Output& out() { return out_; }

 private:
  void item(const json::object& object) {
    before_item();
    out_.write(json::serialize(object));
    after_item();
  }

  Output& out_;
  bool with_changes_;
  std::int64_t changes_ = 0;
};

class LogDocument : public JsonLog {
 public:
  LogDocument(Output& output, const std::string& list, bool with_changes) : JsonLog(output, with_changes) {
    output.write("{\"" + list + "\":[");
  }
  void end() override { out().write("]}\n"); }

 private:
  void before_item() override {
    if (std::exchange(begun_, true)) out().write(",");
  }
  void after_item() override {}
  bool begun_ = false;
};

class LogObjects : public JsonLog {
 public:
  using JsonLog::JsonLog;
  void end() override {}

 private:
  void before_item() override {}
  void after_item() override {
    out().write("\n");
    out().flush();
  }
};

}  // namespace

std::unique_ptr<LogPrinter> make_log_lines(Output& out, std::size_t name_width, bool with_details) {
  return std::make_unique<LogLines>(out, name_width, with_details);
}

std::unique_ptr<LogPrinter> make_log_document(Output& out, const std::string& list, bool with_changes) {
  return std::make_unique<LogDocument>(out, list, with_changes);
}

std::unique_ptr<LogPrinter> make_log_objects(Output& out, bool with_changes) {
  return std::make_unique<LogObjects>(out, with_changes);
}

}  // namespace dvsync::cli
