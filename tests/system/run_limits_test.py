"""The daemon at its limits: PostgreSQL's disk is full, memory is short."""

import os
import shutil
import signal
import subprocess
import tempfile
import unittest

from daemon_support import DaemonTest
from support import MemoryGroup, main, user, wait_until

MEMORY = 256 * 1024 * 1024
USERS = int(os.environ.get("DVSYNC_MEMORY_USERS", 200_000))


class FullDisk(DaemonTest):
    def test_a_full_disk_is_waited_out(self):
        place = tempfile.mkdtemp(prefix="dvsync-disk-")
        self.addCleanup(shutil.rmtree, place, True)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m,mode=777", "tmpfs", place], capture_output=True, text=True)
        if mounted.returncode != 0:
            print("skipped: no small disk can be made here: " + mounted.stderr.strip())
            raise unittest.SkipTest("no small disk can be made here")
        self.addCleanup(subprocess.run, ["umount", "-l", place], check=False)
        if self.postgres.as_postgres:
            shutil.chown(place, "postgres", "postgres")
        self.postgres.sql(f"CREATE TABLESPACE small LOCATION '{place}'", database="postgres")
        tenant = self.prepared(users=1, every="1s")
        tenant.sql("ALTER TABLE contoso.systemuser SET TABLESPACE small")
        daemon = self.daemon(tenant)
        self.wait_for_runs(tenant, 1)
        tenant.write([user(n, streetAddress="x" * 800) for n in range(20_000)])
        daemon.wait_for("No space left on device")
        subprocess.run(["mount", "-o", "remount,size=200m", place], check=True)
        wait_until(lambda: tenant.value("SELECT count(*) FROM contoso.systemuser") == "20000")
        daemon.wait_for("recovered after")
        daemon.stop()
        # Each row once: all are created, one of them by the run before, which is now updated.
        self.assertEqual(tenant.sql("SELECT action, count(*), count(DISTINCT systemuserid) FROM contoso.sync_change GROUP BY 1 ORDER BY 1"),
                         [["create", "20000", "20000"], ["update", "1", "1"]])


class ShortMemory(DaemonTest):
    postgres_settings = ("max_connections=60",)

    def peak(self, process):
        with open(f"/proc/{process.pid}/status", encoding="ascii") as file:
            return next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmHWM"))

    def test_a_large_first_load_fits(self):
        tenant = self.prepared(users=1)
        group = MemoryGroup(MEMORY)
        self.addCleanup(group.close)
        daemon = self.daemon(tenant, group=group)
        self.wait_for_runs(tenant, 1)
        tenant.write(user(n) for n in range(USERS))
        daemon.send(signal.SIGUSR1)
        wait_until(lambda: self.runs(tenant) >= 2 or daemon.process.poll() is not None, seconds=300, what="the large run")
        self.assertEqual(tenant.value("SELECT count(*) FROM contoso.systemuser"), str(USERS))
        self.assertLess(self.peak(daemon.process), MEMORY)
        self.assertEqual(len(daemon.says("create user")), 1 + 10_000)
        daemon.wait_for("`dvsync log --run")
        daemon.stop()


if __name__ == "__main__":
    main()
