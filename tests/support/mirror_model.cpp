#include "support/mirror_model.hpp"

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

core::Guid id_in(const std::string& reference) { return core::parse_guid(reference.substr(3)).value(); }

// A defect begins with the name of its attribute, and stays until that one is stated anew.
bool states_defect(const IdentityRecord& record, const std::string& known) {
  if (record.whole || !record.defect.empty()) return true;
  const std::string attribute = known.substr(0, known.find(' '));
  for (std::size_t i = 0; i < core::attribute_count; ++i) {
    if (record.stated.test(i) && core::name_of(static_cast<core::Attribute>(i)) == attribute) return true;
  }
  return false;
}

}  // namespace

PullEnd MirrorModel::full(DirectorySource& source) {
  PullRequest request = wishes_;
  request.full = true;
  return pull(source, request);
}

PullEnd MirrorModel::round(DirectorySource& source) {
  PullRequest request = wishes_;
  request.full = false;
  request.cursor = cursor;
  return pull(source, request);
}

PullEnd MirrorModel::pull(DirectorySource& source, const PullRequest& request) {
  MirrorModel next = *this;
  const auto pull = source.pull(request);
  Page page;
  while (pull->next(page, {})) next.apply(page);
  PullEnd end = pull->end();
  next.finish(end);
  *this = std::move(next);
  return end;
}

void MirrorModel::begin() {
  if (std::exchange(under_way_, true)) return;
  rejected.clear();
  pages = largest_page = 0;
}

void MirrorModel::apply(const Page& page) {
  begin();
  ++pages;
  largest_page = std::max(largest_page, page.identities.size() + page.memberships.size() + page.roles.size());
  for (const IdentityRecord& record : page.identities) merge(record);
  staged_memberships_.insert(staged_memberships_.end(), page.memberships.begin(), page.memberships.end());
  staged_roles_.insert(staged_roles_.end(), page.roles.begin(), page.roles.end());
  rejected.insert(rejected.end(), page.rejected.begin(), page.rejected.end());
}

void MirrorModel::merge(const IdentityRecord& record) {
  named_.insert(record.object_id);
  const auto [position, is_new] = users_.try_emplace(record.object_id);
  ModelUser& user = position->second;
  if (record.whole) {
    const auto expires = user.account_expires;  // the one fact that stays when a whole record does not state it
    user = {};
    user.account_expires = expires;
    user.plans.emplace();
  }
  if (record.whole || is_new) user.guest = false;
  user.object_id = record.object_id;
  user.lifecycle = record.lifecycle;
  for (std::size_t i = 0; i < core::attribute_count; ++i) {
    if (record.stated.test(i)) user.profile.values[i] = record.profile.values[i];
  }
  if (record.account_enabled) user.account_enabled = record.account_enabled;
  if (record.expiry_stated) user.account_expires = record.account_expires;
  if (record.guest) user.guest = record.guest;
  if (record.plans) user.plans = record.plans;
  if (record.distinguished_name) user.distinguished_name = record.distinguished_name;
  if (record.login) user.login = record.login;
  if (states_defect(record, user.defect)) user.defect = record.defect;
}

void MirrorModel::finish(const PullEnd& end) {
  begin();
  for (const RejectedRecord& record : rejected) {
    if (record.object_id) named_.insert(*record.object_id);
  }
  const bool anonymous_reject = std::ranges::any_of(rejected, [](const auto& record) { return !record.object_id; });
  if (end.users == Completeness::complete && !anonymous_reject) {
    std::erase_if(users_, [&](const auto& user) { return !named_.contains(user.first); });
  }
  readable_.clear();
  for (const GroupCompleteness& group : end.groups) take_over(group);
  // A group that the end does not name is not followed any more.
  std::erase_if(memberships_, [&](const auto& entry) { return !readable_.contains(std::get<0>(entry.first)); });
  for (std::size_t role = 0; role < role_name_count; ++role) take_over(static_cast<RoleName>(role), end.roles.at(role));
  cursor = end.cursor;
  under_way_ = false;
  named_.clear();
  staged_memberships_.clear();
  staged_roles_.clear();
}

void MirrorModel::take_over(const GroupCompleteness& group) {
  group_ids_[group.name] = group.object_id;
  readable_[group.object_id] = group.members != Completeness::unreadable;
  std::erase_if(memberships_, [&](const auto& entry) {
    const auto& [id, relation, who] = entry.first;
    const auto completeness = relation == Relation::member ? group.members : group.owners;
    return id == group.object_id && completeness == Completeness::complete;
  });
  for (const MembershipRecord& record : staged_memberships_) {
    if (record.group != group.object_id) continue;
    const Membership key{record.group, record.relation, reference_text(record.member)};
    if (record.removed) {
      memberships_.erase(key);
    } else {
      memberships_[key] = record.member_is_group;
    }
  }
}

void MirrorModel::take_over(RoleName role, Completeness completeness) {
  if (completeness == Completeness::unreadable || completeness == Completeness::not_carried) return;
  auto& holders = roles_.at(static_cast<std::size_t>(role));
  if (completeness == Completeness::complete) holders.clear();
  for (const RoleRecord& record : staged_roles_) {
    if (record.role != role) continue;
    if (record.removed) {
      holders.erase(reference_text(record.member));
    } else {
      holders.insert(reference_text(record.member));
    }
  }
}

std::map<core::Guid, ModelUser> MirrorModel::living() const {
  std::map<core::Guid, ModelUser> living;
  for (const auto& [id, user] : users_) {
    if (user.lifecycle == core::Lifecycle::present) living.emplace(id, user);
  }
  return living;
}

bool MirrorModel::knows(const std::string& id) const { return users_.contains(core::parse_guid(id).value()); }
const ModelUser& MirrorModel::identity(const std::string& id) const { return users_.at(core::parse_guid(id).value()); }

std::optional<ModelUser> MirrorModel::user(const std::string& user_principal_name) const {
  for (const auto& [id, user] : living()) {
    if (user.profile[core::Attribute::user_principal_name] == user_principal_name) return user;
  }
  return std::nullopt;
}

ModelGroup MirrorModel::group(const std::string& id) const { return groups().at(core::parse_guid(id).value()); }

std::map<core::Guid, ModelGroup> MirrorModel::groups() const {
  std::map<core::Guid, ModelGroup> groups;
  for (const auto& [id, readable] : readable_) groups[id].readable = readable;
  for (const auto& [membership, is_group] : memberships_) {
    const auto& [id, relation, who] = membership;
    auto& group = groups.at(id);
    (relation == Relation::owner ? group.owners : is_group ? group.nested : group.members).insert(id_in(who));
  }
  return groups;
}

std::set<std::string> MirrorModel::members(const std::string& group, Relation relation) const {
  std::set<std::string> names;
  const auto found = group_ids_.find(group);
  if (found == group_ids_.end()) return names;
  for (const auto& [membership, is_group] : memberships_) {
    const auto& [id, of, who] = membership;
    if (id == found->second && of == relation && find(who) != nullptr) names.insert(name_of(who));
  }
  return names;
}

std::set<core::Guid> MirrorModel::role(RoleName role) const {
  std::set<core::Guid> ids;
  for (const auto& who : roles_.at(static_cast<std::size_t>(role))) ids.insert(id_in(who));
  return ids;
}

std::set<std::string> MirrorModel::holders(RoleName role) const {
  std::set<std::string> names;
  for (const auto& who : roles_.at(static_cast<std::size_t>(role))) {
    if (find(who) != nullptr) names.insert(name_of(who));
  }
  return names;
}

const ModelUser* MirrorModel::find(const std::string& reference) const {
  for (const auto& [id, user] : users_) {
    if (user.lifecycle != core::Lifecycle::present) continue;
    if (reference == "id:" + core::to_string(id) ||
        (user.distinguished_name && reference == "dn:" + *user.distinguished_name) ||
        (user.login && reference == "uid:" + *user.login)) {
      return &user;
    }
  }
  return nullptr;
}

std::string MirrorModel::name_of(const std::string& reference) const {
  return find(reference)->profile[core::Attribute::user_principal_name].value_or("?");
}

std::string MirrorModel::text() const {
  std::ostringstream out;
  for (const auto& [id, user] : living()) {
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
  const auto id_of = [&](const std::string& who) {
    const auto* user = find(who);
    return user == nullptr ? std::string() : core::to_string(user->object_id);
  };
  for (const auto& [membership, is_group] : memberships_) {
    const auto& [group, relation, reference] = membership;
    const std::string who = is_group ? "group " + reference : id_of(reference);
    if (who.empty()) continue;  // a member that is no user, or one that is gone
    lines.insert(core::to_string(group) + (relation == Relation::owner ? " owner " : " member ") + who);
  }
  for (std::size_t role = 0; role < role_name_count; ++role) {
    for (const auto& reference : roles_.at(role)) {
      if (const auto who = id_of(reference); !who.empty()) lines.insert("role " + std::to_string(role) + " " + who);
    }
  }
  for (const std::string& line : lines) out << line << '\n';
  return out.str();
}

}  // namespace dvsync::source
