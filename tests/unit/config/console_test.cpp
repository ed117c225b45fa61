// console: where HTTP is answered, and who may act there.

#include <gmock/gmock.h>
#include <unistd.h>

#include "config_support.hpp"

namespace dvsync::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ConsoleSection : public testing::Test {
 public:
  ConsoleSection() {
    std::filesystem::create_directories(folder_);
    for (const auto* name : {"cert.pem", "key.pem"}) std::ofstream(folder_ / name) << "x\n";
    std::filesystem::permissions(folder_ / "key.pem", std::filesystem::perms::owner_read);
  }
  ~ConsoleSection() override { std::filesystem::remove_all(folder_); }

 protected:
  [[nodiscard]] Loaded loaded(const std::string& keys) const {
    return parse(with("console: {" + keys + "}\n"), folder_ / "t.yaml");
  }
  [[nodiscard]] Console console(const std::string& keys) const { return valid(loaded(keys)).console.value(); }
  [[nodiscard]] std::string mistake(const std::string& keys) const {
    const auto all = mistakes_in(loaded(keys));
    EXPECT_EQ(all.size(), 1) << keys;
    return all.empty() ? "" : all.front();
  }

  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("dvsync-console-config-" + std::to_string(::getpid()));
};

TEST_F(ConsoleSection, NothingListensWithoutIt) { EXPECT_FALSE(valid(parse(with(""), "t.yaml")).console); }

TEST_F(ConsoleSection, ListensOnASocketOfTheUnitByDefault) {
  const auto console = valid(parse(with("console:\n"), "t.yaml")).console.value();
  EXPECT_EQ(to_string(console.listen), "unix:/run/dvsync/console.sock");
  EXPECT_TRUE(console.by_default);
  EXPECT_FALSE(console.trusted_header);
  EXPECT_TRUE(console.operators.empty());
}

TEST_F(ConsoleSection, TakesAddresses) {
  for (const auto* address : {"unix:/a/b.sock", "127.0.0.1:8080", "[::1]:8080", "off"}) {
    const auto read = console("listen: '" + std::string(address) + "'");
    EXPECT_EQ(to_string(read.listen), address);
    EXPECT_FALSE(read.by_default);
  }
}

TEST_F(ConsoleSection, RefusesWhatIsNoAddress) {
  for (const auto* address : {"8080", "localhost:8080", "127.0.0.1:0", "127.0.0.1:65536", "::1:8080", "[127.0.0.1]:1",
                              "unix:console.sock", "127.0.0.1", ":8080", "127.0.0.1:80a"}) {
    EXPECT_THAT(mistake("listen: '" + std::string(address) + "'"), HasSubstr("`listen` must")) << address;
  }
  EXPECT_THAT(mistake("listen: unix:/" + std::string(100, 'a')), HasSubstr("more than 90 bytes"));
}

TEST_F(ConsoleSection, ANetworkIsServedWithACertificateAlone) {
  EXPECT_THAT(mistake("listen: 0.0.0.0:8443"), HasSubstr("unless `tls` names a certificate"));
  EXPECT_THAT(mistake("listen: '[::]:8443'"), HasSubstr("unless `tls` names a certificate"));
  const auto read = console("listen: 0.0.0.0:8443, tls: {certificate_file: cert.pem, private_key_file: key.pem}");
  EXPECT_EQ(read.tls.value().private_key_file, folder_ / "key.pem");
  EXPECT_THAT(mistake("listen: 127.0.0.1:1, tls: {certificate_file: key.pem, private_key_file: cert.pem}"),
              HasSubstr("a secret that others may read"));
  EXPECT_THAT(mistake("tls: {certificate_file: cert.pem, private_key_file: key.pem}"),
              HasSubstr("`tls` is for a TCP address"));
}

TEST_F(ConsoleSection, AHeaderIsBelievedFromOnePeerOnASocketOnly) {
  const auto read = console("trusted_header: X-Remote-User, trusted_peer: www-data, operators: [ana]");
  EXPECT_EQ(read.trusted_header, "X-Remote-User");
  EXPECT_EQ(read.trusted_peer, "www-data");
  EXPECT_THAT(read.operators, ElementsAre("ana"));
  EXPECT_THAT(mistake("trusted_header: X-Remote-User"), HasSubstr("`trusted_header` needs `trusted_peer`"));
  EXPECT_THAT(mistake("trusted_peer: www-data"), HasSubstr("`trusted_peer` needs `trusted_header`"));
  EXPECT_THAT(mistake("trusted_header: 'X: y', trusted_peer: a"), HasSubstr("must be the name of a header"));
  EXPECT_THAT(mistake("trusted_header: Authorization, trusted_peer: a"), HasSubstr("no other meaning"));
  EXPECT_THAT(mistakes_in(loaded("listen: 127.0.0.1:1, trusted_header: X-A, trusted_peer: a")),
              ElementsAre(HasSubstr("`trusted_header` is for a Unix socket"), HasSubstr("`trusted_peer` is for")));
}

}  // namespace
}  // namespace dvsync::config
