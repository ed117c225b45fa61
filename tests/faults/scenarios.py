"""What is run with a fault in it, and what must hold afterwards."""

import os
import signal
import subprocess
import tempfile
import time

from database import Beginning, Session
from functions import SILENT
from support import STABLE, Tenant, group, guid, user

PATIENCE = 100  # seconds: longer than every limit on a wait that a small run can meet
GROUP = "3f6b2c1e-0000-4000-8000-000000000001"
ENVIRONMENTS = [{"name": "prod", "type": "production", "schema": "prod"},
                {"name": "grouped", "type": "sandbox", "schema": "grouped", "security_group": GROUP}]
SCHEMAS = [environment["schema"] for environment in ENVIRONMENTS]

SENSIBLE = {0: "done", 69: "out of reach", 71: "no memory or other means", 74: "output not written", 75: "incomplete",
            77: "no permission", 78: "configuration"}


def before():
    return [user(n) for n in range(30)] + [group(GROUP, [guid(n) for n in range(0, 30, 2)])]


def after():
    """Users come, go, change and lose their access; some join the group, and some leave it."""
    changed = [user(n, jobTitle="Head") if n % 5 == 0 else user(n, accountEnabled=False) if n % 7 == 0 else user(n)
               for n in range(1, 30)]
    return changed + [user(n) for n in range(30, 33)] + [group(GROUP, [guid(n) for n in range(0, 33, 3)])]


def holds_within(seconds, condition, every=0.05):
    """Counts the looks and not the clock: whoever measures stops this process for minutes."""
    for _ in range(int(seconds / every)):
        if condition():
            return True
        time.sleep(every)
    return False


class Scenario:
    """A run of changes. One copy of `template` begins anew for each fault."""

    name = "sync"
    arguments = ("sync",)
    only_reads = False

    def __init__(self, postgres):
        self.postgres = postgres
        self.copies, self.since = 0, 0
        self.template = self.prepare()
        self.begin()
        # One plain run is what all others are compared with.
        self.run_undisturbed()
        self.wanted = self.outcome()
        self.restore()

    def prepare(self):
        tenant = Tenant(self.postgres, ENVIRONMENTS)
        self.configure(tenant)
        tenant.migrate()
        tenant.sync(before(), unplanned="there is nothing to compare with")
        self.since = int(tenant.value("SELECT coalesce(max(run_id), 0) FROM prod.sync_run"))
        return tenant

    def configure(self, tenant):
        # Where libpq waits on (it does, for want of memory), somewhat more than this is the longest.
        tenant.connection = self.postgres.conninfo(tenant.database) + " options='-c statement_timeout=20s'"
        tenant.settings["safety"] = {"max_disables": 1000, "max_disables_percent": 100}
        tenant.settings["metrics"] = {"textfile": os.path.join(tenant.folder, "dvsync.prom")}
        tenant.configure()

    def begin(self):
        self.copies += 1
        name = f"{self.template.database}_{self.copies}"
        self.postgres.sql(f'CREATE DATABASE "{name}" TEMPLATE "{self.template.database}" STRATEGY file_copy', database="postgres")
        self.tenant = Tenant(self.postgres, ENVIRONMENTS, database=name)
        self.configure(self.tenant)
        self.tenant.write(after())
        self.files = os.listdir(self.tenant.folder)
        self.session = Session(self.postgres, name)
        self.beginning = Beginning(self.session)

    def restore(self):
        """As if nothing had been tried."""
        for name in set(os.listdir(self.tenant.folder)) - set(self.files):
            os.remove(os.path.join(self.tenant.folder, name))
        self.session.end_others()
        if not self.beginning.restore():
            self.drop()
            self.begin()

    def drop(self):
        self.session.close()
        self.postgres.sql(f'DROP DATABASE "{self.tenant.database}" WITH (FORCE)', database="postgres")
        self.tenant.close()

    def close(self):
        self.drop()
        self.template.close()

    def run_undisturbed(self):
        self.tenant.run("sync")

    def outcome(self):
        """Of each schema: the rows, what happened to each user in its order, whatever the run, and runs without an end."""
        return self.session.rows(" UNION ALL ".join(
            f"SELECT '{schema}', (SELECT md5(string_agg(t::text, E'\\n' ORDER BY t::text)) FROM (SELECT {STABLE} FROM {schema}.systemuser) t), "
            f"(SELECT md5(string_agg((azureactivedirectoryobjectid, action, reason, fields)::text, E'\\n' "
            f"ORDER BY azureactivedirectoryobjectid, run_id, action)) FROM {schema}.sync_change WHERE run_id > {self.since}), "
            f"(SELECT count(*) FROM {schema}.sync_run WHERE outcome IS NULL)" for schema in SCHEMAS))

    def run(self, environment):
        """With the fault. Exit code (negative: a signal; None: it had to be ended) and what was said."""
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
            process = subprocess.Popen(self.tenant.command(*self.arguments), stdout=output, stderr=output,
                                       env={**os.environ, **environment})
            ended = self.wait_for(process)
            if not ended:
                process.kill()
                process.wait()
            output.seek(0)
            return process.returncode if ended else None, output.read()

    def wait_for(self, process):
        return holds_within(PATIENCE, lambda: process.poll() is not None, every=0.01)

    def expects_rows(self, code):
        return code == 0

    def check(self, function, code, said):
        """What is wrong, or None."""
        if code is None:
            return f"did not end within {PATIENCE} s"
        # liblber asserts that it has memory, and nobody above it can prevent that.
        is_its_assertion = function in ("ber_alloc_t", "malloc") and code == -signal.SIGABRT and "libraries/liblber" in said
        if code not in SENSIBLE and not is_its_assertion:
            return f"ended with {code}"
        if code != 0 and not said.strip() and function not in SILENT:
            return f"ended with {code}, and did not say why"
        if self.expects_rows(code) and self.outcome() != self.wanted:
            return "said that all went well, and rows or log differ"
        if (code != 0 or self.only_reads) and holds_within(2, self.session.is_alone) and self.beginning.unchanged():
            return None  # a plain run from here is the undisturbed one, which is known
        return self.plain_run()

    def plain_run(self):
        plain = self.tenant.run("sync", expect=None)
        if plain.returncode != 0:
            return f"the plain run after it ended with {plain.returncode}: {plain.stdout}{plain.stderr}"
        for (schema, *found), (_, *wanted) in zip(self.outcome(), self.wanted):
            for what, is_, was in zip(("the rows", "the log", "runs without an end"), found, wanted):
                if is_ != was:
                    return f"{what} of {schema} differ"
        return None


class FirstLoad(Scenario):
    """Into empty tables, straight into the mirror."""

    name = "first load"

    def prepare(self):
        tenant = Tenant(self.postgres, ENVIRONMENTS)
        self.configure(tenant)
        return tenant.migrate()


class Daemon(Scenario):
    """`dvsync run`, until it has done its work, however often it needs to try."""

    name = "run"
    arguments = ("run",)
    patience = 40

    def configure(self, tenant):
        tenant.settings["schedule"] = {"every": "1s", "full_every": "24h", "jitter": "0s"}
        super().configure(tenant)

    def done(self):
        return self.session.lines(" UNION ALL ".join(
            f"SELECT '{schema}' WHERE EXISTS (SELECT 1 FROM {schema}.sync_run WHERE run_id > {self.since} AND outcome = 'succeeded')"
            for schema in SCHEMAS)) == SCHEMAS

    def wait_for(self, process):
        ended = lambda: process.poll() is not None
        if not holds_within(self.patience, lambda: ended() or self.done()):
            return False
        process.send_signal(signal.SIGTERM)
        return holds_within(self.patience, ended)


class Command(Scenario):
    """Commands that write nothing that the run after them would not."""

    only_reads = True

    def __init__(self, postgres, name, *arguments):
        self.name, self.arguments = name, arguments
        super().__init__(postgres)

    def expects_rows(self, code):
        return False


class Migration(Scenario):
    """`dvsync migrate` into an empty database; the plain run after it needs one that went through."""

    name = "migrate"
    arguments = ("migrate",)

    def prepare(self):
        tenant = Tenant(self.postgres, ENVIRONMENTS)
        self.configure(tenant)
        return tenant

    def run_undisturbed(self):
        self.tenant.migrate().run("sync")

    def expects_rows(self, code):
        return False

    def plain_run(self):
        again = self.tenant.run("migrate", expect=None)
        if again.returncode != 0:
            return f"the migration after it ended with {again.returncode}: {again.stderr}"
        return super().plain_run()


class Ldap(FirstLoad):
    """A first load from slapd."""

    name = "ldap"
    people = 12

    def __init__(self, postgres):
        from ldap_support import Slapd
        self.server = Slapd()
        staff = "".join(f"member: uid=user{n},ou=people,dc=example\n" for n in range(0, self.people, 2))
        self.server.apply("".join(
            f"dn: uid=user{n},ou=people,dc=example\nobjectClass: inetOrgPerson\nuid: user{n}\ncn: User {n}\nsn: {n}\n"
            f"mail: user{n}@contoso.example\n\n" for n in range(self.people))
            + f"dn: cn=staff,ou=groups,dc=example\nobjectClass: groupOfNames\ncn: staff\n{staff}\n")
        super().__init__(postgres)

    def configure(self, tenant):
        super().configure(tenant)
        tenant.environments = [{**environment, "security_group": "cn=staff,ou=groups,dc=example"} if "security_group" in environment
                               else environment for environment in ENVIRONMENTS]
        self.server.configure(tenant, licensed="cn=staff,ou=groups,dc=example")

    def close(self):
        super().close()
        self.server.close()


class Graph(FirstLoad):
    """A first load from the simulator of Graph."""

    name = "graph"
    people = 6

    def __init__(self, postgres):
        from graph_support import Simulator, graph_user
        self.server = Simulator()
        self.server.tell(*[{"do": "put_user", **graph_user(n)} for n in range(self.people)],
                         {"do": "put_group", "id": GROUP},
                         *[{"do": "link", "group": GROUP, "id": guid(n)} for n in range(0, self.people, 2)])
        super().__init__(postgres)

    def configure(self, tenant):
        super().configure(tenant)
        self.server.configure(tenant)

    def close(self):
        super().close()
        self.server.close()


SCENARIOS = {
    "status": lambda postgres: Command(postgres, "status", "status"),
    "log": lambda postgres: Command(postgres, "log", "log"),
    "check": lambda postgres: Command(postgres, "check", "check"),
    "plan": lambda postgres: Command(postgres, "plan", "plan"),
    "migrate": Migration, "first load": FirstLoad, "sync": Scenario, "run": Daemon, "ldap": Ldap, "graph": Graph,
}
