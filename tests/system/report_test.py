"""`dvsync report`: who has a row, who has none and why, administrators, groups, leavers, changes, lag, rejected; and what
stays readable of runs and refusals."""

import csv
import io
import json
import os
import re
import subprocess

from support import DVSYNC, NO_PLANS, SystemTest, group, guid, main, role, user, wait_until

CONTOSO = {"name": "contoso", "type": "production", "schema": "contoso"}
SALES = "3f6b2c1e-0000-4000-8000-000000000001"
GLOBAL = "62e90394-69f5-4237-9190-012177145e10"
HOSTILE = "a%_'\"\u202ebo\u200bb\x1b[31m,;@contoso.example"


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text)))


class Reports(SystemTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # In contoso: 0 administrator, 1 to 3 members of Sales, 4 an owner, 5 without a licence, 6 in nobody's group.
        cls.told = tenant = cls().tenant({**CONTOSO, "security_group": SALES},
                                         {"name": "open", "type": "sandbox", "schema": "open"})
        tenant.migrate()
        cls.people = {n: user(n) for n in range(7)}
        cls.people[5] = user(5, **NO_PLANS)
        cls.around = [group(SALES, [guid(n) for n in (1, 2, 3, 5)], owners=[guid(4)]), role(GLOBAL, [guid(0)])]
        tenant.sync([*cls.people.values(), *cls.around])
        cls.people[2] = user(2, accountEnabled=False)
        cls.people[7] = user(7, userPrincipalName="broken\u0000name", givenName="x\u0000y")
        tenant.sync([*cls.people.values(), *cls.around], expect=None)

    def listed(self, report, *arguments):
        told = self.told.json("report", report, *arguments)
        return told[report.replace("-", "_")]

    def test_users_say_since_when_and_why(self):
        users = {u["domainname"]: u for u in self.listed("users", "--environment", "contoso")}
        two = users["user2@contoso.example"]
        self.assertEqual((two["disabled"], two["disabledreason"]), (True, "account_disabled"))
        self.assertRegex(two["disabled_since"], r"^20.*Z$")
        one = users["user1@contoso.example"]
        self.assertEqual((one["disabled"], one["disabled_since"], one["licensed"], one["access_mode"]),
                         (False, None, True, "read-write"))
        text = self.told.run("report", "users", "--environment", "contoso").stdout
        self.assertRegex(text, r"user2@contoso\.example +contoso +account_disabled +yes +20\d\d-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4}")
        self.assertRegex(text, rf"contoso: {len(users)} users, {len(users) - 1} enabled, 1 disabled\n$")

    def test_since_when_is_not_what_others_did(self):
        tenant = self.tenant(CONTOSO).migrate()
        tenant.sync([user(1), user(2)])
        tenant.sync([user(1, accountEnabled=False), user(2)])
        tenant.sync([user(1), user(2)])
        tenant.sql("UPDATE contoso.systemuser SET isdisabled = true, disabledreason = 'On leave'")
        self.assertEqual({u["disabled_since"] for u in tenant.json("report", "users")["users"]}, {None})

    def test_kept_out_by_reason(self):
        kept = {(k["environment"], k["user_name"]): (k["why"], k["reason"]) for k in self.listed("kept-out")}
        self.assertEqual(kept["contoso", "user6@contoso.example"], ("rules", "not_in_security_group"))
        self.assertEqual(kept["contoso", "user5@contoso.example"], ("rules", "no_license"))
        self.assertEqual(kept["open", "user5@contoso.example"], ("rules", "no_license"))
        self.assertNotIn(("contoso", "user1@contoso.example"), kept)
        only = self.told.json("report", "kept-out", "--reason", "no_license")
        self.assertEqual({k["reason"] for k in only["kept_out"]}, {"no_license"})
        self.assertEqual(only["reasons"], [{"environment": e, "reason": "no_license", "users": 1} for e in ("contoso", "open")])
        self.assertIn("did you mean `no_license`?",
                      self.told.run("report", "kept-out", "--reason", "no_licence", expect=64).stderr)

    def test_kept_out_agrees_with_the_next_run(self):
        tenant = self.tenant(CONTOSO).migrate()
        tenant.sync([user(1)])
        tenant.write([user(1), user(2), user(3, **NO_PLANS)])
        tenant.run("plan")
        kept = {k["user_name"]: k["why"] for k in tenant.json("report", "kept-out")["kept_out"]}
        self.assertEqual(kept, {"user2@contoso.example": "due", "user3@contoso.example": "rules"})
        tenant.sync()
        self.assertEqual([k["user_name"] for k in tenant.json("report", "kept-out")["kept_out"]], ["user3@contoso.example"])

    def test_administrators_of_both_kinds(self):
        tenant = self.tenant(CONTOSO).migrate()
        tenant.sync([user(1), user(2), user(3, **NO_PLANS), role(GLOBAL, [guid(1), guid(3)])])
        none = {a["user_name"]: a["system_administrator"] for a in tenant.json("report", "administrators")["administrators"]}
        self.assertEqual(none, {"user1@contoso.example": None, "user3@contoso.example": None})
        tenant.sql("""SET search_path = contoso;
            CREATE TABLE role (roleid uuid PRIMARY KEY, name text, businessunitid uuid);
            CREATE TABLE systemuserroles (systemuserid uuid, roleid uuid);
            INSERT INTO role VALUES ('d0000000-0000-4000-8000-000000000001', 'System Administrator', NULL);
            INSERT INTO systemuserroles SELECT systemuserid, 'd0000000-0000-4000-8000-000000000001' FROM systemuser
              WHERE domainname = 'user2@contoso.example'""")
        told = tenant.json("report", "administrators")
        found = {a["user_name"]: (a["directory_roles"], a["system_administrator"]) for a in told["administrators"]}
        self.assertEqual(found["user1@contoso.example"], (["global_administrator"], False))
        self.assertEqual(found["user2@contoso.example"], ([], True))
        self.assertEqual(found["user3@contoso.example"][0], ["global_administrator"])
        roles = {u["domainname"]: u["roles"] for u in tenant.json("report", "users")["users"]}
        self.assertEqual(roles["user2@contoso.example"], ["System Administrator"])

    def test_groups_and_who_is_in_one(self):
        groups = self.listed_groups()
        self.assertEqual((groups[0]["group"], groups[0]["direct"], groups[0]["owners"], groups[0]["environments"]),
                         (SALES, 4, 1, ["contoso"]))
        for name in (SALES, "contoso", SALES.upper()):
            members = {m["user_name"].split("@")[0]: m for m in self.told.json("report", "group", name)["members"]}
            self.assertEqual(sorted(members), ["user1", "user2", "user3", "user4", "user5"], name)
            self.assertEqual((members["user4"]["direct"], members["user4"]["owner"]), (False, True))
            self.assertEqual(members["user2"]["account_enabled"], False)
        for nobody in ("%", "3f6b2c1e%", "' OR true --", "con_oso", "\u202econtoso"):
            self.told.run("report", "group", nobody, expect=64)
        self.assertIn("no environment has a security group `open`", self.told.run("report", "group", "open", expect=64).stderr)

    def listed_groups(self):
        return self.told.json("report", "group")["groups"]

    def test_leavers_are_disabled_for_long(self):
        tenant = self.tenant(CONTOSO).migrate()
        tenant.sync([user(n) for n in range(4)])
        tenant.sync([user(0)] + [user(n, accountEnabled=False) for n in (1, 2, 3)], expect=None)
        for run in [r[0] for r in tenant.sql("SELECT DISTINCT held_run_id FROM contoso.sync_pending WHERE held_run_id IS NOT NULL")]:
            tenant.run("approve", run)
        leavers = lambda *arguments: sorted(
            u["domainname"].split("@")[0] for u in tenant.json("report", "leavers", *arguments)["leavers"])
        self.assertEqual(leavers(), [])
        self.assertEqual(leavers("--older-than", "0s"), ["user1", "user2", "user3"])
        tenant.sql("UPDATE contoso.sync_change SET at = at - interval '40 days' WHERE domainname LIKE 'user1%'")
        # The log has forgotten this one; the row has not been touched for long.
        tenant.sql("DELETE FROM contoso.sync_change WHERE domainname LIKE 'user2%'")
        tenant.sql("UPDATE contoso.systemuser SET modifiedon = now() - interval '50 days' WHERE domainname LIKE 'user2%'")
        self.assertEqual(leavers(), ["user1", "user2"])
        self.assertEqual(leavers("--older-than", "45d"), ["user2"])
        self.assertIn("contoso: nobody has been disabled for so long",
                      tenant.run("report", "leavers", "--older-than", "99999999w").stdout)
        for wrong in ("90", "soon", "2026-01-01", "-3d"):
            self.assertIn("is no length of time", tenant.run("report", "leavers", f"--older-than={wrong}", expect=64).stderr)

    def test_changes_of_a_month_are_those_of_the_log(self):
        report = self.told.json("report", "changes")
        log = self.told.json("log", "--changes", "--limit", "0")["runs"]
        self.assertEqual(sorted(json.dumps(c) for c in report["changes"]), sorted(json.dumps(c) for r in log for c in r["changes"]))
        self.assertEqual(sum(t["changes"] for t in report["totals"]), len(report["changes"]))
        csv_rows = rows_of(self.told.run("report", "changes", "--csv").stdout)
        self.assertEqual(len(csv_rows), len(report["changes"]))
        old = self.told.run("report", "changes", "--month", "2020-01")
        self.assertIn("Nothing in the log of contoso matches; it has runs from 20", old.stdout)
        self.assertIn("Nothing in the log", self.told.run("report", "changes", "--month", "0001-12").stdout)
        for wrong, words in (("2026-13", "takes a year and a month"), ("march", "takes a year and a month"),
                             ("2999-01", "is in the future")):
            self.assertIn(words, self.told.run("report", "changes", "--month", wrong, expect=64).stderr)
        self.told.run("report", "changes", "--month", "2026-01", "--since", "1d", expect=64)

    def test_lag_counts_from_the_reading_before(self):
        tenant = self.tenant(CONTOSO).migrate()
        tenant.sync([user(1)])
        self.assertIn("Nothing in the log of contoso matches", tenant.run("report", "lag").stdout)
        for days, lag in ((0, 60), (0, 120), (0, 600), (1, 30)):
            tenant.sql("INSERT INTO contoso.sync_run (run_id, kind, trigger, outcome, started_at, finished_at, behind_since) "
                       "SELECT max(run_id) + 1, 'incremental', 'background', 'succeeded', "
                       f"date_trunc('day', now()) + interval '12 h' - interval '{days} days', "
                       f"date_trunc('day', now()) + interval '12 h' - interval '{days} days', "
                       f"date_trunc('day', now()) + interval '12 h' - interval '{days} days {lag} s' FROM contoso.sync_run")
        told = [(d["runs"], d["p50_ms"], d["p95_ms"], d["longest_ms"]) for d in tenant.json("report", "lag", "--since", "7d")["lag"]]
        self.assertEqual(told, [(1, 30_000, 30_000, 30_000), (3, 120_000, 600_000, 600_000)])
        self.assertRegex(tenant.run("report", "lag").stdout, r"\n20\S+ +contoso +3 +2 min 00 s|120\.0 s")

    def test_rejected_is_what_the_log_says(self):
        self.assertEqual(self.listed("rejected"), self.told.json("log", "--rejected")["rejected"])

    def test_csv_has_the_keys_of_json(self):
        for name in ("users", "kept-out", "administrators", "group", "leavers", "changes", "lag", "rejected"):
            told = self.told.json("report", name)
            entries = next(value for value in told.values() if isinstance(value, list))
            rows = rows_of(self.told.run("report", name, "--csv").stdout)
            self.assertEqual(len(rows), len(entries), name)
            for row, entry in zip(rows, entries):
                self.assertEqual(list(row), list(entry), name)
                self.assertEqual({k: row[k] for k, v in entry.items() if isinstance(v, str)},
                                 {k: v for k, v in entry.items() if isinstance(v, str)})
            self.told.run("report", name, "--csv", "--json", expect=64)

    def test_tables_fit_and_words_stay_whole(self):
        whole = self.told.run("report", "users").stdout
        words = set(whole.split())
        for columns in (80, 100, 140):
            done = subprocess.run(self.told.command("report", "users"), capture_output=True, text=True,
                                  env={**os.environ, "COLUMNS": str(columns)})
            self.assertLessEqual(max(len(line) for line in done.stdout.splitlines() if not line.startswith("Left out")), columns)
            self.assertLessEqual({w for line in done.stdout.splitlines() if not line.startswith("Left out")
                                  for w in line.split()}, words)
        self.assertIn("Left out, because the terminal is narrow: ",
                      subprocess.run(self.told.command("report", "users"), capture_output=True, text=True,
                                     env={**os.environ, "COLUMNS": "80"}).stdout)

    def test_an_environment_out_of_reach_stops_nobody_else(self):
        tenant = self.tenant(CONTOSO).migrate()
        tenant.sync([user(1)])
        tenant.environments.append({"name": "away", "type": "sandbox", "schema": "away",
                                    "connection": "host=/nonexistent dbname=none"})
        tenant.configure()
        for name in ("users", "kept-out", "administrators", "leavers", "changes", "lag", "rejected"):
            done = tenant.run("report", name, expect=69)
            self.assertIn("away", done.stderr, name)
        self.assertIn("user1@contoso.example", tenant.run("report", "users", expect=69).stdout)

    def test_a_reader_who_leaves_early_and_hostile_names(self):
        tenant = self.tenant(CONTOSO).migrate()
        tenant.sync([user(n) for n in range(3000)])
        head = subprocess.run(f"{' '.join(tenant.command('report', 'users', '--json'))} | head -c 100", shell=True,
                              capture_output=True, text=True)
        self.assertEqual((len(head.stdout), head.stderr), (100, ""))
        tenant.sync([user(n) for n in range(3000)] + [user(3001, userPrincipalName=HOSTILE, displayName='=cmd|"x"\n')])
        text = tenant.run("report", "users").stdout
        self.assertFalse(re.search("[\x1b\u202e\u200b]", text), "nothing moves the cursor")
        entry = next(u for u in tenant.json("report", "users")["users"] if u["domainname"] == HOSTILE)
        row = next(r for r in rows_of(tenant.run("report", "users", "--csv").stdout) if r["domainname"] == HOSTILE)
        self.assertEqual(row["systemuserid"], entry["systemuserid"])


class Evidence(SystemTest):
    def test_a_run_tells_why_where_its_time_went_and_how_late_it_was(self):
        tenant = self.tenant(CONTOSO).migrate()
        tenant.sync([user(1), user(2)], unplanned="what a run reads is counted")
        tenant.sync([user(1, jobTitle="Head"), user(2)], unplanned="what a run reads is counted")
        first, second = tenant.json("log")["runs"]
        self.assertEqual((first["why_full"], first["lag_ms"]), ("this environment's first run", None))
        self.assertEqual((first["phases"]["records"], first["phases"]["moved"]), (2, 2))
        self.assertEqual((second["why_full"], second["phases"]["moved"]), (None, 1))
        self.assertGreater(second["lag_ms"], 0)
        seconds = tenant.value("SELECT extract(epoch FROM b.finished_at - a.started_at) FROM contoso.sync_run a, contoso.sync_run b "
                               "WHERE a.run_id = 1 AND b.run_id = 2")
        self.assertGreaterEqual(second["lag_ms"] + 50, float(seconds) * 1000, "since the first run's reading, which was before it")
        text = tenant.run("log", "--run", "1").stdout
        self.assertIn("everybody was looked at: this environment's first run", text)
        self.assertRegex(text, r"reading .* \(2 records, 2 moved\), planning .* \(2 users\), writing .* \(2 changes\)")
        self.assertIn("until then the rows were at most ", tenant.run("log", "--run", "2").stdout)
        row = rows_of(tenant.run("log", "--csv").stdout)[1]
        self.assertEqual((row["records"], row["seen"]), ("2", "1"))

    def test_a_failed_run_leaves_the_lag_to_the_next(self):
        tenant = self.tenant(CONTOSO).migrate()
        tenant.sync([user(1)])
        began = tenant.value("SELECT read_at FROM contoso.sync_state")
        tenant.write(["no json at all\n"])
        tenant.run("sync", expect=69)
        failed = tenant.json("log")["runs"][1]
        self.assertEqual((failed["outcome"], failed["phases"], failed["lag_ms"]), ("failed", None, None))
        tenant.sync([user(1)])
        self.assertEqual(tenant.value("SELECT behind_since FROM contoso.sync_run WHERE run_id = 3"), began)

    def test_who_was_refused_is_kept(self):
        tenant = self.tenant(CONTOSO).migrate()
        tenant.sync([user(1), user(2, **NO_PLANS)])
        tenant.run("user", "add", "user1@contoso.example")
        tenant.run("user", "add", "user2@contoso.example", expect=65)
        tenant.sql("UPDATE contoso.systemuser SET isdisabled = true, applicationid = gen_random_uuid() WHERE domainname LIKE 'user1%'")
        tenant.run("user", "set-access-mode", "administrative", "user1@contoso.example", expect=65)
        tenant.sql("INSERT INTO contoso.sync_request (trigger, user_name, answered_at, decision, access, reason) VALUES "
                   "('first_access', 'user2@contoso.example', now(), 'refuse', 'no', 'no_license'), "
                   "('first_access', 'user1@contoso.example', now(), 'keep', 'yes', 'entitled'), "
                   "('on_demand', 'user9@contoso.example', NULL, NULL, NULL, NULL)")
        refused = [(r["command"], r["user_name"], r["reason"]) for r in tenant.json("log", "--refused")["requests"]]
        self.assertEqual(sorted(refused, key=str), sorted([
            ("user add", "user2@contoso.example", "no_license"),
            ("user set-access-mode", "user1@contoso.example", "application_user"),
            (None, "user2@contoso.example", "no_license")], key=str))
        self.assertEqual(len(tenant.json("log", "--requests")["requests"]), 5)
        self.assertEqual(len(tenant.json("log", "--requests", "--user", "user2@contoso.example")["requests"]), 2)
        self.assertEqual(len(tenant.json("log", "--refused", "--reason", "application_user")["requests"]), 1)
        self.assertEqual(len(tenant.json("log", "--refused", "--by", "owner")["requests"]), 1)
        text = tenant.run("log", "--requests").stdout
        self.assertIn("asked for user2@contoso.example (dvsync user add): refused, may not enter (no_license)", text)
        self.assertIn("asked for user9@contoso.example (on_demand): not answered yet", text)
        self.assertIn("Nobody was refused.", tenant.run("log", "--refused", "--until", "2020-01-01").stdout)
        for wrong in (("--outcome", "held"), ("--action", "create"), ("--changes",), ("--rejected",), ("--follow",)):
            tenant.run("log", "--requests", *wrong, expect=64)


class Archive(SystemTest):
    def aged(self, **log):
        tenant = self.tenant(CONTOSO).migrate()
        self.folder = os.path.join(tenant.folder, "archive")
        tenant.settings = {"log": {"retention": "1h", "archive": self.folder, **log}}
        tenant.configure()
        tenant.sync([user(1), user(2)])
        tenant.sync([user(1, jobTitle="Head"), user(2)])
        tenant.sync([user(1, jobTitle="Head"), user(2)])
        tenant.sql("UPDATE contoso.sync_run SET started_at = '2026-03-05', finished_at = '2026-03-05' WHERE run_id < 3; "
                   "UPDATE contoso.sync_change SET at = '2026-03-05'; "
                   "INSERT INTO contoso.sync_request (trigger, user_name, requested_at, answered_at, decision, access, reason) "
                   "VALUES ('on_demand', 'ana', '2026-02-27', '2026-03-01', 'refuse', 'no', 'not_in_directory')")
        return tenant

    def daemon(self, tenant):
        process = tenant.start("run")
        self.addCleanup(lambda: (process.kill(), process.wait(), process.stdout.close(), process.stderr.close()))
        return process

    def lines(self, month):
        with open(os.path.join(self.folder, f"contoso-{month}.jsonl"), encoding="utf-8") as file:
            return [json.loads(line) for line in file]

    def test_what_is_forgotten_is_kept_first(self):
        tenant = self.aged()
        before = {run["run_id"]: run for run in tenant.json("log", "--changes")["runs"]}
        os.mkdir(self.folder)
        # What a kill may have left: half a line.
        with open(os.path.join(self.folder, "contoso-2026-03.jsonl"), "w", encoding="utf-8") as file:
            file.write('{"line":"run"}\n{"line":"chan')
        self.daemon(tenant)
        wait_until(lambda: tenant.value("SELECT count(*) FROM contoso.sync_request") == "0", what="the request to be forgotten")
        with open(os.path.join(self.folder, "contoso-2026-03.jsonl"), encoding="utf-8") as file:
            lines = [json.loads(line) for line in file.read().splitlines()[2:]]
        for run_id in (1, 2):
            told = before[run_id]
            changes, holds = told.pop("changes"), told.pop("holds")
            self.assertEqual([l for l in lines if l["line"] == "run" and l["run_id"] == run_id], [{"line": "run", **told}])
            self.assertEqual([l for l in lines if l["line"] == "change" and l["run_id"] == run_id],
                             [{"line": "change", **c} for c in changes])
            self.assertEqual(holds, [])
        self.assertEqual([(l["line"], l["user_name"]) for l in self.lines("2026-02")], [("request", "ana")])
        self.assertEqual(tenant.value("SELECT count(*) FROM contoso.sync_run WHERE run_id < 3"), "0")
        self.assertEqual(os.stat(os.path.join(self.folder, "contoso-2026-02.jsonl")).st_mode & 0o007, 0)

    def test_a_folder_that_is_not_there_stops_the_forgetting_and_is_said(self):
        tenant = self.aged()
        check = tenant.run("check", expect=78)
        self.assertIn("log.archive: the folder", check.stdout)
        process = self.daemon(tenant)
        told = next(line for line in process.stderr if "log.archive" in line)
        self.assertIn("nothing of the log is forgotten until it can be written", told)
        self.assertEqual(tenant.value("SELECT count(*) FROM contoso.sync_run WHERE run_id < 3"), "2")
        self.assertEqual(tenant.value("SELECT count(*) FROM contoso.sync_request"), "1")


if __name__ == "__main__":
    main()
