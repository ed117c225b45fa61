"""Holds that are answered: approved or rejected, of all or of single users, with a comment; and what became of them."""

import json

from support import SystemTest, guid, main, user


class Holds(SystemTest):
    def held(self):
        """Run 2 holds the disables of 40 of a hundred users."""
        tenant = self.tenant().migrate()
        tenant.sync([user(n) for n in range(100)])
        tenant.sync([user(n) for n in range(60)], expect=75)
        return tenant

    def disabled(self, tenant):
        return int(tenant.value("SELECT count(*) FROM contoso.systemuser WHERE isdisabled"))

    def holds(self, tenant, run="2"):
        return tenant.json("log", "--run", run)["runs"][0]["holds"]

    def test_what_is_rejected_stays_and_is_not_asked_for_again(self):
        tenant = self.held()
        done = tenant.run("reject", "2", "--comment", "the export was cut off")
        self.assertIn("contoso: 40 decisions of run 2 rejected", done.stdout)
        tenant.sync()
        tenant.sync(None, "--full")
        self.assertEqual((self.disabled(tenant), tenant.last_run()["held"]), (0, 0))
        self.assertNotIn("HELD", tenant.run("status").stdout)
        self.assertEqual(tenant.row(70)["azurestate"], "2", "everything but the disable follows the directory")
        explained = tenant.json("explain", guid(70))["environments"][0]
        self.assertTrue(explained["held"]["rejected_by"])
        self.assertIn("an operator rejected that", tenant.run("explain", guid(70)).stdout)
        run = tenant.json("log", "--run", "3")["runs"][0]
        self.assertEqual((run["kind"], run["answers"], run["comment"]), ("reject", 2, "the export was cut off"))
        self.assertIn('rejects what run 2 held  "the export was cut off"', tenant.run("log").stdout)

    def test_a_rejection_ends_with_its_decision(self):
        tenant = self.held()
        tenant.run("reject", "2")
        # Ten come back; then one of them leaves again, and one of the rejected is soft-deleted instead.
        tenant.sync([user(n) for n in range(70)])
        self.assertEqual(tenant.value("SELECT count(*) FROM contoso.sync_pending"), "30")
        self.assertEqual(sum(h["ended"] == "not_wanted" for h in self.holds(tenant)), 10)
        # Beyond the window, what is rejected no longer counts.
        tenant.sql("UPDATE contoso.sync_pending SET declined_at = now() - interval '2 hours' WHERE declined_at IS NOT NULL")
        tenant.sync([user(n) for n in range(69)] + [user(80, deletedDateTime="2026-02-01T10:00:00Z")])
        self.assertEqual((tenant.state(69), tenant.state(80)), ("not_in_directory", "soft_deleted"))
        self.assertEqual(self.disabled(tenant), 2)

    def test_rejecting_a_part_releases_nothing_of_the_rest(self):
        tenant = self.held()
        tenant.run("reject", "2", *(guid(n) for n in range(60, 85)))
        tenant.sync(expect=75)  # fifteen alone would pass
        self.assertEqual((self.disabled(tenant), tenant.last_run()["held"]), (0, 15))
        tenant.run("approve", "2", *(guid(n) for n in range(85, 100)))
        self.assertEqual(self.disabled(tenant), 15)
        tenant.sync()
        self.assertEqual(self.disabled(tenant), 15)

    def test_single_users_are_approved_and_the_rest_waits(self):
        tenant = self.held()
        tenant.run("approve", "2", "USER60@contoso.example", guid(61), "--comment", "CHG-4711")
        self.assertEqual((tenant.state(60), tenant.state(61), self.disabled(tenant)), ("not_in_directory", "not_in_directory", 2))
        holds = {h["object_id"]: h for h in self.holds(tenant)}
        one = holds[guid(60)]
        self.assertEqual((one["answer"], one["comment"], one["ended"], one["ended_run_id"]), ("approved", "CHG-4711", "carried_out", 3))
        self.assertIsNone(holds[guid(70)]["answer"])
        run = tenant.json("log", "--run", "3")["runs"][0]
        self.assertEqual((run["kind"], run["answers"], run["comment"]), ("approve", 2, "CHG-4711"))
        told = tenant.run("log", "--run", "2").stdout
        self.assertIn('approved by', told)
        self.assertIn('"CHG-4711"; carried out by run 3', told)
        self.assertEqual(told.count(": waits"), 38)

    def test_nobody_unknown_is_half_of_an_answer(self):
        tenant = self.held()
        for verb in ("approve", "reject"):
            done = tenant.run(verb, "2", guid(60), "nobody@contoso.example", expect=64)
            self.assertIn("run 2 holds nothing of nobody@contoso.example", done.stderr)
            self.assertIn("holds nothing back", tenant.run(verb, "1", expect=64).stderr)
        self.assertEqual({h["answer"] for h in self.holds(tenant)}, {None})

    def test_an_approval_takes_a_rejection_back(self):
        tenant = self.held()
        tenant.run("reject", "2")
        tenant.sync()
        tenant.run("approve", "2")
        self.assertEqual((self.disabled(tenant), tenant.sql("SELECT 1 FROM contoso.sync_pending")), (40, []))

    def test_a_rejection_does_not_widen_the_guard(self):
        tenant = self.held()
        tenant.run("reject", "2")
        # The window is not over: five more count beside the forty.
        tenant.sync([user(n) for n in range(55)], expect=75)
        self.assertEqual((self.disabled(tenant), tenant.last_run()["held"]), (0, 5))

    def test_every_hold_gives_its_arithmetic(self):
        tenant = self.held()
        sum_ = "absent: 40 disables are wanted, 0 passed within 60 min, 100 rows are enabled: more than 10 % (safety.max_disables_percent)"
        run = tenant.json("log", "--run", "2")["runs"][0]
        self.assertEqual(run["held_because"], [sum_])
        for command in (("plan",), ("sync",)):
            self.assertIn(sum_, tenant.run(*command, expect=75).stdout, command)
        self.assertIn(sum_, tenant.run("status").stdout)
        self.assertIn(sum_, tenant.run("log").stdout)
        self.assertEqual(json.loads(tenant.run("plan", "--json", expect=75).stdout)["environments"][0]["held_because"], [sum_])


if __name__ == "__main__":
    main()
