#include "stored_facts.hpp"

namespace dvsync::sync {
namespace {

constexpr std::size_t looks_like_everybody = 8'000;  // rows

}  // namespace

IdentityRefresher::IdentityRefresher(store::Connection& mirror, const EvaluationContext& context)
    : mirror_(mirror), context_(context) {}

void IdentityRefresher::refresh(const std::vector<core::Identity*>& identities) {
  const std::scoped_lock lock(mutex_);
  const auto version = store::read_version(mirror_).version;
  if (version == context_.mirror_state.version) return;
  if (!view_ || view_->version() != version) view_.emplace(context_.view_of(mirror_));
  std::vector<core::Guid> ids;
  for (const auto* identity : identities) ids.push_back(identity->object_id);
  auto fresh = store::read_identities(mirror_, *view_, ids);
  for (std::size_t i = 0; i < identities.size(); ++i) {
    if (identities[i]->defect.empty() || !fresh[i].defect.empty()) *identities[i] = std::move(fresh[i]);
  }
}

store::RejectedById IdentityRefresher::rejected_among(const std::vector<core::Guid>& object_ids) {
  const std::scoped_lock lock(mutex_);
  return store::rejected_among(mirror_, object_ids);
}

StoredFacts::StoredFacts(const EvaluationContext& context, IdentityRefresher& mirror, store::Connection& environment,
                         bool everybody, const store::Waits& waits)
    : context_(context), mirror_(mirror), environment_(environment), everybody_(everybody) {
  if (!waits.held) holds_anything_ = false;
  if (!waits.declined) declined_.emplace();
}

store::RejectedById StoredFacts::rejected_among(const std::vector<core::Guid>& object_ids) {
  return context_.has_rejected_records ? mirror_.rejected_among(object_ids) : store::RejectedById{};
}

std::vector<store::Waiting> StoredFacts::held_among(const std::vector<core::Guid>& object_ids) {
  if (!holds_anything_) holds_anything_ = store::holds_anything(environment_);
  return *holds_anything_ ? store::held_among(environment_, object_ids) : std::vector<store::Waiting>{};
}

const std::vector<store::Declined>& StoredFacts::declined() {
  if (!declined_) declined_ = store::declined_decisions(environment_);
  return *declined_;
}

store::WrittenById StoredFacts::written(const std::vector<core::Guid>& systemuserids) {
  return store::read_written(environment_, systemuserids);
}

// Unless everybody is looked at, the first rows are asked about one chunk after the other; once it looks like
// everybody, the rest is read at once.
void StoredFacts::read_access(const std::vector<core::SystemUser*>& rows) {
  rows_looked_at_ += rows.size();
  const bool at_once = everybody_ ? !rows.empty() : rows_looked_at_ > looks_like_everybody;
  if (at_once && !access_of_all_) access_of_all_ = context_.access.read_all(environment_);
  context_.access.read(environment_, rows, access_of_all_.value_or(store::AccessOfAll{}));
}

bool StoredFacts::guards_admissions() {
  if (!guards_admissions_) {
    guards_admissions_ =
        !context_.same_rules(store::read_environment_state(environment_)) && store::is_in_use(environment_);
  }
  return *guards_admissions_;
}

core::Counters reject_records(store::Connection& mirror, const std::optional<core::Guid>& only,
                              const OnRejections& on_rejections) {
  core::Counters counters;
  std::optional<core::Guid> counted;  // records of one identity stand together
  store::read_rejected_records(mirror, only, [&](const std::vector<source::RejectedRecord>& records) {
    std::vector<store::ListedRejection> rejections;
    for (const auto& record : records) {
      rejections.push_back({record.object_id, record.where, record.reason, record.detail, std::nullopt});
      if (!record.object_id || record.object_id != counted) counters.count_rejected();
      counted = record.object_id;
    }
    on_rejections(rejections);
  });
  return counters;
}

}  // namespace dvsync::sync
