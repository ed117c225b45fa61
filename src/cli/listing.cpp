#include "listing.hpp"

#include "csv.hpp"

namespace dvsync::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t rows_a_piece = 1000;  // whose columns stand below each other whatever comes next

}  // namespace

Listing::Listing(Output& out, Format format, std::string name, const json::object& like,
                 std::vector<Table::Heading> headings)
    : out_(out), format_(format), name_(std::move(name)), table_(std::move(headings)) {
  if (format_ == Format::csv) out_.write(csv_heading(like));
  if (format_ == Format::json) out_.write("{" + json::serialize(json::string(name_)) + ":[");
}

void Listing::add_row(std::vector<Cell> cells) {
  table_.add(std::move(cells));
  if (table_.rows() >= rows_a_piece) out_.write(table_.take(out_.paint(), out_.table_width()));
}

void Listing::add_object(const json::object& entry) {
  if (format_ == Format::csv) {
    out_.write(csv_line(entry));
  } else {
    out_.write((entries_ > 1 ? ",\n" : "\n") + json::serialize(entry));
  }
}

void Listing::end(const json::object& beside) {
  if (format_ == Format::json) {
    std::string rest;
    for (const auto& [key, value] : beside) {
      rest += "," + json::serialize(json::string(key)) + ":" + json::serialize(value);
    }
    out_.write("]" + rest + "}\n");
  }
  if (format_ != Format::text || entries_ == 0) return;
  if (!table_.empty()) out_.write(table_.take(out_.paint(), out_.table_width()));
  std::string left_out;
  for (const auto& name : table_.left_out()) left_out += (left_out.empty() ? "" : ", ") + name;
  if (!left_out.empty()) {
    out_.write(out_.paint().faint("Left out, because the terminal is narrow: " + left_out + " (--csv has all).") +
               "\n");
  }
}

}  // namespace dvsync::cli
