"""On demand with a directory that can be asked about one user (docs/rules.md D7): slapd, a daemon, and dvsync user."""

import os
import shutil
import socket
import subprocess
import tempfile

from support import free_port, main, wait_until
from request_test import CLIENTS, RequestTest

TREE = """dn: dc=example
objectClass: dcObject
objectClass: organization
o: example
dc: example

dn: ou=people,dc=example
objectClass: organizationalUnit
ou: people
"""


def person(uid, surname="Li"):
    return (f"\ndn: uid={uid},ou=people,dc=example\nobjectClass: inetOrgPerson\nuid: {uid}\ncn: {uid} {surname}\nsn: {surname}\n"
            f"givenName: {uid}\nmail: {uid}@example.org\n")


def group(name, *members):
    return (f"\ndn: cn={name},dc=example\nobjectClass: groupOfNames\ncn: {name}\n"
            + "".join(f"member: uid={m},ou=people,dc=example\n" for m in members))


class Slapd:
    """OpenLDAP in a temporary folder, on a free port."""

    def __init__(self, ldif):
        self.folder = tempfile.mkdtemp(prefix="dvsync-slapd-")
        os.mkdir(os.path.join(self.folder, "db"))
        self.port, secure = free_port(), free_port()
        self.url = f"ldap://127.0.0.1:{self.port}"
        self.secure_url = f"ldaps://127.0.0.1:{secure}"  # a password never goes unencrypted
        self.certificate = os.path.join(self.folder, "server.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
                        "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", f"{self.folder}/server.key", "-out", self.certificate],
                       check=True, stderr=subprocess.DEVNULL)
        self.password = os.path.join(self.folder, "password")
        with open(self.password, "w", encoding="utf-8", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            file.write("secret\n")
        with open(os.path.join(self.folder, "slapd.conf"), "w", encoding="utf-8") as file:
            for schema in ("core", "cosine", "inetorgperson"):
                file.write(f"include /etc/ldap/schema/{schema}.schema\n")
            file.write(f"modulepath /usr/lib/ldap\nmoduleload back_mdb\npidfile {self.folder}/slapd.pid\nsizelimit unlimited\n"
                       f"TLSCertificateFile {self.certificate}\nTLSCertificateKeyFile {self.folder}/server.key\n"
                       f"database mdb\nsuffix dc=example\nrootdn cn=admin,dc=example\nrootpw secret\ndirectory {self.folder}/db\n"
                       "dbnosync\nindex objectClass,entryUUID eq\n")
        self.start()
        self.apply(TREE + ldif)

    def start(self):
        self.process = subprocess.Popen(["/usr/sbin/slapd", "-f", f"{self.folder}/slapd.conf", "-h", f"{self.url} {self.secure_url}", "-d", "0"],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(self.answers, what="slapd")

    def answers(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self):
        self.process.terminate()
        self.process.wait()

    def close(self):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def apply(self, ldif):
        subprocess.run(["ldapmodify", "-a", "-x", "-H", self.url, "-D", "cn=admin,dc=example", "-w", "secret"], input=ldif,
                       text=True, check=True, stdout=subprocess.DEVNULL)

    def change(self, dn, lines):
        self.apply(f"dn: {dn},dc=example\nchangetype: modify\n{lines}\n")

    def remove(self, dn):
        self.apply(f"dn: {dn},dc=example\nchangetype: delete\n")


class AskedAboutOne(RequestTest):
    def asking(self, ldif, *environments, daemon=True, **settings):
        slapd = Slapd(ldif)
        self.addCleanup(slapd.close)
        tenant = self.tenant(*environments)
        tenant.directory = {"type": "openldap", "urls": [slapd.secure_url], "base": "dc=example", "mode": "timestamp",
                            "bind_dn": "cn=admin,dc=example", "password_file": slapd.password, "ca_file": slapd.certificate,
                            "attributes": {"userPrincipalName": "mail"}, **settings}
        tenant.settings["schedule"] = {"every": "1h", "jitter": "0s", "fresh_within": "1h"}
        tenant.configure()
        tenant.migrate().sync()
        tenant.slapd = slapd
        if daemon:
            tenant.sql(CLIENTS)
            self.start(tenant)
        return tenant

    def names(self, tenant, schema="contoso"):
        return [row[0] for row in tenant.sql(f"SELECT domainname FROM {schema}.systemuser WHERE NOT isdisabled ORDER BY 1")]

    def test_on_demand_asks_the_directory(self):
        tenant = self.asking(person("ana"))
        tenant.slapd.apply(person("bob"))
        told = self.told(tenant, "BOB@example.org", trigger="on_demand")
        self.assertEqual((told["decision"], told["access"]), ("create", "yes"))
        self.assertEqual(self.told(tenant, "bob@example.org")["decision"], "keep")  # the mirror knows by now
        self.assertEqual(self.names(tenant), ["ana@example.org", "bob@example.org"])
        self.assertEqual(self.told(tenant, "nobody@example.org", trigger="on_demand")["reason"], "not_in_directory")

    def test_nobody_is_refused_at_the_door_before_the_directory_was_asked(self):
        tenant = self.asking(person("ana") + person("eve") + group("crm", "ana") + group("staff", "ana", "eve"),
                             {"name": "contoso", "schema": "contoso", "security_group": "cn=staff,dc=example"},
                             licensed="cn=crm,dc=example")
        self.assertEqual(self.names(tenant), ["ana@example.org"])
        tenant.slapd.apply(person("bob"))
        for name in ("crm", "staff"):
            tenant.slapd.change(f"cn={name}", "add: member\nmember: uid=bob,ou=people,dc=example")
        tenant.slapd.change("cn=crm", "add: member\nmember: uid=eve,ou=people,dc=example")
        for name in ("bob@example.org", "eve@example.org"):  # a new colleague, and a new licence
            told = self.told(tenant, name)
            self.assertEqual((told["decision"], told["access"]), ("create", "yes"), name)
        self.assertEqual(self.told(tenant, "nobody@example.org")["reason"], "not_in_directory")
        # The mirror alone lets in, until it is told otherwise: that is what ask_always is for.
        tenant.slapd.remove("uid=ana,ou=people")
        self.assertEqual(self.told(tenant, "ana@example.org")["decision"], "keep")

    def test_ask_always_has_a_leaver_out_at_the_next_sign_in(self):
        tenant = self.asking(person("ana"), daemon=False)
        tenant.settings["requests"] = {"first_access": "ask_always"}
        tenant.configure()
        tenant.sql(CLIENTS)
        self.start(tenant)
        identifier = tenant.value("SELECT azureactivedirectoryobjectid FROM contoso.systemuser")
        self.assertEqual(self.told(tenant, object_id=identifier)["decision"], "keep")
        tenant.slapd.remove("uid=ana,ou=people")
        told = wait_until(lambda: (lambda answer: answer["access"] == "no" and answer)(self.told(tenant, object_id=identifier)),
                          what="the answer of a moment ago to be forgotten")
        self.assertEqual((told["decision"], told["reason"]), ("disable", "not_in_directory"))

    def test_a_directory_that_does_not_answer_leaves_the_mirrors_refusal(self):
        tenant = self.asking(person("ana"))
        tenant.slapd.stop()
        for _ in range(3):
            told = self.told(tenant, "bob@example.org")
            self.assertEqual((told["decision"], told["reason"]), ("refuse", "not_in_directory"))
        self.assertEqual(self.told(tenant, "ana@example.org")["decision"], "keep")
        tenant.slapd.start()

    def test_a_silent_directory_lets_nobody_in_where_everybody_is_asked_about(self):
        tenant = self.asking(person("ana"), daemon=False)
        tenant.settings["requests"] = {"first_access": "ask_always"}
        tenant.configure()
        tenant.sql(CLIENTS)
        self.start(tenant)
        identifier = tenant.value("SELECT azureactivedirectoryobjectid FROM contoso.systemuser")
        tenant.slapd.stop()
        told = self.told(tenant, "bob@example.org")  # the mirror's refusal stands
        self.assertEqual((told["decision"], told["reason"]), ("refuse", "not_in_directory"))
        for asked in ({"user_name": "ana@example.org"}, {"object_id": identifier}):
            told = self.told(tenant, **asked)
            self.assertEqual((told["decision"], told["access"], told["reason"]), ("refuse", "no", "stale_directory"))
            self.assertTrue(told["detail"])
        tenant.sql("SET dvsync.own_writes = on; DELETE FROM contoso.systemuser")  # or the daemon would follow at once
        self.assertEqual(self.told(tenant, "ana@example.org")["reason"], "stale_directory")
        self.assertEqual(self.names(tenant), [])  # and nothing was written
        self.assertEqual(self.told(tenant, "ana@example.org", trigger="on_demand")["reason"], "stale_directory")
        tenant.slapd.start()
        wait_until(lambda: self.told(tenant, "ana@example.org")["access"] == "yes", what="ana to be let in again")

    def test_many_who_wait_for_one_user_are_all_answered(self):
        tenant = self.asking(person("ana"))
        tenant.slapd.apply(person("bob"))
        requests = [self.ask(tenant, "bob@example.org") for _ in range(30)]
        told = [self.answer(tenant, request) for request in requests]
        self.assertEqual({one["access"] for one in told}, {"yes"})
        self.assertEqual(sorted({one["decision"] for one in told}), ["create", "keep"])
        self.assertEqual(tenant.value("SELECT count(*) FROM contoso.systemuser WHERE domainname = 'bob@example.org'"), "1")

    def test_a_stale_mirror_has_first_access_ask_too(self):
        tenant = self.asking(person("ana"))
        tenant.slapd.apply(person("bob"))
        tenant.sql("UPDATE directory.mirror SET pulled_at = now() - interval '2 hours'")
        self.assertEqual(self.told(tenant, "bob@example.org")["decision"], "create")
        tenant.slapd.stop()
        for trigger in ("first_access", "on_demand"):
            told = self.told(tenant, "ana@example.org", trigger=trigger)
            self.assertEqual((told["decision"], told["access"], told["reason"]), ("refuse", "no", "stale_directory"))
        tenant.slapd.start()
        # For a moment nobody asks a directory that was silent.
        wait_until(lambda: self.told(tenant, "ana@example.org")["decision"] == "keep", what="ana to be let in again")

    def test_what_was_learnt_stays_learnt(self):
        """Freshest wins: a run on the mirror does not undo what a question found out."""
        tenant = self.asking(person("ana") + person("bob"), daemon=False)
        tenant.slapd.change("uid=ana,ou=people", "replace: sn\nsn: Changed")
        told = tenant.json("user", "refresh", "ana@example.org")["answers"][0]
        self.assertEqual(told["decision"], "update")
        tenant.run("sync", "--user", "ana@example.org")
        self.assertEqual(tenant.value("SELECT lastname FROM contoso.systemuser WHERE domainname = 'ana@example.org'"), "Changed")
        version = int(tenant.value("SELECT version FROM directory.mirror"))
        again = tenant.json("user", "refresh", "ana@example.org")["answers"][0]
        self.assertEqual(again["decision"], "keep")
        self.assertEqual(int(tenant.value("SELECT version FROM directory.mirror")), version)  # nothing new, no new version
        run = tenant.json("sync")["environments"][0]
        self.assertEqual(run["counters"]["updated"], 0)

    def test_memberships_roles_and_other_environments_follow(self):
        environments = [{"name": "contoso", "schema": "contoso", "security_group": "cn=crm,dc=example"},
                        {"name": "other", "schema": "other"}]
        tenant = self.asking(person("ana") + person("bob") + group("crm", "ana") + group("admins", "ana"), *environments,
                             daemon=False, licensed="cn=crm,dc=example", admin_groups={"global": "cn=admins,dc=example"})
        self.assertEqual(self.names(tenant), ["ana@example.org"])
        tenant.slapd.change("cn=crm", "add: member\nmember: uid=bob,ou=people,dc=example")
        told = tenant.json("user", "add", "bob@example.org", "--environment", "contoso")["answers"][0]
        self.assertEqual((told["decision"], told["reason"]), ("create", "entitled"))
        tenant.run("sync")  # the other environment hears of it by version, as of any change
        self.assertEqual(self.names(tenant, "other"), ["ana@example.org", "bob@example.org"])
        tenant.slapd.change("cn=crm", "delete: member\nmember: uid=bob,ou=people,dc=example")
        told = tenant.json("user", "refresh", "bob@example.org", "--environment", "contoso")["answers"][0]
        self.assertEqual((told["decision"], told["reason"]), ("disable", "not_in_security_group"))

    def test_a_user_who_is_gone_is_disabled_when_asked_by_id(self):
        tenant = self.asking(person("ana") + person("bob"), daemon=False)
        identifier = tenant.value("SELECT azureactivedirectoryobjectid FROM contoso.systemuser WHERE domainname = 'bob@example.org'")
        tenant.slapd.remove("uid=bob,ou=people")
        told = tenant.json("user", "refresh", identifier)["answers"][0]
        self.assertEqual((told["decision"], told["reason"], told["access"]), ("disable", "not_in_directory", False))
        self.assertEqual(tenant.value("SELECT azurestate FROM contoso.systemuser WHERE domainname = 'bob@example.org'"), "2")

    def test_diagnose_asks_and_writes_nothing_not_even_to_the_mirror(self):
        tenant = self.asking(person("ana"), daemon=False)
        tenant.slapd.apply(person("bob"))
        told = tenant.json("user", "diagnose", "bob@example.org")
        self.assertEqual((told["asked_directory"], told["access"], told["decision"]), (True, True, "create"))
        self.assertEqual(tenant.value("SELECT count(*) FROM directory.identity"), "1")
        self.assertEqual(self.names(tenant), ["ana@example.org"])
        tenant.slapd.stop()
        tenant.run("user", "diagnose", "bob@example.org", expect=69)
        tenant.slapd.start()

    def test_a_question_does_not_keep_sign_ins_waiting(self):
        tenant = self.asking(person("ana"))
        with socket.socket() as silent:  # accepts, and never answers
            silent.bind(("127.0.0.1", 0))
            silent.listen(8)
            tenant.daemon.stop()
            tenant.configure(urls=[f"ldaps://127.0.0.1:{silent.getsockname()[1]}"])
            self.start(tenant, first_run=False)
            waiting = [self.ask(tenant, "ana@example.org", trigger="on_demand") for _ in range(6)]
            self.assertEqual(self.told(tenant, "ana@example.org")["decision"], "keep")
            self.assertEqual(tenant.value("SELECT count(*) FROM contoso.sync_request WHERE answered_at IS NULL"), str(len(waiting)))


if __name__ == "__main__":
    main()
