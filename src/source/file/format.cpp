#include "source/file/format.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "dvsync/core/text.hpp"
#include "dvsync/error.hpp"

namespace dvsync::source::file {
namespace {

using config::FileFormat;

// Things people put in this place by mistake.
struct Foreign {
  std::string_view magic;
  std::string_view advice;
};
constexpr std::array foreign{
    Foreign{std::string_view("PK\x03\x04", 4),
            "looks like a ZIP archive or an Excel workbook: unpack it, or save it as CSV UTF-8"},
    Foreign{"\x1f\x8b", "is compressed (gzip): unpack it first"},
    Foreign{"\x28\xb5\x2f\xfd", "is compressed (zstd): unpack it first"},
    Foreign{"<", "looks like XML or HTML: export it as JSON Lines, CSV or LDIF"},
};

std::string_view first_line(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  return text.substr(0, text.find_first_of("\r\n"));
}

bool starts_like_ldif(std::string_view text) {
  while (text.starts_with('#') || text.starts_with('\n') || text.starts_with('\r')) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return false;
    text.remove_prefix(end + 1);
  }
  const std::string line = core::ascii_lower(first_line(text));
  return line.starts_with("dn:") || line.starts_with("version:");
}

std::optional<FileFormat> by_content(std::string_view start) {
  const std::string_view line = first_line(start);
  if (line.starts_with('{') || line.starts_with('[')) return FileFormat::graph_jsonl;
  if (starts_like_ldif(start)) return FileFormat::ldif;
  const bool prelude = line.starts_with("#TYPE") || core::equal_ignoring_ascii_case(line.substr(0, 4), "sep=");
  if (prelude || line.find_first_of(",;\t") != std::string_view::npos) return FileFormat::m365_csv;
  return std::nullopt;
}

std::optional<FileFormat> by_name(const std::string& file_name) {
  const std::string name = core::ascii_lower(file_name);
  if (name.ends_with(".jsonl") || name.ends_with(".json") || name.ends_with(".ndjson")) return FileFormat::graph_jsonl;
  if (name.ends_with(".csv")) return FileFormat::m365_csv;
  if (name.ends_with(".ldif") || name.ends_with(".ldf")) return FileFormat::ldif;
  return std::nullopt;
}

[[noreturn]] void refuse(const std::string& file_name, std::string_view why) {
  throw SourceError(SourceError::Kind::malformed, file_name + " " + std::string(why));
}

}  // namespace

FileFormat detect_format(FileFormat configured, std::string_view start, const std::string& file_name) {
  for (const Foreign& kind : foreign) {
    if (start.starts_with(kind.magic)) refuse(file_name, kind.advice);
  }
  const auto content = by_content(start);
  if (configured != FileFormat::automatic) {
    // Any text may pass for CSV; only the other two are told by their first bytes.
    if (content && content != configured && content != FileFormat::m365_csv) {
      refuse(file_name, "looks like " + std::string(name_of(*content)) + ", but directory.format is " +
                            std::string(name_of(configured)) + ": correct one of the two");
    }
    return configured;
  }
  const auto format = content ? content : by_name(file_name);
  if (!format) {
    refuse(file_name,
           "is in none of the formats graph-jsonl, m365-csv and ldif: export it anew, or set directory.format");
  }
  return *format;
}

std::string_view name_of(FileFormat format) {
  switch (format) {
    case FileFormat::automatic:
      return "auto";
    case FileFormat::graph_jsonl:
      return "graph-jsonl";
    case FileFormat::m365_csv:
      return "m365-csv";
    case FileFormat::ldif:
      return "ldif";
  }
  return {};
}

}  // namespace dvsync::source::file
