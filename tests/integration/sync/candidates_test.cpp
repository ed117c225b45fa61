// Whom a run looks at: where an environment's group decides, what becomes of everybody is what becomes of those whom
// the group, a role or a row names. Random tenants; the seed is printed, and DVSYNC_TEST_SEED repeats a run.

#include "sync/candidates.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <random>
#include <set>

#include "dvsync/store/open.hpp"
#include "dvsync/store/schema.hpp"
#include "postgres_server.hpp"
#include "support/builders.hpp"
#include "sync/planner.hpp"
#include "sync/run_kind.hpp"
#include "sync/stored_facts.hpp"

namespace dvsync::sync {
namespace {

constexpr int users = 120;  // of the directory; some more have a row only
constexpr auto group_id = "aaaaaaaa-0000-4000-8000-000000000000";

std::string id_of(int number) { return core::to_string(test::guid(static_cast<std::uint64_t>(number))); }

class Tenant {
 public:
  explicit Tenant(std::uint64_t seed) : random_(seed) {}

  // How much the directory tells: mostly everything, so that the group decides.
  std::string what_is_known() {
    std::string sql = "UPDATE directory.mirror SET directory = 'file', version = 5, pulled_at = now(), identities = " +
                      std::to_string(users) + ", listing_complete = " + (flip(4) ? "false" : "true") +
                      ", plans_stated = " + (flip(8) ? "false" : "true") +
                      ", nested_groups_read = " + (flip(4) ? "false" : "true") + ";";
    sql += "INSERT INTO directory.directory_group VALUES ('" + std::string(group_id) + "', NULL, " + coverage() + ", " +
           (flip(4) ? "3" : coverage()) + ");";
    sql += "INSERT INTO directory.named_group (name, object_id) VALUES ('" + std::string(group_id) + "', '" + group_id +
           "');";
    const bool carried = !flip(5);
    for (int role = 0; role < 3; ++role) {
      sql += "INSERT INTO directory.role_coverage VALUES (" + std::to_string(role) + ", " +
             (carried ? coverage() : "3") + ");";
    }
    return sql;
  }

  std::string user(int number) {
    const auto quoted = "'" + id_of(number) + "'";
    const bool direct = flip(10);
    const bool owner = flip(20);
    const bool nested = flip(20);
    const auto named = [&](bool in) {
      return in ? "ARRAY['" + std::string(group_id) + "']::uuid[]" : std::string("NULL");
    };
    std::string sql =
        "INSERT INTO directory.identity (object_id, version, lifecycle, account_enabled, guest, agent, plan_set, "
        "roles, "
        "defect, direct_groups, owned_groups, nested_groups, user_principal_name) VALUES (" +
        quoted + ", 5, " + (flip(8) ? std::to_string(number_up_to(3)) : "0") + ", " +
        (flip(15)  ? "NULL"
         : flip(6) ? "false"
                   : "true") +
        ", " + (flip(6) ? "true" : "false") + ", " + (flip(12) ? "true" : "false") + ", " +
        (flip(8)   ? "NULL"
         : flip(3) ? "2"
                   : "1") +
        ", " + (flip(15) ? std::to_string(number_up_to(7)) : "0") + ", " +
        (flip(25) ? "'jobTitle holds NUL'" : "NULL") + ", " + named(direct) + ", " + named(owner) + ", " +
        named(nested) + ", " + name(number) + ");";
    const auto belongs = [&](const char* group, int relation) {
      sql += "INSERT INTO directory.membership (group_id, relation, member_id, member_key) VALUES ('" +
             std::string(group) + "', " + std::to_string(relation) + ", " + quoted + ", " + quoted + ");";
    };
    if (direct) belongs(group_id, 0);
    if (owner) belongs(group_id, 1);
    if (nested) belongs(inner_group, 0);
    if (flip(15)) {
      sql += "INSERT INTO directory.rejected_record (object_id, place, reason, detail) VALUES (" + quoted +
             ", 'line 7', 'malformed', '?');";
    }
    return sql;
  }

  std::string groups_in_the_group() {
    return "INSERT INTO directory.directory_group VALUES ('" + std::string(inner_group) +
           "', NULL, 0, 0); INSERT INTO directory.membership (group_id, relation, member_id, member_is_group, "
           "member_key) "
           "VALUES ('" +
           std::string(group_id) + "', 0, '" + inner_group + "', true, '" + inner_group + "');";
  }

  // What the environment has of a user: a row, and what an earlier run holds or an operator rejected.
  std::string left_of(int number) {
    std::string sql;
    const bool has_row = flip(3);
    if (has_row) {
      sql +=
          "INSERT INTO contoso.systemuser (systemuserid, domainname, azureactivedirectoryobjectid, isdisabled, "
          "disabledreason, accessmode, setupuser) VALUES (gen_random_uuid(), 'user" +
          std::to_string(number) + "@x', '" + id_of(number) + "', " +
          (flip(3) ? "true, 'not_in_security_group'" : "false, NULL") + ", " + std::to_string(number_up_to(1)) + ", " +
          (flip(8) ? "true" : "false") + ");";
    }
    if ((has_row || number <= users) && flip(12)) {
      const bool held = flip(2);
      sql +=
          "INSERT INTO contoso.sync_pending (object_id, run_id, class, action, reason, held_run_id, held_since, "
          "declined_at) VALUES ('" +
          id_of(number) + "', 1, " +
          (flip(2) ? "'admitted', 'create', 'entitled'" : "'disqualified', 'disable', 'not_in_security_group'") +
          ", 1, now(), " + (held ? "NULL" : "now()") + ");";
    }
    return sql;
  }

  core::Environment rules() {
    auto rules = test::an_environment(flip(4) ? core::EnvironmentType::trial : core::EnvironmentType::production);
    rules.nested_groups = flip(2) ? core::NestedGroups::first_access : core::NestedGroups::ignore;
    rules.app_pass_capacity = flip(4);
    return rules;
  }

 private:
  static constexpr auto inner_group = "bbbbbbbb-0000-4000-8000-000000000000";

  bool flip(int one_in) { return std::uniform_int_distribution{1, one_in}(random_) == 1; }
  int number_up_to(int most) { return std::uniform_int_distribution{0, most}(random_); }
  std::string coverage() { return flip(8) ? std::to_string(number_up_to(2)) : "0"; }
  std::string name(int number) {
    if (flip(20)) return "NULL";
    return flip(20) ? "E' \\u00a0'" : "'user" + std::to_string(number) + "@x'";
  }

  std::mt19937_64 random_;
};

// What a run takes from an evaluation; "": nothing at all.
std::string effect_of(const Evaluated& evaluated) {
  const auto& planned = evaluated.planned;
  std::string effect;
  if (evaluated.standing != core::GuardStanding::fresh) effect += " standing";
  if (evaluated.no_longer_declined) effect += " over";
  if (evaluated.options.withhold_transition) effect += " withheld";
  if (evaluated.row != nullptr) effect += " row " + std::string(name_of(planned.decision));
  if (planned.change) effect += " change " + std::string(core::code_of(planned.change->reason));
  if (planned.missing) effect += " missing " + std::string(core::code_of(*planned.missing));
  if (planned.rejection) effect += " rejected " + std::string(core::code_of(planned.rejection->reason));
  return effect;
}

class WhomARunLooksAt : public store::PostgresTest {
 protected:
  void SetUp() override {
    configuration_.database.connection = conninfo();
    configuration_.licenses.full = {test::guid(900)};
    store::Connection mirror(conninfo(), "directory", "the mirror");
    migrate(mirror, store::SchemaKind::mirror, "directory", "owner", {});
    store::Connection owner(conninfo(), "contoso", "environment contoso");
    migrate(owner, store::SchemaKind::environment, "contoso", "owner", {});
    other().exec("INSERT INTO directory.plan_set VALUES (1, ARRAY['" + id_of(900) + "']::uuid[]), (2, '{}')");
  }
  void fill(Tenant& tenant) {
    std::string sql =
        "DELETE FROM directory.identity; DELETE FROM directory.membership; DELETE FROM directory.directory_group; "
        "DELETE FROM directory.named_group; DELETE FROM directory.role_coverage; DELETE FROM "
        "directory.rejected_record; "
        "DELETE FROM contoso.systemuser; DELETE FROM contoso.sync_pending;";
    sql += tenant.what_is_known() + tenant.groups_in_the_group();
    for (int number = 1; number <= users; ++number) sql += tenant.user(number);
    for (int number = 1; number <= users + 20; ++number) sql += tenant.left_of(number);
    other().exec(sql);
    environment_.rules = tenant.rules();
    environment_.schema = "contoso";
    environment_.security_group = group_id;
  }
  static std::set<std::string> effects(const EvaluationContext& context, RunSessions& sessions, Candidates& candidates,
                                       std::set<core::Guid>& seen) {
    IdentityRefresher mirror(*sessions.mirror, context);
    StoredFacts facts(context, mirror, *sessions.main);
    Planner planner(context.rules, core::Trigger::background, Admissions::free, facts);
    std::set<std::string> all;
    std::vector<Candidate> chunk;
    while (candidates.next(chunk)) {
      for (const auto& candidate : chunk) seen.insert(candidate.identity.object_id);
      planner.evaluate(chunk, [&](const Evaluated& evaluated) {
        const auto effect = effect_of(evaluated);
        if (!effect.empty()) all.insert(core::to_string(evaluated.identity.object_id) + effect);
      });
    }
    return all;
  }

  config::Configuration configuration_;
  config::Environment environment_;
};

TEST_F(WhomARunLooksAt, IsEnoughForWhatBecomesOfEverybody) {
  const char* const given = std::getenv("DVSYNC_TEST_SEED");  // NOLINT(concurrency-mt-unsafe): there is but one thread
  const std::uint64_t seed = given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
  std::cout << "DVSYNC_TEST_SEED=" << seed << '\n';
  int by_the_group = 0;
  for (std::uint64_t round = 0; round < 40; ++round) {
    SCOPED_TRACE(round);
    Tenant tenant(seed + round);
    fill(tenant);
    Observer silent;
    std::mutex mutex;
    const RunContext context{configuration_, 0, Scope{}, silent, mutex, {}};
    RunSessions sessions(context, environment_);
    EvaluationContext evaluation(configuration_, environment_);
    evaluation.read(*sessions.mirror, *sessions.main);
    std::set<core::Guid> all;
    std::set<core::Guid> some;
    const auto of_all = effects(evaluation, sessions, *everybody(sessions.reading(), *evaluation.view), all);
    const auto concerned = everybody_concerned(Scope{}, RunChoice{}, evaluation, sessions);
    const auto of_some = effects(evaluation, sessions, *concerned, some);
    std::vector<std::string> differ;
    std::ranges::set_symmetric_difference(of_all, of_some, std::back_inserter(differ));
    EXPECT_EQ(differ, std::vector<std::string>{});
    EXPECT_TRUE(std::ranges::includes(all, some)) << "a member whom the mirror does not know is nobody";
    by_the_group += some.size() < all.size() ? 1 : 0;
  }
  EXPECT_GT(by_the_group, 5);
}

}  // namespace
}  // namespace dvsync::sync
