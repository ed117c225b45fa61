"""An upgrade from the version before, as README tells it: what was configured, synchronised, logged and held stays."""

import json
import os
import shutil
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "system"))

from blocks import typed
from machine import MachineTest
from previous_version import build_previous_package
from support import STABLE, user

CONFIGURATION = """\
# Contoso's own remark.
directory: { type: file, path: /var/lib/dvsync/tenant.jsonl }
database: { connection: "host=/run/postgresql dbname=dvsync" }
schedule: { every: 1s, jitter: 0s }
environments:
  - { name: contoso, schema: contoso }
safety: { max_disables: 2 }
"""
USERS = 10


class Upgrade(MachineTest):
    def directory(self, disabled=()):
        text = "".join(json.dumps(user(n, accountEnabled=n not in disabled)) + "\n" for n in range(USERS))
        self.machine.write("/var/lib/dvsync/tenant.jsonl.new", text)
        os.rename(self.machine.path("/var/lib/dvsync/tenant.jsonl.new"), self.machine.path("/var/lib/dvsync/tenant.jsonl"))

    def everything(self):
        """What must survive: the rows, what was held and what was logged so far, and what the administrator wrote."""
        tables = (f"SELECT systemuserid, {STABLE} FROM contoso.systemuser ORDER BY 1",
                  "SELECT object_id, class, held_run_id FROM contoso.sync_pending ORDER BY 1",
                  f"SELECT run_id, action, reason, azureactivedirectoryobjectid, fields FROM contoso.sync_change WHERE run_id <= {self.run} ORDER BY 1, 4")
        files = ("/etc/dvsync/dvsync.yaml", "/etc/dvsync/credentials/pgpass")
        owners = self.machine.run("stat", "-c", "%n %U:%G %a", *files, "/etc/dvsync/credentials").stdout
        return [self.machine.sql(query) for query in tables], [self.machine.read(name) for name in files], owners

    def version(self):
        return self.machine.run("dpkg-query", "-W", "-f", "${Version}", "dvsync").stdout

    def work_with_the_version_before(self):
        shutil.copy(build_previous_package(), self.machine.path("/root/previous.deb"))
        self.machine.run("dpkg", "-i", "/root/previous.deb")
        self.machine.write("/etc/dvsync/dvsync.yaml", CONFIGURATION)
        self.machine.write("/etc/dvsync/credentials/pgpass", "db.contoso.example:5432:dvsync:dvsync:Sesame-7\n")
        self.machine.run("createuser", "dvsync", user="postgres")
        self.machine.run("createdb", "-O", "dvsync", "-E", "UTF8", "-T", "template0", "dvsync", user="postgres")
        self.machine.run("install", "-d", "-o", "dvsync", "-g", "dvsync", "-m", "750", "/var/lib/dvsync")
        self.directory()
        self.machine.run("dvsync", "migrate", user="dvsync")
        self.systemctl("enable", "--now", "dvsync")
        self.wait_for_rows(USERS, "NOT isdisabled")
        self.machine.sql("UPDATE contoso.systemuser SET isdisabled = true, disabledreason = 'by hand' WHERE domainname LIKE 'user9@%'")
        self.directory(disabled=range(5))
        self.machine.wait_until(lambda: self.machine.sql("SELECT count(*) FROM contoso.sync_pending WHERE held_run_id IS NOT NULL") == "5",
                                what="what is held")
        self.run = int(self.machine.sql("SELECT max(run_id) FROM contoso.sync_run"))

    def test_what_was_there_stays(self):
        self.work_with_the_version_before()
        before, old = self.everything(), self.version()
        shutil.copy(self.machine.package, self.machine.path("/root"))
        install, *rest = typed("README.md", "Upgrade")[0].splitlines()
        self.machine.run("bash", "-e", "-c", f"cd /root\n{install}", stdin="")
        self.assertNotEqual(old, self.version())
        self.machine.wait_until(lambda: ": run `dvsync migrate`" in self.machine.journal(), what="the word that the schemas are older")
        self.assertEqual(before, self.everything(), "the package touches neither the configuration nor the database")
        for command in rest:
            self.machine.run("bash", "-e", "-c", command)
        self.wait_for_status("next run at")
        again = f"SELECT count(*) FROM contoso.sync_run WHERE run_id > {self.run} AND outcome IN ('succeeded', 'held')"
        self.machine.wait_until(lambda: int(self.machine.sql(again)) > 2, what="runs of the new version")
        self.assertEqual(before, self.everything(), "nor do the migrations and the next runs change what nobody asked for")
        print(f"upgraded from {old} to {self.version()}", file=sys.stderr)
        self.assertEqual((self.systemctl("is-enabled", "dvsync").stdout, self.systemctl("is-active", "dvsync").stdout), ("enabled\n", "active\n"))
        held = self.machine.sql("SELECT min(held_run_id) FROM contoso.sync_pending")
        self.machine.run("dvsync", "approve", held, user="dvsync")
        self.wait_for_rows(6, "isdisabled")
        self.assertIn(" create ", self.machine.run("dvsync", "log", "--user", "user3@contoso.example", "--csv", user="dvsync").stdout.replace(",", " "))


if __name__ == "__main__":
    unittest.main(verbosity=2)
