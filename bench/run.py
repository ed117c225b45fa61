"""The benchmark behind scripts/bench: every case in one run, each next to the limit L."""

import json
import os
import resource
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "tests", "system"))
from support import Postgres, Tenant  # noqa: E402

MAKE_TENANT = os.environ["MAKE_TENANT"]
SETTINGS = ("fsync=on", "full_page_writes=on", "shared_buffers=512MB", "max_wal_size=8GB", "checkpoint_timeout=30min")


def refuse_a_busy_machine():
    if os.getloadavg()[0] > 0.7 * os.cpu_count():
        sys.exit(f"the load is {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores: what is measured now means nothing. "
                 "Try again when the machine is quiet, or set DVSYNC_BENCH_ANYWAY=1.")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    if memory < 4:
        sys.exit(f"{memory:.1f} GiB of memory: a million users and PostgreSQL need 4")


class Bench:
    def __init__(self, users):
        self.users = users
        self.postgres = Postgres(*SETTINGS)
        self.results = []

    def generate(self, tenant, *options, name="tenant.jsonl"):
        with open(os.path.join(tenant.folder, name), "w", encoding="utf-8") as file:
            subprocess.run([MAKE_TENANT, "--users", str(self.users), *options], stdout=file, check=True)

    def wal(self):
        return int(self.postgres.value("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn", database="postgres").split(".")[0])

    def run(self, case, tenant, *arguments, users=None, changed=0, expect=0):
        wal = self.wal()
        begin = time.monotonic()
        process = subprocess.Popen(tenant.command(*arguments), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        out = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - begin
        if os.waitstatus_to_exitcode(status) != expect:
            sys.exit(f"{case}: dvsync ended with {os.waitstatus_to_exitcode(status)}\n{out}")
        self.add(case, seconds, users or self.users, usage.ru_maxrss / 1024, (self.wal() - wal) / changed if changed else None)

    def add(self, case, seconds, users, rss=None, wal=None):
        limit = self.limit if self.results else seconds
        self.results.append({"case": case, "seconds": round(seconds, 3), "users_per_second": round(users / seconds),
                             "ratio_to_L": round(seconds / limit, 3), "peak_rss_mib": rss and round(rss, 1),
                             "wal_bytes_per_changed_user": wal and round(wal)})
        print(f"{case:44} {seconds:9.3f} s {users / seconds:12,.0f}/s {seconds / limit:7.3f} L"
              f"{f'{rss:8.1f} MiB' if rss else '':>13}{f'{wal:8.0f} B' if wal else '':>11}", flush=True)

    def measure_limit(self, loaded):
        """The rows of a first load, by \\copy straight into a table with the same columns, constraints and indexes."""
        dump = os.path.join(self.postgres.folder, "rows.copy")
        loaded.sql(f"COPY contoso.systemuser TO '{dump}'")
        rows = int(loaded.value("SELECT count(*) FROM contoso.systemuser"))
        loaded.sql("CREATE SCHEMA l; CREATE TABLE l.systemuser (LIKE contoso.systemuser INCLUDING ALL)")
        begin = time.monotonic()
        loaded.sql(f"\\copy l.systemuser FROM '{dump}'")
        self.limit = time.monotonic() - begin
        loaded.sql("DROP SCHEMA l CASCADE")
        os.unlink(dump)
        return rows

    def all(self):
        everybody = ("--unlicensed", "0", "--free", "0", "--disabled", "0", "--guests", "0")
        warm = Tenant(self.postgres)
        warm.migrate()
        self.generate(warm, *everybody)
        warm.run("sync")
        rows = self.measure_limit(warm)
        self.add("L: psql \\copy into systemuser", self.limit, rows)
        tenant = Tenant(self.postgres)
        tenant.settings["safety"] = {"max_disables": 10**7}
        tenant.configure()
        tenant.migrate()
        self.generate(tenant, *everybody)
        self.run("first load", tenant, "sync", changed=self.users)
        self.run("full resync, nothing changed", tenant, "sync", "--full")
        self.generate(tenant, *everybody, "--change", "1")
        self.run("full resync, 1 % changed", tenant, "sync", "--full", changed=self.users // 100)
        self.generate(tenant, *everybody[:4], "--disabled", "0.1", "--guests", "0", "--change", "1")
        self.run("full resync, 0.1 % disabled", tenant, "sync", "--full", changed=self.users // 1000)
        self.generate(tenant, "--delta-of", str(self.users), "--changed", "1000", name="delta.jsonl")
        tenant.configure(path="delta.jsonl", mode="delta")
        self.run("incremental, 1,000 changes", tenant, "sync", users=1000, changed=1000)
        somebody = tenant.value("SELECT domainname FROM contoso.systemuser LIMIT 1")
        self.run("explain of one user", tenant, "explain", somebody, users=1)
        self.run("sync --user of one user", tenant, "sync", "--user", somebody, users=1)
        three = Tenant(self.postgres, [{"name": n, "type": "production", "schema": n} for n in ("one", "two", "three")])
        three.migrate()
        self.generate(three, *everybody)
        self.run("first load of three environments", three, "sync", changed=3 * self.users)
        self.baseline(three)
        for made in (warm, tenant, three):
            made.close()

    def baseline(self, tenant):
        """What a careful administrator would write: the same file, INSERT … ON CONFLICT DO UPDATE row by row."""
        tenant.sql("TRUNCATE one.systemuser")
        users = min(self.users, 50_000)  # row by row: the rest takes as long each
        begin = time.monotonic()
        subprocess.run([sys.executable, os.path.join(HERE, "baseline.py"), os.path.join(tenant.folder, "tenant.jsonl"), str(users)],
                       stdout=subprocess.PIPE, check=True, env={**os.environ, "PSQL": f"{self.postgres.bin}/psql",
                                                                "CONNECTION": tenant.connection})
        self.add(f"baseline script, row by row (scaled from {users:,})", (time.monotonic() - begin) * self.users / users, self.users)


def svg(results, path):
    """Bars: every case's time as a ratio to L."""
    bars = [r for r in results if r["users_per_second"] > 100]
    widest = max(r["ratio_to_L"] for r in bars[:-1])
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" width="760" height="{40 + 26 * len(bars)}" font-family="sans-serif" font-size="13">']
    for i, r in enumerate(bars):
        width = min(380, 380 * r["ratio_to_L"] / widest)
        y = 24 + 26 * i
        lines.append(f'<text x="300" y="{y + 13}" text-anchor="end">{r["case"].replace("&", "&amp;")}</text>'
                     f'<rect x="308" y="{y}" width="{width:.0f}" height="18" fill="#4472a8"/>'
                     f'<text x="{314 + width:.0f}" y="{y + 13}">{r["ratio_to_L"]:.2f} L</text>')
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n</svg>\n")


def main():
    users = int(sys.argv[1])
    if not os.environ.get("DVSYNC_BENCH_ANYWAY"):
        refuse_a_busy_machine()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    bench = Bench(users)
    try:
        print(f"{users:,} users, {os.cpu_count()} cores")
        bench.all()
    finally:
        bench.postgres.close()
    folder = os.path.join(HERE, "results")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, f"{users}.json"), "w", encoding="utf-8") as file:
        json.dump({"users": users, "cores": os.cpu_count(), "results": bench.results}, file, indent=1)
    svg(bench.results, os.path.join(folder, f"{users}.svg"))


main()
