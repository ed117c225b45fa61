#include "errors.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace dvsync::store {
namespace {

constexpr std::size_t sqlstate_size = 5;

bool is_sqlstate(std::string_view text) {
  return text.size() == sqlstate_size && std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return std::isdigit(c) != 0 || std::isupper(c) != 0;
         });
}

// Takes the last line off.
std::string_view take_last_line(std::string_view& text) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  const auto start = text.rfind('\n');
  const auto line = start == std::string_view::npos ? text : text.substr(start + 1);
  text = start == std::string_view::npos ? std::string_view() : text.substr(0, start);
  return line;
}

// The names stand at the very end, one a line, in this order. Whatever comes before them can hold values, and a value
// can look like anything: so they are read from the end, until a line is none of them.
void read_names(std::string_view text, ServerError& error) {
  constexpr std::array<std::string_view, 6> labels{
      "LOCATION:  ", "CONSTRAINT NAME:  ", "DATATYPE NAME:  ", "COLUMN NAME:  ", "TABLE NAME:  ", "SCHEMA NAME:  "};
  auto next = labels.begin();
  bool complete = false;  // the server always says the schema before it names anything in it
  while (!text.empty() && next != labels.end()) {
    const auto line = take_last_line(text);
    const auto label = std::find_if(next, labels.end(), [&](const auto& one) { return line.starts_with(one); });
    if (label == labels.end()) break;
    const auto name = line.substr(label->size());
    if (label == labels.begin() + 1) error.constraint = name;
    if (label == labels.begin() + 3) error.column = name;
    complete = label == labels.end() - 1;
    next = label + 1;
  }
  if (complete) return;
  error.constraint.clear();
  error.column.clear();
}

// Also what a foreign table's own triggers and indexes say of one row: too long for an index (54), or not now (55000).
bool is_row_error(std::string_view sqlstate) {
  constexpr std::array<std::string_view, 10> classes{"21", "22", "23", "27", "2F", "38", "39", "44", "54", "P0"};
  return sqlstate == "55000" || std::find(classes.begin(), classes.end(), sqlstate.substr(0, 2)) != classes.end();
}

StoreError::Kind kind_of(std::string_view sqlstate) {
  if (sqlstate == "42501" || sqlstate.starts_with("28")) return StoreError::Kind::denied;
  if (sqlstate.starts_with("42") || sqlstate == "3F000" || sqlstate == "3D000") return StoreError::Kind::schema;
  return StoreError::Kind::unavailable;  // connection, resources, shutdown, deadlock, serialisation: try again
}

}  // namespace

// "ERROR:  23505: duplicate key value …\nDETAIL:  Key (…)=(…) already exists.\nSCHEMA NAME:  …\n…\nLOCATION:  …\n"
ServerError parse_error(std::string_view verbose) {
  ServerError error;
  const auto first_line = verbose.substr(0, verbose.find('\n'));
  const auto severity_ends = first_line.find(":  ");
  if (severity_ends != std::string_view::npos) {
    const auto code = first_line.substr(severity_ends + 3, sqlstate_size);
    const auto rest = first_line.substr(std::min(severity_ends + 3 + sqlstate_size, first_line.size()));
    if (is_sqlstate(code) && rest.starts_with(": ")) {
      error.sqlstate = code;
      error.message = rest.substr(2);
      read_names(verbose, error);
      return error;
    }
  }
  error.message = on_one_line(verbose);
  return error;
}

void throw_error(const ServerError& error, const std::string& place, std::string_view sql) {
  if (is_row_error(error.sqlstate)) {
    // The message of these classes can hold the row's values: the constraint and the code say enough.
    std::string what = "PostgreSQL refuses the row (" + error.sqlstate;
    if (error.sqlstate == "22P05") what += ", a character that the encoding of the database lacks";
    if (!error.constraint.empty()) what += ", constraint " + error.constraint;
    if (!error.column.empty()) what += ", column " + error.column;
    throw RowError(error.sqlstate, what + ")", effect_of(sql));
  }
  const auto message = "PostgreSQL, " + place + ": " + error.message;
  if (error.sqlstate == "55P03" || error.sqlstate == "40P01") throw ContentionError(message);
  throw StoreError(kind_of(error.sqlstate), message);
}

std::string effect_of(std::string_view sql) {
  constexpr std::array<std::string_view, 4> verbs{"INSERT INTO", "UPDATE", "DELETE FROM", "COPY"};
  constexpr std::string_view schema = "our.";
  const auto is_part_of_name = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; };
  for (std::size_t at = 0; at < sql.size(); ++at) {
    for (const auto verb : verbs) {
      if (!sql.substr(at).starts_with(verb)) continue;
      auto table = sql.substr(std::min(at + verb.size() + 1, sql.size()));
      const bool ours = table.starts_with(schema);
      if (ours) table.remove_prefix(schema.size());
      const auto end = std::find_if_not(table.begin(), table.end(), is_part_of_name);
      // UPDATE also stands in FOR UPDATE and DO UPDATE SET. Temporary tables are filled, not updated.
      if (end == table.begin() || (verb == "UPDATE" && !ours)) continue;
      return std::string(verb) + " " + std::string(table.begin(), end);
    }
  }
  return "";
}

StoreError::Kind kind_of_connect_failure(std::string_view message) {
  const bool denied =
      message.find("authentication failed") != std::string_view::npos ||
      message.find("no pg_hba.conf entry") != std::string_view::npos ||
      message.find("no password supplied") != std::string_view::npos ||
      (message.find("role \"") != std::string_view::npos && message.find("does not exist") != std::string_view::npos);
  return denied ? StoreError::Kind::denied : StoreError::Kind::unavailable;
}

bool has_no_session_left(std::string_view message) {
  return message.find("too many clients already") != std::string_view::npos ||
         message.find("remaining connection slots are reserved") != std::string_view::npos ||
         message.find("too many connections for ") != std::string_view::npos;
}

namespace {

// What stands between a line of libpq's and the next: "… No such file or directory\n\tIs the server running …" is a
// sentence and its hint, others are one thing after another.
void end_line(std::string& text, bool hint_follows) {
  if (!text.empty() && text.find_last_of(".:;?!") != text.size() - 1) text += hint_follows ? '.' : ';';
}

}  // namespace

std::string on_one_line(std::string_view message) {
  std::string text;
  const auto last = message.find_last_not_of(" \t\n");
  message = message.substr(0, last == std::string_view::npos ? 0 : last + 1);
  for (std::size_t i = 0; i < message.size(); ++i) {
    const char c = message[i];
    if (c == '\n') end_line(text, message.substr(i + 1, 1) == "\t");
    if (c != '\n' && c != '\t' && c != ' ') {
      text += c;
    } else if (!text.empty() && text.back() != ' ') {
      text += ' ';
    }
  }
  return text;
}

}  // namespace dvsync::store
