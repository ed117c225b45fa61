"""One works, the other waits its turn; one that wakes up late cannot write."""

import os
import signal

from support import SystemTest, guid, main, user, wait_until


class Turn(SystemTest):
    def held_by_another(self, tenant):
        """A lease that a living session of somebody else holds."""
        tenant.sql("UPDATE directory.lease SET fence = fence + 1, holder = gen_random_uuid(), holder_name = 'db9, pid 1, dvsync run', "
                   "backend_pid = (SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'), backend_start = "
                   "(SELECT backend_start FROM pg_stat_activity WHERE backend_type = 'checkpointer'), "
                   "expires_at = now() + interval '1 hour'")

    def test_the_second_waits_and_says_for_whom(self):
        tenant = self.tenant().migrate()
        tenant.write([user(1)])
        self.held_by_another(tenant)
        busy = tenant.run("sync", "--no-wait", expect=75)
        self.assertIn("db9, pid 1", busy.stderr)
        waiting = tenant.start("sync")
        self.assertIn("db9, pid 1", self.first_line(waiting))
        self.assertEqual(tenant.state(1), "-")
        tenant.sql("UPDATE directory.lease SET holder = NULL")
        out, err = waiting.communicate(timeout=60)
        self.assertEqual((waiting.returncode, tenant.state(1)), (0, "E"), out + err)

    def first_line(self, process):
        import selectors
        selector = selectors.DefaultSelector()
        selector.register(process.stdout, selectors.EVENT_READ)
        selector.register(process.stderr, selectors.EVENT_READ)
        for key, _ in selector.select(timeout=30):
            return key.fileobj.readline()
        return ""

    def test_many_at_once_all_succeed(self):
        tenant = self.tenant().migrate()
        tenant.write([user(n) for n in range(200)])
        processes = [tenant.start("sync") for _ in range(4)]
        for process in processes:
            out, err = process.communicate(timeout=120)
            self.assertEqual(process.returncode, 0, out + err)
        self.assertEqual(tenant.value("SELECT count(*) FROM contoso.sync_change"), "200")
        self.assertEqual(tenant.value("SELECT count(*) FROM contoso.sync_run WHERE outcome = 'succeeded'"), "4")

    def test_one_that_was_stopped_cannot_write_after_the_takeover(self):
        tenant = self.tenant().migrate()
        tenant.sync([user(n) for n in range(20_000)])
        tenant.write([user(n, jobTitle="Head") for n in range(20_000)])
        late = tenant.start("sync")
        wait_until(lambda: tenant.sql("SELECT 1 FROM contoso.sync_run WHERE outcome IS NULL"), what="the run to begin")
        late.send_signal(signal.SIGSTOP)
        # Its sessions may be inside transactions that hold locks: whoever takes over ends them.
        tenant.sql("UPDATE directory.lease SET expires_at = now() - interval '1 second'")
        tenant.sync([user(n, jobTitle="Chief") for n in range(20_000)])
        late.send_signal(signal.SIGCONT)
        out, err = late.communicate(timeout=120)
        self.assertNotEqual(late.returncode, 0, out + err)
        self.assertEqual(tenant.value("SELECT count(*) FROM contoso.systemuser WHERE jobtitle = 'Chief'"), "20000")
        doubled = tenant.sql("SELECT azureactivedirectoryobjectid FROM contoso.sync_change WHERE action = 'update' "
                             "AND fields->'jobtitle'->>1 = 'Chief' GROUP BY 1 HAVING count(*) > 1")
        self.assertEqual(doubled, [])


if __name__ == "__main__":
    main()
