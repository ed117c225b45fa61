"""A cluster under Patroni whose primary changes in mid-run, by switchover and by kill -9: rows and log end as without it.

DVSYNC_FAILOVERS says how often (default 2). Needs patroni and etcd (Debian packages); without them there is nothing to try.
"""

import json
import os
import pwd
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

from daemon_support import Daemon
from support import Postgres, SystemTest, Tenant, free_port, main, user, wait_until

SEED = int(os.environ.get("DVSYNC_SEED", random.randrange(1 << 30)))
FAILOVERS = int(os.environ.get("DVSYNC_FAILOVERS", 2))
USERS = int(os.environ.get("DVSYNC_FAILOVER_USERS", 20_000))
NODES = 3


class Cluster(Postgres):
    """Three servers under Patroni, one of them a synchronous standby, and one etcd."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="dvsync-patroni-")
        os.chmod(self.folder, 0o755)
        self.account = pwd.getpwnam("postgres") if os.getuid() == 0 else None
        versions = sorted(os.listdir("/usr/lib/postgresql"), key=float)
        self.bin = f"/usr/lib/postgresql/{versions[-1]}/bin"
        self.processes = {}
        self.ports = [free_port() for _ in range(NODES)]
        self.rest = [free_port() for _ in range(NODES)]
        self.etcd = free_port()
        peers = free_port()
        self.spawn("etcd", "etcd", "--data-dir", os.path.join(self.folder, "etcd"), "--name", "only", "--log-level", "error",
                   "--listen-client-urls", f"http://127.0.0.1:{self.etcd}", "--advertise-client-urls", f"http://127.0.0.1:{self.etcd}",
                   "--listen-peer-urls", f"http://127.0.0.1:{peers}", "--initial-advertise-peer-urls", f"http://127.0.0.1:{peers}",
                   "--initial-cluster", f"only=http://127.0.0.1:{peers}", "--unsafe-no-fsync")
        for node in range(NODES):
            self.write_settings(node)
            self.patroni(node)
            wait_until(self.primary, 120, "a primary")
        self.whole()

    def write_settings(self, node):
        access = {name: {"username": name, "password": ""} for name in ("replication", "rewind")}
        settings = {
            "scope": "dvsync", "name": f"node{node}",
            "etcd3": {"host": f"127.0.0.1:{self.etcd}"},
            "restapi": {"listen": f"127.0.0.1:{self.rest[node]}", "connect_address": f"127.0.0.1:{self.rest[node]}"},
            "bootstrap": {"dcs": {"ttl": 20, "loop_wait": 1, "retry_timeout": 3, "master_start_timeout": 0, "synchronous_mode": True,
                                  "maximum_lag_on_failover": 1 << 30,
                                  "postgresql": {"use_pg_rewind": True, "parameters": {"max_connections": 100, "wal_log_hints": "on"}}},
                          "initdb": [{"auth": "trust"}, {"encoding": "UTF8"}, {"locale": "C.UTF-8"}, "no-sync"]},
            "postgresql": {"listen": f"127.0.0.1:{self.ports[node]}", "connect_address": f"127.0.0.1:{self.ports[node]}",
                           "data_dir": os.path.join(self.folder, f"data{node}"), "bin_dir": self.bin,
                           "pgpass": os.path.join(self.folder, f"pgpass{node}"),
                           "authentication": {"superuser": {"username": "owner"}, **access},
                           # A server that cannot be rewound, since its WAL is gone, is copied anew: by hand nobody does.
                           "remove_data_directory_on_rewind_failure": True, "remove_data_directory_on_diverged_timelines": True,
                           "parameters": {"unix_socket_directories": self.folder, "shared_buffers": "64MB", "wal_keep_size": "1GB"},
                           "pg_hba": ["local all all trust", "host all all 127.0.0.1/32 trust", "host replication all 127.0.0.1/32 trust"]}}
        with open(os.path.join(self.folder, f"node{node}.yml"), "w", encoding="utf-8") as file:
            json.dump(settings, file)  # JSON is YAML

    def patroni(self, node):
        self.spawn(f"node{node}", "patroni", os.path.join(self.folder, f"node{node}.yml"))

    def spawn(self, name, program, *arguments):
        if self.account:
            os.chown(self.folder, self.account.pw_uid, self.account.pw_gid)
        with open(os.path.join(self.folder, f"{name}.log"), "a", encoding="utf-8") as log:
            self.processes[name] = subprocess.Popen(
                [shutil.which(program), *arguments], stdout=log, stderr=log, cwd=self.folder, start_new_session=True,
                **({"user": "postgres", "group": "postgres", "extra_groups": []} if self.account else {}))

    def ask(self, node, path, **body):
        request = urllib.request.Request(f"http://127.0.0.1:{self.rest[node]}/{path}", json.dumps(body).encode() if body else None)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.read().decode()
        except OSError:
            return None

    def members(self):
        for node in range(NODES):
            if answer := self.ask(node, "cluster"):
                return json.loads(answer)["members"]
        return []

    def primary(self):
        """Its number, as soon as it takes writes; None while there is none."""
        for node, port in enumerate(self.ports):
            conninfo = f"host=127.0.0.1 port={port} dbname=postgres user=owner connect_timeout=2"
            done = subprocess.run([f"{self.bin}/psql", "-X", "-A", "-t", "-c", "SELECT pg_is_in_recovery()", conninfo],
                                  capture_output=True, text=True)
            if done.stdout.strip() == "f":
                return node + 1
        return None

    def whole(self):
        """Every server is there again, and one of them takes over without a loss."""
        def all_stream():
            members = self.members()
            return (len(members) == NODES and all(m["state"] in ("running", "streaming") for m in members)
                    and any(m["role"] == "sync_standby" for m in members))
        try:
            wait_until(all_stream, 180, "the cluster to be whole")
        except AssertionError as gave_up:
            raise AssertionError(f"{gave_up}: {self.members()}") from gave_up

    def switch_over(self):
        leader = wait_until(self.primary, 60, "a primary") - 1
        answer = self.ask(leader, "switchover", leader=f"node{leader}")
        if answer is None:
            raise AssertionError("Patroni refuses to switch over")

    def kill_primary(self):
        """The server, not its Patroni, which starts it again as a standby."""
        leader = wait_until(self.primary, 60, "a primary") - 1
        with open(os.path.join(self.folder, f"data{leader}", "postmaster.pid"), encoding="ascii") as file:
            os.kill(int(file.readline()), signal.SIGKILL)

    def conninfo(self, database="dvsync", user="owner"):
        hosts = ",".join(["127.0.0.1"] * NODES)
        return (f"host={hosts} port={','.join(map(str, self.ports))} dbname={database} user={user} "
                "target_session_attrs=read-write connect_timeout=5")

    def close(self):
        for process in reversed(list(self.processes.values())):  # Patroni ends its server with itself
            process.terminate()
            process.wait(60)
        shutil.rmtree(self.folder, ignore_errors=True)


def directory(turn):
    """Every turn some leave, some come, some change."""
    first = turn * (USERS // 100)
    return [user(number, jobTitle=f"Turn {turn}" if number % 3 == 0 else "Clerk", accountEnabled=number % 50 != turn)
            for number in range(first, USERS + first)]


@unittest.skipUnless(shutil.which("patroni") and shutil.which("etcd"), "patroni and etcd are not installed")
class Failover(SystemTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cluster = Cluster()

    @classmethod
    def tearDownClass(cls):
        cls.cluster.close()
        super().tearDownClass()

    def setUp(self):
        print(f"seed {SEED}", file=sys.stderr)
        self.random = random.Random(SEED)

    def twins(self):
        """The same tenant in the cluster, and where nothing happens."""
        made = [Tenant(server) for server in (self.cluster, self.postgres)]
        for tenant in made:
            self.addCleanup(tenant.close)
            tenant.settings["safety"] = {"max_disables": 1_000_000, "max_disables_percent": 100}
            tenant.configure()
            tenant.migrate()
        return made

    def log(self, tenant):
        """What happened to each user, in order; nothing lost and nothing told twice."""
        return tenant.sql("SELECT azureactivedirectoryobjectid, string_agg(action || ' ' || reason || ' ' || coalesce(fields::text, ''), "
                          "', ' ORDER BY run_id, change_id) FROM contoso.sync_change GROUP BY 1 ORDER BY 1")

    def disturb(self, turn):
        (self.cluster.switch_over if turn % 2 == 0 else self.cluster.kill_primary)()

    def written(self, tenant):
        return int(tenant.value("SELECT count(*) FROM contoso.sync_change"))

    def test_a_run_in_which_the_primary_changes_ends_as_one_without(self):
        disturbed, calm = self.twins()
        for turn in range(FAILOVERS):
            before = self.written(disturbed)
            for tenant in (disturbed, calm):
                tenant.write(directory(turn))
            calm.run("sync", "--full")
            told = tempfile.TemporaryFile("w+")  # a pipe that nobody reads would fill, and hold up the run
            self.addCleanup(told.close)
            run = disturbed.start("sync", "--full", stdout=told, stderr=told)
            some = self.random.randrange(1, USERS // 4)
            wait_until(lambda: run.poll() is not None or self.written(disturbed) >= before + some, 300, "the run to be under way")
            in_mid_run = run.poll() is None
            self.disturb(turn)
            run.wait(300)
            told.seek(0)
            print(f"turn {turn}: {'in mid-run' if in_mid_run else 'after the run'}, which ended with {run.returncode}", file=sys.stderr)
            self.assertIn(run.returncode, (0, 69, 75), told.read())
            wait_until(self.cluster.primary, 120, "a primary")
            disturbed.run("sync", "--full")
            self.assertEqual(disturbed.rows(), calm.rows(), f"turn {turn}")
            self.assertEqual(self.log(disturbed), self.log(calm), f"turn {turn}")
            self.cluster.whole()

    def test_a_daemon_goes_on_with_the_new_primary(self):
        disturbed, calm = self.twins()
        disturbed.settings["schedule"] = {"every": "1s", "full_every": "24h", "jitter": "0s"}
        disturbed.configure()
        daemon = Daemon(disturbed)
        self.addCleanup(daemon.close)
        for turn in range(FAILOVERS):
            for tenant in (disturbed, calm):
                tenant.write(directory(turn))
            self.disturb(turn)
            wait_until(self.cluster.primary, 120, "a primary")
            since = time.monotonic()
            calm.run("sync", "--full")
            last = calm.rows()
            wait_until(lambda: self.rows_or_none(disturbed) == last, 120, "the daemon to go on")
            print(f"turn {turn}: in line {time.monotonic() - since:.1f} s after there was a primary", file=sys.stderr)
            self.assertIsNone(daemon.process.poll())
            self.cluster.whole()

    @staticmethod
    def rows_or_none(tenant):
        try:
            return tenant.rows()
        except AssertionError:
            return None  # between two primaries


if __name__ == "__main__":
    main()
