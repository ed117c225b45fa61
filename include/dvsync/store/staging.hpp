#pragma once
// Staging: the pages of one pull go into temporary tables; merge() brings them into the mirror with the new cursor in
// one transaction and raises the version. A pull that does not end leaves nothing behind. A first load goes straight
// into the mirror's tables, in a transaction that lasts as long as the pull: nobody reads a mirror without a version.

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "dvsync/source/directory_source.hpp"
#include "dvsync/store/lease.hpp"
#include "dvsync/store/mirror.hpp"
#include "dvsync/store/postgres/connection.hpp"
#include "dvsync/store/postgres/copy_line.hpp"

namespace dvsync::store {

struct MergeReport {
  std::int64_t version = 0;
  std::int64_t changed = 0;    // identities whose facts moved, absent ones included
  std::int64_t absent = 0;     // identities that a complete listing no longer names
  std::int64_t rejected = 0;   // records that could not be used
  std::int64_t anonymous = 0;  // of these, records that do not even say whose they are
  bool listing_complete = false;
};

class Staging {
 public:
  // `mirror` must live as long; its session holds the temporary tables. `conflicts`: two records of one pull that
  // differ reject their identity (files); otherwise the last one wins.
  Staging(Connection& mirror, const MirrorState& state, bool conflicts);

  void stage(const source::Page& page);

  [[nodiscard]] std::int64_t rejected() const { return rejected_; }  // records, so far

  // `fence` is checked first. `names` are the security groups of all environments, as configured; `directory` is
  // remembered.
  MergeReport merge(const source::PullEnd& end, const std::vector<std::string>& names, const std::string& directory,
                    const Lease& fence);

 private:
  struct Line {
    std::size_t begin = 0;
    std::size_t end = 0;
    const source::IdentityRecord* record = nullptr;
    std::int64_t hash = 0;
    unsigned stated = 0;
  };
  void stage_identities(const std::vector<source::IdentityRecord>& identities);
  void write_lines(const std::vector<Line>& lines);
  bool load(const std::vector<Line>& lines);
  void stop_loading();
  unsigned write_facts(const source::IdentityRecord& record);
  std::int64_t plan_set_of(const std::vector<core::Guid>& plans);
  std::vector<bool> unchanged(const std::vector<Line>& lines);
  void copy(const char* statement, CopyLines& lines);
  void stage_plan_sets();
  void stage_memberships(const source::Page& page);
  void stage_rejected(const source::Page& page);
  void settle_repeated();
  void upsert(const std::string& version, bool plans_known);
  void stage_coverage(const source::PullEnd& end, const std::vector<std::string>& names);

  Connection& mirror_;
  bool conflicts_;
  bool plans_were_stated_;
  bool first_load_;                     // the mirror was empty when this pull began
  std::optional<Transaction> loading_;  // a first load's, from the first page to the merge
  bool straight_ = false;               // pages go straight into the mirror: no record came twice yet
  bool any_plans_ = false;
  std::int64_t sequence_ = 0;
  std::int64_t rejected_ = 0;
  std::int64_t anonymous_ = 0;
  std::unordered_set<std::int64_t> plan_sets_;  // staged already; bounded
  CopyLines facts_;
  CopyLines lines_;
  CopyLines new_plan_sets_;
};

}  // namespace dvsync::store
