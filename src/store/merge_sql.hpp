#pragma once
// The statements of a merge: staged records into the mirror, set by set. Private to the store.

#include <optional>
#include <string>

#include "dvsync/source/directory_source.hpp"
#include "dvsync/store/postgres/connection.hpp"
#include "dvsync/store/staging.hpp"

namespace dvsync::store::merge_sql {

// An empty stage, whatever an earlier pull or look-up of this session left.
void make_stage(Connection& mirror, StageSize expected);
extern const char* const see_page;  // $1 ids, $2 hashes → positions of those the mirror does not know so
extern const char* const merge_plan_sets;
extern const char* const find_repeated;  // identities that several staged records name
extern const char* const reject_conflicts;
extern const char* const number_rounds;
extern const char* const see_loaded;
extern const char* const unload_conflicts;
[[nodiscard]] std::string upsert_identities();  // $1 version, $2 round, $3 whether plans are known
extern const char* const forget_unknown_objects;
extern const char* const plans_become_known;  // $1 version
extern const char* const date_soft_deletes;
extern const char* const living_after;      // → the number of living identities once the stage is merged
extern const char* const list_unseen;       // living identities that no page brought as they are
extern const char* const mark_absent;       // $1 version; of these
extern const char* const replace_rejected;  // $1 whether this pull told everything

// Hash joins or nothing: merged by group, or looped over, every member would be compared with every other. With
// statistics the planner would do the first, and without them, or where one row is enough, the second.
inline constexpr const char* hash_joins_only = "SET LOCAL enable_nestloop = off; SET LOCAL enable_mergejoin = off";
inline constexpr const char* every_join = "SET LOCAL enable_nestloop = on; SET LOCAL enable_mergejoin = on";

[[nodiscard]] bool any(Connection& mirror, const std::string& query);  // whether it finds a row

// What became of this pull's memberships before they are merged.
struct Staged {
  bool first_load = false;  // the mirror held none, and holds now what came; nothing is compared
  // The mirror's version when memberships by id were read into memory and compared there: stage_unseen_member has what
  // was not seen. Of members that were merged since, stage_membership has all that was seen. nullopt: nothing is
  // compared yet.
  std::optional<std::int64_t> compared_at;
};

// Memberships and roles; remembers whom they touch, but for a first load. `complete`: groups that this pull did not
// name are forgotten.
void merge_memberships(Connection& mirror, const Staged& staged, bool complete);

// Groups and roles of everybody touched, onto the identities; or of everybody there is, after a first load.
void derive(Connection& mirror, std::int64_t version);
void derive_everybody(Connection& mirror, std::int64_t version);

struct Finish {
  std::int64_t version = 0;
  std::optional<bool> listing_complete;  // nullopt: as before
  std::optional<bool> plans_stated;
  bool everybody_licensed = false;
  bool nested_groups_read = false;
  source::Cursor cursor;
  std::string directory;
  std::int64_t living = 0;
};
void finish_merge(Connection& mirror, const Finish& finish);

}  // namespace dvsync::store::merge_sql
