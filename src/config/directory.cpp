#include "directory.hpp"

#include <cstdint>

#include "files.hpp"
#include "values.hpp"

namespace dvsync::config {
namespace {

enum class Kind : std::uint8_t { file, graph, active_directory, openldap };

void read_kind(Kind kind, Section& section, const std::filesystem::path& folder, Directory& directory) {
  switch (kind) {
    case Kind::file:
      directory.kind = read_file_directory(section, folder);
      break;
    case Kind::graph:
      directory.kind = read_graph_directory(section, folder);
      break;
    case Kind::active_directory:
      directory.kind = read_ldap_directory(LdapKind::active_directory, section, folder);
      break;
    case Kind::openldap:
      directory.kind = read_ldap_directory(LdapKind::openldap, section, folder);
      break;
  }
}

}  // namespace

Directory read_directory(Section section, const std::filesystem::path& folder) {
  Directory directory;
  Kind kind = Kind::file;
  const OneOf<Kind> kinds{{"file", Kind::file},
                          {"graph", Kind::graph},
                          {"active_directory", Kind::active_directory},
                          {"openldap", Kind::openldap}};
  if (section.required("type", kind, kinds)) {
    read_kind(kind, section, folder, directory);
  } else {
    // The type is not known, so only keys that belong to no type at all are wrong.
    for (const auto any : {Kind::file, Kind::graph, Kind::active_directory, Kind::openldap}) {
      section.learn_keys(kinds.word_for(any), [&] { read_kind(any, section, folder, directory); });
    }
  }
  section.optional("marketing_license", directory.marketing_license, flag);
  section.optional("max_rejects_percent", directory.max_rejects_percent, percent);
  section.close();
  return directory;
}

FileDirectory read_file_directory(Section& section, const std::filesystem::path& folder) {
  FileDirectory file;
  section.required("path", file.path, Path{folder});
  section.optional("format", file.format,
                   OneOf<FileFormat>{{"auto", FileFormat::automatic},
                                     {"graph-jsonl", FileFormat::graph_jsonl},
                                     {"m365-csv", FileFormat::m365_csv},
                                     {"ldif", FileFormat::ldif}});
  section.optional("mode", file.mode, OneOf<FileMode>{{"snapshot", FileMode::snapshot}, {"delta", FileMode::delta}});
  const bool states_it_itself = file.format == FileFormat::graph_jsonl || file.format == FileFormat::m365_csv;
  if (!states_it_itself) {
    file.ldap = read_ldap_policy(section);
  } else {
    section.learn_keys("file", [&] { static_cast<void>(read_ldap_policy(section)); });
    for (const auto* key : {"licensed", "admin_groups", "attributes"}) {
      if (section.has(key)) {
        section.reject_key(key, "`" + std::string(key) + "` is for `format: ldif` only: this format states it itself");
      }
    }
  }
  return file;
}

}  // namespace dvsync::config
