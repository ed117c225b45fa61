"""The benchmark behind `scripts/bench console`: 200 requests a second to the console while a sync of everybody runs, and the same sync alone."""

import itertools
import os
import signal
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "tests", "system"))
from support import Postgres, Tenant, wait_until  # noqa: E402

MAKE_TENANT = os.environ["MAKE_TENANT"]
SETTINGS = ("fsync=on", "full_page_writes=on", "shared_buffers=512MB", "max_wal_size=8GB", "checkpoint_timeout=30min")
CONNECTIONS, EACH_A_SECOND, ROUNDS = 40, 5, 4  # so many connections that hardly one still waits when it has to ask again
A_SECOND, SECONDS = CONNECTIONS * EACH_A_SECOND, 30
PATHS = ("/api/v1/status", "/metrics", "/api/v1/runs?limit=20", "/readyz")


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def generate(tenant, users, *options):
    with open(os.path.join(tenant.folder, "tenant.jsonl"), "w", encoding="utf-8") as file:
        subprocess.run([MAKE_TENANT, "--users", str(users), *options], stdout=file, check=True)


def full_run(tenant, daemon, users, change):
    """A run in which everybody changes; its seconds."""
    generate(tenant, users, "--change", str(change))
    last = "SELECT coalesce(max(run_id), 0) FROM contoso.sync_run WHERE kind = 'full' AND finished_at IS NOT NULL"
    before = tenant.value(last)
    daemon.send_signal(signal.SIGUSR2)
    wait_until(lambda: tenant.value(last) != before, seconds=600, what="the run")
    return float(tenant.value(f"SELECT extract(epoch FROM finished_at - started_at) FROM contoso.sync_run WHERE run_id = ({last})"))


def answers_in(log):
    """What h2load noted of each request: status, and seconds until the last byte."""
    with open(log, encoding="utf-8") as file:
        rows = [line.split("\t") for line in file]
    return [(int(status), int(microseconds) / 1e6) for _, status, microseconds in rows]


def loaded_run(tenant, daemon, users, change, path):
    with tempfile.NamedTemporaryFile() as log:
        client = subprocess.Popen(["h2load", "--h1", "-c", str(CONNECTIONS), "--rps", str(EACH_A_SECOND), "-n", str(A_SECOND * SECONDS), "--log-file", log.name,
                                   "--rate", "1", "--rate-period", f"{1000 // A_SECOND}ms", "--base-uri", f"unix:{path}", *(f"http://localhost{each}" for each in PATHS)], stdout=subprocess.DEVNULL)
        seconds = full_run(tenant, daemon, users, change)
        if client.wait() != 0:
            sys.exit("h2load failed")
        answers = answers_in(log.name)
    latencies = [seconds for _, seconds in answers]
    print(f"  {len(answers)} requests in {SECONDS} s, {sum(status != 200 for status, _ in answers)} not answered with 200; 50 %: "
          f"{percentile(latencies, .5) * 1000:.1f} ms, 99 %: {percentile(latencies, .99) * 1000:.1f} ms, longest {max(latencies) * 1000:.1f} ms", flush=True)
    return seconds


def main():
    users = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    postgres = Postgres(*SETTINGS)
    try:
        tenant = Tenant(postgres)
        path = os.path.join(tenant.folder, "console.sock")
        tenant.settings.update(schedule={"every": "1h", "jitter": "0s"}, console={"listen": f"unix:{path}"}, log={"level": "warn"})
        tenant.configure()
        tenant.migrate()
        generate(tenant, users)
        tenant.run("sync")
        daemon = subprocess.Popen(tenant.command("run"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_until(lambda: os.path.exists(path))
            wait_until(lambda: tenant.value("SELECT run_succeeded FROM directory.schedule") == "t", what="the first run")
            print(f"{users:,} users, {os.cpu_count()} cores", flush=True)
            alone, loaded = [], []
            changes = itertools.cycle((100, 0))  # there and back again: everybody is written each time
            for number in range(ROUNDS):
                kinds = (alone, loaded) if number % 2 == 0 else (loaded, alone)
                for seconds in kinds:
                    seconds.append(full_run(tenant, daemon, users, next(changes)) if seconds is alone else
                                   loaded_run(tenant, daemon, users, next(changes), path))
            told = [f"{' '.join(f'{one:.1f}' for one in each)} s, the middle {statistics.median(each):.2f} s" for each in (alone, loaded)]
            print(f"sync of everybody: alone {told[0]}; beside {A_SECOND} requests a second {told[1]}: "
                  f"{statistics.median(loaded) / statistics.median(alone):.2f} times (goal 1.1)", flush=True)
        finally:
            daemon.terminate()
            daemon.wait()
            tenant.close()
    finally:
        postgres.close()


main()
