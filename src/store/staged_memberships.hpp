#pragma once
// The memberships of one pull on their way into the mirror: into a temporary table, without those that the mirror holds
// already; on a first load straight into the mirror's table. Private to store.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "dvsync/store/page_encoder.hpp"
#include "dvsync/store/postgres/connection.hpp"
#include "known_members.hpp"

namespace dvsync::store {

class StagedMemberships {
 public:
  explicit StagedMemberships(Connection& mirror) : mirror_(mirror) {}

  // For the first pull of a mirror, in a transaction that ends with its merge.
  void load_straight() { first_load_ = straight_ = true; }

  void stage(const EncodedPage& page);

  // Into the mirror, in the transaction that raises its version, with groups and roles; remembers whom they touch.
  void merge(const source::PullEnd& end);

 private:
  bool load(const EncodedPage& page);
  void remember_all_known();
  std::string unknown_of(const EncodedPage& page);
  void stage_left_out();
  void stage_unseen(const source::PullEnd& end);

  Connection& mirror_;
  bool first_load_ = false;
  bool straight_ = false;  // pages go straight into the mirror: nothing was named twice, withdrawn, or known by name
  bool any_removed_ = false;
  std::optional<std::int64_t> held_;  // by the mirror, once it was asked
  std::int64_t staged_ = 0;
  std::unique_ptr<KnownMembers> known_;  // once many were staged
};

}  // namespace dvsync::store
