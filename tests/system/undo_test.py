"""`dvsync undo`: rows go back to what a run's log says they were, where nobody changed them since."""

import json
import os
import pty
import signal
import subprocess

from support import NO_PLANS, SystemTest, guid, main, user, wait_until


class Undo(SystemTest):
    def cut_off(self, leavers=5, count=20):
        """Run 2 disables the last few users, since the export was cut off, and gives user 1 a title."""
        tenant = self.tenant().migrate()
        tenant.sync([user(n) for n in range(1, count + 1)])
        tenant.sync([user(1, jobTitle="Head")] + [user(n) for n in range(2, count - leavers + 1)])
        self.assertEqual(self.disabled(tenant), leavers)
        return tenant

    def disabled(self, tenant):
        return int(tenant.value("SELECT count(*) FROM contoso.systemuser WHERE isdisabled"))

    def undo(self, tenant, *arguments, expect=0):
        answer = tenant.json("undo", *arguments, expect=expect)
        return answer, answer["environments"][0]

    def test_rows_are_as_they_were_before(self):
        tenant = self.tenant().migrate()
        tenant.sync([user(n) for n in range(1, 21)])
        before = tenant.rows()
        tenant.sync([user(1, jobTitle="Head", businessPhones=[])] + [user(n) for n in range(2, 17)] +
                    [user(17, accountEnabled=False), user(18, **NO_PLANS), user(19, deletedDateTime="2026-02-01T10:00:00Z")])
        self.assertNotEqual(tenant.rows(), before)
        answer, environment = self.undo(tenant, "2")
        self.assertEqual(tenant.rows(), before)
        self.assertEqual((environment["counters"]["enabled"], environment["counters"]["updated"]), (4, 1))
        self.assertEqual((answer["run_id"], answer["undoes"], answer["exit_code"]), (3, 2, 0))
        run = tenant.json("log", "--run", "3")["runs"][0]
        self.assertEqual((run["kind"], run["trigger"], run["outcome"], run["answers"]), ("undo", "on_demand", "succeeded", 2))
        self.assertTrue(run["requested_by"])
        self.assertIn("undoes run 2", tenant.run("log").stdout)
        self.assertEqual({c["reason"] for c in run["changes"]}, {"run_undone"})
        self.assert_adds_up(tenant.last_run())

    def test_what_the_rules_would_do_again_is_on_hold(self):
        tenant = self.cut_off()
        done = tenant.run("undo", "2", "--comment", "the export was cut off")
        self.assertIn("the rules would do it again: disable (not_in_directory); that is put on hold", done.stdout)
        self.assertIn("5 disables on hold: `dvsync approve 3` releases them", done.stdout)
        for arguments in ((), ("--full",)):
            tenant.sync(None, *arguments)
            self.assertEqual((self.disabled(tenant), tenant.row(1)["jobtitle"]), (0, "Head" if arguments else None))
        holds = tenant.json("log", "--run", "3")["runs"][0]["holds"]
        self.assertEqual({(h["answer"], h["comment"], h["reason"]) for h in holds},
                         {("rejected", "the export was cut off", "not_in_directory")})
        # It ends as a rejection does: with its decision, or with an approval.
        tenant.sync([user(1)] + [user(n) for n in range(2, 17)])
        self.assertEqual(tenant.value("SELECT count(*) FROM contoso.sync_pending"), "4")
        tenant.run("approve", "3")
        self.assertEqual(self.disabled(tenant), 4)

    def test_only_disables_or_only_updates(self):
        tenant = self.cut_off()
        self.undo(tenant, "2", "--only", "disables")
        self.assertEqual((self.disabled(tenant), tenant.row(1)["jobtitle"]), (0, "Head"))
        tenant = self.cut_off()
        self.undo(tenant, "2", "--only", "updates")
        self.assertEqual((self.disabled(tenant), tenant.row(1)["jobtitle"]), (5, None))

    def test_the_dry_run_tells_the_same_and_writes_nothing(self):
        tenant = self.cut_off()
        before = tenant.rows(), tenant.changes(), tenant.last_run()
        dry, environment = self.undo(tenant, "2", "--dry-run")
        shown = tenant.run("undo", "2", "--dry-run").stdout
        self.assertIn("contoso: 5 to enable, 1 to update", shown)
        self.assertEqual(before, (tenant.rows(), tenant.changes(), tenant.last_run()))
        self.assertIsNone(dry["run_id"])
        _, done = self.undo(tenant, "2")
        self.assertEqual(environment, done)

    def test_what_somebody_changed_since_stays_and_is_listed(self):
        tenant = self.cut_off()
        tenant.sql(f"UPDATE contoso.systemuser SET jobtitle = 'Boss' WHERE azureactivedirectoryobjectid = '{guid(1)}'")
        tenant.run("user", "disable", guid(20))
        tenant.sql(f"DELETE FROM contoso.systemuser WHERE azureactivedirectoryobjectid = '{guid(19)}'")
        answer, environment = self.undo(tenant, "2", expect=65)
        self.assertEqual({row["object_id"]: row["why"] for row in environment["left"]},
                         {guid(1): "somebody changed it since", guid(20): "run 3 changed it since", guid(19): "the row is gone"})
        self.assertEqual((tenant.row(1)["jobtitle"], tenant.state(20), self.disabled(tenant)), ("Boss", "manually_disabled", 1))
        run = tenant.last_run()
        self.assertEqual((run["enabled"], run["ignored"]), (3, 3))
        self.assert_adds_up(run)

    def test_another_field_of_the_row_may_have_changed(self):
        tenant = self.cut_off()
        tenant.sync([user(1, jobTitle="Head", mobilePhone="+47 1")] + [user(n) for n in range(2, 16)])
        self.undo(tenant, "2")
        self.assertEqual((tenant.row(1)["jobtitle"], tenant.row(1)["mobilephone"], self.disabled(tenant)), (None, "+47 1", 0))

    def test_created_rows_stay(self):
        tenant = self.tenant().migrate()
        tenant.sync([user(n) for n in range(1, 4)])
        done = tenant.run("undo", "1", expect=65)
        self.assertIn("3 rows were created and stay", done.stdout)
        self.assertEqual(tenant.last_run()["run_id"], 1)

    def test_undoing_twice_and_undoing_the_undo(self):
        tenant = self.cut_off()
        disabled = tenant.rows()
        self.undo(tenant, "2")
        answer, environment = self.undo(tenant, "2")
        self.assertEqual((environment["rows"], environment["left"], environment["undone_before"]), ([], [], 6))
        self.undo(tenant, "3")
        self.assertEqual(tenant.rows(), disabled)

    def test_an_enabled_row_is_disabled_again_and_the_next_run_said(self):
        tenant = self.cut_off()
        tenant.sync([user(n) for n in range(1, 21)])
        self.assertEqual(self.disabled(tenant), 0)
        answer, environment = self.undo(tenant, "3")
        self.assertEqual((self.disabled(tenant), environment["on_hold"]), (5, 0))
        self.assertEqual({r["again"]["action"] for r in environment["rows"] if r["action"] == "disable"}, {"enable"})
        tenant.sync(None, "--full")
        self.assertEqual(self.disabled(tenant), 0)

    def test_a_held_row_of_somebody_else_is_left(self):
        tenant = self.cut_off()
        row = f"SELECT FROM contoso.systemuser WHERE azureactivedirectoryobjectid = '{guid(20)}' FOR UPDATE"
        with self.holding(tenant, row):
            _, environment = self.undo(tenant, "2", expect=65)
        self.assertEqual([row["why"] for row in environment["left"]], ["somebody else holds the row"])
        self.assertEqual(self.disabled(tenant), 1)
        self.undo(tenant, "2")
        self.assertEqual(self.disabled(tenant), 0)

    def test_killed_it_is_run_again(self):
        tenant = self.cut_off()
        with self.holding(tenant, "LOCK TABLE contoso.sync_batch IN SHARE MODE"):
            undoing = tenant.start("undo", "2")
            wait_until(lambda: tenant.sql("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
                                          "AND query LIKE 'COPY%sync_batch%'"), what="the undo at its end")
            undoing.send_signal(signal.SIGKILL)
            undoing.communicate()
        self.assertEqual(self.disabled(tenant), 5)
        self.undo(tenant, "2")
        self.assertEqual(self.disabled(tenant), 0)
        self.assertEqual(tenant.sql("SELECT outcome FROM contoso.sync_run WHERE kind = 'undo' ORDER BY run_id"),
                         [["interrupted"], ["succeeded"]])

    def test_a_terminal_is_asked(self):
        tenant = self.cut_off()
        for answer, left in ((b"\n", 5), (b"y\n", 0)):
            ours, theirs = pty.openpty()
            undoing = subprocess.Popen(tenant.command("undo", "2"), stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            os.write(ours, answer)
            out, err = undoing.communicate(timeout=60)
            os.close(ours)
            os.close(theirs)
            self.assertIn(b"Bring 6 rows back? [y/N]", err)
            self.assertEqual(self.disabled(tenant), left, (out, err))
            self.assertEqual(undoing.returncode, 64 if left else 0)

    def test_only_the_environment_asked_for(self):
        tenant = self.tenant({"name": "contoso", "type": "production", "schema": "contoso"},
                             {"name": "fabrikam", "type": "production", "schema": "fabrikam"}).migrate()
        tenant.sync([user(n) for n in range(1, 21)])
        tenant.sync([user(n) for n in range(1, 19)])
        tenant.run("undo", "2", "--environment", "fabrikam")
        self.assertEqual((tenant.state(20), tenant.state(20, "fabrikam")), ("not_in_directory", "E"))

    def test_what_cannot_be_undone_is_refused(self):
        tenant = self.cut_off()
        self.assertIn("no log has a run 99", tenant.run("undo", "99", expect=64).stderr)
        for word in ("x", "0", "-1", "2.5"):
            tenant.run("undo", word, expect=64)
        tenant.run("undo", "2", "--only", "everything", expect=64)
        tenant.run("user", "disable", guid(3))
        self.assertIn("kind user", tenant.run("undo", "3", expect=64).stderr)


if __name__ == "__main__":
    main()
