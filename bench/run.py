"""scripts/bench [USERS]: every case in one run, each next to the limit L: what `psql \\copy` needs for the same rows.

The same is done at a tenth and at a hundredth of the size, for the growth; docs/performance.md says what the goals are."""

import json
import os
import resource
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "tests", "system"))
from plot import LIMIT, plot  # noqa: E402
from support import Postgres, Tenant  # noqa: E402

MAKE_TENANT = os.environ["MAKE_TENANT"]
PLAN_BENCH = os.environ["PLAN_BENCH"]
SETTINGS = ("fsync=on", "full_page_writes=on", "shared_buffers=512MB", "max_wal_size=8GB", "checkpoint_timeout=30min")
EVERYBODY = ("--unlicensed", "0", "--free", "0", "--disabled", "0", "--guests", "0")
GROUP = "3f6b2c1e-0000-4000-8000-000000000001"

# Of a million users: what may be reached at most, given L in seconds (and for the last one the first load).
GOALS = {
    "first load": lambda limit: 1.8 * limit,
    "full resync, nothing changed": lambda limit: 0.6 * limit,
    "full resync, 1 % changed": lambda limit: 0.7 * limit,
    "incremental, 1,000 changes": lambda limit: max(0.02 * limit, 0.3),
    "explain of one user": lambda limit: 0.05,
    "sync --user of one user": lambda limit: 0.05,
}
MEMORY = 256  # MiB
BASELINE = 8  # times a first load, at least
GROWTH = 1.1  # of the time in units of L, from a hundredth of the size
PLANNING = 1000  # ns


def refuse_an_unfit_machine(users):
    if os.environ.get("DVSYNC_BENCH_ANYWAY"):
        return
    if os.getloadavg()[0] > 0.7 * os.cpu_count():
        sys.exit(f"the load is {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores: what is measured now means nothing. "
                 "Try again when the machine is quiet, or set DVSYNC_BENCH_ANYWAY=1.")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    if memory < 3:
        sys.exit(f"{memory:.1f} GiB of memory: PostgreSQL and the page cache need 3 at least")
    free = shutil.disk_usage("/tmp").free / 2**30
    if free < users * 12e3 / 2**30:
        sys.exit(f"{free:.1f} GiB are free in /tmp, and {users:,} users in eight databases need {users * 12e3 / 2**30:.0f}")


class Bench:
    """One size. `results` is what was measured; every number of it is printed as soon as it is there."""

    def __init__(self, users):
        self.users = users
        self.postgres = Postgres(*SETTINGS)
        self.results = []
        self.limits = []
        self.dump = os.path.join(self.postgres.folder, "rows.copy")

    def generate(self, tenant, *options, name="tenant.jsonl"):
        with open(os.path.join(tenant.folder, name), "w", encoding="utf-8") as file:
            subprocess.run([MAKE_TENANT, "--users", str(self.users), *options], stdout=file, check=True)

    def wal(self):
        position = self.postgres.value("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn", database="postgres")
        return int(position.split(".")[0])

    def settle(self):
        """What the case before left to be done is not this one's."""
        self.postgres.sql("CHECKPOINT", database="postgres")

    def run(self, case, tenant, *arguments, users=None, changed=0, times=1):
        """`times`: what is short is measured more often, and the middle counts."""
        self.settle()
        wal = self.wal()
        seconds, rss = sorted(self.run_once(case, tenant, arguments) for _ in range(times))[times // 2]
        self.add(case, seconds, users or self.users, rss, (self.wal() - wal) / changed if changed else None)

    def run_once(self, case, tenant, arguments):
        begin = time.monotonic()
        process = subprocess.Popen(tenant.command(*arguments), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        out = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - begin
        if os.waitstatus_to_exitcode(status) != 0:
            sys.exit(f"{case}: dvsync ended with {os.waitstatus_to_exitcode(status)}\n{out}")
        return seconds, usage.ru_maxrss / 1024

    def add(self, case, seconds, users, rss=None, wal=None):
        self.results.append({"case": case, "seconds": round(seconds, 3), "users_per_second": round(users / seconds),
                             "peak_rss_mib": rss and round(rss, 1), "wal_bytes_per_changed_user": wal and round(wal)})
        self.show(self.results[-1])

    def show(self, result):
        ratio, rss, wal = (result.get(name) for name in ("ratio_to_L", "peak_rss_mib", "wal_bytes_per_changed_user"))
        print(f"{result['case']:46} {result['seconds']:9.3f} s {result['users_per_second']:12,}/s"
              f"{f'{ratio:9.3f} L' if ratio else '':>11}{f'{rss:8.1f} MiB' if rss else '':>13}{f'{wal:8.0f} B' if wal else '':>11}",
              flush=True)

    def measure_limit(self, tenant):
        """The rows of a first load, by \\copy straight into a table with the same columns, constraints and indexes. A
        machine that is shared changes its pace within minutes: measured again between the cases, and the middle counts."""
        if not self.limits:
            tenant.sql(f"COPY contoso.systemuser TO '{self.dump}'")
        tenant.sql("CREATE SCHEMA l; CREATE TABLE l.systemuser (LIKE contoso.systemuser INCLUDING ALL)")
        self.settle()
        begin = time.monotonic()
        tenant.sql(f"\\copy l.systemuser FROM '{self.dump}'")
        self.limits.append(time.monotonic() - begin)
        self.add(f"{LIMIT}, time {len(self.limits)}", self.limits[-1], self.users)
        tenant.sql("DROP SCHEMA l CASCADE")

    def compare(self):
        """Everything in units of the middle L."""
        self.results = [r for r in self.results if not r["case"].startswith(LIMIT)]
        limit = sorted(self.limits)[len(self.limits) // 2]
        self.results.insert(0, {"case": LIMIT, "seconds": round(limit, 3),
                                "users_per_second": round(self.users / limit), "peak_rss_mib": None,
                                "wal_bytes_per_changed_user": None})
        print(f"\n{self.users:,} users, in units of L", flush=True)
        for result in self.results:
            result["ratio_to_L"] = round(result["seconds"] / limit, 3)
            self.show(result)

    def drop(self, tenant):
        tenant.close()
        self.postgres.sql(f'DROP DATABASE "{tenant.database}"', database="postgres")

    def unguarded(self, environments=None):
        tenant = Tenant(self.postgres, environments)
        tenant.settings["safety"] = {"max_disables": 10**7, "max_disables_percent": 100}
        tenant.configure()
        return tenant.migrate()

    def main_cases(self):
        tenant = self.unguarded()
        self.generate(tenant, *EVERYBODY)
        self.run("first load", tenant, "sync", changed=self.users)
        self.measure_limit(tenant)
        self.run("full resync, nothing changed", tenant, "sync", "--full")
        self.measure_limit(tenant)
        return tenant

    def other_cases(self, tenant):
        self.generate(tenant, *EVERYBODY, "--change", "1")
        self.run("full resync, 1 % changed", tenant, "sync", "--full", changed=self.users // 100)
        self.measure_limit(tenant)
        self.generate(tenant, "--unlicensed", "0", "--free", "0", "--disabled", "0.1", "--guests", "0", "--change", "1")
        self.run("full resync, 0.1 % disabled", tenant, "sync", "--full", changed=self.users // 1000)
        self.generate(tenant, "--delta-of", str(self.users), "--changed", "1000", name="delta.jsonl")
        tenant.configure(path="delta.jsonl", mode="delta")
        self.run("incremental, 1,000 changes", tenant, "sync", users=1000, changed=1000)
        somebody = tenant.value("SELECT domainname FROM contoso.systemuser LIMIT 1")
        self.run("explain of one user", tenant, "explain", somebody, users=1, times=9)
        self.run("sync --user of one user", tenant, "sync", "--user", somebody, users=1, times=9)
        self.drop(tenant)
        three = self.unguarded([{"name": n, "type": "production", "schema": n} for n in ("one", "two", "three")])
        self.generate(three, *EVERYBODY)
        self.run("first load of three environments, one pull", three, "sync", changed=3 * self.users)
        self.baseline(three)
        self.drop(three)
        grouped = self.unguarded([{"name": "contoso", "type": "production", "schema": "contoso", "security_group": GROUP}])
        self.generate(grouped, *EVERYBODY, "--groups", "1", "--group-share", "100")
        self.run("first load, all members of one group", grouped, "sync", changed=self.users)
        self.drop(grouped)

    def baseline(self, tenant):
        """What a careful administrator would write: the same file, INSERT … ON CONFLICT DO UPDATE row by row."""
        tenant.sql("TRUNCATE one.systemuser")
        users = min(self.users, 50_000)  # row by row: the rest takes as long each
        begin = time.monotonic()
        subprocess.run([sys.executable, os.path.join(HERE, "baseline.py"), os.path.join(tenant.folder, "tenant.jsonl"), str(users)],
                       stdout=subprocess.PIPE, check=True, env={**os.environ, "PSQL": f"{self.postgres.bin}/psql",
                                                                "CONNECTION": tenant.connection})
        self.add(f"baseline script, row by row (from {users:,})", (time.monotonic() - begin) * self.users / users, self.users)


def measure_planning():
    """Nanoseconds a decision, by Google Benchmark."""
    out = subprocess.run([PLAN_BENCH, "--benchmark_format=json"], capture_output=True, text=True, check=True).stdout
    planning = {b["name"]: round(b["cpu_time"]) for b in json.loads(out)["benchmarks"]}
    print("planning one identity: " + ", ".join(f"{name} {ns} ns" for name, ns in planning.items()))
    return planning


def measure(users, everything):
    bench = Bench(users)
    try:
        print(f"\n{users:,} users, {os.cpu_count()} cores", flush=True)
        tenant = bench.main_cases()
        if everything:
            bench.other_cases(tenant)
        else:
            bench.measure_limit(tenant)
        bench.compare()
    finally:
        bench.postgres.close()
    return bench.results


def say(what, reached, goal, is_reached):
    print(f"{what:46} {reached:>12}, goal {goal}: {'reached' if is_reached else 'not reached'}")


def judge(users, results, planning):
    """Goals are for a million users; smaller runs are judged by them all the same, and mostly do better or worse."""
    by_case = {r["case"]: r for r in results[users]}
    limit = results[users][0]["seconds"]
    for case, goal in GOALS.items():
        most = goal(limit)
        seconds = by_case[case]["seconds"]
        say(case, f"{seconds:.3f} s", f"{most:.3f} s", seconds <= most)
    baseline = next(r for case, r in by_case.items() if case.startswith("baseline"))
    slower = baseline["seconds"] / by_case["first load"]["seconds"]
    say("baseline script, times a first load", f"{slower:.1f}", f"at least {BASELINE}", slower >= BASELINE)
    peak = max(r["peak_rss_mib"] or 0 for r in results[users])
    say("peak memory", f"{peak:.0f} MiB", f"{MEMORY} MiB", peak <= MEMORY)
    if users // 10 in results:
        tenth = next(r for r in results[users // 10] if r["case"] == "first load")["peak_rss_mib"]
        times = by_case["first load"]["peak_rss_mib"] / tenth
        say("peak memory of a first load, times a tenth's", f"{times:.2f}", "1.10", times <= 1.1)
    smallest = min(results)
    for case in ("first load", "full resync, nothing changed"):
        growth = by_case[case]["ratio_to_L"] / next(r for r in results[smallest] if r["case"] == case)["ratio_to_L"]
        say(f"growth from {smallest:,}: {case}", f"{growth:.2f}", f"{GROWTH}", growth <= GROWTH)
    unchanged = next(ns for name, ns in planning.items() if "nchanged" in name)
    say("planning one unchanged identity", f"{unchanged} ns", f"{PLANNING} ns", unchanged <= PLANNING)


def main():
    users = int(sys.argv[1])
    refuse_an_unfit_machine(users)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    planning = measure_planning()
    sizes = sorted({size for size in (users // 100, users // 10, users) if size >= 1000})
    results = {size: measure(size, size == users) for size in sizes}
    print()
    judge(users, results, planning)
    folder = os.path.join(HERE, "results")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, f"{users}.json"), "w", encoding="utf-8") as file:
        json.dump({"users": users, "cores": os.cpu_count(), "planning_ns": planning,
                   "results": {str(size): of_size for size, of_size in results.items()}}, file, indent=1)
    plot(results, os.path.join(folder, f"{users}.svg"))
    print(f"\nwritten: bench/results/{users}.json and .svg")


main()
