"""The benchmark behind `scripts/bench questions`: how long the questions of operators take on a long log.

An environment with so many rows, ten lines of the log for each, and as many requests; written straight into the tables."""

import hashlib
import os
import sys
import time
import uuid

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "tests", "system"))
from support import NO_PLANS, Postgres, Tenant, user  # noqa: E402

SETTINGS = ("shared_buffers=512MB", "max_wal_size=8GB")
LINES_A_RUN = 400
FILL = """
SET search_path = contoso;
INSERT INTO systemuser (systemuserid, domainname, azureactivedirectoryobjectid, isdisabled, disabledreason, modifiedon)
  SELECT md5('row' || n)::uuid, 'user' || n || '@contoso.example', md5('object' || n)::uuid, n % 10 = 0,
    CASE WHEN n % 10 = 0 THEN 'no_license' END, now() - interval '1 year' FROM generate_series(1, {users}) n;
INSERT INTO sync_run (run_id, kind, trigger, outcome, started_at, finished_at, behind_since, requested_by, seen, updated)
  SELECT 10 + n, 'incremental', 'background', 'succeeded', now() - t, now() - t, now() - t - interval '5 min', 'dvsync run',
    {a_run}, {a_run} FROM (SELECT n, ({runs} - n) * interval '5 min' AS t FROM generate_series(1, {runs}) n) r;
INSERT INTO sync_change (run_id, batch_no, at, action, reason, systemuserid, azureactivedirectoryobjectid, domainname, fields)
  SELECT 11 + (n - 1) / {a_run}, 1, now() - ({lines} - n) * interval '5 min' / {a_run},
    CASE WHEN n % 100 = 0 THEN 'disable' ELSE 'update' END, CASE WHEN n % 100 = 0 THEN 'no_license' ELSE 'entitled' END,
    md5('row' || n % {users} + 1)::uuid, md5('object' || n % {users} + 1)::uuid, 'user' || n % {users} + 1 || '@contoso.example',
    '{{"jobtitle": ["Clerk", "Head"]}}' FROM generate_series(1, {lines}) n;
INSERT INTO sync_request (trigger, user_name, requested_at, answered_at, decision, access, reason)
  SELECT 'first_access', 'user' || n || '@contoso.example', now() - n * interval '2 s', now(),
    CASE WHEN n % 1000 = 0 THEN 'refuse' ELSE 'keep' END, 'yes', 'entitled' FROM generate_series(1, {users}) n;
"""
QUESTIONS = (
    "status", "log", "log --since 2h --changes", "log --run {run}", "log --user user77@contoso.example",
    "log --action disable --since 1d", "log --reason no_license", "log --by nobody", "log --refused", "log --requests",
    "log --requests --user user77@contoso.example", "explain user77@contoso.example", "report changes --since 1h", "report lag",
    "report administrators", "report group", "report rejected")
LISTS = ("report leavers --older-than 90d --csv", "report users --csv", "report kept-out --csv")


def main():
    users = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    lines = 10 * users
    postgres = Postgres(*SETTINGS)
    try:
        tenant = Tenant(postgres, [{"name": "contoso", "type": "production", "schema": "contoso"}]).migrate()
        somebody = str(uuid.UUID(hashlib.md5(b"object77").hexdigest()))  # whose row comes with the others
        tenant.sync([user(77, id=somebody, **NO_PLANS)], unplanned="a benchmark")
        tenant.sql(FILL.format(users=users, lines=lines, runs=lines // LINES_A_RUN, a_run=LINES_A_RUN))
        tenant.sql("VACUUM ANALYZE")
        print(f"{users} rows, {lines} lines of the log, {users} requests")
        for question in (*QUESTIONS, *LISTS):
            arguments = question.format(run=10 + lines // LINES_A_RUN // 2).split()
            took = []
            for _ in range(3):
                begin = time.monotonic()
                done = tenant.run(*arguments, expect=None)
                took.append(time.monotonic() - begin)
            print(f"{min(took):7.2f} s  {done.stdout.count(chr(10)):8d} lines  dvsync {' '.join(arguments)}", flush=True)
    finally:
        postgres.close()


main()
