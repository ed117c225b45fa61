#include "model_mirror.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

namespace dvsync::source {
namespace {

std::string reference_text(const MemberRef& reference) {
  switch (reference.kind) {
    case MemberRef::Kind::object_id:
      return "id:" + core::to_string(reference.object_id);
    case MemberRef::Kind::distinguished_name:
      return "dn:" + reference.name;
    case MemberRef::Kind::login:
      return "uid:" + reference.name;
  }
  return {};
}

}  // namespace

PullEnd ModelMirror::full(DirectorySource& source) {
  PullRequest request = wishes_;
  request.full = true;
  return take(source, request);
}

PullEnd ModelMirror::round(DirectorySource& source) {
  PullRequest request = wishes_;
  request.full = false;
  request.cursor = cursor;
  return take(source, request);
}

PullEnd ModelMirror::take(DirectorySource& source, const PullRequest& request) {
  named_.clear();
  named_memberships_.clear();
  named_roles_.clear();
  rejected.clear();
  pages = 0;
  largest_page = 0;
  const ModelMirror before = *this;  // a pull that fails leaves nothing behind
  try {
    const auto pull = source.pull(request);
    Page page;
    while (pull->next(page, {})) {
      ++pages;
      largest_page = std::max(largest_page, page.identities.size() + page.memberships.size() + page.roles.size());
      fold(page);
    }
    PullEnd end = pull->end();
    conclude(end);
    cursor = end.cursor;
    return end;
  } catch (...) {
    *this = before;
    throw;
  }
}

void ModelMirror::fold(const Page& page) {
  for (const IdentityRecord& record : page.identities) fold(record);
  for (const MembershipRecord& record : page.memberships) {
    const Membership key{record.group, record.relation, reference_text(record.member)};
    if (record.removed) {
      memberships_.erase(key);
      named_memberships_.erase(key);
    } else {
      memberships_[key] = record.member_is_group;
      named_memberships_.insert(key);
    }
  }
  for (const RoleRecord& record : page.roles) {
    const std::pair key{record.role, reference_text(record.member)};
    if (record.removed) {
      roles_.erase(key);
      named_roles_.erase(key);
    } else {
      roles_.insert(key);
      named_roles_.insert(key);
    }
  }
  rejected.insert(rejected.end(), page.rejected.begin(), page.rejected.end());
}

void ModelMirror::fold(const IdentityRecord& record) {
  named_.insert(record.object_id);
  if (record.lifecycle != core::Lifecycle::present) {
    users_.erase(record.object_id);
    return;
  }
  const auto [position, added] = users_.try_emplace(record.object_id, record);
  if (added || record.whole) {
    position->second = record;
    return;
  }
  IdentityRecord& known = position->second;
  for (std::size_t i = 0; i < core::attribute_count; ++i) {
    if (record.stated.test(i)) known.profile.values[i] = record.profile.values[i];
  }
  if (record.account_enabled) known.account_enabled = record.account_enabled;
  if (record.expiry_stated) known.account_expires = record.account_expires;
  if (record.guest) known.guest = record.guest;
  if (record.distinguished_name) known.distinguished_name = record.distinguished_name;
  if (record.login) known.login = record.login;
  if (record.stated.any()) known.defect = record.defect;
}

void ModelMirror::conclude(const PullEnd& end) {
  if (end.users == Completeness::complete) {
    std::erase_if(users_, [&](const auto& user) { return !named_.contains(user.first); });
  }
  // A group that the end does not name is not followed any more.
  std::erase_if(memberships_, [&](const auto& membership) {
    return std::ranges::find(end.groups, std::get<0>(membership.first), &GroupCompleteness::object_id) ==
           end.groups.end();
  });
  for (const GroupCompleteness& group : end.groups) {
    group_ids_[group.name] = group.object_id;
    if (group.members != Completeness::complete) continue;
    std::erase_if(memberships_, [&](const auto& membership) {
      return std::get<0>(membership.first) == group.object_id && !named_memberships_.contains(membership.first);
    });
  }
  for (std::size_t role = 0; role < role_name_count; ++role) {
    if (end.roles[role] != Completeness::complete) continue;
    std::erase_if(roles_, [&](const auto& holder) {
      return holder.first == static_cast<RoleName>(role) && !named_roles_.contains(holder);
    });
  }
}

std::string ModelMirror::resolve(const std::string& reference) const {
  for (const auto& [id, user] : users_) {
    if (reference == "id:" + core::to_string(id) ||
        (user.distinguished_name && reference == "dn:" + *user.distinguished_name) ||
        (user.login && reference == "uid:" + *user.login)) {
      return core::to_string(id);
    }
  }
  return {};
}

std::string ModelMirror::text() const {
  std::ostringstream out;
  for (const auto& [id, user] : users_) {
    out << core::to_string(id) << " enabled=" << (user.account_enabled ? (*user.account_enabled ? "yes" : "no") : "?");
    if (user.account_expires) out << " expires=" << user.account_expires->time_since_epoch().count();
    for (std::size_t i = 0; i < core::attribute_count; ++i) {
      if (!user.profile.values[i]) continue;
      out << ' ' << core::name_of(static_cast<core::Attribute>(i)) << '=' << *user.profile.values[i];
    }
    out << " dn=" << user.distinguished_name.value_or("-") << " login=" << user.login.value_or("-") << ' '
        << user.defect << '\n';
  }
  std::set<std::string> lines;
  for (const auto& [membership, is_group] : memberships_) {
    const auto& [group, relation, reference] = membership;
    const std::string who = is_group ? "group " + reference : resolve(reference);
    if (who.empty()) continue;  // a member that is no user, or one that is gone
    lines.insert(core::to_string(group) + (relation == MembershipRecord::Relation::owner ? " owner " : " member ") +
                 who);
  }
  for (const auto& [role, reference] : roles_) {
    if (const std::string who = resolve(reference); !who.empty()) {
      lines.insert("role " + std::to_string(static_cast<int>(role)) + " " + who);
    }
  }
  for (const std::string& line : lines) out << line << '\n';
  return out.str();
}

std::size_t ModelMirror::users() const { return users_.size(); }

std::optional<IdentityRecord> ModelMirror::user(const std::string& user_principal_name) const {
  for (const auto& [id, user] : users_) {
    if (user.profile[core::Attribute::user_principal_name] == user_principal_name) return user;
  }
  return std::nullopt;
}

std::set<std::string> ModelMirror::members(const std::string& group, MembershipRecord::Relation relation) const {
  std::set<std::string> names;
  const auto id = group_ids_.find(group);
  for (const auto& [id_of_user, user] : users_) {
    for (const auto& [membership, is_group] : memberships_) {
      if (id == group_ids_.end() || std::get<0>(membership) != id->second || std::get<1>(membership) != relation)
        continue;
      if (resolve(std::get<2>(membership)) != core::to_string(id_of_user)) continue;
      names.insert(user.profile[core::Attribute::user_principal_name].value_or("?"));
    }
  }
  return names;
}

std::set<std::string> ModelMirror::holders(RoleName role) const {
  std::set<std::string> names;
  for (const auto& [holder, reference] : roles_) {
    if (holder != role) continue;
    for (const auto& [id, user] : users_) {
      if (resolve(reference) == core::to_string(id)) {
        names.insert(user.profile[core::Attribute::user_principal_name].value_or("?"));
      }
    }
  }
  return names;
}

}  // namespace dvsync::source
