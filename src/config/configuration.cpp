#include "dvsync/config/configuration.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <system_error>
#include <utility>

#include "database.hpp"
#include "directory.hpp"
#include "document.hpp"
#include "dvsync/config/outline.hpp"
#include "dvsync/core/text.hpp"
#include "environments.hpp"
#include "licenses.hpp"
#include "report.hpp"
#include "section.hpp"
#include "settings.hpp"

namespace dvsync::config {
namespace {

constexpr auto default_file = "/etc/dvsync/dvsync.yaml";
constexpr std::size_t largest_file = std::size_t{1024} * 1024;

std::vector<Diagnostic> whole_file(const std::filesystem::path& file, std::string message) {
  return {Diagnostic{.file = file.string(), .line = 0, .column = 0, .message = std::move(message), .source_line = {}}};
}

Configuration read_configuration(Section& root, const std::filesystem::path& file) {
  Configuration configuration;
  configuration.file = file;
  if (auto section = root.required_child("directory")) {
    configuration.directory = read_directory(*std::move(section), file.parent_path());
  }
  if (auto section = root.required_child("database")) {
    configuration.database = read_database(*std::move(section));
  }
  configuration.schedule = read_schedule(root.child("schedule"));
  configuration.environments =
      read_environments(root.required_children("environments"), configuration.directory, configuration.database);
  configuration.requests = read_requests(root.child("requests"));
  configuration.safety = read_safety(root.child("safety"));
  configuration.licenses = read_licenses(root.child("licenses"));
  configuration.log = read_log(root.child("log"), file.parent_path());
  configuration.metrics = read_metrics(root.child("metrics"), file.parent_path());
  configuration.notify = read_notify(root.children("notify"), file.parent_path());
  if (root.may_have("console")) {
    configuration.console = read_console(root.child("console"), file.parent_path());
  }
  root.close();
  return configuration;
}

std::vector<Diagnostic> unreadable(const std::filesystem::path& file, int error) {
  const bool denied = error == EACCES;
  auto told = whole_file(
      file, "cannot be read: " + std::generic_category().message(error) +
                (denied ? ": it is for the group dvsync: `sudo -u dvsync dvsync …`"
                        : ": name the configuration with --config or DVSYNC_CONFIG, or have `dvsync init` write one"));
  told.front().denied = denied;
  return told;
}

struct Reading {
  Configuration configuration;
  std::shared_ptr<const Outline> outline;
};
using Outcome = std::variant<Reading, std::vector<Diagnostic>>;

Outcome read_text(std::string_view yaml, const std::filesystem::path& name) {
  static constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (yaml.starts_with(byte_order_mark)) {
    yaml.remove_prefix(byte_order_mark.size());
  }
  const auto valid = core::text_prefix(yaml);
  Report report(name.string(), valid);
  if (valid.size() < yaml.size()) {
    const auto line_begin = valid.rfind('\n') + 1;  // npos + 1 is 0
    const auto line = static_cast<std::size_t>(std::count(valid.begin(), valid.end(), '\n')) + 1;
    report.add({line, valid.size() - line_begin + 1}, "this is not UTF-8 text");
    return std::move(report).take();
  }
  const auto document = read_document(valid, report);
  if (!document) return std::move(report).take();
  Section root(report, *document, "", position_of(document->Mark()));
  auto configuration = read_configuration(root, name);
  if (!report.empty()) return std::move(report).take();
  return Reading{std::move(configuration), root.outline()};
}

Outcome read_file(const std::filesystem::path& file) {
  std::error_code error;
  if (std::filesystem::is_directory(file, error)) return whole_file(file, "cannot be read: Is a directory");
  errno = 0;
  std::ifstream stream(file, std::ios::binary);
  if (!stream) {
    return unreadable(file, errno);
  }
  std::string text(largest_file + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.bad()) return whole_file(file, "cannot be read: " + std::generic_category().message(errno));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (text.size() > largest_file) return whole_file(file, "is larger than 1 MiB: is this the configuration?");
  return read_text(text, file);
}

Loaded loaded(Outcome outcome) {
  if (auto* diagnostics = std::get_if<std::vector<Diagnostic>>(&outcome)) return std::move(*diagnostics);
  return std::get<Reading>(std::move(outcome)).configuration;
}

}  // namespace

Loaded parse(std::string_view yaml, const std::filesystem::path& name) { return loaded(read_text(yaml, name)); }
Loaded load(const std::filesystem::path& file) { return loaded(read_file(file)); }

std::variant<Outline, std::vector<Diagnostic>> outline_of(const std::filesystem::path& file) {
  auto outcome = read_file(file);
  if (auto* diagnostics = std::get_if<std::vector<Diagnostic>>(&outcome)) return std::move(*diagnostics);
  return *std::get<Reading>(outcome).outline;
}

Outline every_key() {
  Report report("", "");
  auto root = Section::of_everything(report);
  read_configuration(root, "");
  return *root.outline();
}

std::filesystem::path file_to_load(const std::optional<std::string>& option) {
  if (option) return *option;
  const char* variable = std::getenv("DVSYNC_CONFIG");
  return variable != nullptr && *variable != '\0' ? variable : default_file;
}

}  // namespace dvsync::config
