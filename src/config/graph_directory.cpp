#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "directory.hpp"
#include "files.hpp"
#include "masking.hpp"
#include "values.hpp"

namespace dvsync::config {
namespace {

// Microsoft's national clouds. A token of one cloud is not valid in another.
struct Cloud {
  std::string_view authority;
  std::string_view graph_root;
  bool operator==(const Cloud&) const = default;
};
constexpr Cloud global{"https://login.microsoftonline.com", "https://graph.microsoft.com"};
constexpr Cloud us_government{"https://login.microsoftonline.us", "https://graph.microsoft.us"};
constexpr Cloud us_defense{"https://login.microsoftonline.us", "https://dod-graph.microsoft.us"};
constexpr Cloud china{"https://login.chinacloudapi.cn", "https://microsoftgraph.chinacloudapi.cn"};

constexpr std::array<std::string_view, 4> credentials{"client_secret_file", "certificate_file", "federated_token_file",
                                                      "managed_identity"};

// A tenant id or one of its domains. The shared endpoints (common …) know no application permissions.
Read<std::string> tenant(const YAML::Node& node) {
  auto value = text(node);
  if (!value) return value;
  const bool id_or_domain = core::parse_guid(*value) || value->find('.') != std::string::npos;
  const auto odd = value->find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-{}");
  if (!id_or_domain || odd != std::string::npos) {
    return wrong("must be the tenant's id or one of its domains, not " + in_quotes(*value));
  }
  return value;
}

// Kept as text; the token endpoint takes the plain form only.
struct ApplicationId {
  [[nodiscard]] static Shape shape() { return guid_shape(); }
  Read<std::string> operator()(const YAML::Node& node) const {
    const auto id = guid(node);
    if (!id) return id.error();
    return core::to_string(*id);
  }
};

// The root of a web service: bearer tokens and secrets go there, so it must be encrypted, even on this
// machine: the adapter speaks nothing else.
Read<std::string> service_root(const YAML::Node& node) {
  auto value = text(node);
  if (!value) return value;
  while (value->ends_with('/')) {
    value->pop_back();
  }
  const auto scheme = value->find("://");
  const auto rest = scheme == std::string::npos ? "" : value->substr(scheme + 3);
  const auto host = rest.substr(0, rest.find('/'));
  if (!value->starts_with("https://") || host.empty() || rest.find_first_of("@?# \t") != std::string::npos) {
    return wrong("must be an https:// address without user, query or fragment");
  }
  return value;
}

Read<std::string> graph_root(const YAML::Node& node) {
  auto value = service_root(node);
  if (value && (value->ends_with("/v1.0") || value->ends_with("/beta"))) {
    return wrong("must not name a version: " + in_quotes(value->substr(0, value->rfind('/'))));
  }
  return value;
}

Read<std::string> proxy(const YAML::Node& node) {
  auto value = text(node);
  if (value && value->find('@') != std::string::npos) {
    return wrong(
        "must not hold a user or password: leave it out and set HTTPS_PROXY in the service's environment file");
  }
  return value;
}

void read_endpoints(Section& section, GraphDirectory& graph) {
  std::optional<Cloud> cloud;  // in force where the two are not given
  if (!section.has("authority")) cloud = global;
  section.optional("cloud", cloud,
                   OneOf<Cloud>{{"global", global}, {"usgov", us_government}, {"dod", us_defense}, {"china", china}});
  std::optional<std::string> authority;
  section.optional("authority", authority, service_root);
  std::optional<std::string> root;
  section.optional("graph_root", root, graph_root);
  graph.authority = authority.value_or(std::string(cloud.value_or(global).authority));
  graph.graph_root = root.value_or(std::string(cloud.value_or(global).graph_root));
  if (section.has("authority") != section.has("graph_root")) {
    section.reject_key(section.has("authority") ? "authority" : "graph_root",
                       "`authority` and `graph_root` go together: give both, or `cloud`");
  } else if (section.has("cloud") && section.has("authority")) {
    section.reject_key("cloud", "`cloud` sets `authority` and `graph_root`: give either `cloud` or these two");
  }
}

// Exactly one way to prove who we are.
void check_credentials(Section& section, const GraphDirectory& graph) {
  std::string_view chosen;
  for (const auto credential : credentials) {
    const bool given = section.has(credential) && (credential != "managed_identity" || graph.managed_identity);
    if (given && !chosen.empty()) {
      section.reject_key(credential, "exactly one credential: `" + std::string(credential) + "` or `" +
                                         std::string(chosen) + "` (line " + std::to_string(section.line_of(chosen)) +
                                         ")");
    } else if (given) {
      chosen = credential;
    }
  }
  if (chosen.empty()) {
    section.reject("missing credential in `directory`: one of " + alternatives(credentials));
  }
  if (section.has("certificate_file") && !section.has("private_key_file")) {
    section.reject_key("certificate_file", "`certificate_file` needs `private_key_file`");
  } else if (section.has("private_key_file") && !section.has("certificate_file")) {
    section.reject_key("private_key_file", "`private_key_file` needs `certificate_file`");
  }
}

}  // namespace

GraphDirectory read_graph_directory(Section& section, const std::filesystem::path& folder) {
  GraphDirectory graph;
  section.required("tenant", graph.tenant, tenant);
  section.optional("client_secret_file", graph.client_secret_file, SecretFile{folder});
  section.optional("certificate_file", graph.certificate_file, ReadableFile{folder});
  section.optional("private_key_file", graph.private_key_file, SecretFile{folder});
  // The token is short-lived, and the platform that projects it decides who may read it (Kubernetes: 0644).
  section.optional("federated_token_file", graph.federated_token_file, ReadableFile{folder});
  section.optional("managed_identity", graph.managed_identity, flag);
  section.required_if(!graph.managed_identity, "client_id", graph.client_id, ApplicationId{});
  check_credentials(section, graph);
  read_endpoints(section, graph);
  section.optional("ca_file", graph.ca_file, ReadableFile{folder});
  section.optional("proxy", graph.proxy, proxy);
  section.optional("throttle_priority", graph.throttle_priority, word_of({"low", "normal", "high"}));
  return graph;
}

}  // namespace dvsync::config
