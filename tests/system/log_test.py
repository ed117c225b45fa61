"""`dvsync log`: what was changed, when, by whom and why; at any length, and without a statement that waits for its reader."""

import csv
import io
import os
import pty
import subprocess

from support import SystemTest, guid, main, user, wait_until

CONTOSO = {"name": "contoso", "type": "production", "schema": "contoso"}


class Filters(SystemTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Run 1 creates five, run 2 changes one and disables one, by hand another is disabled; run 4 holds.
        cls.told = tenant = cls().tenant(CONTOSO).migrate()
        tenant.sync([user(n) for n in range(5)])
        tenant.sync([user(0, jobTitle="Head"), user(1, accountEnabled=False)] + [user(n) for n in range(2, 5)])
        tenant.run("user", "disable", "user2@contoso.example")

    def changes(self, *arguments):
        return self.told.json("log", "--changes", *arguments)

    def listed(self, *arguments):
        return sorted((c["action"], c["domainname"].split("@")[0]) for c in self.told.json("log", *arguments)["changes"])

    def test_by_what_was_done_and_why(self):
        self.assertEqual(self.listed("--action", "disable"), [("disable", "user1"), ("disable", "user2")])
        self.assertEqual(self.listed("--action", "disable", "--action", "update"),
                         [("disable", "user1"), ("disable", "user2"), ("update", "user0")])
        self.assertEqual(self.listed("--reason", "account_disabled"), [("disable", "user1")])
        self.assertEqual(self.listed("--reason", "entitled", "--action", "update"), [("update", "user0")])
        self.assertEqual(self.listed("--reason", "entitled", "--user", "user0@contoso.example"),
                         [("create", "user0"), ("update", "user0")])
        self.assertEqual(self.listed("--action", "enable"), [])

    def test_by_whom_and_with_what_outcome(self):
        runs = self.told.json("log")["runs"]
        me = runs[0]["requested_by"]
        self.assertEqual(len(self.told.json("log", "--by", me)["runs"]), len(runs))
        self.assertEqual(self.told.json("log", "--by", "nobody'%")["runs"], [])
        self.assertEqual(self.told.json("log", "--outcome", "failed")["runs"], [])
        self.assertEqual(len(self.told.json("log", "--outcome", "succeeded")["runs"]), 3)
        self.assertEqual(self.told.json("log", "--action", "disable", "--by", me)["changes"][0]["requested_by"], me)

    def test_between_two_moments(self):
        runs = self.told.json("log")["runs"]
        self.assertEqual(len(self.told.json("log", "--since", "1h", "--until", "0s")["runs"]), len(runs))
        self.assertEqual(self.told.json("log", "--until", "2020-01-01")["runs"], [])
        for ages_ago in ("2000000000w", "0000-01-01", "0001-01-01T00:00+14", "1601-02-28"):
            self.assertEqual(len(self.told.json("log", "--since", ages_ago)["runs"]), len(runs), ages_ago)
        self.assertEqual(len(self.told.json("log", "--until", "9999-12-31")["runs"]), len(runs))
        self.assertEqual(self.listed("--action", "create", "--until", "2020-01-01"), [])
        self.assertEqual(len(self.listed("--action", "create", "--since", "2020-01-01")), 5)
        done = self.told.run("log", "--until", "2020-01-01")
        self.assertIn("Nothing in the log of contoso matches; it has runs from 20", done.stdout)

    def test_every_line_carries_time_run_and_actor(self):
        me = self.told.json("log")["runs"][0]["requested_by"]
        for arguments in (("--run", "2"), ("--action", "update"), ("--changes",)):
            line = next(line for line in self.told.run("log", *arguments).stdout.splitlines() if "jobtitle" in line)
            self.assertRegex(line, r"^ *\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4}  run +2 .*user0@contoso.example.*  by " + me)

    def test_what_is_impossible_is_said_so(self):
        for arguments, words in (
                (("--since", "1h", "--until", "2h"), "--until 2h is before --since 1h"),
                (("--since", "2999-01-01"), "is in the future"),
                (("--follow", "--until", "1h"), "leave --until out"),
                (("--rejected", "--action", "update"), "--rejected lists what cannot be synchronised now"),
                (("--rejected", "--outcome", "held"), "are of runs and changes"),
                (("--reason", "no_licence"), "did you mean `no_license`?"),
                (("--action", "delete"), "`delete` is none of create, update, enable, disable"),
                (("--outcome", "good"), "`good` is none of succeeded"),
                (("--json", "--csv"), "--csv"),
                (("--until", "soon"), "--until takes a length of time"),
                (("--run", "77"), "the log has no run 77")):
            done = self.told.run("log", *arguments, expect=64)
            self.assertIn(words, done.stderr, arguments)
            self.assertEqual(len(done.stderr.strip().splitlines()) == 1 or "codes" in done.stderr, True, done.stderr)
        self.assertIn("Nothing is rejected now.", self.told.run("log", "--rejected").stdout)

    def test_csv_says_what_json_says(self):
        for arguments, key in (((), "runs"), (("--action", "disable"), "changes"), (("--rejected",), "rejected")):
            rows = list(csv.DictReader(io.StringIO(self.told.run("log", *arguments, "--csv").stdout)))
            told = self.told.json("log", *arguments)[key]
            self.assertEqual(len(rows), len(told), arguments)
            for row, object_ in zip(rows, told):
                self.assertEqual({k: row[k] for k in row if isinstance(object_.get(k), str)},
                                 {k: v for k, v in object_.items() if isinstance(v, str)})
        heading = self.told.run("log", "--changes", "--csv", "--until", "2020-01-01").stdout
        self.assertTrue(heading.startswith("environment,run_id,at,action"), heading)

    def test_the_newest_so_many(self):
        self.assertEqual([c["domainname"] for c in self.told.json("log", "--action", "disable", "-n", "1")["changes"]],
                         ["user2@contoso.example"])
        done = self.told.run("log", "--action", "create", "-n", "2")
        self.assertEqual(len(done.stdout.splitlines()), 2)
        self.assertIn("Older entries are left out", done.stderr)


class Length(SystemTest):
    def long_log(self, lines):
        """Run 7 has so many lines in batches 1 and 2, the first of a thousand."""
        tenant = self.tenant(CONTOSO).migrate()
        tenant.sync([user(1)])
        tenant.sql(f"""
            INSERT INTO contoso.sync_run (run_id, kind, trigger, outcome, finished_at, requested_by, seen, updated)
              VALUES (7, 'full', 'background', 'succeeded', now(), 'root', {lines}, {lines});
            INSERT INTO contoso.sync_batch SELECT 7, b, now(), n, 0, n, 0, 0, 0, 0, 0, 0
              FROM (VALUES (1, 1000), (2, {lines - 1000})) AS v (b, n);
            INSERT INTO contoso.sync_change (run_id, batch_no, action, reason, systemuserid, azureactivedirectoryobjectid, domainname)
              SELECT 7, CASE WHEN n <= 1000 THEN 1 ELSE 2 END, 'update', CASE WHEN n % 1000 = 0 THEN 'app_pass' ELSE 'entitled' END,
                     gen_random_uuid(), CASE WHEN n % 3 > 0 THEN gen_random_uuid() END, 'user' || n || '@contoso.example'
              FROM generate_series(1, {lines}) n""")
        return tenant

    def test_every_line_of_a_long_run_is_told_once(self):
        tenant = self.long_log(25_000)
        for arguments in (("--run", "7"), ("--action", "update", "-n", "0")):
            lines = tenant.run("log", *arguments, "--csv").stdout.splitlines()[1:]
            self.assertEqual(len({line.split(",")[7] for line in lines}), 25_000, arguments)
            self.assertEqual(len(lines), 25_000, arguments)
        self.assertEqual(tenant.run("log", "--run", "7").stdout.count("user"), 25_000)
        self.assertEqual(len(tenant.json("log", "--reason", "app_pass", "-n", "0")["changes"]), 25)
        newest = [c["domainname"] for c in tenant.json("log", "--action", "update", "-n", "3")["changes"]]
        self.assertEqual(newest, ["user24998@contoso.example", "user24999@contoso.example", "user25000@contoso.example"])

    def test_no_statement_waits_for_who_reads(self):
        tenant = self.long_log(60_000)
        reader = tenant.start("log", "--run", "7", "--json")
        self.addCleanup(reader.kill)
        self.assertTrue(reader.stdout.read(10))
        sessions = ("SELECT state FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
                    "AND backend_type = 'client backend'")
        wait_until(lambda: {state for state, in tenant.sql(sessions)} == {"idle"}, what="a session without a transaction")
        reader.stdout.close()
        reader.stderr.close()
        reader.wait(timeout=60)


class Pager(SystemTest):
    def on_a_terminal(self, tenant, *arguments, **environment):
        """What arrives at a terminal of 80 columns."""
        master, slave = pty.openpty()
        process = subprocess.Popen(tenant.command("log", *arguments), stdout=slave, stderr=slave, stdin=subprocess.DEVNULL,
                                   env={**os.environ, "TERM": "xterm", **environment})
        os.close(slave)
        text = b""
        while True:
            try:
                piece = os.read(master, 65536)
            except OSError:
                break
            if not piece:
                break
            text += piece
        os.close(master)
        return process.wait(timeout=60), text.decode()

    def test_a_terminal_gets_the_pager_and_a_pipe_does_not(self):
        tenant = self.tenant(CONTOSO).migrate()
        tenant.sync([user(1)])
        paged = {"PAGER": "sed s/^/paged:/"}
        code, text = self.on_a_terminal(tenant, **paged)
        self.assertEqual((code, text.count("paged:")), (0, 1), text)
        self.assertNotIn("paged", self.on_a_terminal(tenant, "--json", **paged)[1])
        self.assertNotIn("paged", self.on_a_terminal(tenant, PAGER="cat")[1])
        self.assertNotIn("paged", self.on_a_terminal(tenant, PAGER="")[1])
        done = subprocess.run(tenant.command("log"), capture_output=True, text=True, env={**os.environ, **paged})
        self.assertNotIn("paged", done.stdout)

    def test_a_terminal_without_unicode_gets_no_boxes(self):
        tenant = self.tenant(CONTOSO).migrate()
        tenant.sync([user(1, jobTitle="Clerk")])
        tenant.sync([user(1, jobTitle="Head")])
        told = lambda locale: self.on_a_terminal(tenant, "--action", "update", PAGER="cat", LC_ALL=locale)[1]
        self.assertIn('"Clerk" → "Head"', told("C.UTF-8"))
        self.assertIn('"Clerk" -> "Head"', told("C"))
        self.assertTrue(told("C").isascii())

    def test_who_leaves_the_pager_has_seen_enough(self):
        tenant = self.tenant(CONTOSO).migrate()
        tenant.sync([user(n) for n in range(3000)])
        code, _ = self.on_a_terminal(tenant, "--changes", PAGER="true")
        self.assertEqual(code, 0)
        code, text = self.on_a_terminal(tenant, "--changes", PAGER="head -2")
        self.assertEqual((code, text.count("user")), (0, 1), text)


if __name__ == "__main__":
    main()
