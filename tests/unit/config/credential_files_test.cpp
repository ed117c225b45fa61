// The files that a configuration names.

#include <gmock/gmock.h>
#include <unistd.h>

#include <cstdlib>

#include "config_support.hpp"

namespace dvsync::config {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class CredentialFiles : public ::testing::Test {
 protected:
  void SetUp() override { ::unsetenv("CREDENTIALS_DIRECTORY"); }
  void TearDown() override { ::unsetenv("CREDENTIALS_DIRECTORY"); }

  [[nodiscard]] Loaded parse_secret(const std::string& path) const {
    return parse(
        "database: {connection: dbname=dvsync}\n"
        "environments: [{name: contoso, schema: contoso}]\n"
        "directory:\n"
        "  type: graph\n"
        "  tenant: contoso.example\n"
        "  client_id: 5d0f9d4e-0000-4000-8000-000000000006\n"
        "  client_secret_file: " +
            path + "\n",
        folder_.path() / "t.yaml");
  }
  [[nodiscard]] std::vector<std::string> told(const std::string& path) const {
    auto lines = mistakes_in(parse_secret(path));
    for (auto& line : lines) {
      line.erase(0, folder_.path().string().size() + 1);
    }
    return lines;
  }
  [[nodiscard]] std::filesystem::path secret_of(const Loaded& loaded) const {
    return std::get<GraphDirectory>(valid(loaded).directory.kind).client_secret_file.value_or("");
  }

  Folder folder_;
};

TEST_F(CredentialFiles, StartAtTheConfigurationsFolder) {
  const auto secret = folder_.write("secret", "x");
  EXPECT_EQ(secret_of(parse_secret("secret")), secret);
  EXPECT_EQ(secret_of(parse_secret(secret.string())), secret);
}

TEST_F(CredentialFiles, MustBeThere) {
  EXPECT_THAT(told("secret"), ElementsAre("t.yaml:7:23: `client_secret_file` cannot be read: " +
                                          (folder_.path() / "secret").string() + ": No such file or directory"));
  EXPECT_THAT(told("."), ElementsAre("t.yaml:7:23: `client_secret_file` cannot be read: " +
                                     (folder_.path() / "").string() + ": Is a directory"));
}

// Root reads everything, so as root the test becomes somebody else for a moment.
class Unprivileged {
 public:
  Unprivileged() : user_(::geteuid()) {
    constexpr uid_t nobody = 65534;
    EXPECT_TRUE(user_ != 0 || ::seteuid(nobody) == 0);
  }
  ~Unprivileged() { EXPECT_EQ(::seteuid(user_), 0); }
  Unprivileged(const Unprivileged&) = delete;
  Unprivileged& operator=(const Unprivileged&) = delete;

 private:
  uid_t user_;
};

TEST_F(CredentialFiles, MustBeReadable) {
  const auto secret = folder_.write("secret", "x", 0000);
  std::filesystem::permissions(folder_.path(), static_cast<std::filesystem::perms>(0755));
  const Unprivileged unprivileged;
  EXPECT_THAT(told("secret"), ElementsAre("t.yaml:7:23: `client_secret_file` cannot be read: " + secret.string() +
                                          ": Permission denied"));
}

TEST_F(CredentialFiles, MustBeNobodyElsesToRead) {
  for (const unsigned mode : {0640U, 0604U, 0666U, 0610U}) {
    const auto secret = folder_.write("secret", "x", mode);
    EXPECT_THAT(told("secret"),
                ElementsAre("t.yaml:7:23: `client_secret_file` names a secret that others may read: chmod 600 " +
                            secret.string() + " (its owner must be the user that dvsync runs as)"));
  }
  folder_.write("secret", "x", 0400);
  EXPECT_THAT(told("secret"), IsEmpty());
}

TEST_F(CredentialFiles, MayBeSystemds) {
  // systemd's own show the mask of an ACL as the group's bits.
  const auto secret = folder_.write("secret", "x", 0440);
  ::setenv("CREDENTIALS_DIRECTORY", folder_.path().c_str(), 1);
  EXPECT_EQ(secret_of(parse_secret("$CREDENTIALS_DIRECTORY/secret")), secret);
  EXPECT_EQ(secret_of(parse_secret("${CREDENTIALS_DIRECTORY}/secret")), secret);
  EXPECT_EQ(secret_of(parse_secret(secret.string())), secret);
}

TEST_F(CredentialFiles, NeedSystemdsFolderIfTheyNameIt) {
  const auto* told_so =
      "t.yaml:7:23: `client_secret_file` needs $CREDENTIALS_DIRECTORY, which is not set: systemd sets it for a unit "
      "with "
      "LoadCredential=; set it yourself elsewhere";
  EXPECT_THAT(told("$CREDENTIALS_DIRECTORY/secret"), ElementsAre(told_so));
  EXPECT_THAT(told("${CREDENTIALS_DIRECTORY}/secret"), ElementsAre(told_so));
  EXPECT_THAT(told("$HOME/secret"),
              ElementsAre("t.yaml:7:23: `client_secret_file` may begin with $CREDENTIALS_DIRECTORY/; other variables "
                          "are not expanded"));
}

TEST_F(CredentialFiles, ThatArePublicMayBeReadByEverybody) {
  folder_.write("cert.pem", "x", 0644);
  folder_.write("key.pem", "x", 0600);
  folder_.write("token", "x", 0644);
  const std::string graph = "  type: graph\n  tenant: c.example\n  client_id: 5d0f9d4e-0000-4000-8000-000000000006\n";
  const auto in_folder = [&](const std::string& keys) {
    return mistakes_in(parse(with_directory(graph + keys), folder_.path() / "t.yaml"));
  };
  EXPECT_THAT(in_folder("  certificate_file: cert.pem\n  private_key_file: key.pem\n  ca_file: cert.pem\n"), IsEmpty());
  EXPECT_THAT(in_folder("  federated_token_file: token\n"), IsEmpty());
}

}  // namespace
}  // namespace dvsync::config
