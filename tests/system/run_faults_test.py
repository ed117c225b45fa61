"""The daemon on a bad day: PostgreSQL fails over, its disk is full, memory is short, the clock jumps."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import unittest

from daemon_support import DaemonTest
from support import Postgres, main, user, wait_until

MEMORY = 256 * 1024 * 1024
USERS = int(os.environ.get("DVSYNC_MEMORY_USERS", 200_000))


class Standby(Postgres):
    """A streaming standby of another server."""

    def __init__(self, primary):
        self.folder = tempfile.mkdtemp(prefix="dvsync-standby-")
        self.as_postgres, self.bin, self.settings = primary.as_postgres, primary.bin, primary.settings
        if self.as_postgres:
            shutil.chown(self.folder, "postgres", "postgres")
            os.chmod(self.folder, 0o755)
        self.data = os.path.join(self.folder, "data")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._run("pg_basebackup", "-h", primary.folder, "-p", str(primary.port), "-U", "owner", "-D", self.data, "-R",
                  "-X", "stream", "--checkpoint=fast")
        self.start()

    def promote(self):
        self._run("pg_ctl", "-D", self.data, "-w", "promote")


class Failover(DaemonTest):
    def test_the_daemon_follows_to_the_standby(self):
        tenant = self.prepared(every="1s")
        standby = Standby(self.postgres)
        self.addCleanup(standby.close)
        # Ours first, the standby second: the daemon is to find the one that takes writes.
        tenant.connection = (f"host={self.postgres.folder},{standby.folder} port={self.postgres.port},{standby.port} "
                             f"dbname={tenant.database} user=owner")
        tenant.configure()
        daemon = self.daemon(tenant)
        self.wait_for_runs(tenant, 2)
        self.postgres.stop()
        self.addCleanup(self.postgres.start)
        daemon.wait_for("error", "run:")
        standby.promote()
        tenant.write([user(n) for n in range(9)])
        wait_until(lambda: standby.value("SELECT count(*) FROM contoso.systemuser", database=tenant.database) == "9")
        daemon.wait_for("run: recovered after")
        daemon.stop()


class FullDisk(DaemonTest):
    def test_a_full_disk_is_waited_out(self):
        place = tempfile.mkdtemp(prefix="dvsync-disk-")
        self.addCleanup(shutil.rmtree, place, True)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m,mode=777", "tmpfs", place], capture_output=True, text=True)
        if mounted.returncode != 0:
            print("skipped: no small disk can be made here: " + mounted.stderr.strip())
            raise unittest.SkipTest("no small disk can be made here")
        self.addCleanup(subprocess.run, ["umount", "-l", place], check=False)
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
        self.assertEqual(tenant.value("SELECT count(*) FROM contoso.sync_change"), "20000")


class ShortMemory(DaemonTest):
    postgres_settings = ("max_connections=60",)

    def peak(self, process):
        with open(f"/proc/{process.pid}/status", encoding="ascii") as file:
            return next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmHWM"))

    def cgroup(self, process):
        """Puts the process into a group of 256 MiB, where such groups may be made; else its peak is looked at afterwards."""
        for root, limit in (("/sys/fs/cgroup", "memory.max"), ("/sys/fs/cgroup/memory", "memory.limit_in_bytes")):
            group = os.path.join(root, f"dvsync-test-{process.pid}")
            try:
                os.mkdir(group)
                self.addCleanup(lambda group=group: (process.kill(), process.wait(), os.rmdir(group)))
                with open(os.path.join(group, limit), "w", encoding="ascii") as file:
                    file.write(str(MEMORY))
                with open(os.path.join(group, "cgroup.procs"), "w", encoding="ascii") as file:
                    file.write(str(process.pid))
                return
            except OSError:
                continue
        print("no memory cgroup can be made here: the peak is looked at instead")

    def test_a_large_first_load_fits(self):
        tenant = self.prepared(users=1)
        daemon = self.daemon(tenant)
        self.cgroup(daemon.process)
        self.wait_for_runs(tenant, 1)
        tenant.write(user(n) for n in range(USERS))
        daemon.send(signal.SIGUSR1)
        wait_until(lambda: self.runs(tenant) >= 2 or daemon.process.poll() is not None, seconds=300, what="the large run")
        self.assertEqual(tenant.value("SELECT count(*) FROM contoso.systemuser"), str(USERS))
        self.assertLess(self.peak(daemon.process), MEMORY)
        self.assertEqual(len(daemon.says("create user")), 1 + 10_000)
        daemon.wait_for("`dvsync log --run")
        daemon.stop()


class Clock(DaemonTest):
    def test_the_clock_may_jump(self):
        library = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"
        if not os.path.exists(library):
            print("skipped: libfaketime is not installed")
            raise unittest.SkipTest("libfaketime is not installed")
        tenant = self.prepared(every="1s")
        clock = os.path.join(tenant.folder, "clock")

        def set_clock(offset):
            with open(clock + ".new", "w", encoding="ascii") as file:
                file.write(offset)
            os.rename(clock + ".new", clock)

        set_clock("+0d")
        daemon = self.daemon(tenant, LD_PRELOAD=library, FAKETIME_TIMESTAMP_FILE=clock, FAKETIME_NO_CACHE="1",
                             FAKETIME_DONT_FAKE_MONOTONIC="1")
        for users, offset in ((4, "+400d"), (5, "-400d"), (6, "+0d")):
            set_clock(offset)
            tenant.write([user(n) for n in range(users)])
            wait_until(lambda: tenant.state(users - 1) == "E", what=f"the run at {offset}")
        daemon.stop()
        self.assertLess(self.runs(tenant), 60)


if __name__ == "__main__":
    main()
