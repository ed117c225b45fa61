"""The daemon: on time, on signals, through reloads and failures, and never two at once."""

import os
import signal
import subprocess
import threading

from support import SystemTest, main, user, wait_until


class Daemon:
    """`dvsync run`, with what it says."""

    def __init__(self, tenant, **environment):
        self.tenant = tenant
        self.lines = []
        self.process = subprocess.Popen(tenant.command("run"), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                        env={**os.environ, **environment})
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    def says(self, *words):
        return [line for line in self.lines if all(word in line for word in words)]

    def wait_for(self, *words, count=1):
        try:
            wait_until(lambda: len(self.says(*words)) >= count or self.process.poll() is not None)
            assert len(self.says(*words)) >= count
        except AssertionError:
            raise AssertionError(f"never said {words} {count} times:\n" + "\n".join(self.lines)) from None
        return self.says(*words)[-1]

    def send(self, number):
        self.process.send_signal(number)

    def stop(self, expect=0):
        self.send(signal.SIGTERM)
        return self.ended(expect)

    def ended(self, expect=0):
        code = self.process.wait(timeout=60)
        self.reader.join()
        assert code == expect, f"ended with {code}, not {expect}:\n" + "\n".join(self.lines)
        return "\n".join(self.lines)

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.reader.join()
        self.process.stdout.close()


class DaemonTest(SystemTest):
    schedule = {"every": "1h", "full_every": "24h", "jitter": "0s"}

    def prepared(self, users=3, **schedule):
        tenant = self.tenant()
        tenant.settings["schedule"] = {**self.schedule, **schedule}
        tenant.configure()
        tenant.migrate()
        tenant.write([user(n) for n in range(users)])
        return tenant

    def daemon(self, tenant, **environment):
        daemon = Daemon(tenant, **environment)
        self.addCleanup(daemon.close)
        return daemon

    def runs(self, tenant, where="true"):
        return int(tenant.value(f"SELECT count(*) FROM contoso.sync_run WHERE outcome IS NOT NULL AND {where}"))

    def wait_for_runs(self, tenant, number, where="true"):
        wait_until(lambda: self.runs(tenant, where) >= number, what=f"{number} runs")


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


class TwoDaemons(DaemonTest):
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
        waited = tenant.sync()
        self.assertIn("dvsync run", waited.stderr)
        self.assertEqual(tenant.state(4), "E")
        daemon.wait_for("working", count=2)
        daemon.send(signal.SIGUSR1)
        self.wait_for_runs(tenant, 3)
        daemon.stop()
        self.assertEqual(self.runs(tenant), 3)


if __name__ == "__main__":
    main()
