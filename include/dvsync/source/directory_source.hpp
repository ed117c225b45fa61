#pragma once
// Where identities come from. One interface for every kind of directory: a pull yields pages of what changed since a
// cursor; the store stages them and merges them with the new cursor in one transaction. An adapter knows its
// protocol and nothing of environments, rules or PostgreSQL.

#include <bitset>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "dvsync/core/guid.hpp"
#include "dvsync/core/identity.hpp"
#include "dvsync/error.hpp"

namespace dvsync::source {

// What must be remembered between pulls: one entry a query (delta links, cookies, USNs). Opaque, never logged.
using Cursor = std::map<std::string, std::string>;

// Who else gets a licence or a role by membership: the three administrator roles, and the group that stands for
// "licensed" in a directory without plans.
enum class RoleName : std::uint8_t {
  global_administrator,
  power_platform_administrator,
  dynamics365_administrator,
  licensed,
};
inline constexpr std::size_t role_name_count = 4;

// One user as this page tells it. Of a user that comes whole, everything not stated is an empty value; but an account
// state that is not stated is unknown, and an expiry that is not stated stays as it was. Of a partial one, everything
// not stated is unchanged.
struct IdentityRecord {
  core::Guid object_id;
  core::Lifecycle lifecycle = core::Lifecycle::present;
  std::optional<core::Timestamp> deleted_at;  // of a soft delete, where the directory says it
  bool whole = true;  // false: a delta, or a soft delete that shows only the id; merged by presence of key

  // Which attributes of the profile this record states (a stated one may be without value: cleared).
  std::bitset<core::attribute_count> stated;
  core::Profile profile;

  std::optional<bool> account_enabled;  // nullopt: not stated
  bool expiry_stated = false;
  std::optional<core::Timestamp> account_expires;  // the account counts as disabled from then on
  std::optional<bool> guest;                       // nullopt: not stated
  std::optional<bool> agent;                       // an agent user (docs/rules.md D17); nullopt: not stated
  std::optional<std::vector<core::Guid>> plans;    // service plans Enabled or Warning; nullopt: not stated
  bool plans_unknown = false;  // of a partial record without plans: nobody knows now which ones the user has

  // How memberships may refer to this user besides the object id; already folded for comparison by the adapter.
  std::optional<std::string> distinguished_name;
  std::optional<std::string> login;  // uid, for posixGroup

  // D9: a value that no text column can take (NUL, invalid UTF-8): "jobTitle holds NUL". The attribute itself is left
  // without value. The facts for the gates stand.
  std::string defect;
};

// What a membership refers to, in the form the directory uses.
struct MemberRef {
  enum class Kind : std::uint8_t { object_id, distinguished_name, login };
  Kind kind = Kind::object_id;
  core::Guid object_id;  // for Kind::object_id
  std::string name;      // else; folded like IdentityRecord's
};

struct MembershipRecord {
  enum class Relation : std::uint8_t { member, owner };
  core::Guid group;  // the group's object id
  Relation relation = Relation::member;
  MemberRef member;
  bool member_is_group = false;
  bool removed = false;
};

struct RoleRecord {
  RoleName role = RoleName::global_administrator;
  MemberRef member;
  bool removed = false;
};

// A record that could not be used. It is listed until it is right.
struct RejectedRecord {
  std::optional<core::Guid> object_id;  // nullopt: the record does not even say whose it is
  std::string where;                    // "tenant.jsonl:17", "page 3, item 12", a DN
  std::string reason;                   // stable code: malformed, missing_object_id, duplicate_identity …
  std::string detail;                   // in words, without values
};

struct Page {
  std::vector<IdentityRecord> identities;
  std::vector<MembershipRecord> memberships;
  std::vector<RoleRecord> roles;
  std::vector<RejectedRecord> rejected;
  // Objects of a type that the source does not know. Those whose id the mirror knows as a user's are rejected as
  // `unknown_object_type` (docs/rules.md D17); the others are nobody's business.
  std::vector<RejectedRecord> unknown_objects;

  void clear();
  [[nodiscard]] std::size_t size() const;  // records of every kind
  [[nodiscard]] bool empty() const { return size() == 0; }
};

// How much of a set a pull has told.
enum class Completeness : std::uint8_t {
  complete,     // everything there is: what was not named is not there
  changes,      // what changed since the cursor
  partial,      // some of it, and the source says that there is more: nothing is known about the rest
  unreadable,   // could not be read (`detail` says why): nothing is known about it now
  not_carried,  // this kind of directory has no such thing
};

struct GroupCompleteness {
  std::string name;  // as the request named it (object id or DN)
  core::Guid object_id;
  std::optional<std::string> distinguished_name;  // folded; where nested groups are referred to by DN
  Completeness members = Completeness::complete;
  Completeness owners = Completeness::complete;
  std::string detail;
  bool gone = false;  // unreadable, because the directory states that it has no such group (any more)
};

// How a pull ended. Only returned when everything was read; otherwise next() throws.
struct PullEnd {
  Completeness users =
      Completeness::complete;  // complete: whoever was not named is absent (unless a reject was anonymous)
  // Every group named in the request, and every group found nested in one.
  std::vector<GroupCompleteness> groups;
  std::array<Completeness, role_name_count> roles{Completeness::complete, Completeness::complete,
                                                  Completeness::complete, Completeness::not_carried};
  bool nested_groups_read = true;   // memberships of groups in groups were delivered
  bool everybody_licensed = false;  // a directory without licences that treats everybody as licensed
  Cursor cursor;
  std::uint64_t records = 0;          // lines, rows, entries or objects read, rejected ones included
  std::vector<std::string> warnings;  // once a pull, for the log
};

struct PullRequest {
  bool full = true;     // everything from scratch, whatever the cursor
  bool reread = false;  // `--full`: re-read account states and plans too, delta links stay
  Cursor cursor;
  std::vector<std::string> groups;  // the environments' security groups, as configured, and those of their teams
  bool nested_groups = false;       // some environment honours nested groups
};

class Pull {
 public:
  virtual ~Pull() = default;

  // Fills `page` (cleared first) with the next few thousand records at most; false: that was all, `page` is empty.
  // Throws SourceError, or Interrupted when `stop` was requested. Blocks no longer than the adapter's own limits.
  virtual bool next(Page& page, std::stop_token stop) = 0;

  // After next() returned false, once.
  virtual PullEnd end() = 0;
};

// A person's way of naming a user: a user name or an object id.
struct UserReference {
  std::optional<core::Guid> object_id;
  std::string user_name;
};

// One user, asked for directly. `page` holds the identity (whole; lifecycle gone when the directory does not know it),
// its memberships in the requested groups and its roles; `groups` and `roles` say what could be read.
struct LookUp {
  Page page;
  std::vector<GroupCompleteness> groups;
  std::array<Completeness, role_name_count> roles{};
};

// What `dvsync check` found, what a run makes of it, and what to do about it.
struct Finding {
  enum class Effect : std::uint8_t {
    none,         // worth knowing
    incomplete,   // a fact will be missing: the rows it decides about stay as they are
    unavailable,  // the pull fails, as a SourceError of this kind
    denied,
  };
  Effect effect = Effect::unavailable;
  std::string message;
};
// What a pull would throw.
[[nodiscard]] Finding finding_of(const SourceError& error);

class DirectorySource {
 public:
  virtual ~DirectorySource() = default;

  // Which directory this is: "file", "graph:<tenant>", "ldap:<base>". The mirror remembers it and refuses another.
  [[nodiscard]] virtual std::string directory() const = 0;

  // Whether one record naming a user twice with different data in one pull is an error of that user
  // (files), or the last one wins (protocols that replay).
  [[nodiscard]] virtual bool duplicates_conflict() const { return false; }

  // Most rejected records of a pull, in percent of all; more fails the run before anything is taken over.
  [[nodiscard]] virtual double max_rejects_percent() const { return 5; }

  // One pull at a time.
  [[nodiscard]] virtual std::unique_ptr<Pull> pull(const PullRequest& request) = 0;

  // nullopt: this kind of directory cannot be asked for one user. Throws SourceError.
  virtual std::optional<LookUp> look_up(const UserReference&, const PullRequest&, std::stop_token) {
    return std::nullopt;
  }

  // Connects and tries everything a pull needs, without reading the directory. Reports; a right it lacks it may throw.
  virtual std::vector<Finding> check(const PullRequest& request) = 0;
};

}  // namespace dvsync::source
