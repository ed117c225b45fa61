"""What README and docs/operating.md tell an administrator to type, typed to the letter on a bare machine, in their order."""

import json
import os
import re
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "system"))

from blocks import blocks_of, typed
from machine import PROJECT, MachineTest
from support import user

# Blocks of other things than commands for this machine, by how they begin, and why they are not typed here.
NOT_TYPED = {
    "scripts/demo ": "scripts/demo is run by bare_demo_test, and scripts/test is what runs this",
    "$ dvsync sync": "an extract of what scripts/demo prints; demo_test runs it",
}


class Documents(MachineTest):
    bare = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Ana has an account and may use sudo, as the installer makes it; the package and her export are at hand.
        cls.machine.run("useradd", "--create-home", "--shell", "/bin/bash", "ana")
        cls.machine.write("/etc/sudoers.d/ana", "ana ALL=(ALL) NOPASSWD: ALL\n")
        cls.machine.run("mv", f"/root/{os.path.basename(cls.machine.package)}", "/home/ana/")
        cls.export(3)
        cls.machine.run("mv", "/home/ana/export.jsonl", "/home/ana/tenant.jsonl")

    @classmethod
    def export(cls, users, first=0, **facts):
        cls.machine.write("/home/ana/export.jsonl", "".join(json.dumps(user(n, **facts)) + "\n" for n in range(first, users)))
        cls.machine.run("chown", "-R", "ana:", "/home/ana")

    def a_new_export(self, users, first=0):
        self.export(users, first)
        self.machine.run("install", "-o", "dvsync", "-g", "dvsync", "-m", "640", "/home/ana/export.jsonl", "/var/lib/dvsync/tenant.jsonl")

    def follow(self, block):
        print(re.sub("^", "  ", block.rstrip(), flags=re.M), file=sys.stderr)
        # apt asks whether it may; nothing else reads what is typed.
        return self.machine.run("bash", "-e", "-o", "pipefail", "-c", f"cd\n{block}", stdin="y\n", user="ana", home="/home/ana").stdout

    # --- every block is typed, or told why not ---

    def test_00_every_block_is_known(self):
        for document in ("README.md", "docs/operating.md"):
            for block in blocks_of(document):
                if block.language in ("sh", "yaml"):
                    continue
                why = next((why for beginning, why in NOT_TYPED.items() if block.text.startswith(beginning)), None)
                self.assertIsNotNone(why, f"{document}, {block.heading}: neither typed nor told why not:\n{block.text}")
                print(f"{document}, {block.heading}, not typed: {why}", file=sys.stderr)
        headings = {(document, block.heading) for document in ("README.md", "docs/operating.md") for block in blocks_of(document)
                    if block.language == "sh"}
        self.assertEqual(headings, {("README.md", "Install it"), ("README.md", "Upgrade"), ("README.md", "Back up and restore"),
                                    *(("docs/operating.md", heading) for heading in (
                                        "Who runs the commands", "Plans that somebody has to look at first",
                                        "After a run that should not have been", "The journal", "Health"))},
                         "each is typed by a test below")

    # --- README ---

    def test_01_from_a_bare_machine_to_an_enabled_user(self):
        before = self.machine.run("dpkg-query", "-W", "-f", "${Package}\n").stdout.split()
        self.assertFalse({"postgresql", "dvsync"} & set(before))
        install, = typed("README.md", "Install it")
        begin = time.monotonic()
        said = self.follow(install)
        self.wait_for_rows(3, "NOT isdisabled")
        took = time.monotonic() - begin
        after = self.machine.run("dpkg-query", "-W", "-f", "${Package}\n").stdout.split()
        print(f"from apt install on a bare machine to enabled users: {took:.1f} s, of which nothing is download; "
              f"{len(after) - len(before)} packages came", file=sys.stderr)
        self.assertIn("\n  sudo -u dvsync dvsync migrate\n", said, "what init says next is what comes next")
        self.assertEqual(self.systemctl("is-active", "dvsync").stdout, "active\n")
        self.assertEqual(self.machine.run("stat", "-c", "%U:%G %a", "/etc/dvsync/dvsync.yaml").stdout, "root:dvsync 640\n")

    def test_02_the_least_configuration_that_works(self):
        least = next(block for block in blocks_of("README.md") if block.language == "yaml")
        self.machine.write("/etc/dvsync/least.yaml", least.text)
        self.machine.run("dvsync", "check", "--offline", "--config", "/etc/dvsync/least.yaml")

    def test_03_upgrade_back_up_and_restore(self):
        for heading in ("Upgrade", "Back up and restore"):
            for block in typed("README.md", heading):
                self.follow(block)
        self.machine.sql("UPDATE contoso.systemuser SET isdisabled = true, disabledreason = 'no_license'")
        self.systemctl("kill", "--kill-whom=main", "-s", "USR2", "dvsync")
        self.wait_for_rows(3, "NOT isdisabled")

    # --- docs/first-sync.md ---

    def test_03_the_first_sync_of_each_kind_of_directory(self):
        """Each writes a configuration of its own, in a folder of its own, and its secret is "y". There are no such servers here: the file is checked."""
        kinds = [block for block in blocks_of("docs/first-sync.md") if "dvsync init" in block.text]
        self.assertEqual(len(kinds), 4)
        for number, block in enumerate(kinds):
            folder = f"/etc/dvsync/{number}"
            self.machine.run("mkdir", folder)
            for line in block.text.splitlines():
                if " init " in line:
                    self.follow(f"{line.replace(' --create-database', '')} --offline --output {folder}/dvsync.yaml")
                elif " tee " in line:
                    self.follow(line.replace("/etc/dvsync/", f"{folder}/"))
            self.follow(f"sudo -u dvsync dvsync check --offline --config {folder}/dvsync.yaml")
        self.follow(typed("docs/first-sync.md", "From there on, the same for all")[0])

    # --- docs/operating.md ---

    def test_04_who_runs_the_commands(self):
        for block in typed("docs/operating.md", "Who runs the commands"):
            self.follow(block)
        for command in (["status"], ["explain", "user1@contoso.example"], ["log"]):
            self.machine.run("dvsync", *command, user="ana", home="/home/ana")

    def test_05_the_daemon_is_told(self):
        self.wait_for_status("next run at")
        page = open(os.path.join(PROJECT, "docs/operating.md"), encoding="utf-8").read()
        commands = re.findall(r"^\| `((?:sudo )?systemctl [^`]*)` \|", page, re.M)
        self.assertEqual(len(commands), 5)
        for command in commands:
            self.machine.run("bash", "-c", command, user="ana", home="/home/ana", expect=3 if " status " in command else 0)

    def test_06_a_plan_is_looked_at_first(self):
        self.assertEqual(self.systemctl("is-active", "dvsync", expect=3).stdout, "inactive\n", "the daemon stays off")
        self.a_new_export(4)
        plan, = typed("docs/operating.md", "Plans that somebody has to look at first")
        self.follow(plan)
        self.wait_for_rows(4, "NOT isdisabled")

    def test_07_a_run_that_should_not_have_been(self):
        self.machine.sql("SELECT setval('directory.run_id', 16)")
        self.a_new_export(4, first=1)
        self.machine.run("dvsync", "sync", user="dvsync")
        self.wait_for_rows(1, "isdisabled")
        undo, = typed("docs/operating.md", "After a run that should not have been")
        self.assertIn("user0@contoso.example", self.follow(undo))
        self.wait_for_rows(4, "NOT isdisabled")

    def test_08_the_journal(self):
        journal, = typed("docs/operating.md", "The journal")
        self.assertIn("dvsync", self.follow(journal))

    def test_09_metrics_for_prometheus(self):
        metrics, = typed("docs/operating.md", "Health")
        text = self.machine.read("/etc/dvsync/dvsync.yaml")
        place = "/var/lib/prometheus/node-exporter/dvsync/dvsync.prom"
        self.machine.write("/etc/dvsync/dvsync.yaml", f"{text}\nmetrics: {{ textfile: {place} }}\n" if "\nmetrics:" not in text else
                           text.replace("\nmetrics:\n", f"\nmetrics:\n  textfile: {place}\n"))
        self.follow(metrics)
        self.machine.wait_until(lambda: os.path.exists(self.machine.path(place)), what="the metrics")


if __name__ == "__main__":
    unittest.main(verbosity=2, failfast=True)
