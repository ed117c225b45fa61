#pragma once
// Records as text: to compare whole pulls, and to see the difference when they are not equal.

#include <string>
#include <vector>

#include "unit/source/file_fixture.hpp"

namespace dvsync::source::file {

inline std::string to_text(const std::optional<bool>& value) { return !value ? "?" : *value ? "yes" : "no"; }

inline std::string to_text(const IdentityRecord& record) {
  std::string text =
      core::to_string(record.object_id) + " lifecycle=" + std::to_string(static_cast<int>(record.lifecycle)) +
      " whole=" + to_text(record.whole) + " stated=" + record.stated.to_string() +
      " enabled=" + to_text(record.account_enabled) + " guest=" + to_text(record.guest) +
      " agent=" + to_text(record.agent) +
      " deleted=" + (record.deleted_at ? std::to_string(record.deleted_at->time_since_epoch().count()) : "-") +
      " expires=" +
      (record.account_expires ? std::to_string(record.account_expires->time_since_epoch().count()) : "-") +
      " dn=" + record.distinguished_name.value_or("-") + " login=" + record.login.value_or("-") +
      " defect=" + record.defect + " plans=";
  if (!record.plans) text += "?";
  for (const core::Guid& plan : record.plans.value_or(std::vector<core::Guid>())) text += core::to_string(plan) + ",";
  for (const core::Text& value : record.profile.values) text += "|" + value.value_or("<none>");
  return text;
}

inline std::string to_text(const MemberRef& member) { return core::to_string(member.object_id) + " " + member.name; }

inline std::string to_text(const MembershipRecord& record) {
  return core::to_string(record.group) + " " + std::to_string(static_cast<int>(record.relation)) + " " +
         to_text(record.member) + " group=" + to_text(record.member_is_group) + " removed=" + to_text(record.removed);
}

inline std::string to_text(const RoleRecord& record) {
  return std::to_string(static_cast<int>(record.role)) + " " + to_text(record.member) +
         " removed=" + to_text(record.removed);
}

inline std::string to_text(const RejectedRecord& record) {
  return (record.object_id ? core::to_string(*record.object_id) : "anonymous") + " " + record.where + " " +
         record.reason + " " + record.detail;
}

// Everything a pull said, a line each.
inline std::vector<std::string> to_text(const Pulled& pulled) {
  std::vector<std::string> lines;
  for (const auto& record : pulled.all.identities) lines.push_back("user " + to_text(record));
  for (const auto& record : pulled.all.memberships) lines.push_back("membership " + to_text(record));
  for (const auto& record : pulled.all.roles) lines.push_back("role " + to_text(record));
  for (const auto& record : pulled.all.rejected) lines.push_back("rejected " + to_text(record));
  for (const auto& record : pulled.all.unknown_objects) lines.push_back("unknown " + to_text(record));
  for (const auto& group : pulled.end.groups) {
    lines.push_back("group " + group.name + " " + std::to_string(static_cast<int>(group.members)) + " " + group.detail);
  }
  for (const Completeness coverage : pulled.end.roles)
    lines.push_back("coverage " + std::to_string(static_cast<int>(coverage)));
  for (const std::string& warning : pulled.end.warnings) lines.push_back("warning " + warning);
  lines.push_back("records " + std::to_string(pulled.end.records));
  return lines;
}

}  // namespace dvsync::source::file
