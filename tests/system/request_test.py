"""sync_request: real clients ask a real daemon; the rules' table driven end to end."""

import os
import re
import signal
import subprocess

from support import FREE_PLAN, GLOBAL, NO_PLANS, SystemTest, group, guid, main, role, user, wait_until

GROUP = "3f6b2c1e-0000-4000-8000-000000000001"
NESTED = "3f6b2c1e-0000-4000-8000-00000000000a"
APPLICATION = "5d0f9d4e-0000-4000-8000-000000000006"
DOCUMENT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "on-demand.md")

# The roles are one for a whole cluster of databases, and so are these logins.
CLIENTS = """
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'webshop') THEN
    CREATE ROLE webshop LOGIN; CREATE ROLE other_shop LOGIN; CREATE ROLE service_desk LOGIN;
  END IF;
END $$;
GRANT dvsync_first_access TO webshop, other_shop; GRANT dvsync_on_demand TO service_desk"""


class Daemon:
    """A running `dvsync run`."""

    def __init__(self, tenant):
        self.tenant = tenant
        self.log = open(os.path.join(tenant.folder, "daemon.log"), "w+", encoding="utf-8")
        self.process = subprocess.Popen(tenant.command("run"), stdout=self.log, stderr=self.log)

    def stop(self):
        self.process.terminate()
        self.process.wait(60)
        self.log.close()

    def text(self):
        with open(self.log.name, encoding="utf-8") as file:
            return file.read()


class RequestTest(SystemTest):
    def serving(self, lines, *environments, runs=True, **settings):
        """A tenant with a daemon that answers; the mirror knows `lines`."""
        tenant = self.tenant(*environments)
        tenant.settings.update({"schedule": {"every": "1h", "jitter": "0s", "fresh_within": "1h"}, **settings})
        tenant.configure()
        tenant.migrate()
        tenant.sql(CLIENTS)
        if runs:
            tenant.sync(lines, expect=None)
        else:
            tenant.write(lines)
        self.start(tenant)
        return tenant

    def start(self, tenant, first_run=True):
        """A daemon, once its first run is over: what a test changes in the mirror then stays as it is."""
        daemon = Daemon(tenant)
        self.addCleanup(daemon.stop)
        tenant.daemon = daemon
        schema = [e["schema"] for e in tenant.environments if e.get("type") != "none"][-1].replace('"', '""')
        if first_run:
            wait_until(lambda: tenant.value(f'SELECT count(*) FROM "{schema}".sync_run WHERE requested_by = \'dvsync run\' '
                                            "AND finished_at IS NOT NULL") != "0",
                       what=f"the daemon's first run; it said\n{daemon.text()}")
        return daemon

    def ask(self, tenant, user_name=None, object_id=None, trigger="first_access", login=None, schema="contoso"):
        """The request's id."""
        login = login or ("webshop" if trigger == "first_access" else "service_desk")

        def quote(text):
            return "NULL" if text is None else "'" + text.replace("'", "''") + "'"

        return int(tenant.sql(
            f"WITH asked AS (INSERT INTO \"{schema}\".sync_request (trigger, user_name, object_id) VALUES "
            f"({quote(trigger)}, {quote(user_name)}, {quote(object_id)}) RETURNING request_id) "
            f"SELECT request_id, pg_notify('dvsync_request', '{schema}:' || request_id) FROM asked", user=login)[0][0])

    def answer(self, tenant, request, schema="contoso", login="owner"):
        columns = "decision, access, reason, systemuserid, detail, run_id"
        rows = wait_until(lambda: tenant.sql(f"SELECT {columns} FROM \"{schema}\".sync_request WHERE request_id = {request} "
                                             "AND answered_at IS NOT NULL", user=login),
                          what=f"an answer to request {request}; the daemon said\n{tenant.daemon.text()}")
        return dict(zip(columns.split(", "), rows[0]))

    def told(self, tenant, *arguments, **options):
        return self.answer(tenant, self.ask(tenant, *arguments, **options), schema=options.get("schema", "contoso"))


class Answers(RequestTest):
    def test_a_leaver_who_is_opened_by_somebody_else_is_closed_at_once(self):
        tenant = self.serving([user(1, accountEnabled=False), user(2)])
        tenant.sync([user(1), user(2)])
        tenant.sync([user(1, accountEnabled=False), user(2)])
        tenant.sql("UPDATE contoso.systemuser SET isdisabled = false, jobtitle = 'King'")
        wait_until(lambda: tenant.value("SELECT count(*) FROM contoso.sync_touched") == "0", what=tenant.daemon.text())
        self.assertEqual((tenant.state(1), tenant.row(2)["jobtitle"]), ("account_disabled", None))
        self.assertEqual(tenant.sql("SELECT kind, trigger, requested_by FROM contoso.sync_run ORDER BY run_id DESC LIMIT 1"),
                         [["user", "background", "dvsync run"]])

    def test_creates_a_row_at_first_access_and_keeps_it_after_that(self):
        tenant = self.serving([user(1, **FREE_PLAN), user(2, **NO_PLANS)])
        told = self.told(tenant, "USER1@contoso.example")
        self.assertEqual((told["decision"], told["access"], told["reason"]), ("create", "yes", "free_plan"))
        self.assertEqual(told["systemuserid"], tenant.row(1, columns="systemuserid")["systemuserid"])
        again = self.told(tenant, object_id=guid(1).upper())
        self.assertEqual((again["decision"], again["access"], again["systemuserid"]), ("keep", "yes", told["systemuserid"]))
        refused = self.told(tenant, "user2@contoso.example", trigger="on_demand")
        self.assertEqual((refused["decision"], refused["access"], refused["reason"], refused["systemuserid"]),
                         ("refuse", "no", "no_license", None))

    def test_answer_and_log_say_by_what_somebody_entered(self):
        passes = {"name": "passes", "schema": "passes", "type": "production", "app_pass_capacity": True}
        grouped = {"name": "grouped", "schema": "grouped", "type": "production", "security_group": GROUP, "nested_groups": "first_access"}
        lines = [user(1, **NO_PLANS), user(2), user(3), user(4), group(GROUP, [guid(4)], [guid(2)], [NESTED]), group(NESTED, [guid(3)])]
        tenant = self.serving(lines, passes, grouped)
        for number, schema, reason in ((1, "passes", "app_pass"), (2, "grouped", "group_owner"), (3, "grouped", "nested_member")):
            with self.subTest(reason):
                told = self.told(tenant, object_id=guid(number), schema=schema)
                self.assertEqual((told["decision"], told["reason"]), ("create", reason))
                self.assertEqual(tenant.sql(f"SELECT action, reason FROM {schema}.sync_change WHERE run_id = {told['run_id']}"),
                                 [["create", reason]])

    def test_is_logged_under_who_asked(self):
        tenant = self.serving([user(1, **FREE_PLAN)])
        told = self.told(tenant, "user1@contoso.example")
        self.assertEqual(tenant.sql("SELECT kind, trigger, outcome, requested_by, seen, created FROM contoso.sync_run "
                                    f"WHERE run_id = {told['run_id']}"),
                         [["user", "first_access", "succeeded", "webshop", "1", "1"]])
        self.assertEqual(tenant.changes(run=told["run_id"])[0][:3], ["create", "free_plan", guid(1)])

    def test_unknown_ambiguous_and_malformed(self):
        tenant = self.serving([user(1, **FREE_PLAN), user(2, userPrincipalName="ana@contoso.example"),
                               user(3, userPrincipalName="ANA@contoso.example")])
        cases = {("nobody@contoso.example", None): "not_in_directory", (None, guid(99)): "not_in_directory",
                 ("ana@contoso.example", None): "ambiguous_user", (None, "no-guid"): "malformed_request",
                 (None, None): "malformed_request", ("  ", None): "malformed_request",
                 ("'; DROP TABLE contoso.systemuser; --", None): "not_in_directory",
                 ("{a,\"b\",NULL}\\", None): "not_in_directory", ("%", None): "not_in_directory",
                 ("user1@contoso.example", "nonsense"): "malformed_request"}
        for (name, identifier), reason in cases.items():
            with self.subTest(name or identifier):
                told = self.told(tenant, name, identifier)
                self.assertEqual((told["decision"], told["access"], told["reason"]), ("refuse", "no", reason))
        detail = self.told(tenant, "ana@contoso.example")["detail"]
        self.assertIn(guid(2), detail)
        self.assertIn(guid(3), detail)
        self.assertEqual(self.told(tenant, "user1@contoso.example")["decision"], "create")

    def test_rows_that_are_no_directory_users(self):
        tenant = self.serving([user(1, **FREE_PLAN), user(2, **FREE_PLAN)])
        tenant.sql("INSERT INTO contoso.systemuser (systemuserid, domainname, isdisabled) VALUES "
                   "(gen_random_uuid(), 'user1@contoso.example', true)")  # a stub of the same name is never taken
        told = self.told(tenant, "user1@contoso.example")
        self.assertEqual((told["decision"], told["reason"]), ("create", "free_plan"))
        self.assertEqual(tenant.value("SELECT count(*) FROM contoso.systemuser"), "2")
        tenant.run("user", "add-application", "--application-id", APPLICATION, "--object-id", guid(2))
        told = self.told(tenant, object_id=guid(2))
        self.assertEqual((told["decision"], told["access"], told["reason"]), ("refuse", "no", "application_user"))

    def test_a_broken_record_is_refused_with_its_reason(self):
        tenant = self.serving([user(1), user(2, **FREE_PLAN, jobTitle="a\0b"), user(3, accountEnabled=...)])
        self.assertEqual(self.told(tenant, object_id=guid(2))["reason"], "invalid_value")
        self.assertEqual(self.told(tenant, object_id=guid(3))["reason"], "identity_incomplete")

    def test_whoever_lost_the_right_is_disabled_at_the_door_and_the_guard_counts(self):
        tenant = self.serving([user(n) for n in range(6)])
        tenant.sql(f"UPDATE directory.identity SET plan_set = 0 WHERE object_id IN ({', '.join(repr(guid(n)) for n in range(6))}); "
                   "UPDATE directory.mirror SET version = version + 1")
        told = [self.told(tenant, object_id=guid(n)) for n in range(6)]
        self.assertEqual([t["decision"] for t in told].count("disable"), 2, told)
        held = [t for t in told if t["decision"] != "disable"]
        self.assertEqual({(t["decision"], t["access"], t["reason"]) for t in held}, {("update", "yes", "no_license")})  # islicensed follows
        self.assertIn("guard", held[0]["detail"])
        self.assertEqual(tenant.value("SELECT count(*) FROM contoso.sync_pending WHERE held_run_id IS NOT NULL"), "4")

    def test_a_stale_mirror_of_a_file_refuses_first_access_but_not_on_demand(self):
        tenant = self.serving([user(1, **FREE_PLAN)])
        tenant.sql("UPDATE directory.mirror SET pulled_at = now() - interval '2 hours'")
        told = self.told(tenant, "user1@contoso.example")
        self.assertEqual((told["decision"], told["access"], told["reason"]), ("refuse", "no", "stale_directory"))
        self.assertEqual(self.told(tenant, "user1@contoso.example", trigger="on_demand")["decision"], "create")

    def test_nobody_waits_at_the_door_for_a_row_that_somebody_writes(self):
        tenant = self.serving([user(1)])
        tenant.sql("UPDATE directory.identity SET job_title = 'new'; UPDATE directory.mirror SET version = version + 1")
        writing = subprocess.Popen([f"{tenant.postgres.bin}/psql", "-X", "-q", tenant.connection, "-c",
                                    "BEGIN; UPDATE contoso.systemuser SET fullname = fullname; SELECT pg_sleep(600)"],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(writing.wait)
        self.addCleanup(writing.kill)
        wait_until(lambda: tenant.sql("SELECT systemuserid FROM contoso.systemuser FOR UPDATE SKIP LOCKED") == [], what="the lock")
        told = self.told(tenant, "user1@contoso.example")
        self.assertEqual((told["decision"], told["access"]), ("keep", "yes"))
        self.assertIsNone(tenant.row(1)["jobtitle"])
        tenant.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)%' "
                   "AND pid <> pg_backend_pid()")
        self.assertEqual(self.told(tenant, "user1@contoso.example")["decision"], "update")

    def test_environments_do_not_disturb_each_other(self):
        tenant = self.serving([user(1, **FREE_PLAN)], {"name": "contoso", "schema": "contoso"},
                              {"name": "o'dd \"one\"", "schema": "o'dd \"one\""},
                              {"name": "bare", "type": "none", "schema": "bare"})
        tenant.sql("ALTER TABLE contoso.sync_state RENAME TO away")
        odd = int(tenant.sql("INSERT INTO \"o'dd \"\"one\"\"\".sync_request (trigger, user_name) VALUES ('first_access', "
                             "'user1@contoso.example') RETURNING request_id", user="webshop")[0][0])
        self.assertEqual(self.answer(tenant, odd, schema="o'dd \"\"one\"\"")["decision"], "create")
        broken = self.ask(tenant, "user1@contoso.example")
        self.assertEqual(self.answer(tenant, broken)["reason"], "failed")
        tenant.sql("ALTER TABLE contoso.away RENAME TO sync_state")
        self.assertEqual(self.told(tenant, "user1@contoso.example")["decision"], "create")

    def test_works_without_notifications_and_survives_a_restart_of_postgresql(self):
        tenant = self.serving([user(1, **FREE_PLAN)])
        request = tenant.sql("INSERT INTO contoso.sync_request (trigger, user_name) VALUES ('first_access', "
                             "'user1@contoso.example') RETURNING request_id", user="webshop")[0][0]
        self.assertEqual(self.answer(tenant, request)["decision"], "create")
        self.postgres.stop("fast")
        self.postgres.start()
        self.assertEqual(self.told(tenant, "user1@contoso.example")["decision"], "keep")

    def test_old_requests_expire_with_a_reason(self):
        tenant = self.serving([user(1, **FREE_PLAN)], requests={"expire_after": "2s"})
        tenant.daemon.stop()
        request = self.ask(tenant, "user1@contoso.example")
        tenant.sql("UPDATE contoso.sync_request SET requested_at = now() - interval '1 minute'")
        tenant.daemon = Daemon(tenant)
        self.addCleanup(tenant.daemon.stop)
        told = self.answer(tenant, request)
        self.assertEqual((told["decision"], told["access"], told["reason"]), ("refuse", "no", "expired"))
        self.assertEqual(tenant.state(1), "-")

    def test_goes_on_while_another_dvsync_runs(self):
        tenant = self.serving([user(1), user(2, **FREE_PLAN)])
        locking = subprocess.Popen([f"{tenant.postgres.bin}/psql", "-X", "-q", tenant.connection, "-c",
                                    "BEGIN; LOCK TABLE contoso.sync_state IN EXCLUSIVE MODE; SELECT pg_sleep(600)"],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(locking.wait)
        self.addCleanup(locking.kill)
        wait_until(lambda: tenant.value("SELECT count(*) FROM pg_locks WHERE mode = 'ExclusiveLock' AND relation = "
                                        "'contoso.sync_state'::regclass AND granted") == "1", what="the lock")
        syncing = tenant.start("sync")
        self.addCleanup(syncing.communicate)
        self.addCleanup(syncing.kill)
        wait_until(lambda: "dvsync sync" in (tenant.value("SELECT holder_name FROM directory.lease") or ""), what="the lease")
        self.assertEqual(self.told(tenant, "user1@contoso.example")["decision"], "keep")
        self.assertIsNone(syncing.poll())  # it waits for the lock, and nobody waited for it


class Rights(RequestTest):
    def forbidden(self, tenant, statement, login="webshop", says="permission denied|row-level security|violates check|cannot insert|only be updated"):
        with self.assertRaisesRegex(AssertionError, says):
            tenant.sql(statement, user=login)

    def test_clients_ask_and_read_their_own_and_nothing_else(self):
        tenant = self.tenant().migrate()
        tenant.sql(CLIENTS)
        mine = self.ask(tenant, "user1@contoso.example")
        theirs = self.ask(tenant, "user1@contoso.example", login="other_shop")
        desk = self.ask(tenant, "user1@contoso.example", trigger="on_demand")
        table = "contoso.sync_request"
        self.assertEqual(tenant.sql(f"SELECT request_id FROM {table}", user="webshop"), [[str(mine)]])
        self.assertEqual(tenant.sql(f"SELECT request_id FROM {table}", user="other_shop"), [[str(theirs)]])
        self.assertEqual(tenant.sql(f"SELECT request_id, requested_by FROM {table}", user="service_desk"),
                         [[str(desk), "service_desk"]])
        for columns, values in (("answered_at", "now()"), ("decision", "'create'"), ("access", "'yes'"), ("reason", "'entitled'"),
                                ("systemuserid", "gen_random_uuid()"), ("detail", "''"), ("requested_by", "'other_shop'"),
                                ("requested_at", "now()"), ("run_id", "1"), ("request_id", "1")):
            with self.subTest(columns):
                self.forbidden(tenant, f"INSERT INTO {table} (trigger, user_name, {columns}) VALUES ('first_access', 'a', {values})")
                self.forbidden(tenant, f"UPDATE {table} SET {columns} = {values}")
        self.forbidden(tenant, f"INSERT INTO {table} (trigger, user_name) VALUES ('on_demand', 'a')")
        self.forbidden(tenant, f"INSERT INTO {table} (trigger, user_name) VALUES ('first_access', 'a')", login="service_desk")
        self.forbidden(tenant, f"INSERT INTO {table} (trigger, user_name) VALUES ('background', 'a')")
        self.forbidden(tenant, f"DELETE FROM {table}")
        self.forbidden(tenant, f"TRUNCATE {table}")
        self.forbidden(tenant, f"SELECT * FROM {table} FOR UPDATE")
        self.forbidden(tenant, f"SET ROLE dvsync_first_access; SELECT * FROM contoso.systemuser")
        for other in ("systemuser", "sync_change", "sync_state", "sync_run"):
            self.forbidden(tenant, f"SELECT * FROM contoso.{other}")
        self.forbidden(tenant, "SELECT * FROM directory.identity")
        self.assertEqual(tenant.sql(f"SET ROLE dvsync_first_access; SELECT request_id FROM {table}", user="webshop"),
                         [[str(mine)]])
        self.forbidden(tenant, f"INSERT INTO {table} (trigger, user_name) VALUES ('first_access', repeat('a', 1025))")
        self.forbidden(tenant, f"INSERT INTO {table} (trigger, object_id) VALUES ('first_access', repeat('a', 101))")

    def test_a_daemon_with_few_rights_answers(self):
        self.postgres.sql("DROP ROLE IF EXISTS answering; CREATE ROLE answering LOGIN", database="postgres")
        tenant = self.tenant()
        owner = tenant.connection
        tenant.settings["database"] = {"connection": self.postgres.conninfo(tenant.database, user="answering"),
                                       "migrate_connection": owner}
        tenant.configure()
        tenant.migrate().sync([user(1, **FREE_PLAN)])
        tenant.migrate()  # again: grants and policies are replaced
        tenant.sql(CLIENTS)
        self.start(tenant)
        self.assertEqual(self.told(tenant, "user1@contoso.example")["decision"], "create")

    def test_roles_have_other_names_if_the_configuration_says_so(self):
        self.postgres.sql("DROP ROLE IF EXISTS asks_here; CREATE ROLE asks_here LOGIN", database="postgres")
        tenant = self.tenant()
        tenant.settings["requests"] = {"first_access_role": "asks_here"}
        tenant.configure()
        tenant.migrate()
        self.ask(tenant, "a", login="asks_here")
        tenant.sql(CLIENTS)
        self.forbidden(tenant, "INSERT INTO contoso.sync_request (trigger, user_name) VALUES ('first_access', 'a')")

    def test_an_owner_who_may_not_create_roles_is_told_what_to_do(self):
        self.postgres.sql("DROP ROLE IF EXISTS plain_owner; CREATE ROLE plain_owner LOGIN", database="postgres")
        tenant = self.tenant()
        self.postgres.sql(f"ALTER DATABASE {tenant.database} OWNER TO plain_owner", database="postgres")
        tenant.connection = self.postgres.conninfo(tenant.database, user="plain_owner")
        tenant.settings["requests"] = {"first_access_role": "not_there_yet"}
        tenant.configure()
        self.assertIn("CREATE ROLE \"not_there_yet\" NOLOGIN", tenant.run("migrate").stderr)
        self.postgres.sql("CREATE ROLE not_there_yet NOLOGIN", database="postgres")
        self.assertEqual(tenant.run("migrate").stderr.count("not_there_yet"), 0)


class Flood(RequestTest):
    def test_a_flood_delays_its_own_client_and_memory_stays_small(self):
        tenant = self.serving([user(n, **FREE_PLAN) for n in range(50)], requests={"expire_after": "10m"})
        self.told(tenant, "nobody@contoso.example")
        tenant.sql("INSERT INTO contoso.sync_request (trigger, user_name) SELECT 'first_access', 'user' || n % 100 || "
                   "'@contoso.example' FROM generate_series(1, 10000) n", user="other_shop")
        sign_in = self.told(tenant, "user7@contoso.example")
        self.assertIn(sign_in["decision"], ("create", "keep"))
        desk = self.told(tenant, "user8@contoso.example", trigger="on_demand")
        self.assertIn(desk["decision"], ("create", "keep"))
        # Both came last of all, and were answered before the flood was through.
        self.assertGreater(int(tenant.value("SELECT count(*) FROM contoso.sync_request WHERE answered_at IS NULL")), 0)
        wait_until(lambda: tenant.value("SELECT count(*) FROM contoso.sync_request WHERE answered_at IS NULL") == "0",
                   seconds=300, what="the end of the flood")
        order = tenant.value("SELECT bool_and(answered_at >= before) FROM (SELECT answered_at, lag(answered_at) OVER (ORDER BY "
                             "request_id) AS before FROM contoso.sync_request WHERE requested_by = 'other_shop') o")
        self.assertEqual(order, "t", "first come, first served")
        self.assertEqual(tenant.value("SELECT count(*) FROM contoso.systemuser"), "50")
        self.assertEqual(tenant.value("SELECT count(*) FROM contoso.sync_request WHERE requested_by = 'other_shop' "
                                      "AND decision = 'refuse'"), "5000")
        with open(f"/proc/{tenant.daemon.process.pid}/status", encoding="utf-8") as status:
            peak = int(re.search(r"VmHWM:\s+(\d+) kB", status.read()).group(1))
        if not os.environ.get("DVSYNC_SANITIZED"):  # whose memory it would be
            self.assertLess(peak, 256 * 1024)

    def test_two_daemons_answer_each_request_once(self):
        tenant = self.serving([user(n, **FREE_PLAN) for n in range(200)])
        first = tenant.daemon
        self.start(tenant, first_run=False)
        first.process.send_signal(signal.SIGSTOP)  # so that the other one takes over, and answers as well
        self.addCleanup(first.process.send_signal, signal.SIGCONT)
        wait_until(lambda: f"pid {tenant.daemon.process.pid}," in (tenant.value("SELECT holder_name FROM directory.lease") or ""),
                   seconds=90, what="the takeover")
        first.process.send_signal(signal.SIGCONT)
        self.told(tenant, "nobody@contoso.example")
        tenant.sql("INSERT INTO contoso.sync_request (trigger, user_name) SELECT 'first_access', 'user' || n || "
                   "'@contoso.example' FROM generate_series(0, 199) n", user="webshop")
        wait_until(lambda: tenant.value("SELECT count(*) FROM contoso.sync_request WHERE answered_at IS NULL") == "0",
                   what="all answers")
        self.assertEqual(tenant.value("SELECT count(*) FROM contoso.sync_request WHERE decision = 'create'"), "200")
        self.assertEqual(tenant.value("SELECT count(*) FROM contoso.sync_change WHERE action = 'create'"), "200")


class BesideARun(RequestTest):
    def test_requests_and_full_runs_end_in_the_state_that_the_facts_demand(self):
        """Sign-ins while full runs come and go: no row twice, every change logged once, nothing left undecided."""
        count = 3000
        tenant = self.serving([user(n) if n % 3 else user(n, **FREE_PLAN) for n in range(count)])
        tenant.write([user(n, surname="Changed") if n % 3 else user(n, **FREE_PLAN) for n in range(count)])
        tenant.daemon.process.send_signal(signal.SIGUSR2)  # full resync
        tenant.sql("INSERT INTO contoso.sync_request (trigger, user_name) SELECT 'first_access', 'user' || n || "
                   f"'@contoso.example' FROM generate_series(0, {count - 1}) n", user="webshop")
        wait_until(lambda: tenant.value("SELECT count(*) FROM contoso.sync_request WHERE answered_at IS NULL") == "0",
                   what="all answers")
        wait_until(lambda: tenant.value("SELECT count(*) FROM contoso.sync_run WHERE kind = 'full' AND outcome = 'succeeded' "
                                        "AND mirror_version > 1") != "0", what="the run")
        self.assertEqual(tenant.value("SELECT count(*) FROM contoso.sync_request WHERE access <> 'yes'"), "0")
        self.assertEqual(tenant.value("SELECT count(*), count(DISTINCT azureactivedirectoryobjectid) FROM contoso.systemuser"),
                         str(count))
        self.assertEqual(tenant.value("SELECT count(*) FROM contoso.sync_change WHERE action = 'create'"), str(count))
        tenant.run("sync", "--full")
        self.assertEqual(tenant.last_run()["updated"], 0)


class WorkedRows(RequestTest):
    """docs/rules.md, Worked rows, for on_demand and first_access, by way of the table."""

    ROW = {"E": ("false", "NULL"), "D": ("true", "'account_disabled'"), "M": ("true", "'by hand'")}
    # environment, identity, group standing, trigger, then the decision for - E D M; `keep` is also an update.
    CASES = [
        ("2 on demand", {}, {}, None, "on_demand", "create keep enable enable"),
        ("2 first access", {}, {}, None, "first_access", "create keep enable enable"),
        ("2 sticky", {"manual_disable": "sticky"}, {}, None, "first_access", "create keep enable refuse"),
        ("5", {"group": True}, {}, None, "on_demand", "refuse disable refuse refuse"),
        ("7", {"group": True, "nested_groups": "first_access"}, {}, "nested", "first_access", "create keep enable enable"),
        ("8", {"group": True, "nested_groups": "first_access"}, {}, "nested", "on_demand", "refuse keep refuse refuse"),
        ("9 on demand", {"group": True}, {}, "nested", "on_demand", "refuse disable refuse refuse"),
        ("9 first access", {"group": True}, {}, "nested", "first_access", "refuse disable refuse refuse"),
        ("10", {"group": True}, {}, "owner", "on_demand", "create keep enable enable"),
        ("12", {}, FREE_PLAN, None, "on_demand", "create keep enable enable"),
        ("14", {"app_pass_capacity": True}, {**NO_PLANS, "userType": "Guest"}, None, "on_demand", "refuse disable refuse refuse"),
        ("15 on demand", {"group": True}, NO_PLANS, "global", "on_demand", "create keep enable enable"),
        ("17 first access", {"group": True}, {"accountEnabled": False}, "global", "first_access", "refuse disable refuse refuse"),
        ("22", {"type": "trial"}, {}, None, "on_demand", "create keep enable enable"),
        ("23 on demand", {"type": "developer", "creator": True}, NO_PLANS, "creator", "on_demand", "create keep enable enable"),
        ("24", {"type": "developer", "creator": True}, {}, None, "on_demand", "refuse keep enable enable"),
        ("teams", {"type": "teams"}, {}, None, "first_access", "create keep enable enable"),
        ("soft-deleted", {}, "soft", None, "first_access", "refuse disable refuse refuse"),
    ]

    def test_every_row(self):
        environments, lines, expected = [], [], []
        members, nested, owners, administrators = [], [], [], []
        number = 1000
        for index, (name, settings, facts, standing, trigger, decisions) in enumerate(self.CASES):
            schema = f"case{index}"
            # The test sets rows by hand; a daemon that watches them would be quicker than the question.
            environment = {"name": name, "schema": schema, "type": "production", "watch_rows": "off",
                           **{k: v for k, v in settings.items() if k not in ("group", "creator")}}
            if settings.get("group"):
                environment["security_group"] = GROUP
            for state, decision in zip("-EDM", decisions.split()):
                number += 1
                if standing == "creator" and state != "-":
                    number -= 1
                if facts == "soft":
                    lines.append(user(number, deletedDateTime="2026-01-01T00:00:00Z"))
                elif standing != "creator" or state == "-":
                    lines.append(user(number, **facts))
                {"nested": nested, "owner": owners, "global": administrators}.get(standing, []).append(guid(number))
                if settings.get("creator"):
                    environment.setdefault("creator", guid(number) if standing == "creator" else guid(1))
                expected.append((name, schema, number, state, trigger, decision))
            environments.append(environment)
        lines += [user(1), group(GROUP, [guid(1)], owners, [NESTED]), group(NESTED, nested), role(GLOBAL, administrators)]
        tenant = self.serving(lines, *environments, safety={"max_disables": 1000000, "max_disables_percent": 100})
        for name, schema, number, state, trigger, decision in expected:
            with self.subTest(f"{name}: {state}"):
                tenant.sql(f"DELETE FROM {schema}.systemuser WHERE azureactivedirectoryobjectid = '{guid(number)}'")
                if state != "-":
                    disabled, reason = self.ROW[state]
                    tenant.sql(f"INSERT INTO {schema}.systemuser (systemuserid, domainname, azureactivedirectoryobjectid, isdisabled, "
                               f"disabledreason) VALUES (gen_random_uuid(), 'before', '{guid(number)}', {disabled}, {reason})")
                told = self.told(tenant, object_id=guid(number), trigger=trigger, schema=schema)
                self.assertIn(told["decision"], (decision, "update") if decision == "keep" else (decision,), told)
                self.assertEqual(told["access"], "yes" if decision in ("create", "enable", "keep") else "no", told)
                after = tenant.state(number, schema=schema)
                if decision in ("create", "enable", "keep"):
                    self.assertEqual(after, "E")
                elif state == "M":
                    self.assertEqual(after, "by hand")
                elif state == "D":  # another reason takes its place, unless it is one that does not count (D2)
                    self.assertIn(after, (told["reason"], "account_disabled"))
                else:
                    self.assertEqual(after, "-" if state == "-" else told["reason"])
                mode = tenant.row(number, schema=schema, columns="accessmode, setupuser") if after == "E" else None
                if mode and name.startswith("15"):
                    self.assertEqual(list(mode.values()), ["1", "t"])


class Examples(RequestTest):
    """What docs/on-demand.md shows works as it stands there."""

    def block(self, language, number=0):
        with open(DOCUMENT, encoding="utf-8") as file:
            return re.findall(rf"```{language}\n(.*?)```", file.read(), re.DOTALL)[number]

    def test_sql(self):
        tenant = self.serving([user(1, userPrincipalName="ana@contoso.example", **FREE_PLAN)])
        request = tenant.sql(self.block("sql", 1), user="webshop")[0][0]
        answer = self.block("sql", 2).replace(":request_id", request)
        told = wait_until(lambda: tenant.sql(answer, user="webshop"), what="an answer")
        self.assertEqual(told[0][:3], ["create", "yes", "free_plan"])

    def test_python(self):
        tenant = self.serving([user(1, **FREE_PLAN), user(2, **NO_PLANS)])
        script = self.block("python") + (
            f"\nfor name in ('user1@contoso.example', 'user2@contoso.example'):\n"
            f"    print(*may_enter({tenant.postgres.conninfo(tenant.database, user='webshop')!r}, 'contoso', name)[:2])\n")
        # Debian's own interpreter: it has psycopg2 (scripts/install-packages).
        done = subprocess.run(["/usr/bin/python3", "-c", script], capture_output=True, text=True, timeout=120)
        self.assertEqual(done.stdout.split("\n"), ["True free_plan", "False no_license", ""], done.stderr)


if __name__ == "__main__":
    main()
