"""Saved plans: `plan --out`, `show`, `apply`. Exactly what somebody looked at is carried out, or nothing at all."""

import hashlib
import json
import os
import signal
import stat
import subprocess

from support import DVSYNC, SystemTest, guid, main, user, wait_until


class SavedPlans(SystemTest):
    def synced(self, count=10):
        tenant = self.tenant().migrate()
        tenant.sync([user(n) for n in range(1, count + 1)])
        return tenant

    def path(self, tenant, name="friday.plan"):
        return os.path.join(tenant.folder, name)

    def save(self, tenant, lines, *arguments, name="friday.plan", expect=0):
        tenant.write(lines)
        tenant.run("plan", "--out", self.path(tenant, name), *arguments, expect=expect)
        return self.path(tenant, name)

    def changed(self, tenant):
        """A plan that creates 11, disables 2 and updates 3."""
        return self.save(tenant, [user(1), user(2, accountEnabled=False), user(3, jobTitle="Head")] +
                         [user(n) for n in range(4, 12)])

    def seal(self, path, change):
        """Changes the JSON of a plan, and signs it anew: what only a stranger or another version would do."""
        plan = json.loads(open(path, encoding="utf-8").read())
        change(plan)
        plan.pop("sha256")
        text = json.dumps(plan)[:-1]
        with open(path, "w", encoding="utf-8") as file:
            file.write(text + f',"sha256":"{hashlib.sha256(text.encode()).hexdigest()}"}}\n')

    def assert_refused(self, tenant, path, *words):
        before = tenant.rows(), tenant.changes(), tenant.value("SELECT count(*) FROM contoso.sync_run")
        done = tenant.run("apply", path, expect=65)
        for word in words:
            self.assertIn(word, done.stderr)
        self.assertEqual(before, (tenant.rows(), tenant.changes(), tenant.value("SELECT count(*) FROM contoso.sync_run")))

    # What is saved

    def test_the_file_is_json_for_its_owner_alone_and_holds_no_secret(self):
        tenant = self.synced()
        path = self.changed(tenant)
        text = open(path, encoding="utf-8").read()
        plan = json.loads(text)
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        self.assertEqual({(c["action"], c["object_id"]) for c in plan["environments"][0]["changes"]},
                         {("create", guid(11)), ("disable", guid(2)), ("update", guid(3))})
        self.assertEqual(hashlib.sha256(text[:text.index(',"sha256"')].encode()).hexdigest(), plan["sha256"])
        self.assertTrue(plan["made_by"])
        self.assertNotIn(tenant.database, text)  # of the connection
        self.assertEqual(os.listdir(tenant.folder).count("friday.plan"), 1)
        self.assertEqual([name for name in os.listdir(tenant.folder) if name.startswith("friday.plan.")], [])

    def test_show_tells_what_the_plan_told(self):
        tenant = self.synced()
        tenant.write([user(1), user(2, accountEnabled=False)] + [user(n) for n in range(3, 12)])
        path = self.path(tenant)
        planned = tenant.run("plan", "--out", path).stdout
        shown = subprocess.run([DVSYNC, "show", path], capture_output=True, text=True, check=True,
                               env={**os.environ, "DVSYNC_CONFIG": "/nowhere"}).stdout
        self.assertIn(planned.strip(), shown)
        self.assertIn("sha256 " + json.loads(open(path, encoding="utf-8").read())["sha256"], shown)
        self.assertEqual(json.loads(tenant.run("show", path, "--json").stdout), json.loads(open(path, encoding="utf-8").read()))

    def test_an_existing_file_is_overwritten_only_on_request(self):
        tenant = self.synced()
        path = self.path(tenant)
        with open(path, "w", encoding="utf-8") as file:
            file.write("mine")
        done = tenant.run("plan", "--out", path, expect=64)
        self.assertIn("--overwrite", done.stderr)
        self.assertEqual(open(path, encoding="utf-8").read(), "mine")
        tenant.run("plan", "--out", path, "--overwrite")
        tenant.run("show", path)

    def test_where_no_file_can_be_written_nothing_is_planned(self):
        tenant = self.synced()
        for path in ("/nowhere/friday.plan", tenant.folder, "/dev/null"):
            self.assertIn(tenant.run("plan", "--out", path, "--overwrite", expect=None).returncode, (64, 74), path)

    def test_half_a_plan_is_not_kept(self):
        tenant = self.tenant({"name": "contoso", "type": "production", "schema": "contoso"},
                             {"name": "lost", "type": "production", "schema": "lost"}).migrate()
        tenant.sql("DROP SCHEMA lost CASCADE")
        tenant.write([user(1)])
        done = tenant.run("plan", "--out", self.path(tenant), expect=69)
        self.assertIn("was not written", done.stderr)
        self.assertFalse(os.path.exists(self.path(tenant)))

    # What is carried out

    def test_apply_does_exactly_that_and_is_logged(self):
        tenant = self.synced()
        path = self.changed(tenant)
        done = tenant.run("apply", path)
        self.assertIn("apply", done.stdout)
        self.assertEqual((tenant.state(2), tenant.row(3)["jobtitle"], tenant.state(11)), ("account_disabled", "Head", "E"))
        run = tenant.last_run()
        self.assertEqual((run["kind"], run["outcome"], run["created"], run["updated"], run["disabled"]),
                         ("apply", "succeeded", 1, 1, 1))
        self.assert_adds_up(run)
        logged = tenant.json("log", "--run", str(run["run_id"]))["runs"][0]
        self.assertEqual(logged["plan"], json.loads(open(path, encoding="utf-8").read())["sha256"])
        self.assertTrue(logged["requested_by"])
        self.assertIn("carries out the plan " + logged["plan"], tenant.run("log").stdout)
        tenant.sync()
        self.assertEqual(tenant.last_run()["updated"], 0)

    def test_applying_again_says_what_happened(self):
        tenant = self.synced()
        path = self.changed(tenant)
        tenant.run("apply", path)
        run = tenant.last_run()
        done = tenant.run("apply", path)
        self.assertIn(f"run {run['run_id']} has carried this plan out in contoso", done.stdout)
        self.assertEqual(tenant.last_run(), run)

    def test_a_plan_without_changes_does_nothing(self):
        tenant = self.synced()
        path = self.save(tenant, [user(n) for n in range(1, 11)])
        run = tenant.last_run()
        tenant.run("apply", path)
        self.assertEqual(tenant.last_run(), run)

    def test_only_the_user_planned_for_is_written(self):
        tenant = self.synced()
        tenant.write([user(n, jobTitle="Head") for n in range(1, 11)])
        tenant.run("plan")  # reads the directory
        tenant.run("plan", "--user", guid(3), "--out", self.path(tenant))
        tenant.run("apply", self.path(tenant))
        self.assertEqual(tenant.value("SELECT count(*) FROM contoso.systemuser WHERE jobtitle = 'Head'"), "1")

    def test_users_exchange_their_names(self):
        tenant = self.synced()
        tenant.sql("CREATE UNIQUE INDEX ON contoso.systemuser (lower(domainname))")
        names = {1: "user2@contoso.example", 2: "user1@contoso.example"}
        path = self.save(tenant, [user(n, userPrincipalName=names.get(n, f"user{n}@contoso.example")) for n in range(1, 11)])
        tenant.run("apply", path)
        self.assertEqual(tenant.row(1)["domainname"], "user2@contoso.example")

    # What is refused

    def test_the_mirror_moved(self):
        tenant = self.synced()
        path = self.changed(tenant)
        tenant.write([user(n) for n in range(1, 9)])
        tenant.run("plan")
        self.assert_refused(tenant, path, "contoso", "the directory has changed since the plan was made")

    def test_the_rules_changed(self):
        tenant = self.synced()
        path = self.changed(tenant)
        tenant.environments[0]["actor"] = guid(99)
        tenant.configure()
        self.assert_refused(tenant, path, "contoso", "the configuration decides otherwise")

    def test_a_row_moved(self):
        tenant = self.synced()
        path = self.changed(tenant)
        tenant.sql(f"UPDATE contoso.systemuser SET mobilephone = '1' WHERE azureactivedirectoryobjectid = '{guid(2)}'")
        self.assert_refused(tenant, path, "user2@contoso.example", "the row has changed")

    def test_a_row_is_there_already(self):
        tenant = self.synced()
        path = self.changed(tenant)
        tenant.run("sync", "--user", guid(11))
        self.assert_refused(tenant, path, "user11@contoso.example", "create (entitled) was planned")

    def test_somebody_holds_a_row_to_the_end(self):
        tenant = self.synced()
        path = self.changed(tenant)
        with self.holding(tenant, f"SELECT FROM contoso.systemuser WHERE azureactivedirectoryobjectid = '{guid(3)}' FOR UPDATE"):
            done = tenant.run("apply", path, expect=65)
        self.assertIn("row_locked", done.stdout)
        self.assertEqual((tenant.state(2), tenant.state(11)), ("E", "-"), "none of it is written")
        self.assertEqual(tenant.last_run()["outcome"], "failed")
        tenant.run("apply", path)
        self.assertEqual((tenant.state(2), tenant.state(11)), ("account_disabled", "E"))

    def test_the_plan_of_another_environment_or_mirror(self):
        tenant = self.synced()
        other = self.synced()
        self.assert_refused(other, self.changed(tenant), "another mirror")
        tenant.environments[0]["name"] = "fabrikam"
        tenant.configure()
        self.assert_refused(tenant, self.path(tenant), "no environment contoso")

    def test_nothing_is_written_where_one_of_two_environments_moved(self):
        tenant = self.tenant({"name": "contoso", "type": "production", "schema": "contoso"},
                             {"name": "fabrikam", "type": "production", "schema": "fabrikam"}).migrate()
        tenant.sync([user(n) for n in range(1, 11)])
        path = self.changed(tenant)
        tenant.sql(f"UPDATE fabrikam.systemuser SET city = '1' WHERE azureactivedirectoryobjectid = '{guid(2)}'".replace("city", "address1_city"))
        self.assert_refused(tenant, path, "fabrikam")
        self.assertEqual(tenant.state(2), "E")

    # The guard

    def test_what_the_guard_holds_is_held_and_can_be_approved(self):
        tenant = self.synced(100)
        path = self.save(tenant, [user(n, jobTitle="Head") for n in range(1, 61)], expect=75)
        tenant.run("apply", path, expect=75)
        run = tenant.last_run()
        self.assertEqual((run["kind"], run["outcome"], run["held"], run["updated"], run["disabled"]), ("apply", "held", 40, 60, 0))
        self.assertEqual((tenant.state(70), tenant.row(70)["azurestate"]), ("E", "2"))
        tenant.run("approve", str(run["run_id"]))
        self.assertEqual(tenant.state(70), "not_in_directory")

    def test_whom_an_apply_creates_the_guard_does_not_count_as_there_before(self):
        tenant = self.tenant().migrate()
        tenant.sync([user(n) for n in range(5)])
        tenant.write([user(n) for n in range(3, 9)])
        path = self.path(tenant)
        self.assertIn("5 rows are enabled", tenant.run("plan", "--out", path, expect=75).stdout)
        tenant.run("apply", path, expect=75)
        run = tenant.last_run()
        self.assertEqual((run["outcome"], run["created"], run["held"], run["disabled"]), ("held", 4, 3, 0))

    def test_an_apply_does_not_go_past_the_guard(self):
        tenant = self.synced(100)
        path = self.save(tenant, [user(n) for n in range(1, 96)])  # five may leave
        tenant.settings["safety"] = {"max_disables": 4}
        tenant.configure()
        self.assert_refused(tenant, path, "user", "the guard would hold it back now")

    def test_one_plan_after_the_other_adds_up(self):
        tenant = self.synced(100)
        tenant.settings["safety"] = {"max_disables": 7}
        tenant.configure()
        tenant.write([user(n) for n in range(1, 91)])
        tenant.run("plan", expect=75)
        # Each alone would pass: the first five do, and the window remembers them.
        for n in range(91, 96):
            tenant.run("plan", "--user", guid(n), "--out", self.path(tenant, f"{n}"))
        for n in range(91, 96):
            tenant.run("apply", self.path(tenant, f"{n}"))
        self.assertEqual(tenant.value("SELECT count(*) FROM contoso.systemuser WHERE isdisabled"), "5")
        tenant.run("sync", expect=75)
        self.assertEqual(tenant.value("SELECT count(*) FROM contoso.systemuser WHERE isdisabled"), "5")

    # Interrupted

    def test_killed_in_the_middle_it_has_done_nothing_and_is_applied_again(self):
        tenant = self.synced()
        path = self.changed(tenant)
        # Its transaction is at the end, where the log of batches is written.
        with self.holding(tenant, "LOCK TABLE contoso.sync_batch IN SHARE MODE"):
            applying = tenant.start("apply", path)
            wait_until(lambda: tenant.sql("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
                                          "AND query LIKE 'COPY%sync_batch%'"), what="the apply at its end")
            applying.send_signal(signal.SIGKILL)
            applying.communicate()
        self.assertEqual((tenant.state(2), tenant.state(11)), ("E", "-"))
        tenant.run("apply", path)
        self.assertEqual((tenant.state(2), tenant.state(11)), ("account_disabled", "E"))
        self.assertEqual(tenant.sql("SELECT outcome FROM contoso.sync_run WHERE kind = 'apply' ORDER BY run_id"),
                         [["interrupted"], ["succeeded"]])

    def test_what_one_environment_has_is_not_done_twice(self):
        tenant = self.tenant({"name": "contoso", "type": "production", "schema": "contoso"},
                             {"name": "fabrikam", "type": "production", "schema": "fabrikam"}).migrate()
        tenant.sync([user(n) for n in range(1, 11)])
        path = self.changed(tenant)
        with self.holding(tenant, "LOCK TABLE fabrikam.sync_batch IN SHARE MODE"):
            applying = tenant.start("apply", path)
            wait_until(lambda: tenant.sql("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
                                          "AND query LIKE 'COPY%sync_batch%'"), what="the second environment")
            wait_until(lambda: tenant.state(2) == "account_disabled", what="the first environment")
            applying.send_signal(signal.SIGKILL)
            applying.communicate()
        self.assertEqual((tenant.state(2), tenant.state(2, "fabrikam")), ("account_disabled", "E"))
        done = tenant.run("apply", path)
        self.assertIn("has carried this plan out in contoso", done.stdout)
        self.assertEqual(tenant.state(2, "fabrikam"), "account_disabled")

    # Files that are no plans

    def test_bad_files_are_refused(self):
        tenant = self.synced()
        path = self.changed(tenant)
        whole = open(path, "rb").read()
        bad = self.path(tenant, "bad")

        def refused(content, code=65):
            with open(bad, "wb") as file:
                file.write(content)
            for command in ("show", "apply"):
                done = tenant.run(command, bad, expect=code)
                self.assertTrue(done.stderr.startswith("dvsync: "), done.stderr)
                self.assertEqual(done.stdout, "")

        for content in (b"", b"{", b"{}", b"null\n", b"\0" * 100, whole[:-1], whole[: len(whole) // 2], whole + b"\n",
                        whole.replace(b"Head", b"Tail"), b" " + whole, whole.replace(b"disable", b"enabled", 1)):
            refused(content)
        done = tenant.run("apply", bad, expect=65)
        self.assertIn("another hash", done.stderr)
        os.remove(bad)
        tenant.run("apply", bad, expect=64)
        os.mkfifo(bad)
        tenant.run("apply", bad, expect=64)
        tenant.run("apply", tenant.folder, expect=64)
        with open(self.path(tenant, "huge"), "wb") as file:
            file.truncate(1 << 40)
        self.assertIn("larger", tenant.run("apply", self.path(tenant, "huge"), expect=65).stderr)
        self.assertEqual(tenant.last_run()["kind"], "full")

    def test_signed_nonsense_is_refused(self):
        tenant = self.synced()
        path = self.changed(tenant)
        whole = open(path, "rb").read()

        def refused(change, *words):
            with open(path, "wb") as file:
                file.write(whole)
            self.seal(path, change)
            self.assert_refused(tenant, path, *words)

        first = lambda plan: plan["environments"][0]["changes"][0]
        refused(lambda plan: plan.update(plan_version=2), "plan again")
        refused(lambda plan: plan.pop("environments"), "environments")
        refused(lambda plan: plan.update(environments=7), "environments")
        refused(lambda plan: plan.update(environments=[7]), "name")
        refused(lambda plan: first(plan).update(action="destroy"), "action")
        refused(lambda plan: first(plan).update(reason=None), "reason")
        refused(lambda plan: first(plan).update(object_id="42"), "object_id")
        refused(lambda plan: first(plan).update(fields={"password": [1, 2]}), "fields")
        refused(lambda plan: first(plan).update(fields={"jobtitle": 3}), "fields")
        refused(lambda plan: first(plan).update(change_digest="0"), "values")
        refused(lambda plan: plan["environments"][0]["changes"].append(first(plan)), "not decided any more")
        refused(lambda plan: plan["environments"][0]["basis"].update(mirror_version=99), "directory has changed")

    def test_a_file_that_may_not_be_read(self):
        tenant = self.synced()
        path = self.changed(tenant)
        os.chmod(tenant.folder, 0o755)
        if os.geteuid() != 0:
            os.chmod(path, 0)
            tenant.run("show", path, expect=77)
            return
        done = subprocess.run(["setpriv", "--reuid=65534", "--clear-groups", DVSYNC, "show", path], capture_output=True, text=True)
        self.assertEqual(done.returncode, 77, done.stderr)


if __name__ == "__main__":
    main()
