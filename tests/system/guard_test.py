"""The guard: a broken export never locks everybody out, and nothing walks around it (docs/rules.md D8, D12)."""

import json

from support import FREE_PLAN, NO_PLANS, SystemTest, group, guid, main, user

GROUP = "3f6b2c1e-0000-4000-8000-000000000001"


class Guard(SystemTest):
    def hundred(self, *environments, safety=None):
        tenant = self.tenant(*environments).migrate()
        if safety:
            tenant.settings["safety"] = safety
            tenant.configure()
        tenant.sync([user(n) for n in range(100)])
        return tenant

    def disabled(self, tenant):
        return int(tenant.value("SELECT count(*) FROM contoso.systemuser WHERE isdisabled"))

    def test_holds_and_approves_once(self):
        tenant = self.hundred()
        tenant.sync([user(n, jobTitle="Head") for n in range(60)] + [user(n, accountEnabled=False) for n in range(60, 65)], expect=75)
        # 35 absent of 100 are held; the five whose account is disabled are another class and go
        self.assertEqual(self.disabled(tenant), 5)
        first = tenant.last_run()
        self.assertEqual((first["outcome"], first["held"], first["disabled"], first["updated"]), ("held", 35, 5, 60))
        self.assert_adds_up(first)
        self.assertEqual(tenant.row(70)["azurestate"], "2")  # everything but the disable
        again = tenant.sync(expect=75)
        self.assertIn(str(first["run_id"]), again.stdout + again.stderr)
        self.assertEqual(tenant.last_run()["held"], 35)
        self.assertEqual(tenant.value("SELECT DISTINCT held_run_id FROM contoso.sync_pending"), str(first["run_id"]))
        done = tenant.run("status")
        self.assertIn("35", done.stdout)
        tenant.run("approve", str(first["run_id"]))
        self.assertEqual(self.disabled(tenant), 40)
        self.assertEqual(tenant.sql("SELECT 1 FROM contoso.sync_pending"), [])
        self.assertEqual(tenant.value("SELECT count(*) FROM contoso.sync_change WHERE 'approved' = ANY (notes)"), "35")
        tenant.sync()
        tenant.run("approve", str(first["run_id"]), expect=64)

    def test_the_cause_goes_away(self):
        tenant = self.hundred()
        tenant.sync([user(n) for n in range(60)], expect=75)
        tenant.sync([user(n) for n in range(100)])
        self.assertEqual((self.disabled(tenant), tenant.sql("SELECT 1 FROM contoso.sync_pending")), (0, []))

    def test_what_is_held_survives_runs_that_cannot_judge_it(self):
        tenant = self.hundred()
        tenant.sync([user(n) for n in range(60)], expect=75)
        first = tenant.last_run()["run_id"]
        self.assertEqual(tenant.last_run()["held"], 40)
        # One of them comes back as a record that cannot be used: nobody knows whether it is still absent.
        broken = json.dumps(user(70)).replace('"accountEnabled": true', '"accountEnabled": "maybe"') + "\n"
        tenant.sync([user(n) for n in range(60)] + [broken], expect=75)
        held = "SELECT count(*), count(DISTINCT held_run_id), min(held_run_id) FROM contoso.sync_pending WHERE held_run_id IS NOT NULL"
        self.assertEqual(tenant.sql(held), [["40", "1", str(first)]])
        # A listing that is not complete: a record that does not say whose it is.
        tenant.sync([user(n) for n in range(60)] + ["{ this is not JSON\n"], expect=75)
        self.assertEqual(tenant.sql(held), [["40", "1", str(first)]])
        self.assertEqual(self.disabled(tenant), 0)
        tenant.sync([user(n) for n in range(95)])
        self.assertEqual((self.disabled(tenant), tenant.sql("SELECT 1 FROM contoso.sync_pending")), (5, []))

    def grouped(self):
        """40 users of a group, of whom six left and are held."""
        tenant = self.tenant({"name": "contoso", "type": "production", "schema": "contoso", "security_group": GROUP}).migrate()
        tenant.settings["safety"] = {"max_disables": 3, "max_disables_percent": 5}
        tenant.configure()
        tenant.sync([user(n) for n in range(40)] + [group(GROUP, [guid(n) for n in range(40)])])
        tenant.sync([user(n) for n in range(40)] + [group(GROUP, [guid(n) for n in range(6, 40)])], expect=75)
        self.assertEqual(tenant.last_run()["held"], 6)
        return tenant

    def test_what_nobody_can_judge_counts_beside_what_is_new(self):
        tenant = self.grouped()
        # The export lacks the group, and one more lost the licence.
        tenant.write([user(n, **(NO_PLANS if n == 20 else {})) for n in range(40)])
        plan = tenant.json("plan", expect=75)["environments"][0]
        self.assertEqual((plan["outcome"], plan["held_classes"]), ("held", ["disqualified"]))
        self.assertEqual({u["object_id"]: u["undecided"] for u in plan["held"]},
                         {**{guid(n): True for n in range(6)}, guid(20): False})
        self.assertIn("6 decisions of earlier runs (disqualified) that cannot be judged now",
                      tenant.run("plan", expect=75).stdout)
        tenant.sync(expect=75)
        self.assertEqual(self.disabled(tenant), 0)

    def test_what_nobody_can_judge_stays_held_also_if_the_profile_moved(self):
        tenant = self.grouped()
        tenant.sync([user(n, jobTitle="Head") for n in range(40)], expect=75)
        self.assertEqual(tenant.last_run()["outcome"], "held")
        self.assertEqual(tenant.value("SELECT count(*) FROM contoso.sync_pending WHERE held_run_id = 2"), "6")

    def test_a_plan_counts_what_was_cut_off_as_a_run_does(self):
        # A first load that was killed does not make a small environment look large.
        tenant = self.hundred()
        tenant.sql("UPDATE contoso.sync_run SET outcome = NULL, finished_at = NULL")
        tenant.sql("UPDATE contoso.sync_state SET rules_hash = NULL")
        tenant.sync([user(n) for n in range(95)], expect=75)
        self.assertEqual(self.disabled(tenant), 0)

    def test_neither_repeated_runs_nor_single_users_walk_around_it(self):
        tenant = self.hundred()
        tenant.sync([user(n) for n in range(60)], expect=75)
        for number in range(60, 66):
            tenant.run("sync", "--user", guid(number), expect=75)
        tenant.sync(None, "--full", expect=75)
        self.assertEqual(self.disabled(tenant), 0)

    def test_small_steps_add_up_within_the_window(self):
        tenant = self.hundred(safety={"max_disables": 15})
        tenant.sync([user(n) for n in range(90)])
        self.assertEqual(self.disabled(tenant), 10)
        tenant.sync([user(n) for n in range(80)], expect=75)
        self.assertEqual(self.disabled(tenant), 10)

    def test_who_comes_with_the_same_run_was_not_there_before_it(self):
        tenant = self.tenant().migrate()
        tenant.sync([user(n) for n in range(5)])
        tenant.sync([user(n) for n in range(3, 9)], expect=75)
        run = tenant.last_run()
        self.assertEqual((run["outcome"], run["created"], run["held"], self.disabled(tenant)), ("held", 4, 3, 0))
        self.assertIn("5 rows are enabled", tenant.value(f"SELECT array_to_string(held_because, ' ') FROM contoso.sync_run WHERE run_id = {run['run_id']}"))

    def test_percentages_start_at_twenty_and_the_half_at_three(self):
        tenant = self.hundred()
        tenant.sync([user(n) for n in range(81)])  # 19 of 100
        self.assertEqual(self.disabled(tenant), 19)
        small = self.tenant().migrate()
        small.sync([user(n) for n in range(5)])
        small.sync([user(n) for n in range(2)], expect=75)  # three of five
        self.assertEqual(self.disabled(small), 0)
        tiny = self.tenant().migrate()
        tiny.sync([user(n) for n in range(3)])
        tiny.sync([user(0)])  # two of three: below three decisions
        self.assertEqual(self.disabled(tiny), 2)

    def test_a_hundred_percent_turns_the_share_off(self):
        tenant = self.hundred(safety={"max_disables_percent": 100})
        tenant.sync([user(0)])
        self.assertEqual(self.disabled(tenant), 99)

    def test_plan_says_what_would_be_held_and_changes_nothing(self):
        tenant = self.hundred()
        tenant.write([user(n) for n in range(60)])
        before = tenant.rows()
        done = tenant.run("plan", "--detailed-exitcode", expect=2)
        self.assertIn("held", done.stdout)
        self.assertEqual(tenant.rows(), before)
        self.assertEqual(tenant.last_run()["created"], 100)

    def test_everything_beyond_an_approval_counts_afresh(self):
        tenant = self.hundred()
        tenant.sync([user(n) for n in range(60)], expect=75)
        run = str(tenant.last_run()["run_id"])
        tenant.sync([user(n) for n in range(58)], expect=75)  # two more
        tenant.run("approve", run)
        self.assertEqual(self.disabled(tenant), 40)
        tenant.sync()
        self.assertEqual(self.disabled(tenant), 42)

    def test_a_change_of_rules_guards_admissions(self):
        tenant = self.tenant({"name": "contoso", "type": "production", "schema": "contoso", "security_group": GROUP}).migrate()
        users = [user(n) for n in range(100)]
        tenant.sync(users + [group(GROUP, [guid(n) for n in range(10)])])
        del tenant.environments[0]["security_group"]
        tenant.configure()
        tenant.sync(expect=75)
        self.assertEqual(tenant.value("SELECT count(*) FROM contoso.systemuser"), "10")
        held = tenant.last_run()
        self.assertEqual((held["outcome"], held["held"]), ("held", 90))
        tenant.sync(expect=75)
        self.assertEqual(tenant.value("SELECT count(*) FROM contoso.systemuser"), "10")
        tenant.run("approve", str(held["run_id"]))
        self.assertEqual(tenant.value("SELECT count(*) FROM contoso.systemuser"), "100")
        tenant.sync()

    def test_a_held_leaver_who_fails_for_another_reason_is_of_another_class(self):
        tenant = self.hundred()
        tenant.sync([user(n) for n in range(60)], expect=75)
        tenant.sync([user(n) for n in range(60)] + [user(60, accountEnabled=False)], expect=75)
        self.assertEqual(tenant.state(60), "account_disabled")
        self.assertEqual(self.disabled(tenant), 1)


if __name__ == "__main__":
    main()
