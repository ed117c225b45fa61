#include "help.hpp"

#include <algorithm>

#include "dvsync/core/text.hpp"
#include "terminal/table.hpp"

namespace dvsync::cli {
namespace {

constexpr std::size_t help_width = 80;

// Where the last column of a line begins: behind its last gap of two blanks or more.
std::size_t last_column(std::string_view line) {
  const auto text = std::min(line.find_first_not_of(' '), line.size());
  const auto gap = line.rfind("  ");
  return gap == std::string_view::npos || gap < text ? text : gap + 2;
}

bool goes_on(std::string_view line, std::string_view next) {
  return !line.empty() && !next.empty() && line.front() != ' ' && next.front() != ' ' && line.back() != '.' &&
         line.back() != ':';
}

class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const override {
    return fitted(CLI::Formatter::make_help(app, std::move(name), mode), help_width);
  }
  // Without what excludes what: it comes in no order, and who gives both is told.
  std::string make_option_opts(const CLI::Option* option) const override {
    const auto text = CLI::Formatter::make_option_opts(option);
    return text.substr(0, std::min(text.find(" Needs:"), text.find(" Excludes:")));
  }
  std::string make_footer(const CLI::App* app) const override { return joined(CLI::Formatter::make_footer(app)); }
};

}  // namespace

std::string joined(std::string_view prose) {
  std::string text;
  while (!prose.empty()) {
    const auto line = core::take_line(prose);
    text += line;
    text += goes_on(line, prose.substr(0, prose.find('\n'))) ? ' ' : '\n';
  }
  return text;
}

std::string fitted(std::string_view text, std::size_t width) {
  std::string whole;
  while (!text.empty()) {
    const auto line = core::take_line(text);
    auto before = std::string(line.substr(0, last_column(line)));
    const auto last = line.substr(before.size());
    auto indent = display_width(before);
    if (indent + display_width(last) > width && indent > width / 2) {  // no room beside it
      before.erase(before.find_last_not_of(' ') + 1);
      indent = width / 2;
      before += "\n" + std::string(indent, ' ');
    }
    whole += before + folded_text(last, width, indent) + "\n";
  }
  return whole;
}

std::shared_ptr<CLI::FormatterBase> help_formatter() { return std::make_shared<HelpFormatter>(); }

}  // namespace dvsync::cli
