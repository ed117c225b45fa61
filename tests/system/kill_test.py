"""Killed anywhere, the next run reaches the same final state; no change is lost in the log, none is doubled."""

import os
import random
import signal
import subprocess
import sys

from support import DVSYNC, FULL, NO_PLANS, SystemTest, Tenant, group, guid, main, user, wait_until

SEED = int(os.environ.get("DVSYNC_SEED", random.randrange(1 << 30)))
USERS = int(os.environ.get("DVSYNC_KILL_USERS", 20_000))
POINTS = int(os.environ.get("DVSYNC_KILL_POINTS", 3))
GROUP, TEAM = "3f6b2c1e-0000-4000-8000-000000000001", "3f6b2c1e-0000-4000-8000-000000000002"
SALES = "2e8dde43-6986-479d-b179-7dbe31c31f60"
ENVIRONMENTS = [{"name": "prod", "type": "production", "schema": "prod"},
                {"name": "grouped", "type": "sandbox", "schema": "grouped", "security_group": GROUP, "group_teams": "background",
                "roles": {"everybody": ["Basic User"], "by_license": {SALES: ["Salesperson"]}, "stub": "Salesperson", "create_tables": True}},
                {"name": "try", "type": "trial", "schema": "try"}]
SCHEMAS = ("prod", "grouped", "try")

# A team with a group, and a placeholder of an import.
STRANGERS = f"""
INSERT INTO grouped.team (name, teamtype, azureactivedirectoryobjectid, businessunitid) SELECT 'Crew', 2, '{TEAM}', businessunitid FROM grouped.businessunit;
INSERT INTO grouped.systemuser (systemuserid, domainname, isdisabled, businessunitid)
SELECT '00000000-0000-4000-8000-000000000001', 'imported', true, businessunitid FROM grouped.businessunit"""
ACCESS = ["SELECT systemuserid, roleid FROM grouped.systemuserroles", "SELECT systemuserid, unnest(roleids) FROM grouped.sync_role",
          "SELECT systemuserid, teamid FROM grouped.teammembership"]


def licensed(number, sells, **facts):
    plans = [{"servicePlanId": p, "capabilityStatus": "Enabled"} for p in ([FULL, SALES] if sells else [FULL])]
    return user(number, assignedPlans=plans, **facts)


before = ([licensed(n, n % 40 < 4) for n in range(USERS)] + [group(GROUP, [guid(n) for n in range(0, USERS, 2)])]
          + [group(TEAM, [guid(n) for n in range(0, USERS, 10)])])


def after(number):
    """Some gain a role, some lose one, besides what happens to them anyway."""
    sells = number % 40 in (0, 1, 3, 6)
    if number % 50 == 0:
        return licensed(number, sells, accountEnabled=False)
    if number % 3 == 0:
        return licensed(number, sells, jobTitle="Head", city="Oslo")
    return licensed(number, sells)


def changed(share_gone):
    gone = int(USERS * share_gone)
    return ([after(n) for n in range(gone, USERS)] + [user(n) for n in range(USERS, USERS + 500)]
            + [group(GROUP, [guid(n) for n in range(0, USERS + 500, 2)])]
            + [group(TEAM, [guid(n) for n in range(0, USERS + 500, 10) if n % 200 != 20])])


class Kill(SystemTest):
    postgres_settings = ("max_connections=60",)

    def setUp(self):
        print(f"seed {SEED}", file=sys.stderr)
        self.random = random.Random(SEED)

    def empty(self):
        tenant = self.tenant(*ENVIRONMENTS).migrate()
        tenant.settings["safety"] = {"max_disables": 100000}
        tenant.configure()
        tenant.sql(STRANGERS)
        return tenant

    def loaded(self):
        tenant = self.empty()
        tenant.sync(before)
        return tenant

    def outcome(self, tenant, since):
        """Rows with their roles and teams, and the net of the log: per user what happened, in order, without run numbers."""
        rows = [tenant.rows(schema) for schema in SCHEMAS]
        rows[1] = rows[1], [tenant.sql(f"SELECT u.domainname, a.what FROM ({table}) a (systemuserid, what) JOIN grouped.systemuser u "
                                       "USING (systemuserid) ORDER BY 1, 2") for table in ACCESS]
        log = [tenant.sql(f"SELECT azureactivedirectoryobjectid, action, reason, fields FROM {schema}.sync_change "
                          f"WHERE run_id > {since} ORDER BY azureactivedirectoryobjectid, run_id, action") for schema in SCHEMAS]
        return rows, log

    def last_id(self, tenant):
        return int(tenant.value("SELECT max(run_id) FROM prod.sync_run"))

    def copy(self, tenant):
        """The same tenant in a database of its own."""
        name = f"{tenant.database}_copy{self.random.randrange(1 << 40)}"
        self.postgres.sql(f'CREATE DATABASE "{name}" TEMPLATE "{tenant.database}"', database="postgres")
        twin = Tenant(self.postgres, tenant.environments, database=name)
        self.addCleanup(twin.close)
        twin.settings = tenant.settings
        twin.configure()
        return twin

    def drop(self, tenant):
        self.postgres.sql(f'DROP DATABASE "{tenant.database}" WITH (FORCE)', database="postgres")

    def kill_within(self, tenant, arguments, seconds):
        process = subprocess.Popen(tenant.command(*arguments), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(timeout=seconds)
            return False
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            return True

    def duration(self, tenant, *arguments, expect=0):
        import time
        begin = time.monotonic()
        tenant.run(*arguments, expect=expect)
        return time.monotonic() - begin

    def check(self, template, lines, arguments, expect):
        undisturbed = self.copy(template)
        undisturbed.write(lines)
        since = self.last_id(template)
        whole = self.duration(undisturbed, *arguments, expect=expect)
        wanted = self.outcome(undisturbed, since)
        self.drop(undisturbed)
        for _ in range(POINTS):
            tenant = self.copy(template)
            tenant.write(lines)
            for _ in range(self.random.choice((1, 1, 2))):
                self.kill_within(tenant, arguments, self.random.uniform(0.02, whole))
            self.finish(tenant, arguments, expect)
            got = self.outcome(tenant, since)
            for part, schema in enumerate(SCHEMAS):
                self.assertEqual(len(got[0][part]), len(wanted[0][part]), (schema, SEED))
                self.assertTrue(got[0][part] == wanted[0][part], f"rows of {schema} differ, seed {SEED}")
                self.assertTrue(got[1][part] == wanted[1][part], f"log of {schema} differs, seed {SEED}")
                doubled = tenant.sql(f"SELECT azureactivedirectoryobjectid FROM {schema}.sync_change WHERE run_id > {since} "
                                     "GROUP BY 1, action, fields HAVING count(*) > 1 LIMIT 1")
                self.assertEqual(doubled, [])
            self.drop(tenant)

    def finish(self, tenant, arguments, expect):
        tenant.run("sync", expect=expect)

    def test_a_sync_of_three_environments(self):
        template = self.loaded()
        self.check(template, changed(0.001), ("sync",), 0)

    def test_a_first_load(self):
        template = self.empty()
        template.sql("INSERT INTO prod.sync_run (run_id, kind, trigger, outcome) VALUES (0, 'full', 'background', 'succeeded')")
        self.check(template, before, ("sync",), 0)

    def test_with_the_guard_tripping(self):
        template = self.loaded()
        self.check(template, changed(0.5), ("sync",), 75)

    def test_approve(self):
        template = self.loaded()
        template.sync(changed(0.5), expect=75)
        run = str(self.last_id(template))
        self.finish = lambda tenant, arguments, expect: (
            tenant.run(*arguments, expect=None), tenant.run("sync", expect=0))
        self.check(template, changed(0.5), ("approve", run), 0)


if __name__ == "__main__":
    main()
