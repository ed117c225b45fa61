#pragma once
// Which groups a pull is asked about, and what the file said about each.

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "dvsync/core/guid.hpp"
#include "dvsync/source/directory_source.hpp"

namespace dvsync::source::file {

class GroupRegister {
 public:
  enum class NamedBy { object_id, object_id_or_dn };

  GroupRegister(const PullRequest& request, NamedBy named_by);

  // Whether the memberships of this group are to be delivered. `dn` is folded; empty where the format has none.
  [[nodiscard]] bool wants(const core::Guid& id, std::string_view dn = {}) const;
  // Whether it is one of the requested groups, or was told of before.
  [[nodiscard]] bool knows(const core::Guid& id) const;
  // The same as wants() while the id is not known yet: false only when no id could make it wanted.
  [[nodiscard]] bool may_want(std::string_view dn) const;

  // Read as a whole (so far: a group may have several records).
  void saw(const core::Guid& id, std::string_view dn = {});
  // The directory no longer has the group.
  void gone(const core::Guid& id);
  // Something about the group could not be read: what is known of its members may be wrong. A nil id with a DN is a
  // group whose id is not known.
  void distrust(const core::Guid& id, std::string_view dn, const std::string& why);
  void distrust_all(const std::string& why);
  // Only a part of the group's members or owners is in the file: the others are unknown.
  void cut(const core::Guid& id, MembershipRecord::Relation relation, const std::string& why);
  void cut_all(const std::string& why);

  // Every requested group in the order of the request, then the others that were seen.
  [[nodiscard]] std::vector<GroupCompleteness> coverage(Completeness of_seen, Completeness of_unseen) const;

 private:
  struct ReadState {
    bool seen = false;
    bool gone = false;
    std::string trouble;
    std::string members_cut;
    std::string owners_cut;
  };
  struct Requested {
    std::string name;
    std::optional<core::Guid> id;  // configured, or learnt from the file
    std::string dn;                // folded; empty: named by id
    ReadState standing;
  };
  struct Other {
    std::string dn;
    ReadState standing;
  };

  [[nodiscard]] static bool names(const Requested& requested, const core::Guid& id, std::string_view dn);
  template <class Action>
  void for_each(const core::Guid& id, std::string_view dn, Action action);
  static void judge(GroupCompleteness& coverage, const ReadState& standing, Completeness of_seen,
                    Completeness of_unseen);

  NamedBy named_by_;
  bool every_group_;
  std::string general_trouble_;
  std::string general_cut_;
  std::vector<Requested> requested_;
  std::unordered_map<core::Guid, Other> others_;
};

}  // namespace dvsync::source::file
