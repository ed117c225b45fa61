#include "csv.hpp"

namespace dvsync::cli {
namespace {

void append(std::string& line, const std::string& value) {
  if (value.find_first_of(",\"\r\n") == std::string::npos) {
    line += value;
    return;
  }
  line += '"';
  for (const char c : value) line += c == '"' ? std::string("\"\"") : std::string(1, c);
  line += '"';
}

std::string cell_of(const boost::json::value& value) {
  if (value.is_null()) return "";
  if (const auto* text = value.if_string()) return std::string(*text);
  if (const auto* list = value.if_array()) {
    std::string joined;
    for (const auto& item : *list) joined += (joined.empty() ? "" : "; ") + cell_of(item);
    return joined;
  }
  return boost::json::serialize(value);
}

}  // namespace

std::string csv_line(const std::vector<std::string>& values) {
  std::string line;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) line += ',';
    append(line, values[i]);
  }
  return line + "\n";
}

std::string csv_line(const boost::json::object& object) {
  std::vector<std::string> cells;
  for (const auto& [key, value] : object) cells.push_back(cell_of(value));
  return csv_line(cells);
}

std::string csv_heading(const boost::json::object& object) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : object) keys.emplace_back(key);
  return csv_line(keys);
}

}  // namespace dvsync::cli
