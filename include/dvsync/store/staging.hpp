#pragma once
// Staging: the pages of one pull go into temporary tables; merge() brings them into the mirror with the new cursor in
// one transaction and raises the version. A pull that does not end leaves nothing behind. A first load goes straight
// into the mirror's tables, in a transaction that lasts as long as the pull: nobody reads a mirror without a version.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dvsync/source/directory_source.hpp"
#include "dvsync/store/lease.hpp"
#include "dvsync/store/mirror.hpp"
#include "dvsync/store/page_encoder.hpp"
#include "dvsync/store/postgres/connection.hpp"
#include "dvsync/store/postgres/copy_line.hpp"

namespace dvsync::store {

class KnownRecords;
class StagedMemberships;

struct MergeReport {
  std::int64_t version = 0;
  std::int64_t changed = 0;    // identities whose facts moved, absent ones included
  std::int64_t absent = 0;     // identities that a complete listing no longer names
  std::int64_t rejected = 0;   // records that could not be used
  std::int64_t anonymous = 0;  // of these, records that do not even say whose they are
  bool listing_complete = false;
};

// What will be staged. A session that looks up one user after the other keeps its tables, and empties them: to make its
// tables anew takes as long as the rest of such a merge.
enum class StageSize { everybody, one_user };

class Staging {
 public:
  // `mirror` must live as long; its session holds the temporary tables. `conflicts`: two records of one pull that
  // differ reject their identity (files); otherwise the last one wins.
  Staging(Connection& mirror, bool conflicts, StageSize expected = StageSize::everybody);
  ~Staging();
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;

  // For the first pull of a mirror, before its first page: goes straight into the mirror's tables. `groups`: users'
  // groups will be written onto them at the end.
  void load_straight(bool groups);

  void stage(const EncodedPage& page);

  [[nodiscard]] std::int64_t rejected() const { return rejected_; }  // records, so far

  // `fence` is checked first. `names` are the security groups of all environments, as configured; `directory` is
  // remembered. `accept` is told how many records cannot be used, duplicates included; what it throws ends the merge
  // with nothing taken over.
  MergeReport merge(const source::PullEnd& end, const std::vector<std::string>& names, const std::string& directory,
                    const Lease& fence, const std::function<void(std::int64_t rejected)>& accept);

 private:
  void stage_identities(const EncodedPage& page);
  bool load(const EncodedPage& page);
  void stop_loading();
  std::vector<bool> unchanged(const EncodedPage& page);
  void ask_about(const EncodedPage& page, std::vector<bool>& known);
  void remember_all_known();
  void compare_staged_with_seen();
  void list_unseen();
  void settle_repeated();
  void upsert(const std::string& version, bool plans_known);
  // Those that the mirror knows as users; their number.
  std::int64_t reject_unknown_objects();
  void stage_coverage(const source::PullEnd& end, const std::vector<std::string>& names);

  Connection& mirror_;
  std::unique_ptr<StagedMemberships> memberships_;
  bool conflicts_;
  bool first_load_ = false;             // the mirror was empty when this pull began
  std::optional<Transaction> loading_;  // a first load's, from the first page to the merge
  bool straight_ = false;               // pages go straight into the mirror: no record came twice yet
  bool any_plans_ = false;
  std::int64_t asked_ = 0;               // whole records that were looked up
  std::unique_ptr<KnownRecords> known_;  // once there were enough of these
  std::size_t staged_known_ = 0;         // identities with a hash that were staged and not seen
  std::int64_t rejected_ = 0;
  std::int64_t anonymous_ = 0;
  std::int64_t unknown_objects_ = 0;
  CopyLines lines_;
};

}  // namespace dvsync::store
