"""The daemon on a bad day: PostgreSQL fails over, the clock jumps."""

import os
import unittest

from daemon_support import DaemonTest
from support import Standby, main, user, wait_until


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


class Clock(DaemonTest):
    def test_the_clock_may_jump(self):
        library = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"
        if not os.path.exists(library):
            print("skipped: libfaketime is not installed")
            raise unittest.SkipTest("libfaketime is not installed")
        if os.environ.get("DVSYNC_SANITIZED"):
            print("skipped: a sanitizer must be loaded before libfaketime")
            raise unittest.SkipTest("a sanitizer must be loaded before libfaketime")
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
