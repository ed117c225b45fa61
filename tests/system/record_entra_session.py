"""Records the session in docs/entra.md anew: check, plan, sync and explain against the Graph simulator.

    DVSYNC=build/plain/src/dvsync python3 tests/system/record_entra_session.py
"""

import os
import re
import subprocess

from graph_support import Simulator
from support import DVSYNC, FREE, FULL, GLOBAL, Postgres, Tenant

PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "entra.md")
BEGIN, END = "<!-- recorded-session: begin -->\n", "<!-- recorded-session: end -->\n"
STAFF = "3f6b2c1e-0000-4000-8000-000000000001"
PEOPLE = {  # name → facts
    "ana": {"surname": "Li", "jobTitle": "Sales Manager", "plans": [FULL], "member": True},
    "ben": {"surname": "Okafor", "jobTitle": "Clerk", "plans": [FREE], "member": True},
    "carla": {"surname": "Rossi", "jobTitle": None, "plans": [FULL], "member": False},
    "dora": {"surname": "Berg", "jobTitle": "IT", "plans": [], "member": False},
    "eve": {"surname": "Novak", "jobTitle": "Engineer", "plans": [FULL], "member": True, "accountEnabled": False},
}


def identifier(name):
    return f"6a0c0000-0000-4000-8000-{sorted(PEOPLE).index(name) + 1:012}"


def put(name, surname, plans, member, **facts):
    given = name.capitalize()
    upn = f"{name}@contoso.example"
    return [{"do": "put_user", "id": identifier(name), "userPrincipalName": upn, "givenName": given, "surname": surname,
             "displayName": f"{given} {surname}", "mail": upn, "accountEnabled": True, "userType": "Member",
             "assignedPlans": [{"servicePlanId": plan, "capabilityStatus": "Enabled"} for plan in plans], **facts},
            *([{"do": "link", "group": STAFF, "id": identifier(name)}] if member else [])]


class Session:
    def __init__(self, tenant):
        self.tenant = tenant
        self.text = "```console\n"

    def run(self, *arguments):
        done = subprocess.run([DVSYNC, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              env={**os.environ, "DVSYNC_CONFIG": self.tenant.config, "TZ": "UTC"})
        words = re.sub(r"localhost:\d+", "graph.simulator", done.stdout.replace(self.tenant.folder, "/etc/dvsync"))
        self.text += f"$ dvsync {' '.join(arguments)}\n{words.rstrip()}\n"
        if done.returncode:
            self.text += f"$ echo $?\n{done.returncode}\n"
        self.text += "\n"

    def say(self, comment):
        self.text += f"# {comment}\n"

    def finished(self):
        return "\n".join(line.rstrip() for line in self.text.rstrip().splitlines()) + "\n```\n"


def record(simulator, tenant):
    session = Session(tenant)
    simulator.tell({"do": "put_group", "id": STAFF, "displayName": "Contoso staff"},
                   *[command for name, facts in PEOPLE.items() for command in put(name, **facts)],
                   {"do": "put_role", "template": GLOBAL, "members": [{"id": identifier("dora")}]},
                   {"do": "permissions", "granted": ["User.Read.All", "RoleManagement.Read.Directory", "LicenseAssignment.Read.All"]})
    session.say("somebody forgot one of the four permissions")
    session.run("check")
    simulator.tell({"do": "permissions", "granted": ["User.Read.All", "GroupMember.Read.All", "RoleManagement.Read.Directory",
                                                     "LicenseAssignment.Read.All"]})
    session.say("after granting it")
    session.run("check")
    session.run("plan")
    session.run("sync")
    simulator.tell({"do": "put_user", "id": identifier("ana"), "jobTitle": "Head of Sales"},
                   {"do": "unlink", "group": STAFF, "id": identifier("ana")})
    session.say("Ana is promoted, and somebody takes her out of the security group")
    session.run("sync")
    session.run("explain", "ana@contoso.example")
    session.run("explain", "ben@contoso.example", "--trigger", "on_demand")
    return session.finished()


def main():
    simulator, postgres = Simulator(), Postgres()
    try:
        tenant = Tenant(postgres, [{"name": "contoso", "type": "production", "schema": "contoso", "security_group": STAFF}])
        simulator.configure(tenant).migrate()
        text = record(simulator, tenant)
        tenant.close()
    finally:
        postgres.close()
        simulator.close()
    with open(PAGE, encoding="utf-8") as file:
        page = file.read()
    begin, end = page.index(BEGIN) + len(BEGIN), page.index(END)
    words = "Recorded by `tests/system/record_entra_session.py` against the Graph simulator; run it to record anew.\n\n"
    with open(PAGE, "w", encoding="utf-8") as file:
        file.write(page[:begin] + words + text + page[end:])


main()
