"""What the system tests share: a private PostgreSQL, a directory file, and the real binary driven as a person would."""

import contextlib
import json
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import uuid

DVSYNC = os.environ.get("DVSYNC", "build/plain/src/dvsync")
# Where servers have their files (scripts/test: in memory); nothing: where temporary files are.
SERVERS_IN = os.environ.get("DVSYNC_SERVERS_IN") or None

# Service plans of the shipped lists.
FULL = "6ea4c1ef-c259-46df-bce2-943342cd3cb2"  # DYN365_CDS_P2
FREE = "ca6e61ec-d4f4-41eb-8b88-d96e0e14323f"  # DYN365_CDS_O365_F1

GLOBAL = "62e90394-69f5-4237-9190-012177145e10"
POWER_PLATFORM = "11648597-926c-4cf3-9c36-bcebb0ba8dcc"
DYNAMICS = "44367163-eba1-44c3-98af-f5787879f96a"


def free_port():
    """Not from the range out of which the kernel serves outgoing connections: one of a neighbour's could take the port
    before the server listens on it, or while it is restarted."""
    while True:
        port = random.SystemRandom().randrange(10000, 32000)
        with socket.socket() as free:
            if free.connect_ex(("127.0.0.1", port)) != 0:
                return port


def wait_until(condition, seconds=60, what="the condition"):
    """Polls until `condition()` is true; its value is returned. What takes long is asked for less often, since it needs the processor."""
    began = time.monotonic()
    while True:
        value = condition()
        if value:
            return value
        waited = time.monotonic() - began
        if waited > seconds:
            raise AssertionError(f"gave up waiting for {what}")
        time.sleep(min(0.2, max(0.02, waited / 10)))


def guid(number):
    """A random-looking but stable GUID for a small number."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"dvsync {number}"))


class Postgres:
    """A PostgreSQL server in a temporary folder, on a Unix socket and a free port, gone with close()."""

    def __init__(self, *settings):
        self.folder = tempfile.mkdtemp(prefix="dvsync-pg-", dir=SERVERS_IN)
        self.as_postgres = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        if os.getuid() == 0:
            postgres = pwd.getpwnam("postgres")
            os.chown(self.folder, postgres.pw_uid, postgres.pw_gid)
            os.chmod(self.folder, 0o755)
        versions = sorted(os.listdir("/usr/lib/postgresql"), key=float)
        self.bin = f"/usr/lib/postgresql/{versions[-1]}/bin"
        self.data = os.path.join(self.folder, "data")
        self.port = free_port()
        self.settings = ["fsync=off", "full_page_writes=off", "shared_buffers=128MB", "max_wal_size=4GB", *settings]
        self.make_cluster()
        self.start()

    def _run(self, program, *arguments):
        subprocess.run([*self.as_postgres, f"{self.bin}/{program}", *arguments], check=True, cwd="/",
                       stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def make_cluster(self):
        """A copy of the one that the first test of a build folder made, since initdb takes longer than most tests."""
        kept = os.environ.get("DVSYNC_EMPTY_CLUSTER")
        if kept:
            kept += "-" + self.bin.split("/")[-2]
        if kept and os.path.exists(kept):
            subprocess.run(["cp", "-a", kept, self.data], check=True)
            return
        self._run("initdb", "-D", self.data, "-A", "trust", "-U", "owner", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        if kept:
            unfinished = f"{kept}-{os.getpid()}"
            subprocess.run(["cp", "-a", self.data, unfinished], check=True)
            with contextlib.suppress(OSError):  # another test was quicker
                os.rename(unfinished, kept)
            shutil.rmtree(unfinished, ignore_errors=True)

    def start(self):
        options = f"-k {self.folder} -p {self.port} -c listen_addresses=127.0.0.1"
        options += "".join(f" -c {setting}" for setting in self.settings)
        self._run("pg_ctl", "-D", self.data, "-o", options, "-l", os.path.join(self.folder, "log"), "-w", "start")

    def stop(self, mode="immediate"):
        subprocess.run([*self.as_postgres, f"{self.bin}/pg_ctl", "-D", self.data, "-m", mode, "-w", "stop"],
                       cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def close(self):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def conninfo(self, database="dvsync", user="owner"):
        return f"host={self.folder} port={self.port} dbname={database} user={user}"

    def sql(self, statement, database="dvsync", user="owner", conninfo=None):
        """Rows as lists of strings; None for null."""
        done = subprocess.run(
            [f"{self.bin}/psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-A", "-t", "-F", "\x1f", "-R", "\x1e",
             "-P", "null=\x1d", "-c", statement, conninfo or self.conninfo(database, user)],
            capture_output=True, text=True)
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        out = done.stdout[:-1] if done.stdout.endswith("\n") else done.stdout
        if out == "":
            return []
        return [[None if v == "\x1d" else v for v in row.split("\x1f")] for row in out.split("\x1e")]

    def value(self, statement, **options):
        return self.sql(statement, **options)[0][0]


class Standby(Postgres):
    """A streaming standby of another server."""

    def __init__(self, primary):
        self.folder = tempfile.mkdtemp(prefix="dvsync-standby-", dir=SERVERS_IN)
        self.as_postgres, self.bin, self.settings = primary.as_postgres, primary.bin, primary.settings
        if self.as_postgres:
            shutil.chown(self.folder, "postgres", "postgres")
            os.chmod(self.folder, 0o755)
        self.data = os.path.join(self.folder, "data")
        self.port = free_port()
        self._run("pg_basebackup", "-h", primary.folder, "-p", str(primary.port), "-U", "owner", "-D", self.data, "-R",
                  "-X", "stream", "--checkpoint=fast")
        self.start()

    def promote(self):
        self._run("pg_ctl", "-D", self.data, "-w", "promote")

    def cut_off(self):
        """What the primary commits from now on does not come here."""
        for statement in ("ALTER SYSTEM SET primary_conninfo = ''", "SELECT pg_reload_conf()"):
            self.sql(statement, database="postgres")
        wait_until(lambda: not self.sql("SELECT 1 FROM pg_stat_wal_receiver", database="postgres"), what="the walreceiver to end")


class MemoryGroup:
    """Processes that may use so many bytes of memory together, where such groups can be made: else their peaks are looked at."""

    count = 0

    def __init__(self, limit):
        MemoryGroup.count += 1
        self.path = None
        for root, name in (("/sys/fs/cgroup", "memory.max"), ("/sys/fs/cgroup/memory", "memory.limit_in_bytes")):
            path = os.path.join(root, f"dvsync-test-{os.getpid()}-{MemoryGroup.count}")
            try:
                if not os.path.exists(os.path.join(root, "cgroup.procs")):
                    continue
                os.mkdir(path)
                with open(os.path.join(path, name), "w", encoding="ascii") as file:
                    file.write(str(limit))
                self.path = path
                return
            except OSError:
                continue
        print("no memory cgroup can be made here: peaks are looked at instead")

    def command(self, *command):
        """The same, within the group."""
        if self.path is None:
            return list(command)
        return ["sh", "-c", 'echo $$ >"$0/cgroup.procs" && exec "$@"', self.path, *command]

    def close(self):
        """Once its processes have ended."""
        if self.path is None:
            return
        procs = os.path.join(self.path, "cgroup.procs")
        wait_until(lambda: not open(procs, encoding="ascii").read(), what="the group to be empty")
        os.rmdir(self.path)


def user(number, **facts):
    """A user line of graph-jsonl; a fact set to ... (Ellipsis) is left out."""
    line = {
        "@odata.type": "#microsoft.graph.user",
        "id": guid(number),
        "userPrincipalName": f"user{number}@contoso.example",
        "givenName": f"Given{number}",
        "surname": f"Surname{number}",
        "displayName": f"Given{number} Surname{number}",
        "accountEnabled": True,
        "userType": "Member",
        "mail": f"user{number}@contoso.example",
        "businessPhones": [f"+47 {number}"],
        "assignedPlans": [{"servicePlanId": FULL, "capabilityStatus": "Enabled"}],
    }
    for key, value in facts.items():
        line[key] = value
    return {key: value for key, value in line.items() if value is not ...}


def removed(number, reason="changed"):
    return {"@odata.type": "#microsoft.graph.user", "id": guid(number), "@removed": {"reason": reason}}


def group(identifier, members=(), owners=(), groups=()):
    return {
        "@odata.type": "#microsoft.graph.group",
        "id": identifier,
        "members@delta": [{"@odata.type": "#microsoft.graph.user", "id": m} for m in members]
        + [{"@odata.type": "#microsoft.graph.group", "id": g} for g in groups],
        "owners@delta": [{"@odata.type": "#microsoft.graph.user", "id": o} for o in owners],
    }


def role(template, members):
    return {"@odata.type": "#microsoft.graph.directoryRole", "roleTemplateId": template,
            "members@delta": [{"@odata.type": "#microsoft.graph.user", "id": m} for m in members]}


NO_PLANS = {"assignedPlans": []}
FREE_PLAN = {"assignedPlans": [{"servicePlanId": FREE, "capabilityStatus": "Enabled"}]}

# Everything of a row that an undisturbed run would have written as well.
STABLE = ("azureactivedirectoryobjectid, domainname, firstname, lastname, fullname, internalemailaddress, jobtitle, "
          "address1_telephone1, mobilephone, homephone, address1_fax, address1_line1, address1_city, "
          "address1_stateorprovince, address1_postalcode, address1_country, islicensed, isdisabled, disabledreason, "
          "accessmode, setupuser, azurestate, invitestatuscode, issyncwithdirectory, businessunitid")


class Promise:
    """What `plan --json` said, to be compared with what the run after it logged."""

    def __init__(self, tenant, arguments):
        done = tenant.run("plan", *arguments, "--json", expect=None)
        self.code = done.returncode
        plan = json.loads(done.stdout) if done.stdout else {}
        self.plans = {e["name"]: e for e in plan["environments"]} if plan else None
        self.in_line = plan.get("in_line", [])  # nothing is to be done there
        self.before = {e["name"]: self.last_run(tenant, e) for e in tenant.environments}

    @staticmethod
    def last_run(tenant, environment):
        """None where there is no log to compare with: without a database, out of reach, or not migrated."""
        if environment.get("type") == "none":
            return None
        try:
            return int(tenant.rows_in(environment, "SELECT coalesce(max(run_id), 0) FROM {schema}.sync_run")[0][0])
        except AssertionError:
            return None

    def compare(self, tenant, code):
        if self.plans is None:  # no plan can be made: neither can a run
            if code != self.code:
                raise AssertionError(f"plan ended with {self.code}, sync with {code}")
            return
        for environment in tenant.environments:
            plan = self.plans.get(environment["name"])
            in_line = environment["name"] in self.in_line
            if (plan is None and not in_line) or self.before[environment["name"]] is None:
                continue
            runs = tenant.rows_in(environment, "SELECT run_id, outcome FROM {schema}.sync_run "
                                  f"WHERE run_id > {self.before[environment['name']]} AND trigger = 'background'")
            if in_line:
                if runs:
                    raise AssertionError(f"{environment['name']}: the plan found it in line, and a run opened it: {runs}")
                continue
            if plan["error"] is not None:
                runs = [run for run in runs if run[1] != "failed"]
                if runs:
                    raise AssertionError(f"{environment['name']}: the plan failed ({plan['error']}), the run did not: {runs}")
                continue
            if len(runs) != 1:
                raise AssertionError(f"{environment['name']}: one run was to follow the plan, not {runs}")
            self._compare(tenant, environment, plan, *runs[0])

    def _compare(self, tenant, environment, plan, run, outcome):
        held = {user["object_id"]: user["guard_class"] for user in plan["held"]}
        promised = {
            "outcome": plan["outcome"],
            "held": held,
            "changes": sorted((c["object_id"] or "", c["action"], c["reason"]) for c in plan["changes"]
                              if c["object_id"] not in held),
            "changes of held users": sorted(user["object_id"] for user in plan["held"] if user["fields"]),
            "rejected": sorted({(r["object_id"] or "", r["reason"]) for r in plan["rejected"]}),
        }
        rows = lambda query: tenant.rows_in(environment, query)
        changes = rows("SELECT coalesce(azureactivedirectoryobjectid::text, ''), action, reason, 'held' = ANY (coalesce(notes, '{}')) "
                       f"FROM {{schema}}.sync_change WHERE run_id = {run}")
        kept = {c["object_id"] for c in plan["changes"] if c["object_id"] in held and not c["guard_class"]}
        done = {
            "outcome": outcome,
            "held": dict(rows("SELECT object_id, class FROM {schema}.sync_pending "
                              "WHERE held_run_id IS NOT NULL AND approved_at IS NULL AND declined_at IS NULL")),
            "changes": sorted(tuple(c[:3]) for c in changes if c[0] not in held),
            "changes of held users": sorted(c[0] for c in changes if c[0] in held and c[0] not in kept),
            "rejected": sorted(tuple(r) for r in rows(
                "SELECT DISTINCT coalesce(object_id::text, ''), reason FROM {schema}.sync_rejected "
                f"WHERE last_run_id = {run}")),
        }
        for what, wanted in promised.items():
            if wanted != done[what]:
                raise AssertionError(f"{environment['name']}, run {run}, {what}: the plan said\n  {wanted}\n"
                                     f"and the run did\n  {done[what]}")


class Tenant:
    """A folder with a configuration and a directory file, and a database of its own."""

    count = 0

    def __init__(self, postgres, environments=None, database=None):
        Tenant.count += 1
        self.postgres = postgres
        self.database = database or f"tenant{Tenant.count}"
        self.folder = tempfile.mkdtemp(prefix="dvsync-tenant-")
        self.environments = environments or [{"name": "contoso", "type": "production", "schema": "contoso"}]
        self.settings = {}
        self.directory = {"type": "file", "path": "tenant.jsonl"}
        if database is None:
            postgres.sql(f'CREATE DATABASE "{self.database}"', database="postgres")
        self.connection = postgres.conninfo(self.database)
        self.configure()

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def configure(self, **directory):
        self.directory.update(directory)
        configuration = {"directory": self.directory, "database": {"connection": self.connection},
                         "environments": self.environments, **self.settings}
        self.config = os.path.join(self.folder, "dvsync.yaml")
        with open(self.config, "w", encoding="utf-8") as file:
            json.dump(configuration, file, indent=1)  # JSON is YAML

    def write(self, lines, name="tenant.jsonl"):
        text = "".join(line if isinstance(line, str) else json.dumps(line) + "\n" for line in lines)
        path = os.path.join(self.folder, name)
        with open(path + ".new", "w", encoding="utf-8", errors="surrogateescape") as file:
            file.write(text)
        os.rename(path + ".new", path)

    def command(self, *arguments):
        return [DVSYNC, *arguments[:1], "--config", self.config, *arguments[1:]]

    def run(self, *arguments, expect=0, stdin=None):
        done = subprocess.run(self.command(*arguments), capture_output=True, text=True, input=stdin, timeout=600)
        if expect is not None and done.returncode != expect:
            raise AssertionError(f"dvsync {' '.join(arguments)} ended with {done.returncode}, not {expect}:\n"
                                 f"{done.stdout}\n{done.stderr}")
        return done

    def json(self, *arguments, expect=0):
        return json.loads(self.run(*arguments, "--json", expect=expect).stdout)

    def start(self, *arguments, **options):
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(self.command(*arguments), text=True, **(streams | options))

    def migrate(self):
        self.run("migrate")
        return self

    def sync(self, lines=None, *arguments, expect=0, unplanned=None):
        """Runs `plan` and then `sync`, and compares what the one promised with what the other logged.

        `unplanned` says why a plan cannot be made first, or cannot tell: the directory fails, pulls are counted, the
        table itself refuses a row.
        """
        if lines is not None:
            self.write(lines)
        if unplanned is not None:
            return self.run("sync", *arguments, expect=expect)
        promise = Promise(self, arguments)
        done = self.run("sync", *arguments, expect=expect)
        promise.compare(self, done.returncode)
        return done

    def rows_in(self, environment, statement):
        """Of an environment, which may be on a server of its own."""
        where = environment.get("connection", self.connection)
        return self.postgres.sql(statement.replace("{schema}", environment["schema"]), conninfo=where)

    def sql(self, statement, **options):
        return self.postgres.sql(statement, database=self.database, **options)

    def value(self, statement):
        return self.sql(statement)[0][0]

    def row(self, number, schema="contoso", columns=None):
        """The row of a user as a dict, or None."""
        names = columns or STABLE
        rows = self.sql(f"SELECT {names} FROM {schema}.systemuser WHERE azureactivedirectoryobjectid = '{guid(number)}'")
        return dict(zip([n.strip() for n in names.split(",")], rows[0])) if rows else None

    def state(self, number, schema="contoso"):
        """'-' no row, 'E' enabled, else the reason of the disable."""
        rows = self.sql(f"SELECT isdisabled, disabledreason FROM {schema}.systemuser "
                        f"WHERE azureactivedirectoryobjectid = '{guid(number)}'")
        if not rows:
            return "-"
        return "E" if rows[0][0] == "f" else rows[0][1]

    def rows(self, schema="contoso"):
        """Everything stable of every row, for comparing final states."""
        return self.sql(f"SELECT {STABLE} FROM {schema}.systemuser ORDER BY azureactivedirectoryobjectid, domainname")

    def changes(self, schema="contoso", run=None):
        where = f" WHERE run_id = {run}" if run else ""
        return self.sql(f"SELECT action, reason, azureactivedirectoryobjectid, fields FROM {schema}.sync_change{where} "
                        "ORDER BY azureactivedirectoryobjectid, run_id")

    def last_run(self, schema="contoso"):
        names = "run_id, kind, outcome, seen, created, updated, enabled, disabled, unchanged, ignored, rejected, held"
        rows = self.sql(f"SELECT {names} FROM {schema}.sync_run ORDER BY run_id DESC LIMIT 1")
        values = dict(zip(names.replace(" ", "").split(","), rows[0]))
        return {key: int(value) if value is not None and value.lstrip("-").isdigit() else value
                for key, value in values.items()}


class SystemTest(unittest.TestCase):
    """One PostgreSQL for all tests of a class; a database for each tenant."""

    postgres_settings = ()

    @classmethod
    def setUpClass(cls):
        cls.postgres = Postgres(*cls.postgres_settings)

    @classmethod
    def tearDownClass(cls):
        cls.postgres.close()

    def tenant(self, *environments):
        made = Tenant(self.postgres, list(environments) or None)
        self.addCleanup(made.close)
        return made

    @contextlib.contextmanager
    def holding(self, tenant, statement):
        """Meanwhile a session of somebody else's keeps what the statement locks."""
        holder = subprocess.Popen([f"{self.postgres.bin}/psql", "-X", "-q", "-d", self.postgres.conninfo(tenant.database), "-c",
                                   f"BEGIN; {statement}; SELECT pg_sleep(3600)"], stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL)
        wait_until(lambda: tenant.sql("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'"), what="the lock")
        try:
            yield
        finally:
            tenant.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'")
            holder.wait()

    def assert_adds_up(self, run):
        self.assertEqual(run["seen"], sum(run[k] for k in ("created", "updated", "enabled", "disabled", "unchanged",
                                                           "ignored", "rejected", "held")), run)


def main():
    # An interrupted test run must not leave servers behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    unittest.main(verbosity=2)
