// Saved plans as files: what is written comes back, and nothing else is taken for a plan.

#include <sysexits.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <random>

#include "cli_support.hpp"
#include "dvsync/core/plan.hpp"
#include "plan/plan_file.hpp"
#include "plan/saved_plan_json.hpp"
#include "support/builders.hpp"

namespace dvsync::cli {
namespace {

using dvsync::test::a_row;
using dvsync::test::an_environment;
using dvsync::test::an_identity;
using test::Kept;

class SavedPlanFiles : public testing::Test {
 protected:
  SavedPlanFiles() {
    std::string pattern = testing::TempDir() + "/plan.XXXXXX";
    folder_ = mkdtemp(pattern.data());
  }

 public:
  ~SavedPlanFiles() override { std::filesystem::remove_all(folder_); }

 protected:
  [[nodiscard]] std::string path() const { return folder_ / "friday.plan"; }

  // One update and one disable, of which the guard holds `held`.
  std::string save(bool held = false) {
    const core::SystemUser row = a_row(an_identity(1));
    const auto update =
        *core::plan(an_environment(), {}, an_identity(1).with(core::Attribute::job_title, "Head"), &row).change;
    const core::SystemUser other = a_row(an_identity(2));
    const auto disable = *core::plan(an_environment(), {}, an_identity(2).account_disabled(), &other).change;
    PlanFile file(path(), PlanFile::IfExists::overwrite);
    sync::Observer nobody;
    const auto printer = make_plan_to_save(file.out(), nobody, "ana");
    sync::EnvironmentReport report;
    report.name = "contoso";
    report.basis = {.mirror_id = dvsync::test::guid(7), .mirror_version = 3, .mark = {}, .schema = "contoso"};
    report.held_classes[static_cast<std::size_t>(core::GuardClass::stated)] = held;
    printer->environment_begins("contoso", 0, 0);
    printer->changed("contoso", 0, update, {});
    printer->changed("contoso", 0, disable, {});
    printer->may_be_held("contoso", {.object_id = disable.object_id,
                                     .user = std::nullopt,
                                     .guard_class = core::GuardClass::stated,
                                     .undecided = false,
                                     .instead = std::nullopt});
    printer->environment_ends(0, report);
    printer->end({}, {});
    return file.keep();
  }
  [[nodiscard]] std::string text() const {
    std::ifstream file(path());
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void write(const std::string& content) const { std::ofstream(path()) << content; }
  // 0: it is a plan.
  [[nodiscard]] int code_of_reading() const {
    try {
      const auto sealed = read_plan_file(path());
      (void)saved_plan_of(sealed.content, sealed.hash);
      return 0;
    } catch (const PlanFileError& error) {
      return error.exit_code();
    }
  }

  std::filesystem::path folder_;
};

TEST_F(SavedPlanFiles, ComeBackAsTheyWereWritten) {
  const auto hash = save();
  const auto sealed = read_plan_file(path());
  EXPECT_EQ(sealed.hash, hash);
  const auto plan = saved_plan_of(sealed.content, sealed.hash);
  ASSERT_EQ(plan.environments.size(), 1U);
  const auto& environment = plan.environments.front();
  EXPECT_EQ(environment.basis.mirror_id, dvsync::test::guid(7));
  EXPECT_EQ(environment.basis.mirror_version, 3);
  ASSERT_EQ(environment.changes.size(), 2U);
  EXPECT_EQ(environment.changes[0].user, "ana1@contoso.example");
  EXPECT_EQ(environment.changes[1].action, core::Decision::disable);
  EXPECT_FALSE(environment.changes[1].held);
  EXPECT_TRUE(environment.changes[1].row);
  EXPECT_TRUE(environment.changes[1].change);
}

TEST_F(SavedPlanFiles, SayOfWhomTheGuardHoldsWhatIsWrittenInstead) {
  save(true);
  const auto sealed = read_plan_file(path());
  const auto disable = saved_plan_of(sealed.content, sealed.hash).environments.front().changes[1];
  EXPECT_TRUE(disable.held);
  EXPECT_FALSE(disable.row);
  EXPECT_FALSE(disable.change);
}

TEST_F(SavedPlanFiles, AreShownAsTheyWerePlanned) {
  save();
  Kept out;
  sync::Observer nobody;
  const auto printer = make_text_plan(out.output(), nobody);
  tell_again(read_plan_file(path()).content, *printer);
  EXPECT_EQ(printer->changes(), 2);
  EXPECT_THAT(out.text(), testing::HasSubstr("contoso: 0 to create, 0 to enable, 1 to disable, 1 to update"));
}

TEST_F(SavedPlanFiles, AreNotTouchedByAWriterThatGivesUp) {
  write("mine");
  { PlanFile abandoned(path(), PlanFile::IfExists::overwrite); }
  EXPECT_EQ(text(), "mine");
  EXPECT_THROW(PlanFile(path(), PlanFile::IfExists::refuse), PlanFileError);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
}

TEST_F(SavedPlanFiles, AreRefusedWhereASingleByteIsAnother) {
  save();
  const auto whole = text();
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int round = 0; round < 200; ++round) {
    auto changed = whole;
    auto& byte = changed[random() % changed.size()];
    byte = static_cast<char>(byte ^ (1 << random() % 8));
    write(changed);
    EXPECT_EQ(code_of_reading(), EX_DATAERR);
    write(whole.substr(0, random() % whole.size()));
    EXPECT_EQ(code_of_reading(), EX_DATAERR);
  }
}

TEST_F(SavedPlanFiles, OfWhateverShapeNeverEndTheProgram) {
  save();
  const auto plan = boost::json::parse(text()).as_object();
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  // Values are replaced and left out at random, as only another program's file would have them.
  const std::function<void(boost::json::value&)> damage = [&](boost::json::value& value) {
    if (random() % 12 == 0) {
      const std::array<boost::json::value, 6> others{
          nullptr, 7, "x", true, boost::json::array{1}, boost::json::object{}};
      value = others[random() % others.size()];
    } else if (auto* object = value.if_object()) {
      if (!object->empty() && random() % 12 == 0) object->erase(object->begin());
      for (auto& member : *object) damage(member.value());
    } else if (auto* array = value.if_array()) {
      for (auto& item : *array) damage(item);
    }
  };
  for (int round = 0; round < 500; ++round) {
    boost::json::value damaged(plan);
    for (auto& member : damaged.get_object()) damage(member.value());
    try {
      (void)saved_plan_of(damaged.get_object(), "");
      Kept out;
      sync::Observer nobody;
      tell_again(damaged.get_object(), *make_text_plan(out.output(), nobody));
    } catch (const PlanFileError& error) {
      EXPECT_EQ(error.exit_code(), EX_DATAERR);
    }
  }
}

}  // namespace
}  // namespace dvsync::cli
