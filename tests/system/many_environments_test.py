"""Many environments: those in which nothing is to be done are not opened, and nothing is overlooked for it."""

import json
import os
import random
import re

from support import SystemTest, group, guid, main, user

ENVIRONMENTS = 9  # from eight on a server on, a run looks around first
USERS = 40


def group_id(number):
    return f"3f6b2c1e-0000-4000-8000-{number:012d}"


class Many(SystemTest):
    def many(self, **more):
        """Environment e0 … e8, each with a group of its own; the users of number n are in group n % ENVIRONMENTS."""
        tenant = self.tenant(*({"name": f"e{n}", "type": "production", "schema": f"e{n}", "security_group": group_id(n), **more}
                               for n in range(ENVIRONMENTS)))
        return tenant.migrate()

    @staticmethod
    def directory(users=None, without=(), moved=None):
        """Everybody, with some users as told, some gone, and some in another group than their own."""
        users, moved = users or {}, moved or {}
        there = [n for n in range(USERS) if n not in without]
        of = {n: moved.get(n, n % ENVIRONMENTS) for n in there}
        return [users.get(n, user(n)) for n in there] + [
            group(group_id(e), [guid(n) for n in there if of[n] == e]) for e in range(ENVIRONMENTS)]

    def runs(self, tenant):
        return {e["name"]: int(tenant.value(f"SELECT count(*) FROM {e['schema']}.sync_run")) for e in tenant.environments}

    def opened(self, tenant, lines=None, expect=0):
        """The environments that a run opens, which are those that a plan opens; its report agrees with their logs."""
        before = self.runs(tenant)
        if lines is not None: tenant.write(lines)
        plan = tenant.json("plan", expect=None)
        report = json.loads(tenant.run("sync", "--json", expect=expect).stdout)
        after = self.runs(tenant)
        opened = sorted(name for name in after if after[name] != before[name])
        self.assertEqual(sorted(e["name"] for e in report["environments"]), opened)
        self.assertEqual(sorted(set(after) - set(opened)), sorted(report["in_line"]))
        self.assertEqual(sorted(plan["in_line"]), sorted(report["in_line"]))
        self.assertEqual(sorted(e["name"] for e in plan["environments"]), opened)
        return opened

    def why_full(self, tenant, name):
        return tenant.sql(f"SELECT kind, why_full FROM {name}.sync_run ORDER BY run_id DESC LIMIT 1")[0]

    def test_only_those_are_opened_whom_a_change_concerns(self):
        tenant = self.many()
        self.assertEqual(len(self.opened(tenant, self.directory())), ENVIRONMENTS)
        self.assertEqual(self.opened(tenant), [])
        done = tenant.run("sync")
        self.assertIn(f"{ENVIRONMENTS} environments had nothing to do, and were not opened.", done.stdout)
        head = {4: user(4, jobTitle="Head")}
        self.assertEqual(self.opened(tenant, self.directory(head)), ["e4"])
        self.assertEqual(tenant.row(4, schema="e4")["jobtitle"], "Head")
        # Into a group: whom it lets in. Out of one: who has the row.
        self.assertEqual(self.opened(tenant, self.directory(head, moved={5: 6})), ["e5", "e6"])
        self.assertEqual((tenant.state(5, "e5"), tenant.state(5, "e6")), ("not_in_security_group", "E"))
        # Who left the group keeps a row there.
        self.assertEqual(self.opened(tenant, self.directory({**head, 5: user(5, jobTitle="Chief")}, moved={5: 6})), ["e5", "e6"])
        self.assertEqual(self.opened(tenant), [])

    def test_those_that_were_not_opened_lose_nothing(self):
        tenant = self.many()
        self.opened(tenant, self.directory())
        for round in range(3):  # the mirror moves on, and forgets
            self.assertEqual(self.opened(tenant, self.directory({1: user(1, jobTitle=f"Head {round}")}, without=[10])), ["e1"])
        heads = {1: user(1, jobTitle="Head 2"), 2: user(2, jobTitle="Head")}
        self.assertEqual(self.opened(tenant, self.directory(heads, without=[10, 11])), ["e2"])
        self.assertEqual(self.why_full(tenant, "e2"), ["incremental", None])
        self.assertEqual([tenant.state(10, "e1"), tenant.state(11, "e2")], ["not_in_directory"] * 2)
        self.assertEqual(tenant.run("sync", "--full").returncode, 0)
        self.assertEqual(sum(int(tenant.value(f"SELECT created + updated + enabled + disabled FROM e{n}.sync_run "
                                              "ORDER BY run_id DESC LIMIT 1")) for n in range(ENVIRONMENTS)), 0)

    def test_whatever_else_there_is_to_do_opens_an_environment(self):
        tenant = self.many()
        self.opened(tenant, self.directory())
        tenant.sql("UPDATE e3.systemuser SET jobtitle = 'King' WHERE domainname = 'user3@contoso.example'")
        self.assertEqual(self.opened(tenant), ["e3"])  # somebody else changed a row (D16)
        tenant.sql("UPDATE e2.sync_run SET outcome = 'failed', detail = 'power'")
        self.assertEqual(self.opened(tenant), ["e2"])  # its last run did not go through
        tenant.sql("UPDATE e7.sync_state SET watermark_mark = gen_random_uuid()")
        self.assertEqual(self.opened(tenant), ["e7"])  # it was restored from somewhere else
        self.assertEqual(self.why_full(tenant, "e7")[0], "full")
        tenant.environments[6]["on_license_loss"] = "keep"
        tenant.configure()
        self.assertEqual(self.opened(tenant), ["e6", "e7"])  # other rules; and a run that had something to tell
        self.assertEqual(self.why_full(tenant, "e6"), ["full", "its rules changed"])
        tenant.sql("UPDATE e5.sync_state SET fence = fence + 100")
        self.assertEqual(self.opened(tenant), ["e5"])  # another dvsync was there
        tenant.sql("DELETE FROM directory.version_history")
        self.assertEqual(len(self.opened(tenant)), ENVIRONMENTS)  # the mirror lost track

    def test_held_decisions_open_their_environment_until_they_are_answered(self):
        tenant = self.many()
        self.opened(tenant, self.directory())
        gone = [n for n in range(USERS) if n % ENVIRONMENTS == 1]
        self.assertEqual(self.opened(tenant, self.directory(moved={n: 2 for n in gone}), expect=75), ["e1", "e2"])
        self.assertEqual(self.opened(tenant, expect=75), ["e1"])

    def test_status_knows_of_those_that_were_not_opened(self):
        tenant = self.many()
        self.opened(tenant, self.directory())
        for schema in ("e1", "e2"): tenant.sql(f"UPDATE {schema}.sync_run SET finished_at = now() - interval '3 days'")
        self.assertEqual(self.opened(tenant, self.directory({3: user(3, jobTitle="Head")})), ["e3"])
        done = tenant.run("status", "--json", expect=None)
        status = {e["name"]: e for e in json.loads(done.stdout)["environments"]}
        for name in ("e1", "e2", "e3"):
            self.assertEqual(status[name]["behind"], 0, status[name])
            self.assertLess(status[name]["in_line_seconds_ago"], 3600)
        self.assertRegex(tenant.run("log").stdout, r"Run \d+, .* ago, had nothing to do in e0, e1, e2, e4, e5 and 3 more\.")
        self.assertNotIn("nothing to do in", tenant.run("log", "--environment", "e3").stdout)

    def test_environments_that_look_at_very_many_are_worked_on_one_after_the_other(self):
        """From 8,000 users on, where everybody is looked at."""
        tenant = self.tenant(*({"name": f"e{n}", "type": "production", "schema": f"e{n}"} for n in range(2)))
        tenant.migrate().write([user(n) for n in range(8_001)])
        done = tenant.run("sync")
        told = re.findall(r"^e(\d): (begins|succeeded)", done.stderr + done.stdout, re.MULTILINE)
        self.assertEqual(told, [("0", "begins"), ("0", "succeeded"), ("1", "begins"), ("1", "succeeded")])

    def test_status_of_very_many_tells_of_each_in_their_order(self):
        """From 32 on two sessions share them."""
        tenant = self.tenant(*({"name": f"e{n}", "type": "production", "schema": f"e{n}", "security_group": group_id(n)}
                               for n in range(33)))
        tenant.migrate()
        tenant.write(self.directory())
        tenant.run("sync", expect=None)
        tenant.sql("DROP SCHEMA e20 CASCADE")
        status = tenant.json("status", expect=None)["environments"]
        self.assertEqual([e["name"] for e in status], [f"e{n}" for n in range(33)])
        self.assertEqual([e["name"] for e in status if e["error"]], ["e20"])
        self.assertEqual({e["watermark"] for e in status if not e["error"]}, {1})

    def test_a_group_that_vanishes_concerns_its_environment_alone_and_changes_nothing_there(self):
        tenant = self.many()
        self.opened(tenant, self.directory())
        lines = self.directory({4: user(4, jobTitle="Head")})
        without = [line for line in lines if line["id"] != group_id(4)]
        for _ in range(2):  # as long as it is gone
            self.assertEqual(self.opened(tenant, without, expect=75), ["e4"])
            self.assertEqual((tenant.state(4, "e4"), tenant.row(4, "e4")["jobtitle"]), ("E", "Head"))
        self.assertEqual(self.opened(tenant, lines), ["e4"])
        self.opened(tenant)
        self.assertEqual(self.opened(tenant), [])

    def test_an_environment_whose_group_is_the_whole_directory(self):
        tenant = self.many()
        lines = self.directory()[:-ENVIRONMENTS]
        groups = [group(group_id(0), [guid(n) for n in range(USERS)])] + self.directory()[-ENVIRONMENTS + 1:]
        self.assertEqual(len(self.opened(tenant, lines + groups)), ENVIRONMENTS)
        self.assertEqual(len(tenant.rows("e0")), USERS)
        self.assertEqual(self.opened(tenant), [])
        lines[3] = user(3, jobTitle="Head")
        self.assertEqual(self.opened(tenant, lines + groups), ["e0", "e3"])
        self.assertEqual([tenant.row(3, schema)["jobtitle"] for schema in ("e0", "e3")], ["Head"] * 2)
        self.assertIn("Nothing to do", tenant.run("sync", "--full").stdout)
        self.assertEqual(tenant.last_run("e0")["seen"], USERS)

    def test_a_run_that_opens_none_has_a_number_that_no_log_has(self):
        tenant = self.many()
        self.opened(tenant, self.directory())
        tenant.sql("UPDATE e3.sync_run SET run_id = run_id + 1000")  # as where the mirror was restored from a backup
        last = int(tenant.value("SELECT max(run_id) FROM e3.sync_run"))
        report = json.loads(tenant.run("sync", "--json").stdout)
        self.assertEqual(len(report["in_line"]), ENVIRONMENTS)
        self.assertGreater(report["run_id"], last)

    def questions(self, tenant, schema, *arguments):
        """Statements about this environment that a command sends, and the sessions that send them."""
        tenant.sql(f"ALTER DATABASE \"{tenant.database}\" SET log_statement = 'all'")
        log = os.path.join(tenant.postgres.folder, "log")
        before = os.path.getsize(log)
        tenant.run(*arguments)
        with open(log, encoding="utf-8", errors="replace") as file:
            file.seek(before)
            lines = re.split(r"^[-\d]+ [\d:.]+ \w+ (?=\[\d+\] )", file.read(), flags=re.MULTILINE)
        of_schema = [line for line in lines if re.match(r"\[\d+\] LOG: ", line) and re.search(rf"\b{schema}\b", line)]
        return len(of_schema), len({line.split()[0] for line in of_schema})

    def test_an_environment_with_few_candidates_is_asked_little_and_by_one_session(self):
        tenant = self.many()
        self.opened(tenant, self.directory())
        statements, sessions = self.questions(tenant, "e4", "sync", "--full")
        self.assertEqual(sessions, 2)  # the other one looks for the run's number in all logs
        self.assertLessEqual(statements, 30)
        self.assertLessEqual(self.questions(tenant, "e4", "status")[0], 2)

    def test_a_run_that_fails_before_any_is_noted_in_all_by_few_sessions(self):
        tenant = self.many()
        sessions = ("SELECT pg_stat_clear_snapshot(); "
                    "SELECT sum(sessions) FROM pg_stat_database WHERE datname = current_database()")
        before = int(tenant.value(sessions))
        tenant.write(["no JSON"])
        tenant.run("sync", expect=69)
        self.assertEqual({tenant.value(f"SELECT outcome FROM e{n}.sync_run") for n in range(ENVIRONMENTS)}, {"failed"})
        self.assertLess(int(tenant.value(sessions)) - before, ENVIRONMENTS + 7)

    def test_fewer_environments_are_all_opened(self):
        tenant = self.tenant(*({"name": f"e{n}", "type": "production", "schema": f"e{n}", "security_group": group_id(n)}
                               for n in range(3))).migrate()
        self.assertEqual(len(self.opened(tenant, self.directory())), 3)
        self.assertEqual(len(self.opened(tenant)), 3)

    def test_random_changes_end_where_full_runs_end(self):
        seed = random.randrange(1 << 30)
        print(f"seed {seed}")
        choose = random.Random(seed)
        tenant, other = self.many(nested_groups="first_access"), self.many(nested_groups="first_access")
        users, without, moved = {}, set(), {}
        for _ in range(8):
            for _ in range(choose.randrange(4)):
                n = choose.randrange(USERS)
                kind = choose.randrange(4)
                if kind == 0: users[n] = user(n, jobTitle=f"Title {choose.randrange(100)}")
                elif kind == 1: users[n] = user(n, accountEnabled=choose.random() < 0.5)
                elif kind == 2: without ^= {n}
                else: moved[n] = choose.randrange(ENVIRONMENTS)
            lines = self.directory(users, without, moved)
            tenant.write(lines)
            other.write(lines)
            codes = tenant.run("sync", expect=None).returncode, other.run("sync", "--full", expect=None).returncode
            self.assertEqual(codes[0], codes[1])
            for n in range(ENVIRONMENTS):
                self.assertEqual(tenant.rows(f"e{n}"), other.rows(f"e{n}"), f"seed {seed}, e{n}")


if __name__ == "__main__":
    main()
