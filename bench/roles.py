"""The benchmark behind `scripts/bench roles`: everybody has two security roles, next to the same without roles."""

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
EVERYBODY = ("--unlicensed", "0", "--free", "0", "--disabled", "0", "--guests", "0")
ROLES = {"everybody": ["Basic User", "Environment Maker"], "create_tables": True}
GOALS = {"first load": 1.5, "full resync, nothing changed": 1.2}
CASES = {"first load": ("sync",), "full resync, nothing changed": ("sync", "--full")}


def loaded(postgres, users, roles):
    environment = {"name": "contoso", "type": "production", "schema": "contoso", **({"roles": ROLES} if roles else {})}
    tenant = Tenant(postgres, [environment])
    with open(os.path.join(tenant.folder, "tenant.jsonl"), "w", encoding="utf-8") as file:
        subprocess.run([MAKE_TENANT, "--users", str(users), *EVERYBODY], stdout=file, check=True)
    return tenant.migrate()


def used_by_postgres(postgres):
    """Seconds of processor time, of sessions that ended and of whoever works for the server now."""
    with open(os.path.join(postgres.data, "postmaster.pid"), encoding="utf-8") as file:
        server = file.readline().strip()
    ticks = 0
    for process in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{process}/stat", encoding="utf-8") as file:
                fields = file.read().rsplit(")", 1)[1].split()
        except OSError:
            continue  # it ended just now
        if process == server:
            ticks += sum(map(int, fields[11:15]))  # with those who ended
        elif fields[1] == server:
            ticks += sum(map(int, fields[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


def used_by_dvsync():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def measured(postgres, tenant, *arguments):
    """Seconds, and the processor time of PostgreSQL and of dvsync."""
    postgres.sql("CHECKPOINT", database="postgres")
    begin, postgres_before, dvsync_before = time.monotonic(), used_by_postgres(postgres), used_by_dvsync()
    tenant.run(*arguments)
    return time.monotonic() - begin, used_by_postgres(postgres) - postgres_before, used_by_dvsync() - dvsync_before


def one_round(postgres, users, roles):
    tenant = loaded(postgres, users, roles)
    results = {case: measured(postgres, tenant, *arguments) for case, arguments in CASES.items()}
    if roles and tenant.value("SELECT count(*) FROM contoso.systemuserroles") != str(2 * users):
        sys.exit("not everybody has two roles")
    tenant.close()
    postgres.sql(f'DROP DATABASE "{tenant.database}"', database="postgres")
    for case, (seconds, of_postgres, of_dvsync) in results.items():
        print(f"{case:30} {'with' if roles else 'without':7} {seconds:8.3f} s, processor time a user: PostgreSQL "
              f"{of_postgres / users * 1e6:5.1f} us, dvsync {of_dvsync / users * 1e6:5.1f} us", flush=True)
    return results


def main():
    users, rounds = int(sys.argv[1]), int(sys.argv[2])
    print(f"{users:,} users, {os.cpu_count()} cores, {rounds} rounds in turns, the middle counts", flush=True)
    postgres = Postgres(*SETTINGS)
    results = {False: [], True: []}
    try:
        for _ in range(rounds):
            for roles in (False, True):
                results[roles].append(one_round(postgres, users, roles))
    finally:
        postgres.close()
    for case, goal in GOALS.items():
        plain, with_roles = (sorted(one[case][0] for one in results[roles])[rounds // 2] for roles in (False, True))
        times = with_roles / plain
        print(f"{case:30} without {plain:8.3f} s, with {with_roles:8.3f} s: {times:.2f} times, goal {goal}: "
              f"{'reached' if times <= goal else 'not reached'}")


main()
