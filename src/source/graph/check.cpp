#include <algorithm>

#include "source/graph/delta.hpp"
#include "source/graph/json.hpp"
#include "source/graph/session.hpp"

namespace dvsync::source::graph {
namespace {

namespace json = boost::json;
using Effect = Finding::Effect;

bool flag(const json::value& object, std::string_view key) {
  const json::value* value = find(object, key);
  return value != nullptr && value->is_bool() && value->get_bool();
}

bool is_microsoft_365(const json::value& group) {
  const json::value* types = find(group, "groupTypes");
  return types != nullptr && types->is_array() &&
         std::any_of(types->get_array().begin(), types->get_array().end(),
                     [](const json::value& type) { return type == "Unified"; });
}

// Dataverse takes cloud security groups and Microsoft 365 groups.
std::string_view unsupported_kind(const json::value& group) {
  if (flag(group, "onPremisesSyncEnabled")) {
    return "is synchronised from an on-premises directory; use a group created in Microsoft Entra ID";
  }
  if (is_microsoft_365(group)) return {};
  if (!flag(group, "securityEnabled")) return "is a distribution list; use a Security or a Microsoft 365 group";
  return flag(group, "mailEnabled") ? "is a mail-enabled security group; use a Security or a Microsoft 365 group"
                                    : std::string_view{};
}

class TenantCheck {
 public:
  TenantCheck(Session& session, const PullRequest& request) : session_(session), request_(request) {}

  std::vector<Finding> run() {
    session_.demand_token(stop_);
    const std::vector<GraphAnswer> answers = session_.client().batch(requests(), stop_);
    auto answer = answers.begin();
    demand(*answer++, "User.Read.All", "users cannot be read", Effect::denied);
    demand_roles(answer);
    demand_subscriptions(*answer++);
    bool group_permission = true;
    for (const core::Guid& id : groups_) {
      group_permission = check_group(id, *answer++, group_permission);
    }
    return std::move(findings_);
  }

 private:
  std::vector<GraphRequest> requests() {
    const Queries& queries = session_.queries();
    std::vector<GraphRequest> requests{{.url = Queries::from_now_on(queries.users_delta()), .body = {}}};
    for (const AdministratorRole& role : administrator_roles) {
      requests.push_back({.url = queries.role_members(role), .body = {}});
    }
    requests.push_back({.url = queries.subscriptions(), .body = {}});
    for (const std::string& name : request_.groups) {
      if (const auto id = core::parse_guid(name)) {
        groups_.push_back(*id);
        requests.push_back({.url = queries.group_kind(*id), .body = {}});
      } else {
        report(Effect::incomplete, "security group " + name + ": name it by its object id");
      }
    }
    return requests;
  }

  void report(Effect effect, std::string message) { findings_.push_back({effect, std::move(message)}); }

  // False: refused. 404 is for the caller to judge.
  bool demand(const GraphAnswer& answer, const std::string& permission, const std::string& consequence, Effect effect) {
    if (answer.status == 403) {
      report(effect, "the application permission " + permission + " is missing, so " + consequence +
                         ": add it in the app registration (API permissions, Microsoft Graph, application permissions) "
                         "and grant admin consent");
    } else if (!answer.ok() && answer.status != 404) {
      auto fault = finding_of(failure(answer, "a question that needs " + permission));
      if (effect != Effect::denied) fault.effect = effect;  // the pull would go through without this answer
      findings_.push_back(std::move(fault));
    }
    return answer.ok();
  }

  void demand_roles(std::vector<GraphAnswer>::const_iterator& answer) {
    bool asked = false;
    for (std::size_t i = 0; i < administrator_roles.size(); ++i, ++answer) {
      const bool refused = answer->status != 404 && !answer->ok();
      if (!refused || !asked) {
        demand(*answer, "RoleManagement.Read.Directory", "nobody's administrator roles are known", Effect::incomplete);
      }
      asked = asked || refused;
    }
  }

  void demand_subscriptions(const GraphAnswer& answer) {
    if (!demand(answer, "LicenseAssignment.Read.All",
                "the tenant's subscriptions cannot be looked at (users' plans can)", Effect::none)) {
      return;
    }
    const json::array& subscriptions = items_of(answer, "the subscriptions");
    const bool active = std::any_of(subscriptions.begin(), subscriptions.end(), [](const json::value& subscription) {
      const std::string_view status = text_at(subscription, "capabilityStatus");
      return status == "Enabled" || status == "Warning";
    });
    if (!active) {
      report(Effect::none, "the tenant has no active subscription: nobody will have a licence");
    }
  }

  bool check_group(const core::Guid& id, const GraphAnswer& answer, bool permission_known) {
    const std::string name = "security group " + core::to_string(id) + " ";
    if (answer.status == 404) {
      report(Effect::incomplete, name + "does not exist in this tenant: correct security_group of its environment");
    } else if (answer.status == 403) {
      if (permission_known) {
        demand(answer, "GroupMember.Read.All", "security groups cannot be read", Effect::incomplete);
      }
      return false;
    } else if (!answer.ok()) {
      report(Effect::incomplete, name + "cannot be read: " + failure(answer, "a group").what());
    } else if (const std::string_view why = unsupported_kind(answer.body()); !why.empty()) {
      report(Effect::none, name + std::string(why));
    }
    return permission_known;
  }

  Session& session_;
  const PullRequest& request_;
  std::stop_token stop_;
  std::vector<core::Guid> groups_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> check_tenant(Session& session, const PullRequest& request) {
  try {
    return TenantCheck(session, request).run();
  } catch (const SourceError& error) {
    return {finding_of(error)};
  }
}

}  // namespace dvsync::source::graph
