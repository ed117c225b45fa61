"""The benchmark behind `scripts/bench watch`: a statement of somebody else's that changes every row, noted (docs/rules.md D16) and not."""

import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "tests", "system"))
from support import Postgres, Tenant  # noqa: E402

SETTINGS = ("fsync=on", "full_page_writes=on", "shared_buffers=512MB", "max_wal_size=16GB", "checkpoint_timeout=30min", "autovacuum=off")
GOAL = 1.3
ROUNDS = 3  # they take turns, and the middle counts


def watched(postgres, rows, watch):
    tenant = Tenant(postgres, [{"name": "contoso", "type": "production", "schema": "contoso", "watch_rows": watch}]).migrate()
    tenant.sql("INSERT INTO contoso.systemuser (systemuserid, domainname, firstname, lastname, fullname, internalemailaddress, jobtitle, "
               "azureactivedirectoryobjectid) SELECT gen_random_uuid(), 'user' || n || '@contoso.example', 'First', 'Last' || n, "
               "'First Last' || n, 'user' || n || '@contoso.example', 'Clerk', gen_random_uuid() "
               f"FROM generate_series(1, {rows}) n")
    tenant.sql("TRUNCATE contoso.sync_touched")
    return tenant


def statement(tenant, title):
    """Seconds of a statement that changes every row; the peak of its session in MiB, with the buffers that all sessions share."""
    tenant.sql("VACUUM contoso.systemuser")
    tenant.sql("CHECKPOINT")
    begin = time.monotonic()
    status = tenant.sql(f"UPDATE contoso.systemuser SET jobtitle = '{title}'; SELECT pg_read_file('/proc/self/status')")[-1][0]
    seconds = time.monotonic() - begin
    fields = dict(line.split(":", 1) for line in status.splitlines())
    return seconds, int(fields["VmHWM"].split()[0]) / 1024


def main():
    rows = int(sys.argv[1])
    postgres = Postgres(*SETTINGS)
    try:
        tenants = {watch: watched(postgres, rows, watch) for watch in ("off", "on")}
        measured = {watch: [] for watch in tenants}
        for n in range(ROUNDS):
            for watch, tenant in tenants.items():
                measured[watch].append(statement(tenant, f"Head {n}"))
                noted = tenant.value("SELECT count(*) FROM contoso.sync_touched")
                print(f"watch_rows: {watch:3} {measured[watch][-1][0]:8.3f} s, peak {measured[watch][-1][1]:6.1f} MiB, {noted} notes", flush=True)
                tenant.sql("TRUNCATE contoso.sync_touched")  # as if a run had looked at them
    finally:
        postgres.close()
    (plain, least), (noted, most) = (sorted(measured[watch])[ROUNDS // 2] for watch in ("off", "on"))
    print(f"{rows:,} rows in one statement, {os.cpu_count()} cores: {plain:.3f} s, noted {noted:.3f} s: {noted / plain:.2f} times, goal {GOAL}: "
          f"{'reached' if noted / plain <= GOAL else 'not reached'}; {most - least:.1f} MiB more")


main()
