"""OpenLDAP and 389 Directory Server to rows: after every kind of change in a real server, an incremental run leaves what
a fresh full load would."""

import os
import unittest

from ldap_rows_support import RowsTest
from ldap_support import Dirsrv, Slapd
from support import main

PEOPLE, STAFF, INNER, LICENSED, ADMINS, LOCKED = ("ou=people,dc=example", *(f"cn={name},ou=groups,dc=example" for name in (
    "staff", "inner", "licensed", "admins", "locked")))
ENVIRONMENTS = [
    {"name": "contoso", "type": "production", "schema": "contoso", "security_group": STAFF, "nested_groups": "first_access"},
    {"name": "fabrikam", "type": "sandbox", "schema": "fabrikam"},
]


def dn(name):
    return f"uid={name},{PEOPLE}"


def person(name, more=""):
    return (f"dn: {dn(name)}\nobjectClass: inetOrgPerson\nuid: {name}\ncn: {name} Li\nsn: Li\ngivenName: {name}\n"
            f"mail: {name}@example.org\n{more}\n")


def names(name, kind, attribute, *members):
    lines = "".join(f"{attribute}: {member}\n" for member in members)
    return f"dn: {name}\nobjectClass: {kind}\ncn: {name.split(',')[0][3:]}\n{lines}\n"


def modify(name, *changes):
    return f"dn: {name}\nchangetype: modify\n" + "-\n".join(changes) + "\n"


class Rows(RowsTest):
    kind = Slapd
    mode = "syncrepl"

    def setUp(self):
        self.server = self.kind()
        self.addCleanup(self.server.close)
        self.account = {"licensed": LICENSED, "admin_groups": {"global": ADMINS}, "disabled": LOCKED}
        everybody = ("ana", "bob", "cid", "dora")
        self.server.apply(
            "".join(person(name, "title: Clerk\nmobile: 1\n" if name == "ana" else "") for name in everybody)
            + names(INNER, "groupOfUniqueNames", "uniqueMember", dn("cid"))
            + names(STAFF, "groupOfNames", "member", dn("ana"), dn("bob"), INNER)
            + names(LICENSED, "groupOfNames", "member", *map(dn, everybody))
            + names(ADMINS, "groupOfNames", "member", dn("dora"))
            + names(LOCKED, "groupOfNames", "member", "cn=nobody"))
        self.begin(ENVIRONMENTS)
        self.pull("the first load")
        self.assertEqual([self.state(name, "contoso") for name in everybody], ["E", "E", "-", "E"])
        self.assertEqual([self.state(name, "fabrikam") for name in everybody], ["E"] * 4)

    def change(self, when, ldif):
        self.server.apply(ldif)
        return self.pull(when)

    def test_every_kind_of_change(self):
        self.change("add", person("eva") + modify(STAFF, f"add: member\nmember: {dn('eva')}\n") +
                    "\n" + modify(LICENSED, f"add: member\nmember: {dn('eva')}\n"))
        self.assertEqual(self.state("eva", "contoso"), "E")
        self.change("change", modify(dn("ana"), "replace: title\ntitle: Head\n", "add: l\nl: Oslo\n"))
        self.change("clear an attribute", modify(dn("ana"), "delete: mobile\n"))
        row = self.kept.sql("SELECT jobtitle, address1_city, mobilephone FROM contoso.systemuser WHERE domainname LIKE 'ana%'")
        self.assertEqual(row, [["Head", "Oslo", None]])
        self.change("rename", f"dn: {dn('ana')}\nchangetype: modrdn\nnewrdn: uid=anna\ndeleteoldrdn: 1\n")
        self.assertEqual(self.state("ana", "contoso"), "not_in_security_group", "the group still names the old DN")
        self.change("the group follows", modify(STAFF, f"delete: member\nmember: {dn('ana')}\n", f"add: member\nmember: {dn('anna')}\n") +
                    "\n" + modify(LICENSED, f"add: member\nmember: {dn('anna')}\n"))
        self.assertEqual(self.state("ana", "contoso"), "E")
        self.change("move", f"dn: {dn('bob')}\nchangetype: moddn\nnewrdn: uid=bob\ndeleteoldrdn: 0\n"
                            "newsuperior: ou=leavers,dc=example\n")
        self.change("disable", modify(LOCKED, f"add: member\nmember: {dn('dora')}\n"))
        self.assertEqual(self.state("dora", "fabrikam"), "account_disabled")
        self.change("enable", modify(LOCKED, f"delete: member\nmember: {dn('dora')}\n"))
        self.assertEqual(self.state("dora", "fabrikam"), "E")
        self.change("delete", f"dn: {dn('eva')}\nchangetype: delete\n")
        self.assertEqual(self.state("eva", "contoso"), "not_in_directory")
        self.change("add back under the same name", person("eva"))
        self.assertEqual(self.kept.sql("SELECT count(*) FROM fabrikam.systemuser WHERE domainname LIKE 'eva%'"), [["2"]])
        self.change("join a group", modify(STAFF, f"add: member\nmember: {dn('cid')}\n"))
        self.assertEqual(self.state("cid", "contoso"), "E")
        self.change("leave a group", modify(STAFF, f"delete: member\nmember: {dn('cid')}\n"))
        self.assertEqual(self.state("cid", "contoso"), "E", "nested membership counts for existing rows")
        self.change("a nested group changes", modify(INNER, f"replace: uniqueMember\nuniqueMember: {dn('anna')}\n"))
        self.assertEqual(self.state("cid", "contoso"), "not_in_security_group")
        self.change("a loop of groups", modify(INNER, f"add: uniqueMember\nuniqueMember: {STAFF}\n"))
        self.change("a role is lost", modify(ADMINS, f"replace: member\nmember: {dn('cid')}\n"))
        self.assertEqual([self.state(name, "contoso") for name in ("cid", "dora")], ["E", "not_in_security_group"])
        self.change("a licence is lost", modify(LICENSED, f"delete: member\nmember: {dn('anna')}\n"))
        self.assertEqual(self.state("ana", "contoso"), "no_license")
        self.assertIn("Nothing to do", self.kept.sync().stdout)
        self.assert_load_from_nothing_agrees()

    def test_a_restart_loses_the_session_log(self):
        self.server.apply(f"dn: {dn('bob')}\nchangetype: delete\n\n" + modify(dn("ana"), "replace: title\ntitle: Head\n"))
        self.server.restart()
        self.pull("restart")
        self.assertEqual(self.state("bob", "contoso"), "not_in_directory")
        self.server.restart()
        self.assertIn("Nothing to do", self.pull("restart without changes").stdout)

    def test_a_lost_cookie(self):
        self.server.apply(f"dn: {dn('bob')}\nchangetype: delete\n\n" + person("eva"))
        self.kept.sql("UPDATE directory.mirror SET cursor = '{}'")
        self.pull("cookie loss")
        self.assertEqual(self.state("bob", "contoso"), "not_in_directory")

    def test_a_wrong_cookie(self):
        leavers = ("ana", "bob", "cid")
        for number, value in enumerate(("Z2FyYmFnZQ==", "not even base64", "")):
            self.server.apply(f"dn: {dn(leavers[number])}\nchangetype: delete\n\n" + person(f"new{number}"))
            self.kept.sql("UPDATE directory.mirror SET cursor = (SELECT jsonb_object_agg(key, CASE key WHEN 'query' THEN value "
                          f"ELSE to_jsonb('{value}'::text) END) FROM jsonb_each(cursor))")
            self.pull(f"wrong cookie {value!r}")
        self.assertEqual([self.state(name, "fabrikam") for name in leavers], ["not_in_directory"] * 3)

    def test_the_restore_of_an_older_database(self):
        self.server.back_up()
        self.change("after the backup", person("late") + modify(LICENSED, f"add: member\nmember: {dn('late')}\n") + "\n" +
                    modify(dn("ana"), "replace: title\ntitle: Head\n") + f"\ndn: {dn('bob')}\nchangetype: delete\n")
        self.assertEqual(self.state("late", "fabrikam"), "E")
        self.server.restore()
        self.pull("restore of an older database")
        self.assertEqual([self.state(name, "fabrikam") for name in ("late", "bob")], ["not_in_directory", "E"])
        self.change("changes after the restore", modify(dn("ana"), "replace: title\ntitle: Boss\n"))


class RowsByTimestamp(Rows):
    mode = "timestamp"


@unittest.skipUnless(os.access(Dirsrv.schema, os.R_OK), "389-ds-base is not installed, or its files are not for this user (root)")
class RowsOf389(Rows):
    """Cookies are opaque there, and entries have no entryUUID."""

    kind = Dirsrv


main()
