// The file as a whole: what makes a pull fail, and what `dvsync check` says.

#include "source/file_source.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "unit/source/file_fixture.hpp"

namespace dvsync::source::file {
namespace {

using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Kind = SourceError::Kind;

std::string user_line(std::size_t number) {
  std::string id = "99999999-0000-4000-8000-000000000000";
  const std::string digits = std::to_string(number);
  id.replace(id.size() - digits.size(), digits.size(), digits);
  return R"({"id":")" + id + R"(","userPrincipalName":"u)" + digits + "\",\"accountEnabled\":true}\n";
}

const std::string csv_header = "User principal name,Object Id,Block credential\n";

class FileSourceTest : public FileTest {};

TEST_F(FileSourceTest, AMissingFileIsUnavailable) {
  EXPECT_THAT(failure("nowhere.jsonl", Kind::unavailable), HasSubstr("nowhere.jsonl does not exist"));
}

TEST_F(FileSourceTest, ADirectoryIsNoFile) {
  std::filesystem::create_directory(directory_ / "export");
  EXPECT_THAT(failure("export", Kind::malformed), HasSubstr("is not a plain file"));
}

TEST_F(FileSourceTest, APipeDoesNotHang) {
  ASSERT_EQ(::mkfifo((directory_ / "pipe").c_str(), 0600), 0);
  EXPECT_THAT(failure("pipe", Kind::malformed), HasSubstr("is not a plain file"));
}

TEST_F(FileSourceTest, AFileThatMayNotBeReadIsDenied) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may read every file";
  write_file(directory_ / "secret.jsonl", user_line(1));
  ::chmod((directory_ / "secret.jsonl").c_str(), 0);
  EXPECT_THAT(failure("secret.jsonl", Kind::denied), HasSubstr("may not be read"));
}

struct WholeFileCase {
  std::string_view name;  // of the file
  std::string content;
  std::string_view message;
  config::FileFormat format = config::FileFormat::automatic;
  config::FileMode mode = config::FileMode::snapshot;
};

class WholeFileTest : public FileSourceTest, public ::testing::WithParamInterface<WholeFileCase> {};

TEST_P(WholeFileTest, FailsTheRunAndSaysWhy) {
  configured_.format = GetParam().format;
  configured_.mode = GetParam().mode;
  EXPECT_THAT(failure(GetParam().name, GetParam().content), HasSubstr(GetParam().message));
}

using config::FileFormat;
using config::FileMode;

INSTANTIATE_TEST_SUITE_P(
    Files, WholeFileTest,
    ::testing::Values(
        WholeFileCase{"a.jsonl", "", "is empty"}, WholeFileCase{"a.jsonl", "\n\n  \n", "not one user"},
        WholeFileCase{"a", "hello world\n", "none of the formats"},
        WholeFileCase{"a.xlsx", std::string("PK\x03\x04 and so on", 14), "Excel"},
        WholeFileCase{"a.gz", "\x1f\x8b\x08", "gzip"},
        WholeFileCase{"a.csv", std::string("\xff\xfe\0\0U\0\0\0", 8), "UTF-32"},
        WholeFileCase{"a.html", "<html></html>", "HTML"},
        WholeFileCase{"a.csv", user_line(1), "looks like graph-jsonl", FileFormat::m365_csv},
        WholeFileCase{"a.ldif", user_line(1), "looks like graph-jsonl", FileFormat::ldif},
        WholeFileCase{"a.jsonl", "version: 1\n\ndn: cn=a\n", "looks like ldif", FileFormat::graph_jsonl},
        WholeFileCase{"a.jsonl", user_line(1) + R"({"id":"99999999-0000-4000-8000-000000000002","userPri)",
                      "a.jsonl:2: the file ends in the middle of a record"},
        WholeFileCase{"a.jsonl", user_line(1) + "nonsense", "truncated"},
        WholeFileCase{"a.jsonl",
                      R"({"@odata.type":"#microsoft.graph.group","id":"3f6b2c1e-0000-4000-8000-000000000001"})"
                      "\n",
                      "not one user"},
        WholeFileCase{"a.csv", csv_header + "a,99999999-0000-4000-8000-000000000001,False\nb,\"99999999",
                      "a quote opened in the row of line 3 is never closed"},
        WholeFileCase{"a.csv", csv_header + "a,99999999-0000-4000-8000-000000000001,False\nb,99999999",
                      "a.csv:3: the file ends in the middle of a row"},
        WholeFileCase{"a.csv", csv_header, "not one user"},
        WholeFileCase{"a.csv", "Name,Size\nx,1\n", "names not one column"},
        WholeFileCase{"a.csv", "User principal name,Block credential\n", "“Object Id” is missing"},
        WholeFileCase{"a.csv", "Object Id,Block credential\n", "“User principal name” is missing"},
        WholeFileCase{"a.csv", "id;userPrincipalName\n", "“Block credential” is missing"},
        WholeFileCase{"a.ldif", "dn: cn=a\nobjectClass: person\nmail:< file:///etc/passwd\n\n",
                      "a.ldif:3: the value of an attribute is to be read from a URL"},
        WholeFileCase{"a.ldif", "dn: cn=a\nobjectClass: domain\n\ndn: cn=b\nchangetype: add\nobjectClass: domain\n\n",
                      "some of its records are changes"},
        WholeFileCase{"a.csv", "sep=;\n\n", "has no header line", FileFormat::automatic, FileMode::delta},
        WholeFileCase{"a.ldif", "dn: cn=a\nchangetype: delete\n\n", "identifies nobody", FileFormat::automatic,
                      FileMode::delta},
        WholeFileCase{"a.ldif", "version: 2\ndn: cn=a\n\n", "version other than 1"},
        WholeFileCase{"a.ldif", "dn: cn=a\nobjectClass: per", "truncated"},
        WholeFileCase{"a.ldif", "dn: dc=example\nobjectClass: domain\n\nsearch: 2\nresult: 4 Size limit exceeded\n",
                      "cut off by a limit"},
        WholeFileCase{"a.ldif", "dn: dc=example\nobjectClass: domain\n\n", "not one user"}));

TEST_F(FileSourceTest, ALastLineWithoutLineBreakIsFineWhenItIsWhole) {
  std::string lines = user_line(1) + user_line(2);
  lines.pop_back();
  EXPECT_THAT(pull("a.jsonl", lines).all.identities, SizeIs(2));
  EXPECT_THAT(pull("a.csv", csv_header + "a,99999999-0000-4000-8000-000000000001,False").all.identities, SizeIs(1));
}

TEST_F(FileSourceTest, TooManyRejectsFailTheRunAtItsEnd) {
  max_rejects_percent_ = 5;
  std::string lines;
  for (std::size_t i = 0; i < 95; ++i) lines += user_line(i);
  EXPECT_THAT(pull("a.jsonl", lines + std::string("x\nx\nx\nx\nx\n")).all.rejected, SizeIs(5));
  const std::string message = failure("a.jsonl", lines + std::string("x\nx\nx\nx\nx\nx\n"));
  EXPECT_THAT(message, HasSubstr("6 of 101 records"));
  EXPECT_THAT(message, HasSubstr("max_rejects_percent (5)"));
  EXPECT_THAT(message, HasSubstr("a.jsonl:96 (it is not valid JSON)"));
}

TEST_F(FileSourceTest, AnOverlongLineOfGarbageIsOneReject) {
  const std::string garbage(3U << 20U, 'x');
  const Pulled pulled =
      pull("a.jsonl", user_line(1) + garbage + "\n" + user_line(2) + R"({"id":")" + garbage + "\"}\n");
  EXPECT_THAT(pulled.all.identities, SizeIs(2));
  EXPECT_THAT(pulled.all.rejected, SizeIs(2));
}

TEST_F(FileSourceTest, AFileThatGrowsMeanwhileFailsTheRun) {
  std::string lines;
  for (std::size_t i = 0; i < 10'000; ++i) lines += user_line(i);
  write_file(directory_ / "a.jsonl", lines);
  configured_.path = directory_ / "a.jsonl";
  const auto pull = make_file_pull({configured_, 5}, request_);
  Page page;
  ASSERT_TRUE(pull->next(page, {}));
  std::ofstream(configured_.path, std::ios::app) << user_line(10'000);
  try {
    while (pull->next(page, {})) {
    }
    FAIL() << "the pull did not fail";
  } catch (const SourceError& error) {
    EXPECT_EQ(error.kind(), Kind::unavailable);
    EXPECT_THAT(error.what(), HasSubstr("changed while it was being read"));
  }
}

TEST_F(FileSourceTest, AFileReplacedMeanwhileFailsTheRunAndATruncatedOneSaysItChanged) {
  std::string lines;
  for (std::size_t i = 0; i < 10'000; ++i) lines += user_line(i);
  const std::string cut = lines.substr(0, lines.size() - 5);
  for (const std::string& content : {lines, cut}) {
    write_file(directory_ / "a.jsonl", content);
    write_file(directory_ / "new.jsonl", content);
    configured_.path = directory_ / "a.jsonl";
    const auto pull = make_file_pull({configured_, 5}, request_);
    Page page;
    ASSERT_TRUE(pull->next(page, {}));
    std::filesystem::rename(directory_ / "new.jsonl", configured_.path);
    EXPECT_THAT(
        [&] {
          while (pull->next(page, {}))
            ;
        },
        ::testing::ThrowsMessage<SourceError>(HasSubstr("was replaced while it was being read")));
  }
}

TEST_F(FileSourceTest, StopsOnRequestBetweenBlocks) {
  write_file(directory_ / "a.jsonl", user_line(1));
  configured_.path = directory_ / "a.jsonl";
  const auto pull = make_file_pull({configured_, 5}, request_);
  std::stop_source stop;
  stop.request_stop();
  Page page;
  EXPECT_THROW(pull->next(page, stop.get_token()), Interrupted);
}

TEST_F(FileSourceTest, PagesAreBoundedAndTheEndIsEmpty) {
  std::string lines;
  for (std::size_t i = 0; i < 9'000; ++i) lines += user_line(i);
  write_file(directory_ / "a.jsonl", lines);
  configured_.path = directory_ / "a.jsonl";
  const auto pull = make_file_pull({configured_, 5}, request_);
  Page page;
  std::size_t users = 0;
  std::size_t pages = 0;
  for (; pull->next(page, {}); ++pages) {
    EXPECT_LE(page.identities.size(), 5'000U);
    users += page.identities.size();
  }
  EXPECT_EQ(users, 9'000U);
  EXPECT_EQ(pages, 3U);
  EXPECT_TRUE(page.empty());
  EXPECT_FALSE(pull->next(page, {}));
  EXPECT_EQ(pull->end().records, 9'000U);
}

TEST_F(FileSourceTest, IsOneDirectoryWhateverThePath) {
  configured_.path = "a.jsonl";
  const auto snapshot = make_file_source(configured_, 7.5);
  EXPECT_EQ(snapshot->directory(), "file");
  EXPECT_TRUE(snapshot->duplicates_conflict());
  EXPECT_EQ(snapshot->max_rejects_percent(), 7.5);
  configured_.mode = config::FileMode::delta;
  EXPECT_FALSE(make_file_source(configured_, 5)->duplicates_conflict());
}

TEST_F(FileSourceTest, EveryPullReadsTheFileAnew) {
  configured_.path = directory_ / "a.jsonl";
  const auto source = make_file_source(configured_, 5);
  write_file(configured_.path, user_line(1));
  EXPECT_THAT(drain(*source->pull(request_)).all.identities, SizeIs(1));
  write_file(configured_.path, user_line(1) + user_line(2));
  EXPECT_THAT(drain(*source->pull(request_)).all.identities, SizeIs(2));
}

TEST_F(FileSourceTest, CheckSaysTheFormatOrWhatIsWrong) {
  configured_.path = directory_ / "a.txt";
  const auto source = make_file_source(configured_, 5);
  EXPECT_THAT(source->check(request_),
              ElementsAre(testing::AllOf(Field(&Finding::effect, Finding::Effect::unavailable),
                                         Field(&Finding::message, HasSubstr("does not exist")))));
  write_file(configured_.path, user_line(1));
  EXPECT_THAT(source->check(request_), ElementsAre(testing::AllOf(Field(&Finding::effect, Finding::Effect::none),
                                                                  Field(&Finding::message, HasSubstr("graph-jsonl")))));
  write_file(configured_.path, "User principal name,Object Id\n");
  EXPECT_THAT(source->check(request_),
              ElementsAre(testing::AllOf(Field(&Finding::effect, Finding::Effect::unavailable),
                                         Field(&Finding::message, HasSubstr("Block credential")))));
}

}  // namespace
}  // namespace dvsync::source::file
