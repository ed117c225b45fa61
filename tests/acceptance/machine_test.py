"""An administrator's day with the package: installed, enabled, reloaded, broken, taken over, removed. On a machine that
really boots, with systemctl and journalctl. The tests build on one another, in their order."""

import gzip
import json
import os
import re
import socket
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "system"))

from machine import MachineTest
from support import user

LARGE = 200_000

CONFIGURATION = """\
directory:
  type: file
  path: /var/lib/dvsync/tenant.jsonl
database:
  connection: "host=/run/postgresql dbname=dvsync"
schedule: {{ every: {every}, full_every: 24h, jitter: 0s }}
environments:
  - {{ name: contoso, schema: contoso }}
metrics:
  textfile: {metrics}
console:
"""


class AdministratorsDay(MachineTest):
    # --- words ---

    def configure(self, every="1s", metrics="/var/lib/dvsync/dvsync.prom"):
        self.machine.write("/etc/dvsync/dvsync.yaml", CONFIGURATION.format(every=every, metrics=metrics))

    def directory(self, users, **facts):
        text = "".join(json.dumps(user(n, **facts)) + "\n" for n in range(users))
        self.machine.write("/var/lib/dvsync/tenant.jsonl.new", text)
        os.rename(self.machine.path("/var/lib/dvsync/tenant.jsonl.new"), self.machine.path("/var/lib/dvsync/tenant.jsonl"))

    def runs(self, where="true"):
        return int(self.machine.sql(f"SELECT count(*) FROM contoso.sync_run WHERE outcome = 'succeeded' AND {where}"))

    def wait_for_more_runs(self, more=1, where="true"):
        now = self.runs(where)
        self.machine.wait_until(lambda: self.runs(where) >= now + more, what=f"{more} more runs")

    # --- the day ---

    def test_00_lintian_finds_nothing(self):
        done = subprocess.run(["lintian", "--no-cfg", "--allow-root", "--fail-on", "error,warning", self.machine.package], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout), (0, ""))

    def test_01_the_package_installs(self):
        os.link(self.machine.package, self.machine.path("/root/dvsync.deb"))
        self.machine.run("dpkg", "-i", "/root/dvsync.deb")
        self.assertIn("dvsync", self.machine.run("id", "dvsync").stdout)
        self.assertEqual(self.machine.run("stat", "-c", "%U:%G %a", "/etc/dvsync/dvsync.yaml").stdout, "root:dvsync 640\n")
        self.assertEqual(self.systemctl("is-enabled", "dvsync", expect=1).stdout, "disabled\n")
        self.assertEqual(self.systemctl("is-active", "dvsync", expect=3).stdout, "inactive\n")
        self.machine.run("dvsync", "check", "--offline")
        self.machine.run("test", "-s", "/usr/share/bash-completion/completions/dvsync")
        self.machine.run("test", "-s", "/usr/share/dvsync/sql/mirror/001_mirror.sql")
        for page in ("8/dvsync.8", "5/dvsync.yaml.5"):
            self.machine.run("test", "-s", f"/usr/share/man/man{page}.gz")
        for document in ("copyright", "changelog.gz", "README.md", "docs/rules.md", "docs/commands.md", "examples/dvsync.yaml"):
            self.machine.run("test", "-s", f"/usr/share/doc/dvsync/{document}")

    def test_02_every_text_that_is_named_is_there(self):
        """Named by the program, its manual pages, the sample, the unit, the completions, the alert rules."""
        said = ""
        for place in ("/usr/bin/dvsync", "/usr/share/man/man8/dvsync.8.gz", "/usr/share/man/man5/dvsync.yaml.5.gz", "/etc/dvsync/dvsync.yaml",
                      "/lib/systemd/system/dvsync.service", "/usr/share/dvsync/monitoring/alerts.yml", "/usr/share/bash-completion/completions/dvsync"):
            with (gzip.open if place.endswith(".gz") else open)(self.machine.path(place), "rb") as file:
                said += file.read().decode("utf-8", "replace").replace("\\-", "-")
        named = {f"/usr/share/doc/dvsync/{page}" for page in re.findall(r"(?<![\w/])docs/[a-z-]+\.md", said)}
        named |= set(re.findall(r"/usr/(?:share|lib)/(?:doc/)?dvsync[\w./-]*[\w]", said))
        named |= {f"/usr/share/man/man{section}/{page}.{section}.gz" for page, section in re.findall(r"\b(dvsync(?:\.yaml)?)\(([1-8])\)", said)}
        print("named and there:", *sorted(named), file=sys.stderr)
        self.assertGreater(len(named), 8)
        for place in sorted(named):
            self.machine.run("test", "-s", place)

    def test_02_the_unit_is_hardened(self):
        self.machine.run("systemd-analyze", "verify", "--man=no", "/lib/systemd/system/dvsync.service")
        self.machine.run("systemd-analyze", "security", "--offline=true", "--threshold=20", "--no-pager",
                         "/lib/systemd/system/dvsync.service")

    def test_03_an_invalid_configuration_fails_and_is_not_tried_again(self):
        self.machine.write("/etc/dvsync/dvsync.yaml", "directory: {}\n")
        self.systemctl("start", "dvsync", expect=1)
        self.assertEqual(self.machine.show("ExecMainStatus"), "78")
        self.assertEqual(self.machine.show("ActiveState"), "failed")
        self.assertEqual(self.machine.show("NRestarts"), "0")
        self.systemctl("reset-failed", "dvsync")

    def test_04_it_is_ready_before_the_database_is(self):
        self.configure()
        self.directory(3)
        self.systemctl("enable", "--now", "dvsync")
        self.assertEqual(self.machine.show("ActiveState"), "active")
        self.wait_for_status("cannot work")

    def test_05_with_the_database_it_runs(self):
        self.machine.run("createuser", "dvsync", user="postgres")
        self.machine.run("createdb", "-O", "dvsync", "dvsync", user="postgres")
        self.machine.run("dvsync", "migrate", user="dvsync")
        self.wait_for_rows(3)
        self.wait_for_status("next run at")

    def test_06_the_timer_runs_again(self):
        self.wait_for_more_runs(2)
        self.directory(4)
        self.wait_for_rows(4)

    def test_07_the_journal_has_fields(self):
        lines = self.machine.wait_until(lambda: self.said("DVSYNC_USER=user3@contoso.example"), what="the journal's fields")
        self.assertEqual(len(lines), 1, lines)
        line = lines[0]
        self.assertEqual((line["DVSYNC_ENVIRONMENT"], line["DVSYNC_ACTION"], line["DVSYNC_REASON"], line["PRIORITY"]),
                         ("contoso", "create", "entitled", "6"))
        self.assertEqual(line["_SYSTEMD_UNIT"], "dvsync.service")
        self.assertGreater(int(line["DVSYNC_RUN"]), 0)
        self.assertNotIn("\n", line["MESSAGE"])

    def test_08_a_good_reload_counts_and_a_bad_one_fails_visibly(self):
        pid = self.machine.show("MainPID")
        self.configure(every="1h")
        self.systemctl("reload", "dvsync")
        self.machine.wait_until(lambda: any("was reloaded" in line["MESSAGE"] for line in self.said("-u", "dvsync")))
        self.configure(every="soon")
        self.systemctl("reload", "dvsync", expect=1)
        self.assertTrue(any("dvsync.yaml:6:" in str(line["MESSAGE"]) for line in self.said("-u", "dvsync")))
        # One that does not ask first is told as well, and carries on.
        self.systemctl("kill", "--kill-whom=main", "-s", "HUP", "dvsync")
        self.machine.wait_until(lambda: any("stays in force" in str(line["MESSAGE"]) for line in self.said("-u", "dvsync")))
        self.configure(every="1h")
        self.assertEqual((self.machine.show("ActiveState"), self.machine.show("MainPID")), ("active", pid))

    def test_09_signals_ask_for_runs(self):
        self.directory(5)
        self.systemctl("kill", "--kill-whom=main", "-s", "USR1", "dvsync")
        self.wait_for_rows(5)
        full = self.runs("kind = 'full'")
        self.systemctl("kill", "--kill-whom=main", "-s", "USR2", "dvsync")
        self.machine.wait_until(lambda: self.runs("kind = 'full'") > full, what="a full run")

    def test_10_commands_take_their_turn(self):
        self.directory(6)
        self.machine.run("dvsync", "sync", user="dvsync")
        self.wait_for_rows(6)
        self.assertTrue(self.machine.run("dvsync", "status", "--check", user="dvsync").stdout.startswith("DVSYNC OK"))

    def test_11_metrics_are_written(self):
        self.systemctl("kill", "--kill-whom=main", "-s", "USR1", "dvsync")
        self.wait_for_more_runs(0)
        text = self.machine.wait_until(lambda: os.path.exists(self.machine.path("/var/lib/dvsync/dvsync.prom"))
                                       and self.machine.read("/var/lib/dvsync/dvsync.prom"))
        for name in ("dvsync_runs_total", "dvsync_last_success_timestamp_seconds", "dvsync_lag_seconds", "dvsync_held_decisions",
                     "dvsync_changes_total", "dvsync_run_duration_seconds"):
            self.assertIn(name, text)

    def test_11b_the_console_answers_on_its_socket(self):
        path = "/run/dvsync/console.sock"
        self.assertEqual(self.machine.run("stat", "-c", "%U:%G %a", path).stdout, "dvsync:dvsync 660\n")
        for asked, answer in {"/api/v1/session": '"name":"root","role":"operator"', "/": "<!doctype html>"}.items():
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(60)
                connection.connect(f"/proc/{self.machine.leader}/root{path}")
                connection.sendall(f"GET {asked} HTTP/1.0\r\n\r\n".encode())
                self.assertIn(answer, connection.makefile("r", encoding="utf-8").read())

    def test_12_the_database_may_go_and_come_again(self):
        self.configure(every="1s")
        self.systemctl("reload", "dvsync")
        self.wait_for_more_runs()
        self.systemctl("stop", "postgresql@15-main")
        self.machine.wait_until(lambda: "failed" in self.machine.show("StatusText"), what="a failed run")
        self.systemctl("start", "postgresql@15-main")
        self.directory(7)
        self.wait_for_rows(7)
        self.assertEqual(self.machine.show("NRestarts"), "0")

    def test_13_a_hung_daemon_is_restarted(self):
        self.machine.run("mkdir", "-p", "/etc/systemd/system/dvsync.service.d")
        self.machine.write("/etc/systemd/system/dvsync.service.d/watchdog.conf", "[Service]\nWatchdogSec=3s\nRestartSec=1s\n")
        self.systemctl("daemon-reload")
        self.systemctl("restart", "dvsync")
        pid = self.machine.show("MainPID")
        self.wait_for_more_runs(8)  # more than twice the watchdog's time: one that works or idles is left alone
        self.assertEqual((self.machine.show("MainPID"), self.machine.show("NRestarts")), (pid, "0"))
        self.systemctl("kill", "--kill-whom=main", "-s", "STOP", "dvsync")
        self.machine.wait_until(lambda: self.machine.show("NRestarts") == "1", what="the watchdog")
        self.machine.wait_until(lambda: self.machine.show("ActiveState") == "active")
        self.directory(8)
        self.wait_for_rows(8)

    def test_14_a_second_daemon_takes_over(self):
        unit = self.machine.read("/lib/systemd/system/dvsync.service").replace("StateDirectory=dvsync\n", "StateDirectory=dvsync\n")
        self.machine.write("/etc/systemd/system/dvsync-second.service", unit)
        self.machine.write("/etc/systemd/system/dvsync.service.d/patience.conf", "[Service]\nRestartSec=120s\n")
        self.systemctl("daemon-reload")
        self.systemctl("start", "dvsync-second")
        self.wait_for_status("standing by", "dvsync-second")
        self.systemctl("kill", "--kill-whom=main", "-s", "KILL", "dvsync")
        self.wait_for_status("next run at", "dvsync-second")
        self.directory(9)
        self.wait_for_rows(9)
        self.systemctl("stop", "dvsync")
        os.remove(self.machine.path("/etc/systemd/system/dvsync.service.d/patience.conf"))
        self.systemctl("daemon-reload")
        self.systemctl("start", "dvsync")
        self.wait_for_status("standing by", "dvsync")
        doubled = self.machine.sql("SELECT count(*) FROM (SELECT 1 FROM contoso.sync_change GROUP BY azureactivedirectoryobjectid, "
                                   "action HAVING count(*) > 1) d")
        self.assertEqual(doubled, "0")
        self.systemctl("stop", "dvsync-second")
        self.wait_for_status("next run at")

    def test_15_without_the_journals_socket_lines_go_to_standard_error(self):
        self.machine.write("/etc/systemd/system/dvsync.service.d/silence.conf",
                           "[Service]\nInaccessiblePaths=/run/systemd/journal/socket\n")
        self.systemctl("daemon-reload")
        self.systemctl("restart", "dvsync")
        self.directory(10)
        self.wait_for_rows(10)
        self.machine.wait_until(lambda: any("create user9@" in str(line["MESSAGE"]) for line in self.said("-u", "dvsync")))
        os.remove(self.machine.path("/etc/systemd/system/dvsync.service.d/silence.conf"))
        self.systemctl("daemon-reload")
        self.systemctl("restart", "dvsync")

    def test_16_a_place_that_cannot_be_written_does_not_stop_the_runs(self):
        self.configure(metrics="/usr/dvsync.prom")
        self.systemctl("reload", "dvsync")
        self.wait_for_more_runs(2)
        self.assertTrue(any("/usr/dvsync.prom" in str(line["MESSAGE"]) for line in self.said("-u", "dvsync")))
        self.configure()
        self.systemctl("reload", "dvsync")

    def test_17_a_password_comes_as_a_credential(self):
        self.machine.sql("ALTER ROLE dvsync PASSWORD 'Sesame-7'")
        self.machine.write("/etc/dvsync/credentials/pgpass", "127.0.0.1:5432:dvsync:dvsync:Sesame-7\n")
        configuration = self.machine.read("/etc/dvsync/dvsync.yaml")
        self.machine.write("/etc/dvsync/dvsync.yaml",
                           configuration.replace("host=/run/postgresql dbname=dvsync", "host=127.0.0.1 dbname=dvsync user=dvsync"))
        self.systemctl("restart", "dvsync")
        self.wait_for_status("next run at")
        self.wait_for_more_runs()
        self.assertEqual([], [line for line in self.said("-u", "dvsync") if "Sesame" in str(line["MESSAGE"])])
        self.configure()
        self.systemctl("restart", "dvsync")

    def test_18_it_stops_in_good_order(self):
        self.wait_for_more_runs()
        self.systemctl("stop", "dvsync")
        self.assertEqual((self.machine.show("Result"), self.machine.show("ExecMainStatus")), ("success", "0"))
        self.systemctl("start", "dvsync")
        self.wait_for_more_runs()

    def test_19_a_large_first_load_fits_into_the_units_memory(self):
        self.assertEqual(self.machine.show("MemoryMax"), str(256 * 2**20))
        self.configure(every="1h")
        self.systemctl("reload", "dvsync")
        self.directory(LARGE)
        self.systemctl("kill", "--kill-whom=main", "-s", "USR1", "dvsync")
        self.wait_for_rows(LARGE)
        self.wait_for_status("next run at")
        self.assertEqual((self.machine.show("ActiveState"), self.machine.show("NRestarts"), self.machine.show("Result")),
                         ("active", "0", "success"))
        if not self.machine.show("MemoryCurrent").isdigit():
            print("no memory controller reaches this machine: the limit was not in force, the peak is looked at", file=sys.stderr)
        status = self.machine.run("cat", f"/proc/{self.machine.show('MainPID')}/status").stdout
        self.assertLess(int(re.search(r"VmHWM:\s+(\d+) kB", status).group(1)), 256 * 1024)

    def test_20_removing_leaves_the_configuration_and_purging_the_data(self):
        self.machine.run("dpkg", "-r", "dvsync")
        self.assertEqual(self.systemctl("is-active", "dvsync", expect=3).stdout, "inactive\n")
        for gone in ("/usr/bin/dvsync", "/lib/systemd/system/dvsync.service", "/etc/systemd/system/multi-user.target.wants/dvsync.service",
                     "/usr/share/dvsync", "/usr/lib/sysusers.d/dvsync.conf"):
            self.assertFalse(os.path.lexists(self.machine.path(gone)), gone)
        self.assertTrue(os.path.exists(self.machine.path("/etc/dvsync/dvsync.yaml")))
        self.machine.run("dpkg", "-P", "dvsync")
        self.assertFalse(os.path.exists(self.machine.path("/etc/dvsync")))
        self.assertEqual(self.machine.sql("SELECT count(*) FROM contoso.systemuser"), str(LARGE))
        self.assertTrue(os.path.exists(self.machine.path("/var/lib/dvsync/tenant.jsonl")))


if __name__ == "__main__":
    unittest.main(verbosity=2, failfast=True)
