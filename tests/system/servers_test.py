"""Environments on three servers, each named once: a server that fails or says nothing takes along its own environments only."""

import json
import socket

from daemon_support import Daemon
from support import Postgres, SystemTest, free_port, main, user

USERS = 12


class Servers(SystemTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.others = [Postgres() for _ in range(2)]

    @classmethod
    def tearDownClass(cls):
        for server in cls.others:
            server.close()
        super().tearDownClass()

    def scattered(self, **connections):
        """Environments e0 … e8; the first three beside the mirror, three in the east, three in the west."""
        tenant = self.tenant(*({"name": f"e{n}", "type": "production", "schema": f"e{n}",
                                **({"connection": ["", "east", "west"][n // 3]} if n >= 3 else {})} for n in range(9)))
        for name, server in zip(("east", "west"), self.others):
            server.sql(f"CREATE DATABASE {tenant.database}", database="postgres")
            connections.setdefault(name, server.conninfo(tenant.database))
        self.connect(tenant, **connections)
        return tenant

    def connect(self, tenant, **connections):
        tenant.settings["database"] = {"connection": tenant.connection, "connections": connections}
        tenant.configure()

    def sync(self, tenant, expect=0):
        done = tenant.run("sync", "--json", expect=expect)
        return {e["name"]: e for e in json.loads(done.stdout)["environments"]}

    def rows(self, tenant, number):
        server = (self.postgres, *self.others)[number // 3]
        return int(server.sql(f"SELECT count(*) FROM e{number}.systemuser", database=tenant.database)[0][0])

    def nowhere(self):
        """A port on which nobody listens."""
        return f"host=127.0.0.1 port={free_port()} dbname=dvsync connect_timeout=2"

    def silent(self):
        """A server that takes a connection and never says a word."""
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        self.addCleanup(listener.close)
        return f"host=127.0.0.1 port={listener.getsockname()[1]} dbname=dvsync connect_timeout=2"

    def test_migrate_tells_of_a_server_that_is_away_once(self):
        tenant = self.scattered(east=self.nowhere())
        done = tenant.run("migrate", expect=69)
        self.assertEqual(done.stderr.count("Connection refused"), 1, done.stderr)
        self.assertEqual(done.stderr.count("not looked at, since it has the connection of environment e3 (east), which is out of reach"), 2)
        self.assertIn("environment e8: schema e8: created", done.stdout)

    def test_each_environment_lives_on_its_server(self):
        tenant = self.scattered().migrate()
        tenant.write([user(n) for n in range(USERS)])
        self.assertEqual({e["outcome"] for e in self.sync(tenant).values()}, {"succeeded"})
        self.assertEqual([self.rows(tenant, n) for n in range(9)], [USERS] * 9)
        again = self.sync(tenant)
        self.assertEqual(sum(sum(again[name]["counters"][k] for k in ("created", "updated", "disabled")) for name in again), 0)

    def test_a_server_that_fails_takes_along_its_own_environments_and_is_told_once(self):
        tenant = self.scattered().migrate()
        tenant.write([user(n) for n in range(USERS)])
        whole = tenant.settings["database"]["connections"]
        for dead in (self.nowhere(), self.silent()):
            self.connect(tenant, east=dead, west=whole["west"])
            tenant.write([user(n, jobTitle=dead) for n in range(USERS)])
            ended = self.sync(tenant, expect=69)
            self.assertEqual({n: ended[f"e{n}"]["outcome"] for n in range(9)},
                             {n: "failed" if 3 <= n < 6 else "succeeded" for n in range(9)})
            told = [ended[f"e{n}"]["error"] for n in (3, 4, 5)]
            behind = [words for words in told if "since it has the connection of" in words]
            self.assertGreaterEqual(len(behind), 1, told)
            self.assertIn("(east), which is out of reach", behind[0])
            status = tenant.run("status", expect=None)
            self.assertEqual(status.stdout.count("cannot connect to PostgreSQL"), 1, status.stdout)
            self.assertIn("e4, e5", status.stdout)
            planned = tenant.run("plan", expect=None)
            self.assertEqual((planned.stdout + planned.stderr).count("cannot connect to PostgreSQL"), 1, planned.stdout)
        self.connect(tenant, **whole)
        self.assertEqual({e["outcome"] for e in self.sync(tenant).values()}, {"succeeded"})
        self.assertEqual(self.others[0].sql("SELECT count(*) FROM e4.systemuser WHERE jobtitle LIKE 'host=%'",
                                            database=tenant.database)[0][0], str(USERS))

    def test_the_daemon_tells_once_what_several_have_in_common_and_lets_them_catch_up(self):
        tenant = self.scattered().migrate()
        tenant.write([user(n) for n in range(USERS)])
        tenant.settings["database"]["sessions"] = 3  # one environment after the other
        tenant.settings["schedule"] = {"every": "1s", "full_every": "24h", "jitter": "0s"}
        tenant.configure()
        self.others[0].stop()
        daemon = Daemon(tenant)
        self.addCleanup(daemon.close)
        try:
            daemon.wait_for("environment e3: ", "cannot connect")
            daemon.wait_for("environments e4, e5: not looked at")
            daemon.wait_for("e8: run", "(incremental) succeeded", count=2)
        finally:
            self.others[0].start()
        for name in ("e3", "e4", "e5"):
            daemon.wait_for(f"{name}: everybody was looked at: it missed the last full run")
        daemon.wait_for("e3: run", "(incremental) succeeded")
        self.assertEqual(len(daemon.says("e8: run", "(full)")), 1, daemon.lines)
        self.assertEqual(len(daemon.says("not looked at")), 1, daemon.lines)
        self.assertEqual([self.rows(tenant, n) for n in range(9)], [USERS] * 9)
        daemon.stop()

    def test_a_name_that_nobody_gave_is_a_mistake_in_the_configuration(self):
        tenant = self.scattered()
        tenant.environments[4]["connection"] = "eats"
        tenant.configure()
        done = tenant.run("check", "--offline", expect=78)
        self.assertIn("`database.connections`, not `eats`: did you mean `east`?", done.stdout + done.stderr)


if __name__ == "__main__":
    main()
