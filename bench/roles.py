"""The benchmark behind `scripts/bench roles`: everybody has two security roles, next to the same without roles."""

import os
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
ROUNDS = 3  # a machine that is shared changes its pace: with and without take turns, and the middle counts


def loaded(postgres, users, roles):
    environment = {"name": "contoso", "type": "production", "schema": "contoso", **({"roles": ROLES} if roles else {})}
    tenant = Tenant(postgres, [environment])
    with open(os.path.join(tenant.folder, "tenant.jsonl"), "w", encoding="utf-8") as file:
        subprocess.run([MAKE_TENANT, "--users", str(users), *EVERYBODY], stdout=file, check=True)
    return tenant.migrate()


def seconds(postgres, tenant, *arguments):
    postgres.sql("CHECKPOINT", database="postgres")
    begin = time.monotonic()
    tenant.run(*arguments)
    return time.monotonic() - begin


def main():
    users = int(sys.argv[1])
    postgres = Postgres(*SETTINGS)
    measured = {(case, roles): [] for case in GOALS for roles in (False, True)}
    try:
        for _ in range(ROUNDS):
            for roles in (False, True):
                tenant = loaded(postgres, users, roles)
                measured["first load", roles].append(seconds(postgres, tenant, "sync"))
                measured["full resync, nothing changed", roles].append(seconds(postgres, tenant, "sync", "--full"))
                if roles and tenant.value("SELECT count(*) FROM contoso.systemuserroles") != str(2 * users):
                    sys.exit("not everybody has two roles")
                tenant.close()
                postgres.sql(f'DROP DATABASE "{tenant.database}"', database="postgres")
    finally:
        postgres.close()
    print(f"{users:,} users, {os.cpu_count()} cores")
    for case, goal in GOALS.items():
        plain, with_roles = (sorted(measured[case, roles])[ROUNDS // 2] for roles in (False, True))
        times = with_roles / plain
        print(f"{case:32} without {plain:8.3f} s, with {with_roles:8.3f} s: {times:.2f} times, goal {goal}: "
              f"{'reached' if times <= goal else 'not reached'}")


main()
