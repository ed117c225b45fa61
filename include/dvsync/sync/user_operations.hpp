#pragma once
// An administrator's operations for one environment: what `dvsync user` does, without a daemon and beside whatever run
// there may be. Every act is one transaction with its log, and takes effect at once (docs/architecture.md, Beside a
// run).

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "dvsync/config/configuration.hpp"
#include "dvsync/core/system_user.hpp"
#include "dvsync/source/directory_source.hpp"
#include "dvsync/store/manual_changes.hpp"
#include "dvsync/store/user_references.hpp"
#include "dvsync/sync/on_demand.hpp"

namespace dvsync::sync {

namespace refusal {
inline constexpr const char* too_many_non_interactive = core::code_of(core::Reason::too_many_non_interactive).data();
inline constexpr const char* not_a_stub = core::code_of(core::Reason::not_a_stub).data();
inline constexpr const char* already_has_a_row = core::code_of(core::Reason::already_has_a_row).data();
}  // namespace refusal

// At most so many rows in access mode 4, application users not counted (docs/rules.md, Access mode).
inline constexpr std::int64_t most_non_interactive = 7;

class UserOperations {
 public:
  enum class Rights : bool { daemon, owner };  // acts that the daemon never does need the owner's connection

  // Connects to the mirror and the environment. Throws StoreError.
  UserOperations(const config::Configuration& configuration, const config::Environment& environment,
                 std::string requested_by, std::stop_token stop, Rights rights = Rights::daemon);

  using OnOutcome = std::function<void(const RequestOutcome&)>;
  // `add` and `refresh`: on demand, in the order of `users`, many in one transaction; told once it is committed. Throws
  // StoreError, Interrupted; what was told stands. `command`: for the log, which keeps refusals of every act.
  void bring_in_line(const std::vector<source::UserReference>& users, bool all_fields, const std::string& command,
                     const OnOutcome& on_answer);

  // The rows' own states, by systemuserid, object id, application id or user name. Throw UsageError: no such row, or
  // several.
  [[nodiscard]] RequestOutcome enable(const std::string& word);  // a user if the rules let them in; an application
  // Whatever the rules say. `confirm` is asked before an application is disabled; false leaves it alone.
  using Confirm = std::function<bool(const std::string& warning)>;
  [[nodiscard]] RequestOutcome disable(const std::string& word, const Confirm& confirm);
  // The invitation that a user needs who was enabled again is sent.
  [[nodiscard]] RequestOutcome mark_invited(const std::string& word);
  [[nodiscard]] RequestOutcome set_access_mode(const std::string& word, core::AccessMode mode);

  // With Rights::owner.
  enum class IfRefused : bool { do_nothing, link_all_the_same };  // whom the rules do not let in
  [[nodiscard]] RequestOutcome link_stub(const std::string& stub, const source::UserReference& user,
                                         IfRefused if_refused);
  struct NewApplication {
    core::Guid application_id;
    std::optional<core::Guid> object_id = {};
    std::string name = {};
    std::string email = {};
    std::optional<std::string> business_unit = {};  // default: the environment's
    std::vector<std::string> roles = {};            // by name, of that unit
  };
  // Throws UsageError: no such role there.
  [[nodiscard]] RequestOutcome add_application(const NewApplication& application);

  // The members of a group: of the mirror if it carries the group, else the directory is read for them. Throws
  // UsageError, SourceError.
  [[nodiscard]] std::vector<source::UserReference> members_of(const std::string& group);

 private:
  [[nodiscard]] Resolved resolve(const source::UserReference& user);
  [[nodiscard]] store::RowReference row_named(const std::string& word);
  [[nodiscard]] store::Act act();
  void give_roles(const core::Guid& systemuserid, const std::vector<std::string>& names,
                  const std::optional<core::Guid>& business_unit);
  [[nodiscard]] bool is_application(const store::RowReference& row);
  // Keeps it in the log if it is a refusal.
  RequestOutcome logged(const std::string& command, RequestOutcome answer);
  void follow_rules(const Resolved& user, RequestOutcome& answer);
  // In a transaction that is tried again while somebody else is in the way.
  void transact(const std::function<void()>& work);
  [[nodiscard]] RequestOutcome on_row(
      const std::string& word, const store::RowReference& row, std::optional<core::Reason> kind,
      const std::function<void(const core::SystemUser& locked, RequestOutcome& answer)>& work);

  const config::Configuration& configuration_;
  const config::Environment& environment_;
  std::string requested_by_;
  std::stop_token stop_;
  std::unique_ptr<source::DirectorySource> source_;
  std::unique_ptr<store::Connection> mirror_;
  std::unique_ptr<store::Connection> session_;
  OnDemand on_demand_;
};

}  // namespace dvsync::sync
