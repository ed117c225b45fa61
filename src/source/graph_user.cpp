#include "source/graph_user.hpp"

#include <algorithm>
#include <utility>

#include "dvsync/core/text.hpp"
#include "source/ascii.hpp"
#include "source/text_value.hpp"
#include "source/unstated.hpp"

namespace dvsync::source {
namespace {

using core::Attribute;
using core::Lifecycle;

// Only what was stated can be set: a profile has many attributes, and there are millions of objects.
void reset(IdentityRecord& record, bool whole) {
  for (std::size_t i = 0; i < core::attribute_count; ++i) {
    if (record.stated.test(i)) record.profile.values[i].reset();
  }
  record.stated.reset();
  record.whole = whole;
  record.lifecycle = Lifecycle::present;
  record.deleted_at.reset();
  record.account_enabled.reset();
  record.guest.reset();
  record.agent.reset();
  record.plans.reset();
  record.defect.clear();
}

// Only the lifecycle is a fact about this user: nothing else of the record may touch what is known already.
void keep_lifecycle_only(IdentityRecord& record) {
  IdentityRecord bare;
  bare.object_id = record.object_id;
  bare.lifecycle = record.lifecycle;
  bare.deleted_at = record.deleted_at;
  bare.whole = false;
  record = std::move(bare);
}

}  // namespace

void GraphUser::begin(bool whole) {
  reset(record_, whole);
  id_.reset();
  id_is_unusable_ = false;
  removal_ = Removal::none;
  fault_.clear();
}

void GraphUser::note_fault(std::string fault) {
  if (fault_.empty()) fault_ = std::move(fault);
}

bool GraphUser::spoiled(std::string_view property, std::string_view text) {
  if (exported_ == nullptr || !exported_->spoils(property, text)) return false;
  keep_unstated(record_);
  return true;
}

void GraphUser::set(const GraphProperty& property, std::string_view text) {
  switch (property.key) {
    case GraphKey::attribute:
      return set_profile(property.attribute, text);
    case GraphKey::id:
      return set_id(text);
    case GraphKey::user_type:
      return set_user_type(text);
    case GraphKey::deleted_date_time:
      return set_deletion_date(text);
    case GraphKey::business_phones:
      if (!spoiled(property.name, text)) return set_other(property);
      return leave_alone(record_, Attribute::business_phone);
    case GraphKey::account_enabled:
    case GraphKey::assigned_plans:
      if (!spoiled(property.name, text)) set_other(property);
      return;
    case GraphKey::members:
    case GraphKey::owners:
    case GraphKey::expanded_members:
    case GraphKey::expanded_owners:
    case GraphKey::removed:
      return set_other(property);
    default:
      return;
  }
}

void GraphUser::set(const GraphProperty& property, bool value) {
  if (property.key == GraphKey::account_enabled) {
    record_.account_enabled = value;
  } else {
    set_other(property);
  }
}

void GraphUser::set_null(const GraphProperty& property) {
  if (property.key == GraphKey::attribute) {
    clear_text(record_, property.attribute);
  } else if (property.key == GraphKey::business_phones) {
    clear_text(record_, Attribute::business_phone);
  } else if (property.key == GraphKey::assigned_plans) {
    record_.plans.emplace();
  }
}

void GraphUser::set_other(const GraphProperty& property) {
  switch (property.key) {
    case GraphKey::other:
    case GraphKey::group_only:
    case GraphKey::odata_context:
    case GraphKey::next_link:
    case GraphKey::delta_link:
    case GraphKey::count:
    case GraphKey::members_next_link:
    case GraphKey::owners_next_link:
    case GraphKey::members_count:
    case GraphKey::owners_count:
    case GraphKey::value:
    case GraphKey::reason:
      return;
    default:
      return note_fault(std::string(property.name) + " has a value of the wrong type");
  }
}

void GraphUser::set_id(std::string_view text) {
  const auto id = core::parse_guid(text);
  if (id_ && id != id_) {
    note_fault("it has two ids");
  } else {
    id_ = id;
    id_is_unusable_ = !id;
  }
}

void GraphUser::set_profile(Attribute attribute, std::string_view text) {
  if (exported_ != nullptr) {
    exported_->set(record_, attribute, text);
  } else {
    set_text(record_, attribute, text);
  }
}

void GraphUser::set_user_type(std::string_view text) {
  if (spoiled("userType", text) || trimmed(text).empty()) return;
  record_.guest = core::equal_ignoring_ascii_case(trimmed(text), "Guest");
}

// Who has a date is in the recycle bin, even where the date itself cannot be read.
void GraphUser::set_deletion_date(std::string_view text) {
  if (spoiled("deletedDateTime", text) || trimmed(text).empty()) return;
  record_.deleted_at = core::parse_timestamp(text);
  record_.lifecycle = Lifecycle::soft_deleted;
}

void GraphUser::add_phone(std::string_view phone) {
  if (!has_phone_) set_profile(Attribute::business_phone, phone);
  has_phone_ = true;
}

void GraphUser::end_phones() {
  if (!has_phone_) clear_text(record_, Attribute::business_phone);
}

void GraphUser::begin_plans() {
  plans_.clear();
  plans_are_spoiled_ = false;
}

// Plans that count are Enabled or Warning (docs/rules.md, Licences). A plan that does not say what it is, or whether it
// counts, leaves the user's licence unknown.
void GraphUser::add_plan(std::string_view service_plan_id, std::string_view capability_status) {
  const bool counts = core::equal_ignoring_ascii_case(capability_status, "Enabled") ||
                      core::equal_ignoring_ascii_case(capability_status, "Warning");
  const auto id = core::parse_guid(service_plan_id);
  if (counts && id) {
    plans_.push_back(*id);
  } else if (spoiled("assignedPlans", capability_status) || (counts && spoiled("assignedPlans", service_plan_id))) {
    plans_are_spoiled_ = true;
  } else if (capability_status.empty()) {
    note_fault("an assigned plan has no capabilityStatus");
  } else if (counts) {
    note_fault("an assigned plan has no usable servicePlanId");
  }
}

void GraphUser::add_plan(std::string_view text) {
  if (spoiled("assignedPlans", text)) {
    plans_are_spoiled_ = true;
  } else {
    note_fault("assignedPlans has a value of the wrong type");
  }
}

void GraphUser::end_plans() {
  if (plans_are_spoiled_) return;
  std::ranges::sort(plans_);
  record_.plans.emplace(plans_.begin(), std::unique(plans_.begin(), plans_.end()));
}

void GraphUser::set_removal(std::string_view reason) {
  if (reason == "changed") {
    removal_ = Removal::changed;
  } else if (reason == "deleted") {
    removal_ = Removal::deleted;
  } else {
    note_fault(reason.empty() ? "@removed has no reason" : "@removed has a reason that is neither changed nor deleted");
  }
}

std::optional<RejectedRecord> GraphUser::finish() {
  if (!id_) {
    return id_is_unusable_ ? rejected("invalid_object_id", "the user's id is not a GUID")
                           : rejected("missing_object_id", "the user has no id");
  }
  if (!fault_.empty()) return rejected("malformed", fault_);
  record_.object_id = *id_;
  if (removal_ != Removal::none) {
    record_.lifecycle = removal_ == Removal::deleted ? Lifecycle::gone : Lifecycle::soft_deleted;
  }
  const bool has_name = record_.profile[Attribute::user_principal_name].has_value();
  const bool removed_in_delta = removal_ != Removal::none && !record_.whole;
  if (removed_in_delta || (record_.lifecycle != Lifecycle::present && !has_name)) {
    keep_lifecycle_only(record_);
  } else {
    infer_guest(record_);
    record_.expiry_stated = record_.whole;  // accounts of Entra ID do not expire
  }
  return std::nullopt;
}

RejectedRecord GraphUser::rejected(std::string_view reason, std::string detail) const {
  return {.object_id = id_, .where = {}, .reason = std::string(reason), .detail = std::move(detail)};
}

}  // namespace dvsync::source
