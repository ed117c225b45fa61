#include "dvsync/store/staging.hpp"

#include <algorithm>

#include "first_load.hpp"
#include "identity_columns.hpp"
#include "known_records.hpp"
#include "merge_sql.hpp"
#include "staged_memberships.hpp"

namespace dvsync::store {
namespace {

std::string copy_identities() {
  return "COPY stage_identity (seq, object_id, content_hash, whole, stated, " + identity_columns::record_list() +
         ") FROM STDIN";
}

// A first load's: the facts of a whole record are the mirror's columns, in this order.
std::string copy_into_mirror() {
  return "COPY our.identity (object_id, version, content_hash, " + identity_columns::record_list() + ") FROM STDIN";
}

constexpr std::int64_t first_version = 1;

Known stored(source::Completeness coverage) {
  switch (coverage) {
    case source::Completeness::complete:
      return Known::complete;
    case source::Completeness::changes:  // the merge makes it complete if the mirror was complete before
    case source::Completeness::partial:  // whatever was known before
      return Known::partial;
    case source::Completeness::unreadable:
      return Known::unreadable;
    case source::Completeness::not_carried:
      return Known::not_carried;
  }
  return Known::unreadable;
}

}  // namespace

Staging::Staging(Connection& mirror, bool conflicts, StageSize expected)
    : mirror_(mirror), memberships_(std::make_unique<StagedMemberships>(mirror)), conflicts_(conflicts) {
  merge_sql::make_stage(mirror_, expected);
  // A page is looked up by its ids: without fresh statistics the planner would rather read the whole mirror each time.
  mirror_.exec("SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_seqscan = off");
}

Staging::~Staging() = default;

void Staging::load_straight(bool groups) {
  first_load_ = straight_ = true;
  memberships_->load_straight();
  leave_room(mirror_, groups);  // by itself: in a transaction as long as the pull, `migrate` would wait for it
  loading_.emplace(mirror_);
  mirror_.exec("SET LOCAL idle_in_transaction_session_timeout = 0");  // the directory may be slow
}

void Staging::stage(const EncodedPage& page) {
  any_plans_ = any_plans_ || page.states_plans;
  rejected_ += page.rejected_records;
  anonymous_ += page.anonymous_records;
  unknown_objects_ += page.unknown_objects;
  mirror_.copy_in("COPY stage_plan_set (plan_set, plans) FROM STDIN", page.plan_sets.lines());
  if (!straight_ || !load(page)) stage_identities(page);
  memberships_->stage(page);
  mirror_.copy_in("COPY stage_role FROM STDIN", page.roles.lines());
  mirror_.copy_in("COPY stage_rejected (object_id, place, reason, detail) FROM STDIN", page.rejected.lines());
}

void Staging::stage_identities(const EncodedPage& page) {
  const auto known = unchanged(page);
  lines_.clear();
  for (std::size_t i = 0; i < page.identities.size(); ++i) {
    if (known[i]) continue;
    const auto& identity = page.identities[i];
    lines_.number(identity.sequence).guid(identity.object_id).number(identity.hash);
    lines_.boolean(identity.whole).number(identity.stated).raw(page.facts_of(identity)).end_line();
  }
  mirror_.copy_in(copy_identities(), lines_.lines());
}

// A page straight into the mirror. False: it holds a partial record, or somebody for the second time, and this page
// and all that follow must be compared first.
bool Staging::load(const EncodedPage& page) {
  lines_.clear();
  for (const auto& identity : page.identities) {
    if (!identity.whole) {
      stop_loading();
      return false;
    }
    lines_.guid(identity.object_id).number(first_version).number(identity.hash);
    lines_.raw(page.facts_of(identity)).end_line();
  }
  if (load_page(mirror_, copy_into_mirror(), lines_.lines())) return true;
  stop_loading();
  return false;
}

void Staging::stop_loading() {
  straight_ = false;
  mirror_.exec(merge_sql::see_loaded);
}

// Whole records that say exactly what the mirror took over last time need not travel at all: only their id and hash do.
std::vector<bool> Staging::unchanged(const EncodedPage& page) {
  std::vector<bool> known(page.identities.size(), false);
  if (!known_ && asked_ >= many_records) remember_all_known();
  if (!known_) {
    ask_about(page, known);
    return known;
  }
  for (std::size_t i = 0; i < page.identities.size(); ++i) {
    const auto& identity = page.identities[i];
    known[i] = identity.whole && known_->see(identity.object_id, identity.hash);
  }
  return known;
}

void Staging::remember_all_known() {
  const auto living = mirror_.exec("SELECT identities FROM our.mirror").number(0, 0);
  if (asked_ < living / many_of_all || living > KnownRecords::most) return;
  mirror_.exec("RESET enable_seqscan");
  known_ = std::make_unique<KnownRecords>(mirror_, living);
  read_records(mirror_, "SELECT object_id, content_hash FROM stage_seen",
               [&](const auto& id, const auto& hash) { known_->see(id, hash.value()); });
}

void Staging::ask_about(const EncodedPage& page, std::vector<bool>& known) {
  UuidArray ids;
  BigintArray hashes;
  std::vector<std::size_t> asked;
  for (std::size_t i = 0; i < page.identities.size(); ++i) {
    if (!page.identities[i].whole) continue;
    ids.add(page.identities[i].object_id);
    hashes.add(page.identities[i].hash);
    asked.push_back(i);
  }
  if (asked.empty()) return;
  asked_ += static_cast<std::int64_t>(asked.size());
  const auto changed = mirror_.exec_uuids(merge_sql::see_page, ids.bytes(), &hashes.bytes());
  for (const auto i : asked) known[i] = true;
  for (int row = 0; row < changed.size(); ++row) {
    known[asked[static_cast<std::size_t>(changed.number(row, 0) - 1)]] = false;
  }
}

// Of those who were staged, whose record as the mirror knows it came as well: two records that differ. The others
// account for records that were not seen.
void Staging::compare_staged_with_seen() {
  lines_.clear();
  read_records(
      mirror_,
      "SELECT object_id, content_hash FROM our.identity "
      "WHERE (content_hash IS NOT NULL OR lifecycle < 2) AND object_id IN (SELECT object_id FROM stage_identity)",
      [&](const auto& id, const auto& hash) {
        if (known_->saw(id, hash)) lines_.guid(id).number(hash).end_line();
        if (known_->missed(id, hash)) ++staged_known_;
      });
  mirror_.copy_in("COPY stage_seen FROM STDIN", lines_.lines());
}

void Staging::list_unseen() {
  if (!known_) {
    mirror_.exec(merge_sql::list_unseen);
    return;
  }
  if (known_->unseen() == staged_known_) return;  // all that was not seen has come changed
  lines_.clear();
  read_records(mirror_,
               "SELECT object_id, content_hash FROM our.identity i WHERE lifecycle < 2 "
               "AND NOT EXISTS (SELECT 1 FROM stage_identity s WHERE s.object_id = i.object_id)",
               [&](const auto& id, const auto& hash) {
                 if (known_->missed(id, hash)) lines_.guid(id).end_line();
               });
  mirror_.copy_in("COPY stage_unseen FROM STDIN", lines_.lines());
}

void Staging::stage_coverage(const source::PullEnd& end, const std::vector<std::string>& names) {
  lines_.clear();
  const auto only_part = [](source::Completeness coverage) { return coverage == source::Completeness::partial; };
  for (const auto& group : end.groups) {
    lines_.text(std::string_view(group.name))
        .guid(group.object_id == core::Guid{} ? std::optional<core::Guid>() : group.object_id);
    lines_.text(group.distinguished_name).number(static_cast<int>(stored(group.members)));
    lines_.number(static_cast<int>(stored(group.owners))).text(std::string_view(group.detail));
    lines_.boolean(std::find(names.begin(), names.end(), group.name) != names.end());
    lines_.boolean(only_part(group.members)).boolean(only_part(group.owners)).boolean(group.gone).end_line();
  }
  mirror_.copy_in("COPY stage_group FROM STDIN", lines_.lines());
  lines_.clear();
  for (std::size_t role = 0; role < end.roles.size(); ++role) {
    lines_.number(role)
        .number(static_cast<int>(stored(end.roles[role])))
        .boolean(only_part(end.roles[role]))
        .end_line();
  }
  mirror_.copy_in("COPY stage_role_coverage FROM STDIN", lines_.lines());
}

MergeReport Staging::merge(const source::PullEnd& end, const std::vector<std::string>& names,
                           const std::string& directory, const Lease& fence,
                           const std::function<void(std::int64_t rejected)>& accept) {
  mirror_.exec("RESET enable_hashjoin; RESET enable_mergejoin; RESET enable_seqscan; SET work_mem = '64MB'");
  // Few of many are looked up by an index, whatever a disk that turns would say to that.
  mirror_.exec("SET random_page_cost = 1.1");
  stage_coverage(end, names);
  const bool all_users = end.users == source::Completeness::complete;
  const bool is_listing = all_users || end.users == source::Completeness::partial;  // of whole records
  const bool listing_complete = all_users && anonymous_ == 0;
  if (!loading_) loading_.emplace(mirror_);
  fence.assert_held(mirror_);
  // One writer at a time allocates versions: none appears behind a watermark.
  const auto version = mirror_.exec("SELECT version + 1 FROM our.mirror FOR UPDATE").number(0, 0);
  if (first_load_ && version != first_version) {
    throw StoreError(StoreError::Kind::fenced, "another dvsync filled the mirror meanwhile");
  }
  const auto v = std::to_string(version);
  MergeReport report;
  report.anonymous = anonymous_;
  report.listing_complete = listing_complete;
  mirror_.exec(merge_sql::merge_plan_sets);
  if (!straight_) settle_repeated();
  if (unknown_objects_ > 0) rejected_ += reject_unknown_objects();
  accept(rejected_);
  memberships_->merge(end);
  index_memberships(mirror_);
  auto living = first_load_ ? 0 : mirror_.exec(merge_sql::living_after).number(0, 0);
  if (!straight_) upsert(v, any_plans_ || !is_listing);
  if (is_listing && any_plans_) mirror_.exec(merge_sql::plans_become_known, {v});
  if (listing_complete && !first_load_) {
    list_unseen();
    report.absent = mirror_.exec(merge_sql::mark_absent, {v}).affected();
  }
  first_load_ ? merge_sql::derive_everybody(mirror_, version) : merge_sql::derive(mirror_, version);
  mirror_.exec(merge_sql::replace_rejected, {all_users ? "t" : "f"});
  if (first_load_) {
    mirror_.exec(merge_sql::date_soft_deletes);
    mirror_.exec("SELECT our.index_user_names()");
    leave_room(mirror_, false);
    const auto loaded = mirror_.exec("SELECT count(*), count(*) FILTER (WHERE lifecycle < 2) FROM our.identity");
    report.changed = loaded.number(0, 0);
    living = loaded.number(0, 1);
  } else {
    report.changed =
        mirror_.exec("SELECT count(*) FROM our.identity WHERE version > 1 AND version = $1::bigint", {v}).number(0, 0);
  }
  report.rejected = rejected_;
  report.version = version;
  merge_sql::finish_merge(mirror_, {.version = version,
                                    .listing_complete = is_listing ? std::optional(listing_complete) : std::nullopt,
                                    .plans_stated = any_plans_   ? std::optional(true)
                                                    : is_listing ? std::optional(false)
                                                                 : std::nullopt,
                                    .everybody_licensed = end.everybody_licensed,
                                    .nested_groups_read = end.nested_groups_read,
                                    .cursor = end.cursor,
                                    .directory = directory,
                                    .living = living - report.absent});
  loading_->commit();
  loading_.reset();
  return report;
}

std::int64_t Staging::reject_unknown_objects() {
  mirror_.exec(merge_sql::forget_unknown_objects);
  return mirror_.exec("SELECT count(*) FROM stage_rejected WHERE reason = 'unknown_object_type'").number(0, 0);
}

void Staging::settle_repeated() {
  mirror_.exec("ANALYZE stage_identity; ANALYZE stage_membership");
  mirror_.exec(merge_sql::find_repeated);
  if (known_) compare_staged_with_seen();
  if (conflicts_) rejected_ += mirror_.exec(merge_sql::reject_conflicts).affected();
  if (first_load_) mirror_.exec(merge_sql::unload_conflicts);
  mirror_.exec(merge_sql::number_rounds);
}

void Staging::upsert(const std::string& version, bool plans_known) {
  const auto rounds = mirror_.exec("SELECT coalesce(max(round), 0) FROM stage_identity").number(0, 0);
  for (std::int64_t round = 1; round <= rounds; ++round) {
    mirror_.exec(merge_sql::upsert_identities(), {version, std::to_string(round), plans_known ? "t" : "f"});
  }
}

}  // namespace dvsync::store
