#include "integration/graph/mirror_model.hpp"

namespace dvsync::source::graph::testing {

void MirrorModel::apply(const Page& page) {
  for (const IdentityRecord& record : page.identities) {
    merge(record);
  }
  for (const MembershipRecord& record : page.memberships) {
    memberships_[record.group][{record.relation, record.member_is_group, record.member.object_id}] = !record.removed;
  }
  for (const RoleRecord& record : page.roles) {
    staged_roles_[static_cast<std::size_t>(record.role)].insert(record.member.object_id);
  }
  for (const RejectedRecord& record : page.rejected) {
    if (record.object_id) {
      named_.insert(*record.object_id);
    } else {
      anonymous_reject_ = true;
    }
  }
}

void MirrorModel::merge(const IdentityRecord& record) {
  named_.insert(record.object_id);
  ModelUser& user = users_[record.object_id];
  if (record.whole) {
    user = {};
    user.guest = false;
    user.plans = std::vector<core::Guid>{};
  }
  user.lifecycle = record.lifecycle;
  for (std::size_t i = 0; i < core::attribute_count; ++i) {
    if (record.stated.test(i)) {
      user.profile.values[i] = record.profile.values[i];
    }
  }
  if (record.account_enabled) user.account_enabled = record.account_enabled;
  if (record.guest) user.guest = record.guest;
  if (record.plans) user.plans = record.plans;
  user.defect = record.defect;
}

void MirrorModel::finish(const PullEnd& end) {
  if (end.users == Completeness::complete && !anonymous_reject_) {
    std::erase_if(users_, [&](const auto& entry) { return !named_.contains(entry.first); });
  }
  for (const GroupCompleteness& coverage : end.groups) {
    take_over(groups_[coverage.object_id], coverage.members, memberships_[coverage.object_id]);
  }
  for (std::size_t i = 0; i < role_name_count; ++i) {
    if (end.roles[i] == Completeness::complete) {
      roles_[i] = staged_roles_[i];
    }
    staged_roles_[i].clear();
  }
  cursor_ = end.cursor;
  named_.clear();
  memberships_.clear();
  anonymous_reject_ = false;
}

void MirrorModel::take_over(ModelGroup& group, Completeness coverage, const std::map<Reference, bool>& staged) {
  group.readable = coverage != Completeness::unreadable;
  if (coverage == Completeness::complete) {
    group = {.readable = true, .members = {}, .nested = {}, .owners = {}};
  }
  for (const auto& [reference, present] : staged) {
    const auto& [relation, is_group, id] = reference;
    auto& set = relation == MembershipRecord::Relation::owner ? group.owners : is_group ? group.nested : group.members;
    if (present) {
      set.insert(id);
    } else {
      set.erase(id);
    }
  }
}

std::map<core::Guid, ModelUser> MirrorModel::living() const {
  std::map<core::Guid, ModelUser> living;
  for (const auto& [id, user] : users_) {
    if (user.lifecycle == core::Lifecycle::present) {
      living.emplace(id, user);
    }
  }
  return living;
}

const ModelUser& MirrorModel::user(const std::string& id) const { return users_.at(core::parse_guid(id).value()); }
bool MirrorModel::knows(const std::string& id) const { return users_.contains(core::parse_guid(id).value()); }
const ModelGroup& MirrorModel::group(const std::string& id) const { return groups_.at(core::parse_guid(id).value()); }

}  // namespace dvsync::source::graph::testing
