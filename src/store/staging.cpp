#include "dvsync/store/staging.hpp"

#include <xxhash.h>

#include <algorithm>

#include "merge_sql.hpp"

namespace dvsync::store {
namespace {

constexpr std::size_t plan_sets_remembered = 100'000;

constexpr const char* copy_identities =
    "COPY stage_identity (seq, object_id, content_hash, whole, stated, lifecycle, deleted_at, account_enabled, "
    "account_expires, guest, plan_set, defect, distinguished_name, login, user_principal_name, given_name, surname, "
    "display_name, mail, job_title, business_phone, mobile_phone, home_phone, fax_number, street_address, city, state, "
    "postal_code, country) FROM STDIN";

std::int64_t hash_of(std::string_view bytes) {
  return static_cast<std::int64_t>(XXH3_64bits(bytes.data(), bytes.size()));
}

std::optional<std::string> member_name(const source::MemberRef& member) {
  using Kind = source::MemberRef::Kind;
  if (member.kind == Kind::object_id) return std::nullopt;
  return (member.kind == Kind::distinguished_name ? "dn:" : "uid:") + member.name;
}

void write_member(CopyLines& lines, const source::MemberRef& member) {
  if (member.kind == source::MemberRef::Kind::object_id) {
    lines.guid(member.object_id).null();
  } else {
    lines.null().text(member_name(member));
  }
}

Known stored(source::Coverage coverage) {
  switch (coverage) {
    case source::Coverage::complete:
      return Known::complete;
    case source::Coverage::changes:
      return Known::partial;  // unless the mirror was complete before: the merge decides
    case source::Coverage::unreadable:
      return Known::unreadable;
    case source::Coverage::not_carried:
      return Known::not_carried;
  }
  return Known::unreadable;
}

}  // namespace

Staging::Staging(Connection& mirror, const MirrorState& state, bool conflicts)
    : mirror_(mirror), conflicts_(conflicts), first_load_(state.version == 0) {
  mirror_.exec(merge_sql::create_stage);
  // A page is looked up by its ids: without fresh statistics the planner would rather read the whole mirror each time.
  mirror_.exec("SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_seqscan = off");
}

void Staging::stage(const source::Page& page) {
  stage_identities(page.identities);
  stage_memberships(page);
  stage_rejected(page);
}

void Staging::stage_identities(const std::vector<source::IdentityRecord>& identities) {
  if (identities.empty()) return;
  facts_.clear();
  std::vector<Line> lines;
  lines.reserve(identities.size());
  for (const auto& record : identities) {
    const auto begin = facts_.size();
    write_facts(record);
    lines.push_back({begin, facts_.size(), &record, hash_of(facts_.lines().substr(begin))});
  }
  stage_plan_sets();
  const auto known = unchanged(lines);
  lines_.clear();
  for (std::size_t i = 0; i < lines.size(); ++i) {
    ++sequence_;
    if (known[i]) continue;
    const auto& line = lines[i];
    lines_.number(sequence_).guid(line.record->object_id).number(line.hash);
    lines_.raw(facts_.lines().substr(line.begin, line.end - line.begin - 1));  // without its newline
    lines_.end_line();
  }
  copy(copy_identities, lines_);
}

void Staging::write_facts(const source::IdentityRecord& record) {
  enum : unsigned { account = 15, expiry, guest, plans, name, login };
  auto stated = static_cast<unsigned>(record.stated.to_ulong());
  const auto state = [&](bool is_stated, unsigned bit) { stated |= is_stated ? 1U << bit : 0U; };
  state(record.account_enabled.has_value(), account);
  state(record.expiry_stated, expiry);
  state(record.guest.has_value(), guest);
  state(record.plans.has_value(), plans);
  state(record.distinguished_name.has_value(), name);
  state(record.login.has_value(), login);
  any_plans_ = any_plans_ || record.plans.has_value();
  facts_.boolean(record.whole).number(stated).number(static_cast<int>(record.lifecycle)).timestamp(record.deleted_at);
  facts_.boolean(record.account_enabled).timestamp(record.account_expires).boolean(record.guest);
  if (record.plans) {
    facts_.number(plan_set_of(*record.plans));
  } else {
    facts_.null();
  }
  facts_.text(record.defect.empty() ? core::Text() : core::Text(record.defect));
  facts_.text(record.distinguished_name).text(record.login);
  for (const auto& value : record.profile.values) facts_.text(value);
  facts_.end_line();
}

std::int64_t Staging::plan_set_of(const std::vector<core::Guid>& plans) {
  if (plans.empty()) return 0;
  auto sorted = plans;
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  const auto hash = hash_of({reinterpret_cast<const char*>(sorted.data()), sorted.size() * sizeof(core::Guid)});
  if (plan_sets_.size() >= plan_sets_remembered) plan_sets_.clear();
  if (plan_sets_.insert(hash).second) {
    std::string array = "{";
    for (const auto& plan : sorted) array += (array.size() > 1 ? "," : "") + core::to_string(plan);
    new_plan_sets_.number(hash).raw(array + "}").end_line();
  }
  return hash;
}

void Staging::stage_plan_sets() { copy("COPY stage_plan_set (plan_set, plans) FROM STDIN", new_plan_sets_); }

// Whole records that say exactly what the mirror took over last time need not travel at all: only their id and hash do.
std::vector<bool> Staging::unchanged(const std::vector<Line>& lines) {
  std::vector<bool> known(lines.size(), false);
  UuidArray ids;
  BigintArray hashes;
  std::vector<std::size_t> asked;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (!lines[i].record->whole) continue;
    ids.add(lines[i].record->object_id);
    hashes.add(lines[i].hash);
    asked.push_back(i);
  }
  if (asked.empty() || first_load_) return known;
  const auto changed = mirror_.exec_uuids(merge_sql::see_page, ids.bytes(), &hashes.bytes());
  for (const auto i : asked) known[i] = true;
  for (int row = 0; row < changed.size(); ++row) {
    known[asked[static_cast<std::size_t>(changed.number(row, 0) - 1)]] = false;
  }
  return known;
}

void Staging::copy(const char* statement, CopyLines& lines) {
  if (lines.empty()) return;
  mirror_.begin_copy(statement);
  mirror_.put_copy(lines.lines());
  mirror_.end_copy();
  lines.clear();
}

void Staging::stage_memberships(const source::Page& page) {
  lines_.clear();
  for (const auto& membership : page.memberships) {
    lines_.number(++sequence_).guid(membership.group).number(static_cast<int>(membership.relation));
    write_member(lines_, membership.member);
    lines_.boolean(membership.member_is_group).boolean(membership.removed).end_line();
  }
  copy("COPY stage_membership FROM STDIN", lines_);
  for (const auto& role : page.roles) {
    lines_.number(++sequence_).number(static_cast<int>(role.role));
    write_member(lines_, role.member);
    lines_.boolean(role.removed).end_line();
  }
  copy("COPY stage_role FROM STDIN", lines_);
}

void Staging::stage_rejected(const source::Page& page) {
  lines_.clear();
  for (const auto& rejected : page.rejected) {
    ++rejected_;
    if (!rejected.object_id) ++anonymous_;
    lines_.guid(rejected.object_id).text(std::string_view(rejected.where));
    lines_.text(std::string_view(rejected.reason)).text(std::string_view(rejected.detail)).end_line();
  }
  copy("COPY stage_rejected (object_id, place, reason, detail) FROM STDIN", lines_);
}

void Staging::stage_coverage(const source::PullEnd& end, const std::vector<std::string>& names) {
  lines_.clear();
  for (const auto& group : end.groups) {
    lines_.text(std::string_view(group.name))
        .guid(group.object_id == core::Guid{} ? std::optional<core::Guid>() : group.object_id);
    lines_.text(group.distinguished_name).number(static_cast<int>(stored(group.members)));
    lines_.number(static_cast<int>(stored(group.owners))).text(std::string_view(group.detail));
    lines_.boolean(std::find(names.begin(), names.end(), group.name) != names.end()).end_line();
  }
  copy("COPY stage_group FROM STDIN", lines_);
  for (std::size_t role = 0; role < end.roles.size(); ++role) {
    lines_.number(role).number(static_cast<int>(stored(end.roles[role]))).end_line();
  }
  copy("COPY stage_role_coverage FROM STDIN", lines_);
}

MergeReport Staging::merge(const source::PullEnd& end, const std::vector<std::string>& names,
                           const std::string& directory, const Lease& fence) {
  mirror_.exec("RESET enable_hashjoin; RESET enable_mergejoin; RESET enable_seqscan; SET work_mem = '64MB'");
  stage_coverage(end, names);
  const bool all_users = end.users == source::Coverage::complete;
  const bool listing_complete = all_users && anonymous_ == 0;
  Transaction transaction(mirror_);
  fence.assert_held(mirror_);
  // One writer at a time allocates versions: none appears behind a watermark.
  const auto version = mirror_.exec("SELECT version + 1 FROM mirror FOR UPDATE").number(0, 0);
  const auto v = std::to_string(version);
  MergeReport report;
  report.anonymous = anonymous_;
  report.listing_complete = listing_complete;

  mirror_.exec("ANALYZE stage_identity; ANALYZE stage_membership");
  mirror_.exec(merge_sql::merge_plan_sets);
  mirror_.exec(merge_sql::find_repeated);
  if (conflicts_) rejected_ += mirror_.exec(merge_sql::reject_conflicts).affected();
  mirror_.exec(merge_sql::number_rounds);
  const bool plans_known = any_plans_ || !all_users;
  merge_sql::merge_memberships(mirror_);
  const auto living = mirror_.exec(merge_sql::living_after).number(0, 0);
  const auto rounds = mirror_.exec("SELECT coalesce(max(round), 0) FROM stage_identity").number(0, 0);
  for (std::int64_t round = 1; round <= rounds; ++round) {
    const bool insert = first_load_ && round == 1;
    const auto merged = mirror_.exec(insert ? merge_sql::insert_identities : merge_sql::upsert_identities,
                                     {v, std::to_string(round), plans_known ? "t" : "f"});
    if (insert) report.changed = merged.affected();
  }
  if (listing_complete) {
    report.absent = mirror_.exec(first_load_ ? merge_sql::none : merge_sql::mark_absent, {v}).affected();
  }
  merge_sql::derive(mirror_, version, first_load_);
  mirror_.exec(merge_sql::replace_rejected, {all_users ? "t" : "f"});

  if (!first_load_)
    report.changed =
        mirror_.exec("SELECT count(*) FROM identity WHERE version > 1 AND version = $1::bigint", {v}).number(0, 0);
  report.rejected = rejected_;
  report.version = version;
  merge_sql::finish_merge(mirror_, {.version = version,
                                    .listing_complete = all_users ? std::optional(listing_complete) : std::nullopt,
                                    .plans_stated = any_plans_  ? std::optional(true)
                                                    : all_users ? std::optional(false)
                                                                : std::nullopt,
                                    .everybody_licensed = end.everybody_licensed,
                                    .nested_groups_read = end.nested_groups_read,
                                    .cursor = end.cursor,
                                    .directory = directory,
                                    .living = living - report.absent});
  transaction.commit();
  return report;
}

}  // namespace dvsync::store
