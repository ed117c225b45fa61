"""PostgreSQL on its worst days: sessions end, servers crash, standbys that lack the last transactions take over, no
connection is left, a backend stops. The next plain run leaves what an undisturbed run leaves."""

import os
import random
import signal
import subprocess
import sys
import time

from support import Postgres, Standby, SystemTest, Tenant, group, guid, main, user, wait_until

SEED = int(os.environ.get("DVSYNC_SEED", random.randrange(1 << 30)))
USERS = int(os.environ.get("DVSYNC_FAULT_USERS", 6_000))
POINTS = int(os.environ.get("DVSYNC_FAULT_POINTS", 6))
GROUP = "3f6b2c1e-0000-4000-8000-000000000001"
ENVIRONMENTS = [{"name": "prod", "type": "production", "schema": "prod"},
                {"name": "grouped", "type": "sandbox", "schema": "grouped", "security_group": GROUP}]
SCHEMAS = ("prod", "grouped")


def before():
    return [user(n) for n in range(USERS)] + [group(GROUP, [guid(n) for n in range(0, USERS, 2)])]


def after():
    changed = [user(n, accountEnabled=False) if n % 50 == 0 else user(n, jobTitle="Head") if n % 3 == 0 else user(n)
               for n in range(1, USERS)]
    return changed + [user(n) for n in range(USERS, USERS + 50)] + [group(GROUP, [guid(n) for n in range(0, USERS, 3)])]


class Disturbed(SystemTest):
    """Each test breaks something in the middle of a run, again and again, and compares with an undisturbed twin."""

    def setUp(self):
        print(f"seed {SEED}", file=sys.stderr)
        self.random = random.Random(SEED)
        self.template = self.tenant(*ENVIRONMENTS)
        self.template.settings["safety"] = {"max_disables": 100_000, "max_disables_percent": 100}
        self.template.configure()
        self.template.migrate().sync(before(), unplanned="a first load")
        self.since = self.template.value("SELECT max(run_id) FROM prod.sync_run")
        twin = self.copy()
        begin = time.monotonic()
        twin.run("sync")
        self.whole = time.monotonic() - begin
        self.wanted = self.outcome(twin)
        self.drop(twin)

    def copy(self):
        name = f"{self.template.database}_{self.random.randrange(1 << 40)}"
        self.postgres.sql(f'CREATE DATABASE "{name}" TEMPLATE "{self.template.database}"', database="postgres")
        twin = Tenant(self.postgres, ENVIRONMENTS, database=name)
        self.addCleanup(twin.close)
        twin.settings = self.template.settings
        twin.configure()
        twin.write(after())
        return twin

    def drop(self, tenant):
        self.postgres.sql(f'DROP DATABASE "{tenant.database}" WITH (FORCE)', database="postgres")

    def outcome(self, tenant):
        return [(tenant.rows(schema),
                 tenant.sql(f"SELECT azureactivedirectoryobjectid, action, reason, fields FROM {schema}.sync_change "
                            f"WHERE run_id > {self.since} ORDER BY azureactivedirectoryobjectid, run_id, action"))
                for schema in SCHEMAS]

    def disturbed(self, tenant, disturb):
        """A run, at a moment of which `disturb` is called. Its exit code."""
        process = subprocess.Popen(tenant.command("sync"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(timeout=self.random.uniform(0.02, self.whole))
        except subprocess.TimeoutExpired:
            disturb()
        return process.wait(timeout=300)

    def assert_as_undisturbed(self, tenant):
        tenant.run("sync")
        self.assertTrue(self.outcome(tenant) == self.wanted, f"rows or log differ, seed {SEED}")
        for schema in SCHEMAS:
            self.assertEqual(tenant.value(f"SELECT count(*) FROM {schema}.sync_run WHERE outcome IS NULL"), "0")

    def sessions(self, tenant):
        return [int(pid) for pid, in self.postgres.sql("SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' "
                                                       f"AND datname = '{tenant.database}'", database="postgres")]


class Sessions(Disturbed):
    def test_one_that_ends_at_any_moment(self):
        for _ in range(POINTS):
            tenant = self.copy()

            def end_one():
                if pids := self.sessions(tenant):
                    self.postgres.sql(f"SELECT pg_terminate_backend({self.random.choice(pids)})", database="postgres")

            self.assertIn(self.disturbed(tenant, end_one), (0, 69, 75))
            self.assert_as_undisturbed(tenant)
            self.drop(tenant)

    def test_all_that_end_at_once(self):
        for _ in range(POINTS):
            tenant = self.copy()
            self.assertIn(self.disturbed(tenant, lambda: self.postgres.sql(
                f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{tenant.database}'", database="postgres")),
                (0, 69, 75))
            self.assert_as_undisturbed(tenant)
            self.drop(tenant)

    def test_a_backend_that_stops_does_not_keep_a_run_that_is_asked_to_end(self):
        for _ in range(POINTS):
            tenant = self.copy()
            process = subprocess.Popen(tenant.command("sync"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            stopped = []
            try:
                wait_until(lambda: process.poll() is not None or self.sessions(tenant), what="a session")
                for pid in self.sessions(tenant):
                    try:
                        os.kill(pid, signal.SIGSTOP)
                        stopped.append(pid)
                    except ProcessLookupError:
                        pass
                process.send_signal(signal.SIGTERM)
                self.assertIn(process.wait(timeout=60), (0, 69, 75))
            finally:
                for pid in stopped:
                    try:
                        os.kill(pid, signal.SIGCONT)
                    except ProcessLookupError:
                        pass
            wait_until(lambda: not self.sessions(tenant), what="the sessions to end")
            self.assert_as_undisturbed(tenant)
            self.drop(tenant)


class Crashes(Disturbed):
    def test_of_the_server_at_any_moment(self):
        for _ in range(POINTS):
            tenant = self.copy()
            self.assertIn(self.disturbed(tenant, self.postgres.stop), (0, 69))
            self.postgres.stop()  # where the run was over before
            self.postgres.start()
            self.assert_as_undisturbed(tenant)
            self.drop(tenant)

    def test_of_one_backend_which_takes_all_others_with_it(self):
        for _ in range(POINTS):
            tenant = self.copy()

            def kill_one():
                for pid in self.sessions(tenant)[:1]:
                    os.kill(pid, signal.SIGKILL)

            self.assertIn(self.disturbed(tenant, kill_one), (0, 69, 75))
            wait_until(lambda: self.answers(), what="the server to have recovered")
            self.assert_as_undisturbed(tenant)
            self.drop(tenant)

    def answers(self):
        try:
            return self.postgres.value("SELECT 1", database="postgres")
        except AssertionError:
            return None


class Connections(SystemTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.postgres.sql("CREATE ROLE few LOGIN", database="postgres")

    def connected_as_few(self, *environments, patience):
        tenant = self.tenant(*environments)
        few = f"{self.postgres.conninfo(tenant.database, 'few')} connect_timeout={patience}"
        tenant.settings["database"] = {"connection": few, "migrate_connection": self.postgres.conninfo(tenant.database)}
        tenant.configure()
        tenant.migrate()
        tenant.write([user(n) for n in range(40)])
        self.addCleanup(self.limit, -1)
        return tenant

    def limit(self, sessions):
        self.postgres.sql(f"ALTER ROLE few CONNECTION LIMIT {sessions}", database="postgres")

    def test_a_run_waits_until_others_leave_a_session(self):
        tenant = self.connected_as_few(patience=120)
        holders = [subprocess.Popen([f"{self.postgres.bin}/psql", "-X", "-q", "-d", self.postgres.conninfo(tenant.database, "few")],
                                    stdin=subprocess.PIPE) for _ in range(2)]
        wait_until(lambda: tenant.value("SELECT count(*) FROM pg_stat_activity WHERE usename = 'few'") == "2", what="the holders")
        self.limit(5)  # the lease and two more
        run = tenant.start("sync", stdout=subprocess.DEVNULL)
        try:
            said = ""
            while "waiting for a session: " not in said:
                line = run.stderr.readline()
                self.assertNotEqual(line, "", f"it ended without waiting: {said}")
                said += line
            self.assertIn("too many connections", said)
            self.limit(12)
            self.assertEqual(run.wait(120), 0)
        finally:
            run.kill()
            run.stderr.close()
            for holder in holders:
                holder.communicate()
        self.assertEqual(tenant.value("SELECT count(*) FROM contoso.systemuser"), "40")

    def test_many_environments_go_on_with_fewer_sessions(self):
        """With as many as one environment takes, they come one after the other, and none of them fails."""
        tenant = self.connected_as_few(*({"name": f"e{n}", "type": "production", "schema": f"e{n}"} for n in range(6)), patience=2)
        self.limit(8)
        done = tenant.run("sync", "--full")
        self.assertNotIn("too many", done.stdout)
        for n in range(6):
            self.assertEqual(tenant.value(f"SELECT count(*) FROM e{n}.systemuser"), "40")
            self.assertEqual(tenant.value(f"SELECT count(*) FROM e{n}.sync_run"), "1")

    def test_however_few_are_left(self):
        """One more each time, until a run goes through; each one before fails, says so, and does no harm."""
        tenant = self.connected_as_few(patience=1)
        codes = []
        for limit in range(12):
            self.limit(limit)
            done = tenant.run("sync", expect=None)
            codes.append(done.returncode)
            self.assertIn(done.returncode, (0, 69), done.stdout + done.stderr)
            if done.returncode == 0:
                break
            self.assertRegex(done.stdout + done.stderr, "too many connections")
        self.assertEqual(codes[-1], 0)
        self.assertGreater(len(codes), 2)
        self.assertEqual(tenant.value("SELECT count(*) FROM contoso.systemuser"), "40")
        self.assertEqual(tenant.value("SELECT count(DISTINCT azureactivedirectoryobjectid) FROM contoso.sync_change"), "40")


class Failovers(SystemTest):
    """The primary is lost, and with it what it had not yet sent to the standby that takes over."""

    def setUp(self):
        self.primary = Postgres("wal_level=replica")
        self.addCleanup(self.primary.close)
        self.other = self.postgres

    def prepared(self, mirror, environment):
        tenant = self.tenant()
        self.primary.sql(f'CREATE DATABASE "{tenant.database}"', database="postgres")
        self.point(tenant, mirror, environment)
        return tenant.migrate()

    def point(self, tenant, mirror, environment):
        tenant.connection = mirror.conninfo(tenant.database)
        tenant.environments[0]["connection"] = environment.conninfo(tenant.database)
        tenant.configure()

    def fail_over(self, lost):
        """What `lost` commits, the standby does not hear of."""
        standby = Standby(self.primary)
        self.addCleanup(standby.close)
        standby.cut_off()
        lost()
        self.primary.stop()
        standby.promote()
        return standby

    def states(self, tenant, server):
        rows = server.sql("SELECT azureactivedirectoryobjectid, CASE WHEN isdisabled THEN disabledreason ELSE 'E' END "
                          "FROM contoso.systemuser", database=tenant.database)
        return dict(rows)

    def assert_in_line(self, tenant, server, people, leavers):
        states = self.states(tenant, server)
        for person in people:
            self.assertEqual(states[person["id"]], "E" if person["accountEnabled"] else "account_disabled")
        for number in leavers:
            self.assertIn(states.get(guid(number)), (None, "not_in_directory"), number)

    def everybody(self, *disabled):
        return [user(n, accountEnabled=n not in disabled) for n in range(1, 9)]

    def test_of_the_mirror_alone(self):
        tenant = self.prepared(self.primary, self.other)
        tenant.sync(self.everybody())
        standby = self.fail_over(lambda: [tenant.sync(self.everybody()[:5]), tenant.sync(self.everybody()[:5])])
        self.point(tenant, standby, self.other)
        # Numbers of the mirror's versions come a second time.
        now = self.everybody(2, 3)[:6]
        done = tenant.sync(now)
        self.assertIn("everybody was looked at", done.stdout)
        self.assert_in_line(tenant, self.other, now, (7, 8))
        self.assertIn("Nothing to do", tenant.sync().stdout)

    def test_of_an_environment_alone(self):
        tenant = self.prepared(self.other, self.primary)
        tenant.sync(self.everybody())
        people = self.everybody(1)[:5]
        standby = self.fail_over(lambda: [tenant.sync(people), tenant.sync(people)])  # the second forgets tombstones
        self.point(tenant, self.other, standby)
        self.assertEqual(self.states(tenant, standby)[guid(8)], "E")
        done = tenant.sync(people)
        self.assertIn("everybody was looked at", done.stdout)
        self.assert_in_line(tenant, standby, people, (6, 7, 8))
        self.assertIn("Nothing to do", tenant.sync().stdout)

    def test_of_both_together(self):
        tenant = self.prepared(self.primary, self.primary)
        tenant.sync(self.everybody())
        people = self.everybody(1)[:5]
        standby = self.fail_over(lambda: [tenant.sync(people), tenant.sync(people)])
        self.point(tenant, standby, standby)
        tenant.sync(people)
        self.assert_in_line(tenant, standby, people, (6, 7, 8))
        self.assertIn("Nothing to do", tenant.sync().stdout)

    def test_in_the_middle_of_a_run(self):
        tenant = self.prepared(self.primary, self.other)
        tenant.sync(self.everybody())
        people = [user(n) for n in range(3000)]

        def lost():
            tenant.write(people)
            process = subprocess.Popen(tenant.command("sync"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            wait_until(lambda: process.poll() is not None or self.other.value(
                "SELECT count(*) FROM contoso.systemuser", database=tenant.database) != "8", what="the first batch")
            self.primary.stop()
            self.assertIn(process.wait(timeout=300), (0, 69, 75))

        standby = self.fail_over(lost)
        self.point(tenant, standby, self.other)
        tenant.settings["safety"] = {"max_disables": 10_000, "max_disables_percent": 100}
        tenant.configure()
        done = tenant.sync([user(n) for n in range(100)], unplanned="the run before it has no end yet")
        self.assertIn("everybody was looked at", done.stdout)
        states = self.states(tenant, self.other)
        self.assertEqual([n for n in range(100) if states.get(guid(n)) != "E"], [])
        self.assertEqual([n for n in range(100, 3000) if states.get(guid(n), "not_in_directory") != "not_in_directory"], [])


if __name__ == "__main__":
    main()
