#include "source/file/group_register.hpp"

#include <algorithm>

#include "source/distinguished_name.hpp"

namespace dvsync::source::file {

GroupRegister::GroupRegister(const PullRequest& request, NamedBy named_by)
    : named_by_(named_by), every_group_(request.nested_groups) {
  requested_.reserve(request.groups.size());
  for (const std::string& name : request.groups) {
    Requested requested{.name = name, .id = core::parse_guid(name), .dn = {}, .standing = {}};
    if (!requested.id) {
      requested.dn = fold_distinguished_name(name);
    }
    requested_.push_back(std::move(requested));
  }
}

bool GroupRegister::names(const Requested& requested, const core::Guid& id, std::string_view dn) {
  return requested.dn.empty() ? requested.id == id : requested.dn == dn;
}

bool GroupRegister::wants(const core::Guid& id, std::string_view dn) const {
  return every_group_ || std::ranges::any_of(requested_, [&](const Requested& r) { return names(r, id, dn); });
}

bool GroupRegister::knows(const core::Guid& id) const {
  return others_.contains(id) || std::ranges::any_of(requested_, [&](const Requested& r) { return r.id == id; });
}

bool GroupRegister::may_want(std::string_view dn) const {
  return every_group_ ||
         std::ranges::any_of(requested_, [&](const Requested& r) { return r.dn.empty() || r.dn == dn; });
}

template <class Action>
void GroupRegister::for_each(const core::Guid& id, std::string_view dn, Action action) {
  bool requested = false;
  for (Requested& candidate : requested_) {
    if (names(candidate, id, dn)) {
      requested = true;
      if (id != core::Guid{}) candidate.id = id;
      action(candidate.standing);
    }
  }
  if (!requested && every_group_ && id != core::Guid{}) {
    Other& other = others_[id];
    other.dn = dn;
    action(other.standing);
  }
}

void GroupRegister::saw(const core::Guid& id, std::string_view dn) {
  for_each(id, dn, [](ReadState& standing) {
    standing.seen = true;
    standing.gone = false;
  });
}

void GroupRegister::gone(const core::Guid& id) {
  for_each(id, {}, [](ReadState& standing) {
    standing.seen = true;
    standing.gone = true;
  });
}

void GroupRegister::distrust(const core::Guid& id, std::string_view dn, const std::string& why) {
  for_each(id, dn, [&](ReadState& standing) {
    if (standing.trouble.empty()) standing.trouble = why;
  });
}

void GroupRegister::distrust_all(const std::string& why) {
  if (general_trouble_.empty()) general_trouble_ = why;
}

void GroupRegister::cut(const core::Guid& id, MembershipRecord::Relation relation, const std::string& why) {
  for_each(id, {}, [&](ReadState& standing) {
    std::string& cut = relation == MembershipRecord::Relation::member ? standing.members_cut : standing.owners_cut;
    if (cut.empty()) cut = why;
  });
}

void GroupRegister::cut_all(const std::string& why) {
  if (general_cut_.empty()) general_cut_ = why;
}

void GroupRegister::judge(GroupCompleteness& coverage, const ReadState& standing, Completeness of_seen,
                          Completeness of_unseen) {
  coverage.members = coverage.owners = standing.seen ? of_seen : of_unseen;
  if (standing.gone) {
    coverage.members = coverage.owners = Completeness::unreadable;
    coverage.gone = true;
    coverage.detail = "the file says that this group was deleted: correct what names it";
  } else if (!standing.trouble.empty()) {
    coverage.members = coverage.owners = Completeness::unreadable;
    coverage.detail = standing.trouble;
  } else if (coverage.members == Completeness::unreadable) {
    coverage.detail = "the export has no group " + coverage.name + ": export it too, or correct what names it";
  } else {
    if (!standing.members_cut.empty()) coverage.members = Completeness::partial;
    if (!standing.owners_cut.empty()) coverage.owners = Completeness::partial;
    coverage.detail = standing.members_cut.empty() ? standing.owners_cut : standing.members_cut;
  }
}

std::vector<GroupCompleteness> GroupRegister::coverage(Completeness of_seen, Completeness of_unseen) const {
  std::vector<GroupCompleteness> all;
  all.reserve(requested_.size() + others_.size());
  const auto add = [&](std::string name, const core::Guid& id, const std::string& dn, ReadState standing) {
    if (standing.trouble.empty()) standing.trouble = general_trouble_;
    if (standing.members_cut.empty()) standing.members_cut = general_cut_;
    if (standing.owners_cut.empty()) standing.owners_cut = general_cut_;
    GroupCompleteness& coverage = all.emplace_back();
    coverage.name = std::move(name);
    coverage.object_id = id;
    if (!dn.empty()) coverage.distinguished_name = dn;
    judge(coverage, standing, of_seen, of_unseen);
  };
  for (const Requested& requested : requested_) {
    ReadState standing = requested.standing;
    if (!requested.dn.empty() && named_by_ == NamedBy::object_id) {
      standing.trouble = "this format names groups by object id: give security_group as an object id";
    }
    add(requested.name, requested.id.value_or(core::Guid{}), requested.dn, std::move(standing));
  }
  for (const auto& [id, other] : others_) {
    add(core::to_string(id), id, other.dn, other.standing);
    if (other.standing.gone) {  // nested in another group, and now without members: a fact
      all.back().members = all.back().owners = Completeness::complete;
      all.back().gone = false;
      all.back().detail.clear();
    }
  }
  return all;
}

}  // namespace dvsync::source::file
