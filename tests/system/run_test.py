"""The daemon: on time, on signals, through reloads and failures, and never two at once."""

import json
import os
import signal
import subprocess

from daemon_support import DaemonTest
from support import main, user, wait_until


class Timer(DaemonTest):
    def test_runs_at_start_and_leaves_in_good_order(self):
        tenant = self.prepared()
        daemon = self.daemon(tenant)
        self.wait_for_runs(tenant, 1)
        self.assertEqual(tenant.state(1), "E")
        daemon.wait_for("create user1@contoso.example (entitled)")
        said = daemon.stop()
        self.assertIn("stopped", said)
        self.assertEqual(tenant.sql("SELECT holder FROM directory.lease"), [[None]])

    def test_runs_again_and_again(self):
        tenant = self.prepared(every="1s")
        daemon = self.daemon(tenant)
        self.wait_for_runs(tenant, 2)
        tenant.write([user(n) for n in range(4)])
        wait_until(lambda: tenant.state(3) == "E")
        daemon.stop()

    def test_looks_at_everybody_now_and_then(self):
        tenant = self.prepared(every="1s", full_every="2s")
        daemon = self.daemon(tenant)
        self.wait_for_runs(tenant, 3, "kind = 'full'")
        self.wait_for_runs(tenant, 1, "kind = 'incremental'")
        daemon.stop()


class Signals(DaemonTest):
    def test_usr1_runs_now_and_usr2_looks_at_everybody(self):
        tenant = self.prepared()
        daemon = self.daemon(tenant)
        self.wait_for_runs(tenant, 1)
        daemon.send(signal.SIGUSR1)
        self.wait_for_runs(tenant, 2)
        self.assertEqual(tenant.last_run()["kind"], "incremental")
        daemon.send(signal.SIGUSR2)
        self.wait_for_runs(tenant, 3)
        self.assertEqual(tenant.last_run()["kind"], "full")
        daemon.stop()

    def test_a_thousand_signals_are_few_runs(self):
        tenant = self.prepared()
        daemon = self.daemon(tenant)
        self.wait_for_runs(tenant, 1)
        for _ in range(1000):
            daemon.send(signal.SIGUSR1)
        daemon.send(signal.SIGUSR2)
        self.wait_for_runs(tenant, 2, "kind = 'full'")
        daemon.stop()
        self.assertLess(self.runs(tenant), 100)

    def test_a_second_sigterm_stops_at_once(self):
        tenant = self.prepared()
        blocker = subprocess.Popen([f"{self.postgres.bin}/psql", "-X", "-q", tenant.connection], stdin=subprocess.PIPE, text=True)
        self.addCleanup(lambda: (blocker.stdin.close(), blocker.wait()))
        blocker.stdin.write("BEGIN; LOCK TABLE contoso.sync_state;\n")
        blocker.stdin.flush()
        wait_until(lambda: tenant.sql("SELECT 1 FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND relation = 'contoso.sync_state'::regclass"))
        daemon = self.daemon(tenant)
        wait_until(lambda: tenant.sql("SELECT 1 FROM pg_locks WHERE NOT granted"), what="the run to block")
        daemon.send(signal.SIGTERM)
        daemon.wait_for("stopping")
        daemon.send(signal.SIGTERM)
        daemon.ended(expect=-signal.SIGTERM)


class Reload(DaemonTest):
    def test_a_new_configuration_counts_from_the_next_run_on(self):
        tenant = self.prepared()
        daemon = self.daemon(tenant)
        self.wait_for_runs(tenant, 1)
        tenant.settings["schedule"]["every"] = "1s"
        tenant.configure()
        daemon.send(signal.SIGHUP)
        daemon.wait_for("configuration was reloaded")
        self.wait_for_runs(tenant, 3)
        daemon.stop()

    def test_an_invalid_one_is_told_with_its_line_and_the_old_one_stays(self):
        tenant = self.prepared(every="1s")
        daemon = self.daemon(tenant)
        self.wait_for_runs(tenant, 1)
        with open(tenant.config, encoding="utf-8") as file:
            text = file.read()
        with open(tenant.config, "w", encoding="utf-8") as file:
            file.write(text.replace('"1s"', '"soon"'))
        line = next(n for n, row in enumerate(open(tenant.config, encoding="utf-8"), 1) if "soon" in row)
        daemon.send(signal.SIGHUP)
        daemon.wait_for(f"dvsync.yaml:{line}:")
        runs = self.runs(tenant)
        self.wait_for_runs(tenant, runs + 2)
        daemon.stop()

    def test_one_that_is_no_yaml_at_all_leaves_the_old_one(self):
        tenant = self.prepared(every="1s")
        daemon = self.daemon(tenant)
        self.wait_for_runs(tenant, 1)
        with open(tenant.config, encoding="utf-8") as file:
            text = file.read()
        files = {",": ":1:1: this is not YAML", ", " + text: "`,` does not belong here", "": "is empty", "&a [*a]": ":1:5:"}
        for number, (broken, told) in enumerate(files.items(), 1):
            with open(tenant.config, "w", encoding="utf-8") as file:
                file.write(broken)
            daemon.send(signal.SIGHUP)
            daemon.wait_for(told)
            daemon.wait_for("the one before stays in force", count=number)
            runs = self.runs(tenant)
            self.wait_for_runs(tenant, runs + 2)
        daemon.stop()

    def test_another_database_is_worked_on_after_a_reload(self):
        tenant, other = self.prepared(), self.prepared(users=5)
        daemon = self.daemon(tenant)
        self.wait_for_runs(tenant, 1)
        tenant.connection = other.connection
        tenant.configure()
        daemon.send(signal.SIGHUP)
        self.wait_for_runs(other, 1)
        self.assertEqual(tenant.sql("SELECT holder FROM directory.lease"), [[None]])
        daemon.stop()


class Faults(DaemonTest):
    def test_an_invalid_configuration_ends_it_at_once(self):
        tenant = self.tenant()
        tenant.settings["schedule"] = {"every": "never"}
        tenant.configure()
        daemon = self.daemon(tenant)
        self.assertIn("dvsync.yaml:", daemon.ended(expect=78))

    def test_a_missing_file_is_told_once_and_recovered_from(self):
        tenant = self.prepared(every="1s")
        os.rename(os.path.join(tenant.folder, "tenant.jsonl"), os.path.join(tenant.folder, "away"))
        daemon = self.daemon(tenant)
        self.wait_for_runs(tenant, 3, "outcome = 'failed'")
        os.rename(os.path.join(tenant.folder, "away"), os.path.join(tenant.folder, "tenant.jsonl"))
        daemon.wait_for("directory: recovered after")
        self.assertEqual(tenant.state(1), "E")
        daemon.stop()
        self.assertEqual(len(daemon.says("tenant.jsonl")), 1, daemon.lines)

    def test_a_half_written_file_changes_nothing_until_it_is_whole(self):
        tenant = self.prepared(users=1000, every="1s")
        daemon = self.daemon(tenant)
        self.wait_for_runs(tenant, 1)
        path = os.path.join(tenant.folder, "tenant.jsonl")
        with open(path, encoding="utf-8") as file:
            whole = file.read()
        with open(path, "w", encoding="utf-8") as file:
            file.write(whole[:len(whole) // 2])  # in the middle of a line
        runs = self.runs(tenant)
        self.wait_for_runs(tenant, runs + 2)
        self.assertEqual(tenant.value("SELECT count(*) FROM contoso.systemuser WHERE isdisabled"), "0")
        tenant.write([user(n) for n in range(1001)])
        wait_until(lambda: tenant.state(1000) == "E")
        daemon.stop()
        self.assertEqual(tenant.value("SELECT count(*) FROM contoso.systemuser WHERE isdisabled"), "0")

    def test_postgres_may_come_later_and_go_and_come_again(self):
        tenant = self.prepared(every="1s")
        self.postgres.stop()
        daemon = self.daemon(tenant)
        daemon.wait_for("cannot connect to PostgreSQL")
        self.postgres.start()
        self.wait_for_runs(tenant, 1, "outcome = 'succeeded'")
        self.postgres.stop()
        daemon.wait_for("error", "run:")
        self.postgres.start()
        daemon.wait_for("run: recovered after")
        tenant.write([user(n) for n in range(7)])
        wait_until(lambda: tenant.state(6) == "E")
        daemon.stop()


class Log(DaemonTest):
    def test_what_is_old_enough_is_forgotten_and_nothing_else(self):
        tenant = self.prepared()
        tenant.settings["log"] = {"retention": "24h"}
        tenant.configure()
        tenant.sync([user(n) for n in range(40)])
        tenant.sync([user(0)], expect=75)
        holding = tenant.value("SELECT max(run_id) FROM contoso.sync_run")
        tenant.sql(f"UPDATE contoso.sync_run SET finished_at = now() - interval '2 days' WHERE run_id = {holding}")
        for run, age in ((-3, "3 days"), (-1, "1 hour")):
            tenant.sql(f"INSERT INTO contoso.sync_run (run_id, kind, trigger, outcome, started_at, finished_at) VALUES "
                       f"({run}, 'full', 'background', 'succeeded', now() - interval '{age}', now() - interval '{age}')")
            tenant.sql(f"INSERT INTO contoso.sync_batch VALUES ({run}, 1, now() - interval '{age}', 0, 0, 0, 0, 0, 0, 0, 0, 0)")
        for run, age in ((-3, "3 days"), (holding, "2 days"), (-1, "1 hour")):
            tenant.sql(f"INSERT INTO contoso.sync_change (run_id, batch_no, at, action, reason, systemuserid) SELECT {run}, 9, "
                       f"now() - interval '{age}', 'update', 'entitled', gen_random_uuid() FROM generate_series(1, 12000)")
        daemon = self.daemon(tenant)
        wait_until(lambda: tenant.value("SELECT count(*) FROM contoso.sync_run WHERE run_id = -3") == "0", what="the old run to go")
        daemon.stop()
        lines = dict(tenant.sql("SELECT run_id, count(*) FROM contoso.sync_change WHERE batch_no = 9 GROUP BY 1"))
        self.assertEqual(lines, {holding: "12000", "-1": "12000"})
        self.assertEqual(tenant.value("SELECT count(*) FROM contoso.sync_batch WHERE run_id = -3"), "0")

    def test_json_lines_have_the_fields(self):
        tenant = self.prepared()
        tenant.settings["log"] = {"format": "json"}
        tenant.configure()
        daemon = self.daemon(tenant)
        line = json.loads(daemon.wait_for("user2@contoso.example"))
        daemon.stop()
        self.assertEqual((line["DVSYNC_ENVIRONMENT"], line["DVSYNC_ACTION"], line["DVSYNC_REASON"], line["priority"]),
                         ("contoso", "create", "entitled", 6))
        self.assertEqual(line["level"], "info")
        self.assertRegex(line["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")

    def test_metrics_are_a_file_of_the_last_run(self):
        tenant = self.prepared()
        path = os.path.join(tenant.folder, "dvsync.prom")
        tenant.settings["metrics"] = {"textfile": "dvsync.prom"}
        tenant.configure()
        daemon = self.daemon(tenant)
        def numbers():
            with open(path, encoding="utf-8") as file:
                return file.read()
        wait_until(lambda: os.path.exists(path))
        wait_until(lambda: "dvsync_health 0" in numbers())
        daemon.stop()
        text = numbers()
        self.assertIn('dvsync_changes_total{action="create",environment="contoso",reason="entitled"} 3', text)
        self.assertIn('dvsync_runs_total{environment="contoso",kind="full",outcome="succeeded"} 1', text)
        self.assertIn('dvsync_runs_total{environment="contoso",kind="incremental",outcome="failed"} 0', text)
        self.assertIn('dvsync_environment_reachable{environment="contoso"} 1', text)


class Health(DaemonTest):
    def check(self, tenant, code):
        done = tenant.run("status", "--check", expect=code)
        self.assertEqual(done.stdout.count("\n"), 1, done.stdout)
        return done.stdout

    def test_the_plugin_tells_all_four_states(self):
        tenant = self.prepared(users=100)
        self.assertIn("no run has gone through yet", self.check(tenant, 2))
        tenant.sync()
        self.assertTrue(self.check(tenant, 0).startswith("DVSYNC OK - contoso: "))
        tenant.sync([user(n, accountEnabled=n < 50) for n in range(100)], expect=75)
        self.assertIn("HELD: 50 disables (stated)", self.check(tenant, 1))
        tenant.sql("UPDATE contoso.sync_run SET finished_at = finished_at - interval '1 day'")
        self.assertTrue(self.check(tenant, 2).startswith("DVSYNC CRITICAL - "))
        with open(tenant.config, "w", encoding="utf-8") as file:
            file.write("directory: {}\n")
        self.assertTrue(self.check(tenant, 3).startswith("DVSYNC UNKNOWN - "))

    def test_a_database_that_is_away_is_critical(self):
        tenant = self.prepared()
        self.postgres.stop()
        self.addCleanup(self.postgres.start)
        self.assertIn("cannot connect", self.check(tenant, 2))
        self.assertIn("cannot connect", self.findings(tenant, 2, expect=69)[0]["what"])

    def findings(self, tenant, code, expect=0):
        """What status finds, after the text, the JSON and the plugin were seen to tell the same."""
        line = self.check(tenant, code)
        text = tenant.run("status", expect=expect).stdout
        told = json.loads(tenant.run("status", "--json", expect=expect).stdout)
        self.assertEqual(text.startswith("Nothing needs attention.\n"), code == 0, text)
        self.assertEqual(told["needs_attention"], code != 0)
        for finding in told["findings"]:
            self.assertIn(finding["code"], self.documented, "docs/operating.md does not tell of this finding")
            if finding["severity"] == "note":
                continue
            without_age = finding["what"].split(" for ")[0].split(" ago")[0]
            self.assertIn(without_age, text)
            self.assertIn(without_age.replace("|", "/"), line)
        return told["findings"]

    @property
    def documented(self):
        with open(os.path.join(os.path.dirname(__file__), "../../docs/operating.md"), encoding="utf-8") as file:
            return file.read()

    def test_a_daemon_that_should_have_run_is_the_first_line(self):
        tenant = self.prepared(every="15m")
        tenant.sync()
        self.assertEqual(self.findings(tenant, 0), [], "no daemon is set up: runs are made by hand or by cron")
        self.assertIn("by hand, or by cron", tenant.run("status").stdout)
        daemon = self.daemon(tenant)
        self.wait_for_runs(tenant, 2)
        daemon.wait_for("working")
        daemon.stop()
        self.assertEqual(self.findings(tenant, 0), [], "it has not missed its time yet")
        tenant.sql("UPDATE directory.schedule SET run_began_at = run_began_at - interval '2 hours'")
        first = self.findings(tenant, 2)[0]
        self.assertEqual((first["code"], first["severity"], first["environment"]), ("daemon_missing", "critical", None))
        self.assertTrue(tenant.run("status").stdout.startswith("CRITICAL  no daemon works"))
        daemon = self.daemon(tenant)
        self.wait_for_runs(tenant, 3)
        wait_until(lambda: self.findings_are_gone(tenant), what="the daemon to have run")
        daemon.stop()

    def findings_are_gone(self, tenant):
        return json.loads(tenant.run("status", "--json").stdout)["findings"] == []

    def test_a_daemon_that_has_the_lease_and_does_not_run_is_told(self):
        tenant = self.prepared(every="15m")
        daemon = self.daemon(tenant)
        self.wait_for_runs(tenant, 1)
        wait_until(lambda: tenant.value("SELECT run_ended_at IS NOT NULL FROM directory.schedule") == "t")
        daemon.send(signal.SIGSTOP)
        tenant.sql("UPDATE directory.schedule SET run_began_at = run_began_at - interval '2 hours'")
        self.assertEqual(self.findings(tenant, 2)[0]["code"], "daemon_idle")
        daemon.send(signal.SIGCONT)
        daemon.stop()

    def test_rejected_users_and_missing_facts_are_findings(self):
        tenant = self.prepared()
        tenant.sync([user(1), {**user(2), "userPrincipalName": None}], expect=None)
        self.assertIn("rejected", [finding["code"] for finding in self.findings(tenant, 1)])
        tenant.sync([user(1)], expect=None)
        tenant.environments[0]["security_group"] = "3f6b2c1e-0000-4000-8000-00000000dead"
        tenant.configure()
        tenant.sync([user(1)], expect=75)
        incomplete = next(f for f in self.findings(tenant, 1) if f["code"] == "incomplete")
        self.assertEqual(incomplete["environment"], "contoso")

    def test_an_environment_that_cannot_be_reached_does_not_hide_the_others(self):
        tenant = self.prepared()
        tenant.sync()
        tenant.environments.append({"name": "away", "type": "sandbox", "schema": "away"})
        tenant.configure()
        self.assertEqual([(f["code"], f["environment"]) for f in self.findings(tenant, 2, expect=78)],
                         [("environment_unreachable", "away")])

    def test_a_failing_pull_leaves_a_trace_everywhere(self):
        tenant = self.prepared()
        tenant.sync()
        tenant.sql("CREATE FUNCTION directory.refuse() RETURNS trigger LANGUAGE plpgsql AS "
                   "$$BEGIN RAISE EXCEPTION 'no more'; END$$; "
                   "CREATE TRIGGER refuse BEFORE UPDATE ON directory.mirror FOR EACH ROW EXECUTE FUNCTION directory.refuse()")
        tenant.write([user(n) for n in range(9)])
        for _ in range(3):
            tenant.sync(expect=None)
        runs = tenant.json("log")["runs"]
        self.assertEqual([run["outcome"] for run in runs], ["succeeded", "failed", "failed", "failed"])
        self.assertTrue(all(run["detail"] for run in runs[1:]), runs)
        failing = self.findings(tenant, 1)[0]
        self.assertEqual((failing["code"], failing["environment"]), ("failing", "contoso"))
        self.assertTrue(failing["what"].startswith("3 runs failed or interrupted"), failing)
        tenant.sql("DROP TRIGGER refuse ON directory.mirror")
        tenant.sync()
        self.assertEqual(self.findings(tenant, 0), [])


class TwoDaemons(DaemonTest):
    def test_one_that_was_stopped_cannot_write_after_the_takeover(self):
        tenant = self.prepared(users=20_000)
        tenant.sync()
        first = self.daemon(tenant)
        self.wait_for_runs(tenant, 2)
        tenant.write([user(n, jobTitle="Head") for n in range(20_000)])
        first.send(signal.SIGUSR1)
        wait_until(lambda: tenant.sql("SELECT 1 FROM contoso.sync_run WHERE outcome IS NULL"), what="the run to begin")
        first.send(signal.SIGSTOP)
        second = self.daemon(tenant)
        # Two lease times are a minute: the clock is put forward instead, and the server ends what hangs in a transaction.
        tenant.sql("UPDATE directory.lease SET expires_at = now() - interval '1 second'")
        tenant.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
                   "AND state LIKE '%transaction%' AND pid <> pg_backend_pid()")
        second.wait_for("working")
        tenant.write([user(n, jobTitle="Chief") for n in range(20_000)])
        second.send(signal.SIGUSR1)
        chiefs = "SELECT count(*) FROM contoso.systemuser WHERE jobtitle = 'Chief'"
        wait_until(lambda: tenant.value(chiefs) == "20000")
        first.send(signal.SIGCONT)
        first.wait_for("standing by")
        self.assertEqual(tenant.value(chiefs), "20000")
        second.stop()
        first.wait_for("working", count=2)
        first.stop()
        doubled = tenant.sql("SELECT azureactivedirectoryobjectid FROM contoso.sync_change WHERE action = 'update' "
                             "AND fields->'jobtitle'->>1 = 'Chief' GROUP BY 1 HAVING count(*) > 1")
        self.assertEqual(doubled, [])

    def test_a_run_that_was_killed_is_made_up_for_at_once(self):
        tenant = self.prepared(users=20_000)
        tenant.sync()
        first = self.daemon(tenant)
        self.wait_for_runs(tenant, 2)
        second = self.daemon(tenant)
        second.wait_for("standing by")
        tenant.write([user(n, jobTitle="Head") for n in range(20_000)])
        first.send(signal.SIGUSR1)
        wait_until(lambda: tenant.sql("SELECT 1 FROM contoso.sync_run WHERE outcome IS NULL"), what="the run to begin")
        first.send(signal.SIGKILL)
        wait_until(lambda: tenant.value("SELECT count(*) FROM contoso.systemuser WHERE jobtitle = 'Head'") == "20000")
        self.wait_for_runs(tenant, 3, "outcome = 'succeeded'")
        second.stop()
        doubled = tenant.sql("SELECT 1 FROM contoso.sync_change WHERE action = 'update' GROUP BY azureactivedirectoryobjectid "
                             "HAVING count(*) > 1")
        self.assertEqual(doubled, [])

    def test_the_second_takes_over_when_the_first_is_killed(self):
        tenant = self.prepared(every="1s")
        first = self.daemon(tenant)
        self.wait_for_runs(tenant, 1)
        second = self.daemon(tenant)
        second.wait_for("standing by")
        self.assertIn(f"pid {first.process.pid}", second.wait_for("standing by"))
        first.send(signal.SIGKILL)
        second.wait_for("working")
        tenant.write([user(n) for n in range(5)])
        wait_until(lambda: tenant.state(4) == "E")
        second.stop()

    def test_the_schedule_goes_on_without_a_run_of_its_own(self):
        tenant = self.prepared()
        first = self.daemon(tenant)
        self.wait_for_runs(tenant, 1)
        second = self.daemon(tenant)
        second.wait_for("standing by")
        first.stop()
        second.wait_for("working")
        tenant.write([user(n) for n in range(5)])
        second.send(signal.SIGUSR1)
        wait_until(lambda: tenant.state(4) == "E")
        second.stop()
        self.assertEqual(self.runs(tenant), 2)

    def test_a_command_gets_its_turn_and_the_daemon_goes_on(self):
        tenant = self.prepared()
        daemon = self.daemon(tenant)
        self.wait_for_runs(tenant, 1)
        tenant.write([user(n) for n in range(5)])
        waited = tenant.sync(unplanned="the daemon would not have the lease yet again")
        self.assertIn("dvsync run", waited.stderr)
        self.assertEqual(tenant.state(4), "E")
        daemon.wait_for("working", count=2)
        daemon.send(signal.SIGUSR1)
        self.wait_for_runs(tenant, 3)
        tenant.run("sync", "--no-wait")
        self.assertNotIn("planned on what the mirror knows", tenant.run("plan").stdout)
        daemon.stop()
        self.assertEqual(self.runs(tenant), 4)


if __name__ == "__main__":
    main()
