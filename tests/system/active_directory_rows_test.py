"""Active Directory to rows: after the essential changes in a real Samba domain, an incremental run leaves what a fresh
full load would; and the mapping `onprem-ad` fills rows in once."""

import sys

from ldap_rows_support import RowsTest
from ldap_support import Samba, enter_private_network
from support import main

WORK = "OU=work,DC=dvsync,DC=test"
STAFF, INNER, LICENSED = (f"CN={name},{WORK}" for name in ("staff", "inner", "licensed"))
ENVIRONMENTS = [
    {"name": "contoso", "type": "production", "schema": "contoso", "security_group": STAFF, "nested_groups": "first_access"},
    {"name": "onprem", "type": "sandbox", "schema": "onprem", "mapping": "onprem-ad"},
]


def dn(name):
    return f"CN={name},{WORK}"


def person(name, more=""):
    return (f"dn: {dn(name)}\nobjectClass: user\nsAMAccountName: {name}\nuserPrincipalName: {name}@dvsync.test\n"
            f"givenName: {name}\nsn: Li\nuserAccountControl: 544\n{more}\n")


def group(name, *members):
    return (f"dn: {name}\nobjectClass: group\nsAMAccountName: {name.split(',')[0][3:]}\n" +
            "".join(f"member: {member}\n" for member in members) + "\n")


def modify(name, *changes):
    return f"dn: {name}\nchangetype: modify\n" + "-\n".join(changes) + "-\n\n"


class Rows(RowsTest):
    mode = "dirsync"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = Samba()

    @classmethod
    def tearDownClass(cls):
        cls.server.close()
        super().tearDownClass()

    def setUp(self):
        self.server.apply(f"dn: {WORK}\nobjectClass: organizationalUnit\n\n"
                          f"dn: OU=leavers,{self.server.base}\nobjectClass: organizationalUnit\n\n")
        self.addCleanup(self.remove, WORK, f"OU=leavers,{self.server.base}")
        everybody = ("ana", "bob", "cid", "dora")
        self.server.apply("".join(person(name, "title: Clerk\nmobile: 1\nl: Oslo\n" if name == "ana" else "") for name in everybody)
                          + group(INNER, dn("cid")) + group(STAFF, dn("ana"), dn("bob"), INNER)
                          + group(LICENSED, *map(dn, everybody)))
        self.account = {"account": "sync", "licensed": LICENSED}
        self.begin(ENVIRONMENTS)
        self.pull("the first load")
        self.assertEqual([self.state(name, "contoso") for name in everybody], ["E", "E", "-", "-"])
        self.assertEqual([self.state(name, "onprem") for name in everybody], ["E"] * 4)

    def remove(self, *trees):
        for tree in trees:
            self.server.client("ldapmodify", "-e", "!1.2.840.113556.1.4.805", text=f"dn: {tree}\nchangetype: delete\n")

    def change(self, when, ldif):
        self.server.apply(ldif)
        return self.pull(when)

    def profile(self, schema):
        return self.kept.sql(f"SELECT jobtitle, address1_city, mobilephone FROM {schema}.systemuser WHERE domainname LIKE 'ana@%'")

    def test_every_kind_of_change(self):
        self.change("add", person("eva") + modify(STAFF, f"add: member\nmember: {dn('eva')}\n") +
                    modify(LICENSED, f"add: member\nmember: {dn('eva')}\n"))
        self.assertEqual(self.state("eva", "contoso"), "E")
        self.change("change and clear", modify(dn("ana"), "replace: title\ntitle: Head\n", "delete: mobile\n", "replace: l\nl: Bergen\n"))
        self.assertEqual(self.profile("contoso"), [["Head", "Bergen", None]])
        self.assertEqual(self.profile("onprem"), [[None, "Oslo", None]], "populated once, never synchronised afterwards")
        self.change("rename", f"dn: {dn('ana')}\nchangetype: modrdn\nnewrdn: CN=anna\ndeleteoldrdn: 1\n")
        self.change("move", f"dn: {dn('bob')}\nchangetype: moddn\nnewrdn: CN=bob\ndeleteoldrdn: 1\n"
                            f"newsuperior: OU=leavers,{self.server.base}\n")
        self.assertEqual([self.state(name, "contoso") for name in ("ana", "bob")], ["E", "E"])
        self.change("disable", modify(dn("bob"), "replace: userAccountControl\nuserAccountControl: 546\n").replace(
            dn("bob"), f"CN=bob,OU=leavers,{self.server.base}"))
        self.assertEqual(self.state("bob", "contoso"), "account_disabled")
        self.change("expire", modify(dn("eva"), "replace: accountExpires\naccountExpires: 133000000000000000\n"))
        self.assertEqual(self.state("eva", "contoso"), "account_disabled")
        self.change("join a group", modify(STAFF, f"add: member\nmember: {dn('dora')}\n"))
        self.assertEqual(self.state("dora", "contoso"), "E")
        self.change("leave a group", modify(STAFF, f"delete: member\nmember: {dn('dora')}\n"))
        self.assertEqual(self.state("dora", "contoso"), "not_in_security_group")
        self.change("a nested group changes", modify(INNER, f"add: member\nmember: {dn('dora')}\n"))
        self.change("a licence is lost", modify(LICENSED, f"delete: member\nmember: {dn('cid')}\n"))
        self.assertEqual(self.state("cid", "onprem"), "no_license")
        self.assertIn("Nothing to do", self.kept.sync().stdout)
        self.assert_load_from_nothing_agrees()

    def test_delete_and_restore(self):
        identifier = self.server.guid_of("ana")
        self.change("delete", f"dn: {dn('ana')}\nchangetype: delete\n")
        self.assertEqual(self.state("ana", "onprem"), "not_in_directory")
        self.server.undelete("ana", identifier, dn("ana"))
        self.server.apply(modify(dn("ana"), "add: userPrincipalName\nuserPrincipalName: ana@dvsync.test\n") +
                          modify(LICENSED, f"add: member\nmember: {dn('ana')}\n"))
        self.pull("restore")
        self.assertEqual(self.state("ana", "onprem"), "E")

    def test_a_wrong_cookie_and_an_older_database(self):
        self.server.back_up()
        self.server.apply(person("late") + modify(LICENSED, f"add: member\nmember: {dn('late')}\n") +
                          f"dn: {dn('bob')}\nchangetype: delete\n")
        self.kept.sql("UPDATE directory.mirror SET cursor = cursor || '{\"dirsync\": \"Z2FyYmFnZQ==\"}'")
        self.pull("wrong cookie")
        self.assertEqual([self.state(name, "onprem") for name in ("late", "bob")], ["E", "not_in_directory"])
        self.server.restore()
        self.pull("restore of an older database")
        self.assertEqual([self.state(name, "onprem") for name in ("late", "bob")], ["not_in_directory", "E"])


obstacle = enter_private_network()
if obstacle:
    print(f"skipped: {obstacle}")
    sys.exit(77)
main()
