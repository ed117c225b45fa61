#include "integration/graph/graph_test.hpp"

#include <fstream>

namespace dvsync::source::graph::testing {
namespace {

// Ids of users in whom two mirrors differ.
std::vector<std::string> differences(const std::map<core::Guid, ModelUser>& a,
                                     const std::map<core::Guid, ModelUser>& b) {
  std::vector<std::string> ids;
  for (const auto& [id, user] : a) {
    const auto other = b.find(id);
    if (other == b.end() || other->second != user) {
      ids.push_back(core::to_string(id));
    }
  }
  return ids;
}

std::string numbered(char first, int number) {
  std::string id = "20000000-0000-4000-8000-000000000000";
  id.front() = first;
  const std::string digits = std::to_string(number);
  return id.replace(id.size() - digits.size(), digits.size(), digits);
}

}  // namespace

void TestClock::wait(std::chrono::milliseconds duration, const std::stop_token& stop) {
  waits.push_back(duration);
  passed_ += duration;
  if (stop_while_waiting != nullptr) {
    stop_while_waiting->request_stop();
  }
  if (stop.stop_requested()) throw Interrupted();
}

std::string user_id(int number) { return numbered('2', number); }
std::string group_id(int number) { return numbered('3', number); }
core::Guid guid(const std::string& text) { return core::parse_guid(text).value(); }

GraphTest::GraphTest(Simulator& with) : simulator(with) {
  tell({{"do", "reset"}});
  directory.tenant = tenant_name;
  directory.client_id = client_id;
  directory.authority = simulator.address("authority");
  directory.graph_root = simulator.address("graph");
  directory.ca_file = simulator.address("ca_file");
  directory.client_secret_file = write_file("secret", "s3cret&with=odd%chars+ü\n");
  options.imds_root = simulator.address("imds");
  options.clock = &clock;
}

void GraphTest::tell(const json::value& commands) {
  simulator.run(commands.is_array() ? commands.get_array() : json::array{commands});
}

void GraphTest::fault(json::object fault) {
  fault["do"] = "fault";
  tell(fault);
}

void GraphTest::put_user(int number, json::object properties) {
  json::object command{{"do", "put_user"}, {"id", user_id(number)}};
  const std::string name = "u" + std::to_string(number);
  json::object usual{{"userPrincipalName", name + "@contoso.example"},
                     {"givenName", name},
                     {"accountEnabled", true},
                     {"userType", "Member"}};
  if (properties.empty()) {
    properties = std::move(usual);
  }
  command.insert(properties.begin(), properties.end());
  tell(command);
}

void GraphTest::put_group(int number, const std::vector<int>& members, const std::vector<int>& owners) {
  json::array commands{json::object{{"do", "put_group"}, {"id", group_id(number)}}};
  for (const int member : members) {
    commands.push_back(json::object{{"do", "link"}, {"group", group_id(number)}, {"id", user_id(member)}});
  }
  for (const int owner : owners) {
    commands.push_back(
        json::object{{"do", "link"}, {"group", group_id(number)}, {"relation", "owners"}, {"id", user_id(owner)}});
  }
  tell(commands);
  groups.push_back(group_id(number));
}

std::vector<std::string> GraphTest::requests() {
  std::vector<std::string> lines;
  for (const json::value& request : request_log()) {
    const std::string url(request.at("url").as_string().c_str());
    if (url.find("/oauth2/") == std::string::npos) {
      const bool part = request.as_object().contains("in_batch");
      lines.push_back((part ? "part " : "") + std::string(request.at("method").as_string().c_str()) + " " + url);
    }
  }
  return lines;
}

std::filesystem::path GraphTest::write_file(const std::string& name, const std::string& content) {
  std::filesystem::path path = simulator.folder() / name;
  std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
  return path;
}

PullRequest GraphTest::request(const Cursor& cursor) const {
  PullRequest request;
  request.full = cursor.empty();
  request.cursor = cursor;
  request.groups = groups;
  request.nested_groups = nested;
  return request;
}

Pulled GraphTest::pull(DirectorySource& source, const PullRequest& request, MirrorModel& mirror) {
  MirrorModel next = mirror;
  Pulled pulled;
  const std::unique_ptr<Pull> pull = source.pull(request);
  Page page;
  while (pull->next(page, {})) {
    next.apply(page);
    pulled.rejected.insert(pulled.rejected.end(), page.rejected.begin(), page.rejected.end());
    pulled.unknown_objects.insert(pulled.unknown_objects.end(), page.unknown_objects.begin(),
                                  page.unknown_objects.end());
    pulled.identities.insert(pulled.identities.end(), page.identities.begin(), page.identities.end());
  }
  pulled.end = pull->end();
  next.finish(pulled.end);
  mirror = std::move(next);
  return pulled;
}

std::string GraphTest::failure_of(const PullRequest& request, SourceError::Kind kind) {
  MirrorModel mirror;
  try {
    pull(request, mirror);
  } catch (const SourceError& error) {
    EXPECT_EQ(error.kind(), kind) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "the pull did not fail";
  return {};
}

void GraphTest::expect_like_fresh(const MirrorModel& mirror) {
  MirrorModel fresh;
  pull(request(), fresh);
  EXPECT_THAT(differences(mirror.living(), fresh.living()), ::testing::IsEmpty());
  EXPECT_THAT(differences(fresh.living(), mirror.living()), ::testing::IsEmpty());
  for (const auto& [id, group] : fresh.groups()) {
    ASSERT_TRUE(mirror.groups().contains(id)) << core::to_string(id);
    EXPECT_TRUE(mirror.groups().at(id) == group) << core::to_string(id);
  }
  for (const RoleName role :
       {RoleName::global_administrator, RoleName::power_platform_administrator, RoleName::dynamics365_administrator}) {
    EXPECT_EQ(mirror.role(role), fresh.role(role));
  }
}

}  // namespace dvsync::source::graph::testing
