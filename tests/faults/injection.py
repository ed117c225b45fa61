"""One call of one function fails, once, in a run of the real binary. The run may fail. It may not crash, hang, or say that
all went well when it did not; and the plain run after it leaves the rows and the log that an undisturbed run leaves."""

import collections
import errno
import itertools
import os
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "system"))
from support import DVSYNC, Postgres, Tenant, group, guid, user, wait_until

SHIM = os.environ.get("DVSYNC_FAULT_SHIM", "build/plain/tests/libfault_shim.so")
DEADLINE = 100  # seconds: longer than every limit on a wait that a small run can meet
GROUP = "3f6b2c1e-0000-4000-8000-000000000001"
ENVIRONMENTS = [{"name": "prod", "type": "production", "schema": "prod"},
                {"name": "grouped", "type": "sandbox", "schema": "grouped", "security_group": GROUP}]
SCHEMAS = [environment["schema"] for environment in ENVIRONMENTS]

SENSIBLE = {0: "done", 69: "out of reach", 71: "no memory or other means", 74: "output not written", 75: "incomplete",
            77: "no permission", 78: "configuration"}
SILENT = {"fwrite", "fflush"}  # who cannot write cannot say so

ANSWERS_NOTHING = [0]  # a pointer, or libpq's own way to say that something is wrong
NO_MEMORY, SERVER_DOWN, DECODING_ERROR = -10, -1, -4  # libldap's
FUNCTIONS = {
    "read": [errno.EIO], "pread": [errno.EIO, errno.EINTR], "write": [errno.ENOSPC], "open": [errno.EMFILE, errno.EIO],
    "open64": [errno.EMFILE], "fopen": [errno.EMFILE], "fopen64": [errno.EMFILE], "stat": [errno.EIO], "fstat": [errno.EIO],
    "fchmod": [errno.EPERM], "fsync": [errno.EIO], "rename": [errno.ENOSPC], "unlink": [errno.EACCES],
    "fwrite": [errno.ENOSPC], "fflush": [errno.ENOSPC], "fcntl": [errno.EMFILE], "fcntl64": [errno.EMFILE],
    "socket": [errno.EMFILE], "connect": [errno.ECONNREFUSED], "getaddrinfo": [-3],
    "send": [errno.ECONNRESET, errno.EINTR], "recv": [errno.ECONNRESET, 0, errno.EINTR], "poll": [errno.ENOMEM, errno.EINTR],
    "pipe": [errno.EMFILE], "pipe2": [errno.EMFILE], "eventfd": [errno.EMFILE], "timerfd_create": [errno.EMFILE], "timerfd_settime": [errno.EINVAL],
    "epoll_create": [errno.EMFILE], "epoll_create1": [errno.EMFILE], "epoll_ctl": [errno.ENOMEM], "epoll_wait": [errno.EINTR],
    "pthread_create": [errno.EAGAIN],
    **dict.fromkeys(("PQconnectdbParams", "PQexec", "PQexecParams", "PQgetResult", "PQgetCopyData", "PQputCopyData", "PQputCopyEnd",
                     "PQconsumeInput", "PQsendQuery", "PQgetCancel", "PQcancel", "PQsocket", "PQparameterStatus",
                     "PQresultErrorField", "PQescapeIdentifier", "PQescapeStringConn", "PQconninfoParse", "PQconndefaults"),
                    ANSWERS_NOTHING),
    "curl_global_init": [2], "curl_easy_init": ANSWERS_NOTHING, "curl_easy_setopt": [27], "curl_easy_getinfo": [27],
    "curl_easy_perform": [27, 7, 56], "curl_slist_append": ANSWERS_NOTHING,
    "ldap_initialize": [NO_MEMORY], "ldap_connect": [SERVER_DOWN], "ldap_set_option": [-1], "ldap_get_option": [-1],
    "ldap_start_tls_s": [-11], "ldap_sasl_bind": [SERVER_DOWN, NO_MEMORY], "ldap_search_ext": [SERVER_DOWN, NO_MEMORY],
    "ldap_result": [-1, 0], "ldap_parse_result": [DECODING_ERROR], "ldap_parse_intermediate": [DECODING_ERROR],
    "ldap_get_entry_controls": [DECODING_ERROR], "ldap_get_dn_ber": [DECODING_ERROR], "ldap_get_attribute_ber": [DECODING_ERROR],
    "ldap_abandon_ext": [SERVER_DOWN],
    "ber_init": ANSWERS_NOTHING, "ber_alloc_t": ANSWERS_NOTHING, "ber_flatten2": ANSWERS_NOTHING,
}


def before():
    return [user(n) for n in range(30)] + [group(GROUP, [guid(n) for n in range(0, 30, 2)])]


def after():
    """Users come, go, change and lose their access; some join the group, and some leave it."""
    changed = [user(n, jobTitle="Head") if n % 5 == 0 else user(n, accountEnabled=False) if n % 7 == 0 else user(n)
               for n in range(1, 30)]
    return changed + [user(n) for n in range(30, 33)] + [group(GROUP, [guid(n) for n in range(0, 33, 3)])]


class Scenario:
    """What is run with a fault in it. The tenant begins as a copy of `template` each time."""

    name = "sync"
    arguments = ("sync",)
    functions = tuple(FUNCTIONS)

    def __init__(self, postgres):
        self.postgres = postgres
        self.copies = 0
        self.template = self.prepare()
        self.since = int(self.template.value("SELECT coalesce(max(run_id), 0) FROM prod.sync_run"))
        # One plain run is what all others are compared with.
        undisturbed = self.copy()
        undisturbed.run("sync")
        self.wanted = self.outcome(undisturbed)
        self.drop(undisturbed)

    def prepare(self):
        tenant = Tenant(self.postgres, ENVIRONMENTS)
        self.configure(tenant)
        tenant.migrate()
        tenant.sync(before(), unplanned="there is nothing to compare with")
        tenant.write(after())
        return tenant

    def configure(self, tenant):
        # Where libpq waits on (it does, for want of memory), somewhat more than this is the longest.
        tenant.connection = self.postgres.conninfo(tenant.database) + " options='-c statement_timeout=20s'"
        tenant.settings["safety"] = {"max_disables": 1000, "max_disables_percent": 100}
        tenant.settings["metrics"] = {"textfile": os.path.join(tenant.folder, "dvsync.prom")}
        tenant.configure()

    def copy(self):
        self.copies += 1
        name = f"{self.template.database}_{self.copies}"
        self.postgres.sql(f'CREATE DATABASE "{name}" TEMPLATE "{self.template.database}" STRATEGY file_copy', database="postgres")
        tenant = Tenant(self.postgres, ENVIRONMENTS, database=name)
        self.configure(tenant)
        tenant.write(after())
        return tenant

    def drop(self, tenant):
        self.postgres.sql(f'DROP DATABASE "{tenant.database}" WITH (FORCE)', database="postgres")
        tenant.close()

    def outcome(self, tenant):
        """The rows, and what happened to each user in its order, whatever the run."""
        return [(tenant.rows(schema),
                 tenant.sql(f"SELECT azureactivedirectoryobjectid, action, reason, fields FROM {schema}.sync_change "
                            f"WHERE run_id > {self.since} ORDER BY azureactivedirectoryobjectid, run_id, action"))
                for schema in SCHEMAS]

    def run(self, tenant, environment):
        """With the fault. Exit code (negative: a signal; None: it had to be ended) and what was said."""
        process = tenant.start(*self.arguments, env={**os.environ, **environment})
        try:
            said = process.communicate(timeout=DEADLINE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return None, ""
        return process.returncode, "".join(said)

    def expects_rows(self, code):
        return code == 0

    def check(self, tenant, function, code, said):
        """What is wrong, or None."""
        if code is None:
            return f"did not end within {DEADLINE} s"
        if code not in SENSIBLE:
            return f"ended with {code}"
        if code != 0 and not said.strip() and function not in SILENT:
            return f"ended with {code}, and did not say why"
        if self.expects_rows(code) and self.outcome(tenant) != self.wanted:
            return "said that all went well, and rows or log differ"
        plain = tenant.run("sync", expect=None)
        if plain.returncode != 0:
            return f"the plain run after it ended with {plain.returncode}: {plain.stdout}{plain.stderr}"
        for (rows, log), (wanted_rows, wanted_log), schema in zip(self.outcome(tenant), self.wanted, SCHEMAS):
            if rows != wanted_rows:
                return f"the rows of {schema} differ"
            if log != wanted_log:
                return f"the log of {schema} differs"
            if tenant.value(f"SELECT count(*) FROM {schema}.sync_run WHERE outcome IS NULL") != "0":
                return f"a run of {schema} has no end"
        return None


class FirstLoad(Scenario):
    """Into empty tables, straight into the mirror."""

    name = "first load"

    def prepare(self):
        tenant = Tenant(self.postgres, ENVIRONMENTS)
        self.configure(tenant)
        tenant.migrate()
        return tenant


class Daemon(Scenario):
    """`dvsync run`, until it has done its work, however often it needs to try."""

    name = "run"
    arguments = ("run",)
    patience = 40

    def configure(self, tenant):
        tenant.settings["schedule"] = {"every": "1s", "full_every": "24h", "jitter": "0s"}
        super().configure(tenant)

    def done(self, tenant):
        return all(tenant.value(f"SELECT count(*) FROM {schema}.sync_run WHERE run_id > {self.since} AND outcome = 'succeeded'") != "0"
                   for schema in SCHEMAS)

    def run(self, tenant, environment):
        with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
            process = subprocess.Popen(tenant.command(*self.arguments), stdout=output, stderr=output,
                                       env={**os.environ, **environment})
            try:
                wait_until(lambda: process.poll() is not None or self.done(tenant), seconds=self.patience)
                process.send_signal(signal.SIGTERM)
                process.wait(timeout=self.patience)
            except (AssertionError, subprocess.TimeoutExpired):
                process.kill()
                process.wait()
                return None, ""
            output.seek(0)
            return process.returncode, output.read()


class Command(Scenario):
    """Commands that write nothing that the run after them would not."""

    def __init__(self, postgres, name, *arguments):
        self.name, self.arguments = name, arguments
        super().__init__(postgres)

    def expects_rows(self, code):
        return False


class Migration(FirstLoad):
    """`dvsync migrate` into an empty database; the plain run after it needs one that went through."""

    name = "migrate"
    arguments = ("migrate",)

    def prepare(self):
        tenant = Tenant(self.postgres, ENVIRONMENTS)
        self.configure(tenant)
        return tenant

    def __init__(self, postgres):
        self.postgres, self.copies, self.since = postgres, 0, 0
        self.template = self.prepare()
        undisturbed = self.copy()
        undisturbed.migrate().run("sync")
        self.wanted = self.outcome(undisturbed)
        self.drop(undisturbed)

    def expects_rows(self, code):
        return False

    def check(self, tenant, function, code, said):
        if code != 0:
            again = tenant.run("migrate", expect=None)
            if again.returncode != 0:
                return f"the migration after it ended with {again.returncode}: {again.stderr}"
        return super().check(tenant, function, code, said)


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


SCENARIOS = {
    "sync": Scenario, "first load": FirstLoad, "run": Daemon, "migrate": Migration, "ldap": Ldap, "graph": Graph,
    "plan": lambda postgres: Command(postgres, "plan", "plan"),
    "status": lambda postgres: Command(postgres, "status", "status"),
    "check": lambda postgres: Command(postgres, "check", "check"),
    "log": lambda postgres: Command(postgres, "log", "log"),
}


def spread(count, most):
    """At most so many of 1 … count."""
    if not most or count <= most:
        return range(1, count + 1)
    return sorted({1 + i * (count - 1) // max(most - 1, 1) for i in range(most)})


class Injector:
    """Runs a scenario with faults, and counts."""

    def __init__(self, scenario, say=print):
        self.scenario, self.say = scenario, say
        self.codes = collections.Counter()  # (function, exit code) → how often
        self.wrong = []
        self.counts = None

    def faulty_run(self, tenant, **wishes):
        """Exit code, what was said, and the lines of the report."""
        report = os.path.join(tenant.folder, "report")
        code, said = self.scenario.run(tenant, {"LD_PRELOAD": SHIM, "DVSYNC_FAULT_REPORT": report, **wishes})
        if not os.path.exists(report):
            raise AssertionError(f"{SHIM} was not loaded: {said}")
        with open(report, encoding="ascii") as file:
            return code, said, file.read().splitlines()

    def undisturbed(self, word, **wishes):
        """What the report of a run without a fault says after `word`."""
        tenant = self.scenario.copy()
        _, _, lines = self.faulty_run(tenant, **wishes)
        self.scenario.drop(tenant)
        return [line.split()[1:] for line in lines if line.startswith(word + " ")]

    def count(self, function):
        """How often it is called."""
        if self.counts is None:
            self.counts = {name: int(calls, 16) for name, calls in self.undisturbed("calls")}
        return self.counts.get(function, 0)

    def stacks(self, function="malloc"):
        """The call stacks it is called with."""
        return sorted({stack for _, stack in self.undisturbed("stack", DVSYNC_FAULT_STACKS=function)})

    def attempt(self, fault):
        """False: the run passed without an injection."""
        function = fault.replace("@", ":").split(":")[0]
        tenant = self.scenario.copy()
        code, said, lines = self.faulty_run(tenant, DVSYNC_FAULT=fault)
        injected = any(line.startswith("injected ") for line in lines)
        if injected:
            self.codes[function, code] += 1
            wrong = self.scenario.check(tenant, function, code, said)
            if wrong:
                self.wrong.append((fault, wrong))
                self.say(f"{self.scenario.name}: {fault}: {wrong}\n{said.strip()[-2000:]}\n{self.places(lines)}\n")
        self.scenario.drop(tenant)
        return injected

    def every_call(self, function, most=None):
        """The first, the second … until a run passes. `most`: only so many, spread evenly over those there are."""
        for outcome in FUNCTIONS[function]:
            calls = spread(self.count(function), most) if most else itertools.count(1)
            for call in calls:
                if not self.attempt(f"{function}:{call}:{outcome}") and not most:
                    break

    def every_stack(self, function="malloc", most=None):
        """Memory is asked for too often for every call: once from every place, with how it was reached."""
        stacks = self.stacks(function)
        for place in spread(len(stacks), most):
            self.attempt(f"{function}@{stacks[place - 1]}")

    def places(self, lines):
        """Where the call came from, in words."""
        modules = {int(line.split()[1], 16): line.split()[2] for line in lines if line.startswith("module ") and len(line.split()) > 2}
        told = []
        for place in next((line.split()[2:] for line in lines if line.startswith("injected ")), []):
            module, offset = int(place, 16) >> 40, int(place, 16) & ((1 << 40) - 1)
            file = DVSYNC if module == 1 else modules.get(module, "?")
            done = subprocess.run(["addr2line", "-sfCe", file, hex(offset - 1)], capture_output=True, text=True)
            told.append("    " + (" at ".join(done.stdout.split("\n")[:2]) or place) + f"  ({os.path.basename(file)})")
        return "\n".join(told)

    def table(self):
        functions = sorted({function for function, _ in self.codes})
        lines = []
        for function in functions:
            codes = {code: n for (name, code), n in self.codes.items() if name == function}
            what = ", ".join(f"{n} × {code}" for code, n in sorted(codes.items(), key=lambda item: -item[1]))
            lines.append(f"{self.scenario.name:10} {function:22} {sum(codes.values()):6}   {what}")
        return "\n".join(lines)


def main(arguments):
    """[--in SCENARIO,…] [--most N] [FUNCTION…]"""
    chosen, most, functions = list(SCENARIOS), None, []
    arguments = list(arguments)
    while arguments:
        argument = arguments.pop(0)
        if argument == "--in":
            chosen = arguments.pop(0).split(",")
        elif argument == "--most":
            most = int(arguments.pop(0))
        else:
            functions.append(argument)
    unknown = [name for name in functions if name not in FUNCTIONS and name != "malloc"] + [n for n in chosen if n not in SCENARIOS]
    if unknown:
        sys.exit(f"there is no {unknown[0]}; functions: malloc {' '.join(FUNCTIONS)}; scenarios: {', '.join(SCENARIOS)}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    postgres = Postgres()
    total, wrong = 0, 0
    try:
        for name in chosen:
            injector = Injector(SCENARIOS[name](postgres))
            for function in functions or [*FUNCTIONS, "malloc"]:
                if function == "malloc":
                    injector.every_stack(most=most)
                else:
                    injector.every_call(function, most)
            print(injector.table(), flush=True)
            total += sum(injector.codes.values())
            wrong += len(injector.wrong)
            if hasattr(injector.scenario, "server"):
                injector.scenario.server.close()
    finally:
        postgres.close()
    print(f"{total} faults injected, {wrong} times something was wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
