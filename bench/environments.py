"""The benchmark behind `scripts/bench environments [ENVIRONMENTS] [USERS]`: many environments with a group of 1,000 each.

The same is done with a tenth and a hundredth of the environments and users, for the growth."""

import json
import os
import random
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "tests", "system"))
from plot import plot  # noqa: E402
from support import Postgres, Tenant, group  # noqa: E402

MAKE_TENANT = os.environ["MAKE_TENANT"]
SETTINGS = ("fsync=on", "full_page_writes=on", "shared_buffers=512MB", "max_wal_size=8GB", "checkpoint_timeout=30min",
            "max_connections=100")
MEMBERS = 1000  # of each group
CHANGED = 100   # users, of whom three in ten environments know one
LIMIT = "L: psql \\copy of as many rows into one table"
# Seconds, of so many environments and users; of a first load, how many L.
GOALS = {(1000, 1_000_000): {"first load": 3, "incremental, nothing changed": 1.5, "incremental, 100 users changed": 3,
                             "full, nothing changed": 25},
         (100, 100_000): {"incremental, nothing changed": 0.4, "full, nothing changed": 1.5, "plan": 0.6, "status": 0.2}}
MEMORY = 256  # MiB
SESSIONS = 8 + 4  # database.sessions and four
GROWTH = 1.2  # of the time an environment, from a hundredth of the size
COLOURS = {"first load": "#b5482a", "full, nothing changed": "#2a6db5", "incremental, nothing changed": "#3a8a4d",
           "status": "#888888"}


def group_id(number):
    return f"3f6b2c1e-0000-4000-8000-{number:012d}"


class Watch:
    """How many sessions a server has at most while somebody works on it, and how much memory that takes; looked at twenty
    times a second. What the kernel tells of a child at its end counts the memory of this program, too."""

    def __init__(self, postgres):
        self.sessions, self.memory, self.process = 0, 0, None
        self.psql = subprocess.Popen([f"{postgres.bin}/psql", "-X", "-q", "-A", "-t", "-d", postgres.conninfo("postgres")],
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.look)
        self.thread.start()

    def look(self):
        while not self.ended.wait(0.05):
            self.psql.stdin.write("SELECT count(*) - 1 FROM pg_stat_activity WHERE backend_type = 'client backend';\n")
            self.psql.stdin.flush()
            self.sessions = max(self.sessions, int(self.psql.stdout.readline()))
            self.memory = max(self.memory, self.peak())

    def peak(self):
        """Of the process that works, in MiB."""
        try:
            with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
                return next((int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM:")), 0)
        except (AttributeError, OSError):  # it has not begun, or has ended
            return 0

    def end(self):
        self.ended.set()
        self.thread.join()
        self.psql.communicate()


class Bench:
    """One size. `results` is what was measured."""

    def __init__(self, environments, users):
        self.environments, self.users = environments, users
        self.groups_of = {}
        self.changed_before = set()
        self.results = []
        self.postgres = Postgres(*SETTINGS)
        self.tenant = Tenant(self.postgres, [
            {"name": f"e{n}", "type": "production", "schema": f"e{n}", "security_group": group_id(n)}
            for n in range(1, environments + 1)])
        self.tenant.settings = {"safety": {"max_disables_percent": 100, "max_disables": 1_000_000}}
        self.tenant.configure()
        self.path = os.path.join(self.tenant.folder, "tenant.jsonl")
        with open(self.path, "w", encoding="utf-8") as file:
            subprocess.run([MAKE_TENANT, "--users", str(users)], stdout=file, check=True)
        self.add_groups(environments)
        self.tenant.migrate()

    def add_groups(self, groups):
        with open(self.path, encoding="utf-8") as file:
            ids = [line.split('"id":"', 1)[1][:36] for line in file if '"#microsoft.graph.user"' in line[:40]]
        choose = random.Random(1)
        with open(self.path, "a", encoding="utf-8") as file:
            for number in range(1, groups + 1):
                members = choose.sample(ids, min(MEMBERS, len(ids)))
                for member in members: self.groups_of.setdefault(member, set()).add(number)
                file.write(json.dumps(group(group_id(number), members)) + "\n")

    def measure_all(self):
        print(f"\n{self.environments:,} environments, {self.users:,} users, groups of {MEMBERS:,}, {os.cpu_count()} cores", flush=True)
        self.measure("first load", "sync")
        self.measure_limit()
        # As autovacuum does within minutes, beside whatever is measured then.
        self.tenant.sql("ANALYZE")
        self.measure("full, nothing changed", "sync", "--full")
        self.follow_changes([self.changed(next(iter(self.groups_of)))])  # which says nothing new
        self.measure("incremental, nothing changed", "sync", times=3)
        self.measure("plan", "plan", times=3)
        self.measure("status", "status", times=3)
        self.measure("incremental, 100 users changed", "sync", times=3, before=lambda: self.follow_changes(self.changed_users()))

    def follow_changes(self, lines):
        """From here on the directory tells only what changed; a run that has seen nothing of it yet is not measured."""
        first = self.tenant.directory.get("mode") != "delta"
        self.tenant.write(lines, name="delta.jsonl")
        self.tenant.configure(path="delta.jsonl", mode="delta")
        if first: self.tenant.run("sync", expect=None)

    def changed_users(self):
        """Of users in groups that have not changed yet, until three in ten of the environments know one."""
        known, chosen = set(), set()
        for user in sorted(self.groups_of.keys() - self.changed_before, key=lambda one: (-len(self.groups_of[one]), one)):
            if len(chosen) == CHANGED or len(known) >= 0.3 * self.environments: break
            chosen.add(user)
            known |= self.groups_of[user]
        self.changed_before |= chosen
        print(f"{len(chosen)} users change, who are in {len(known)} environments")
        return [self.changed(user, jobTitle="Changed") for user in sorted(chosen)]

    @staticmethod
    def changed(user, **facts):
        return {"@odata.type": "#microsoft.graph.user", "id": user, **facts}

    def measure(self, case, *arguments, times=1, before=lambda: None):
        """`times`: what is short is measured more often, and the middle counts."""
        self.postgres.sql("CHECKPOINT", database="postgres")
        watch = Watch(self.postgres)
        seconds = sorted(self.run_once(case, arguments, watch, before) for _ in range(times))
        watch.end()
        if times > 1: print(f"    {case}: {', '.join(f'{each:.2f}' for each in seconds)} s")
        self.add(case, seconds[times // 2], watch.memory, watch.sessions)

    def run_once(self, case, arguments, watch, before):
        before()
        begin = time.monotonic()
        process = subprocess.Popen(self.tenant.command(*arguments), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        watch.process = process
        out, _ = process.communicate()
        seconds = time.monotonic() - begin
        if process.returncode not in (0, 1): sys.exit(f"{case} ended with {process.returncode}:\n{out[-4000:]}")
        return seconds

    def add(self, case, seconds, memory=None, sessions=None):
        self.results.append({"case": case, "seconds": round(seconds, 3), "peak_rss_mib": memory and round(memory, 1),
                             "sessions": sessions, "ms_an_environment": round(1000 * seconds / self.environments, 3)})
        print(f"{case:46} {seconds:8.2f} s {1000 * seconds / self.environments:9.2f} ms an environment"
              f"{f'{memory:8.0f} MiB' if memory else ''}{f'{sessions:4} sessions' if sessions else ''}", flush=True)

    def measure_limit(self):
        """The rows of all environments, into one table that has the columns, constraints and indexes of theirs. As one
        user has a row in several environments, each row gets an object id of its own."""
        dump = os.path.join(self.postgres.folder, "rows.copy")
        columns = ["gen_random_uuid()" if name == "azureactivedirectoryobjectid" else name for name, in self.tenant.sql(
            "SELECT attname FROM pg_attribute WHERE attrelid = 'e1.systemuser'::regclass AND attnum > 0 AND NOT attisdropped "
            "ORDER BY attnum")]
        for first in range(1, self.environments + 1, 50):
            rows = " UNION ALL ".join(f"SELECT {', '.join(columns)} FROM e{n}.systemuser"
                                      for n in range(first, min(first + 50, self.environments + 1)))
            self.tenant.sql(f"COPY ({rows}) TO PROGRAM 'cat >>{dump}'")
        self.tenant.sql("CREATE SCHEMA l; CREATE TABLE l.systemuser (LIKE e1.systemuser INCLUDING ALL)")
        self.postgres.sql("CHECKPOINT", database="postgres")
        begin = time.monotonic()
        self.tenant.sql(f"\\copy l.systemuser FROM '{dump}'")
        self.add(LIMIT, time.monotonic() - begin)
        self.tenant.sql("DROP SCHEMA l CASCADE")
        os.remove(dump)

    def close(self):
        self.tenant.close()
        self.postgres.sql(f'DROP DATABASE "{self.tenant.database}"', database="postgres")
        self.postgres.close()


def say(what, reached, goal, is_reached):
    print(f"{what:46} {reached:>12}, goal {goal}: {'reached' if is_reached else 'not reached'}")


def judge(environments, users, results):
    by_case = {r["case"]: r for r in results[environments]}
    for case, goal in GOALS.get((environments, users), {}).items():
        seconds = by_case[case]["seconds"]
        if case == "first load":
            limits = seconds / by_case[LIMIT]["seconds"]
            say(case, f"{limits:.2f} L", f"{goal} L", limits <= goal)
        else:
            say(case, f"{seconds:.2f} s", f"{goal} s", seconds <= goal)
    measured = [r for r in by_case.values() if r["peak_rss_mib"]]
    peak, sessions = max(r["peak_rss_mib"] for r in measured), max(r["sessions"] for r in measured)
    say("peak memory", f"{peak:.0f} MiB", f"{MEMORY} MiB", peak <= MEMORY)
    say("sessions", str(sessions), str(SESSIONS), sessions <= SESSIONS)
    smallest = min(results)
    for case in ("first load", "full, nothing changed", "incremental, nothing changed", "status"):
        growth = by_case[case]["ms_an_environment"] / next(r for r in results[smallest] if r["case"] == case)["ms_an_environment"]
        say(f"time an environment, times that at {smallest}: {case}", f"{growth:.2f}", f"{GROWTH}", growth <= GROWTH)


def sizes_up_to(environments, users):
    return sorted((environments // part, users // part) for part in (100, 10, 1) if environments // part >= 10)


def write_down(environments, users, results):
    judge(environments, users, results)
    folder = os.path.join(HERE, "results")
    os.makedirs(folder, exist_ok=True)
    name = os.path.join(folder, f"environments-{environments}")
    with open(f"{name}.json", "w", encoding="utf-8") as file:
        json.dump({"users": users, "cores": os.cpu_count(), "results": {str(size): of_size for size, of_size in results.items()}},
                  file, indent=1)
    plot(results, f"{name}.svg", COLOURS, "environments")
    print(f"\nwritten: {os.path.relpath(name)}.json and .svg")


def main():
    environments, users = int(sys.argv[1]), int(sys.argv[2])
    results = {}
    for some, of_users in sizes_up_to(environments, users):
        bench = Bench(some, of_users)
        try:
            bench.measure_all()
        finally:
            bench.close()
        results[some] = bench.results
    print()
    write_down(environments, users, results)


if __name__ == "__main__":
    main()
