"""scripts/bench graph [USERS]: a first round from the Graph simulator. The goal is dvsync's own processor time: at most
15 microseconds a user for parsing and mirroring. The environment is one without a database (type: none), so that what
is measured is the pull and not the writing of rows."""

import sys

from directories import NO_GUARD, POSTGRES, Measured, Results, refuse_a_busy_machine
from graph_support import Simulator, graph_user
from support import Postgres, Tenant

GROUP = "3f6b2c1e-0000-4000-8000-000000000001"


def requests(simulator):
    return sum(1 for request in simulator.tell({"do": "requests"})[0] if "/oauth2/" not in request["url"] and not request.get("in_batch"))


def measure_one_change(results, postgres, simulator):
    """From a user's change in Graph to the row, everything that dvsync itself does for it; the middle of five."""
    tenant = Tenant(postgres, [{"name": "contoso", "type": "production", "schema": "contoso"}])
    tenant.settings["safety"] = NO_GUARD
    simulator.configure(tenant).migrate()
    tenant.run("sync")
    ones = []
    for n in range(5):
        simulator.tell({"do": "put_user", **graph_user(0), "id": f"10000000-0000-4000-8000-{7:012x}", "jobTitle": f"Change {n}",
                        "userPrincipalName": "user7@contoso.example"})
        ones.append(Measured(tenant.command("sync", "--json")))
        if tenant.value("SELECT jobtitle FROM contoso.systemuser WHERE domainname = 'user7@contoso.example'") != f"Change {n}":
            sys.exit("the change did not arrive")
    results.add("one change on the delta, to its row", sorted(ones, key=lambda one: one.cpu)[2])
    tenant.close()


def main(users):
    refuse_a_busy_machine()
    results = Results(f"graph-{users}")
    simulator = Simulator()
    postgres = Postgres(*POSTGRES)
    try:
        simulator.tell({"do": "generate_users", "count": users}, {"do": "put_group", "id": GROUP})
        tenant = Tenant(postgres, [{"name": "mirrored", "type": "none", "schema": "mirrored", "security_group": GROUP}])
        tenant.settings["safety"] = NO_GUARD
        simulator.configure(tenant).migrate()
        first = Measured(tenant.command("sync", "--json"))
        requests(simulator)
        results.add(f"first round of {users:,} users", first, cpu_microseconds_a_user=round(first.cpu / users * 1e6, 2),
                    staged_s=first.pull["staged_ms"] / 1000, merged_s=first.pull["duration_ms"] / 1000)
        quiet = Measured(tenant.command("sync", "--json"))
        results.add("a quiet delta round", quiet, requests=requests(simulator))
        simulator.tell(*({"do": "put_user", **graph_user(0), "id": f"10000000-0000-4000-8000-{n:012x}", "jobTitle": "Changed",
                          "userPrincipalName": f"user{n}@contoso.example"} for n in range(1000)))
        results.add("a delta round with 1,000 changes", Measured(tenant.command("sync", "--json")), requests=requests(simulator))
        results.add("--full: account states and plans read again", Measured(tenant.command("sync", "--full", "--json")))
        tenant.close()
        measure_one_change(results, postgres, simulator)
        results.save()
    finally:
        postgres.close()
        simulator.close()


main(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000)
