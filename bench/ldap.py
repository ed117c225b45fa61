"""scripts/bench ldap [USERS]: dvsync against slapd, next to ldapsearch printing the same attributes to a file, and next to
Debian's pg-ldap-sync, a peer that keeps PostgreSQL roles (not rows) in line with a directory."""

import os
import subprocess
import sys

from directories import NO_GUARD, POSTGRES, Measured, Results, refuse_a_busy_machine
from ldap_support import Slapd, write
from support import Postgres, Tenant

# What dvsync asks for (docs/openldap.md), in the same order of magnitude of bytes.
ATTRIBUTES = ("entryUUID nsUniqueId uid mail givenName sn displayName cn title telephoneNumber mobile homePhone "
              "facsimileTelephoneNumber street postalAddress l st postalCode co c").split()
PEER = "/usr/bin/pg_ldap_sync"


def person(number):
    return (f"dn: uid=user{number},ou=people,{Slapd.base}\nobjectClass: inetOrgPerson\nuid: user{number}\n"
            f"cn: Given{number % 977} Surname{number % 1543}\nsn: Surname{number % 1543}\ngivenName: Given{number % 977}\n"
            f"mail: user{number}@example.org\ntitle: Title {number % 31}\ntelephoneNumber: +47 22 {number:06}\n"
            f"mobile: +47 90 {number:06}\nstreet: Street {number % 311}\nl: Oslo\nst: Oslo\npostalCode: {number % 9999:04}\n\n")


def filled(users):
    """slapd with so many people; loaded as its administrators would."""
    server = Slapd(size=4 << 30, more="index cn,member eq\n")
    server.stop()
    ldif = os.path.join(server.folder, "people.ldif")
    with open(ldif, "w", encoding="utf-8") as file:
        file.writelines(person(number) for number in range(users))
    subprocess.run(["slapadd", "-q", "-w", "-f", os.path.join(server.folder, "slapd.conf"), "-l", ldif], check=True,
                   stderr=subprocess.DEVNULL)
    os.unlink(ldif)
    server.start()
    return server


def ldapsearch(server, output):
    command = ["ldapsearch", "-LLL", "-x", "-H", f"ldaps://127.0.0.1:{server.tls_port}", "-D", server.account,
               "-w", server.account_password, "-b", server.base, "(objectClass=inetOrgPerson)", *ATTRIBUTES]
    return Measured(command, output=output, environment={**os.environ, "LDAPTLS_CACERT": os.path.join(server.folder, "ca.pem")})


def tenant_for(server, postgres, **more):
    tenant = Tenant(postgres, [{"name": "contoso", "type": "production", "schema": "contoso"}])
    tenant.settings["safety"] = NO_GUARD
    server.configure(tenant, **more)
    return tenant.migrate()


def pulls(results, users):
    server = filled(users)
    postgres = Postgres(*POSTGRES)
    try:
        printed = os.path.join(server.folder, "printed.ldif")
        ldapsearch(server, printed)  # the server's caches are warm for both
        searches = [ldapsearch(server, printed) for _ in range(3)]
        floor = min(searches, key=lambda search: search.seconds)
        results.add(f"ldapsearch prints {users:,} entries to a file", floor)
        tenant = tenant_for(server, postgres)
        first = Measured(tenant.command("sync", "--json"))
        staged, merged = (first.pull[key] / 1000 for key in ("staged_ms", "duration_ms"))
        results.add(f"dvsync, first pull of {users:,} and first load", first, staged_s=staged, merged_s=merged,
                    staged_ratio=round(staged / floor.seconds, 2), merged_ratio=round(merged / floor.seconds, 2))
        results.add("dvsync, nothing changed", Measured(tenant.command("sync", "--json")))
        server.apply("".join(f"dn: uid=user{n},ou=people,{server.base}\nchangetype: modify\nreplace: title\ntitle: Head\n\n"
                             for n in range(0, users, users // 100)))
        hundred = Measured(tenant.command("sync", "--json"))
        results.add("dvsync, 100 changes", hundred, changed=hundred.pull["changed"], merged_s=hundred.pull["duration_ms"] / 1000)
        tenant.close()
    finally:
        postgres.close()
        server.close()


class Peer:
    """pg-ldap-sync on the same servers: it creates a role with LOGIN for every person, and nothing else of him."""

    def __init__(self, server, postgres, folder, user_filter):
        self.config = write(os.path.join(folder, "peer.yaml"), f"""
ldap_connection:
  host: 127.0.0.1
  port: {server.port}
  auth:
    method: :simple
    username: {server.account}
    password: {server.account_password}
ldap_users:
  base: {server.base}
  filter: {user_filter}
  name_attribute: uid
ldap_groups:
  base: ou=groups,{server.base}
  filter: (objectClass=groupOfNames)
  name_attribute: cn
  member_attribute: member
pg_connection:
  host: {postgres.folder}
  port: {postgres.port}
  dbname: postgres
  user: owner
pg_users:
  filter: rolcanlogin AND NOT rolsuper
  create_options: LOGIN
pg_groups:
  filter: NOT rolcanlogin AND rolname !~ '^(pg|dvsync)_'
  create_options: NOLOGIN
  grant_options:
""")

    def run(self, expect=0):
        return Measured(["ruby", "-W0", PEER, "-c", self.config], expect=expect)


def roles(postgres):
    return int(postgres.value("SELECT count(*) FROM pg_roles WHERE rolcanlogin AND NOT rolsuper", database="postgres"))


def side_by_side(results, users, *settings):
    server = filled(users)
    postgres = Postgres(*POSTGRES, *settings)
    words = f"{users:,} users" + "".join(f", {setting}" for setting in settings)
    try:
        tenant = tenant_for(server, postgres)
        peer = Peer(server, postgres, tenant.folder, "(objectClass=inetOrgPerson)")
        results.add(f"pg-ldap-sync, first load, {words}", peer.run(expect=None), roles=roles(postgres))
        results.add(f"dvsync, first load, {words}", Measured(tenant.command("sync")),
                    rows=tenant.value("SELECT count(*) FROM contoso.systemuser"))
        for name, run in (("pg-ldap-sync", lambda: peer.run(expect=None)), ("dvsync", lambda: Measured(tenant.command("sync"))),
                          ("dvsync --full", lambda: Measured(tenant.command("sync", "--full")))):
            times = sorted((run() for _ in range(5)), key=lambda measured: measured.seconds)
            results.add(f"{name}, nothing changed, {words}, median of 5", times[2])
        if not settings:
            nobody(results, server, tenant, postgres)
        tenant.close()
    finally:
        postgres.close()
        server.close()


def nobody(results, server, tenant, postgres):
    """A filter that suddenly matches nobody: a typing error, a right taken away."""
    peer = Peer(server, postgres, tenant.folder, "(objectClass=nobody)")
    before = roles(postgres)
    result = peer.run(expect=None)
    results.add("pg-ldap-sync, the filter matches nobody", result, exit_status=result.status, roles_before=before, roles_after=roles(postgres))
    enabled = "SELECT count(*) FROM contoso.systemuser WHERE NOT isdisabled"
    before = tenant.value(enabled)
    server.configure(tenant, user_filter="(objectClass=nobody)")
    result = Measured(tenant.command("sync"), expect=None)
    results.add("dvsync, the filter matches nobody", result, exit_status=result.status, enabled_before=before, enabled_after=tenant.value(enabled))


def main(users):
    refuse_a_busy_machine()
    results = Results(f"ldap-{users}")
    pulls(results, users)
    if not os.path.exists(PEER):
        print("pg-ldap-sync is left out: apt-get install ruby-pg-ldap-sync")
    else:
        print("pg-ldap-sync keeps one role with one attribute for a person, dvsync a row of some twenty columns with its log: "
              "CREATE ROLE is dearer than INSERT, so the runs without changes are the fairer comparison.")
        side_by_side(results, 10_000)
        side_by_side(results, 20_000, "max_locks_per_transaction=1024")  # with the default of 64 it fails: one lock a role
    results.save()


main(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000)
