"""Whoever is asked about is found: by any name of any time, by any id, by mail, or by a part of a name."""

import json

from support import SystemTest, guid, main, user

CONTOSO = {"name": "contoso", "type": "production", "schema": "contoso"}
FABRIKAM = {"name": "fabrikam", "type": "production", "schema": "fabrikam"}


class People(SystemTest):
    def staffed(self, *environments):
        """Ana left, Ben is soft-deleted, Cid married and is called otherwise now; Dora and Dorian are like each other."""
        tenant = self.tenant(*(environments or (CONTOSO,))).migrate()
        everybody = {
            "ana": user(1, userPrincipalName="ana@contoso.example", givenName="Ana", surname="Berg",
                        mail="ana.berg@mail.example"),
            "ben": user(2, userPrincipalName="ben@contoso.example", displayName="Ben Quist"),
            "cid": user(3, userPrincipalName="cid.old@contoso.example", displayName="Cid Old"),
            "dora": user(4, userPrincipalName="dora@contoso.example", displayName="Dora Lund"),
            "dorian": user(5, userPrincipalName="dorian@contoso.example", displayName="Dorian Lund"),
        }
        tenant.settings["safety"] = {"max_disables_percent": 100}
        tenant.configure()
        tenant.sync(list(everybody.values()))
        everybody["cid"].update(userPrincipalName="cid.new@contoso.example", displayName="Cid New", surname="New")
        everybody["ben"]["deletedDateTime"] = "2026-02-01T10:00:00Z"
        del everybody["ana"]
        tenant.sync(list(everybody.values()))
        return tenant

    def explained(self, tenant, word):
        return tenant.json("explain", word)["object_id"]

    def test_everybody_is_found_by_every_name_they_have_or_had(self):
        tenant = self.staffed()
        for word in ("ana@contoso.example", "ANA@Contoso.Example", "ana.berg@mail.example", "Ana Berg", "berg", guid(1)):
            self.assertEqual(self.explained(tenant, word), guid(1), word)
        for word in ("ben@contoso.example", "quist"):
            self.assertEqual(self.explained(tenant, word), guid(2), word)
        for word in ("cid.old@contoso.example", "cid.new@contoso.example", "cid new"):
            self.assertEqual(self.explained(tenant, word), guid(3), word)
        row = tenant.row(3, columns="systemuserid")["systemuserid"]
        self.assertEqual(self.explained(tenant, row), guid(3))
        self.assertIn("cid.new@contoso.example", tenant.run("explain", "cid.old@contoso.example").stdout)

    def test_the_log_and_a_diagnosis_find_them_as_well(self):
        tenant = self.staffed()
        for word in ("ana@contoso.example", "Ana Berg"):
            changes = tenant.json("log", "--user", word)["changes"]
            self.assertEqual([c["action"] for c in changes], ["create", "disable"], word)
            diagnosis = tenant.json("user", "diagnose", word)
            self.assertEqual((diagnosis["object_id"], diagnosis["reason"]), (guid(1), "not_in_directory"), word)
        self.assertEqual(len(tenant.json("log", "--user", "cid.old@contoso.example")["changes"]), 2)
        self.assertEqual(tenant.json("log", "--rejected", "--user", "cid.old@contoso.example")["rejected"], [])

    def test_who_was_deleted_in_dataverse_is_still_in_the_log(self):
        tenant = self.staffed()
        row = tenant.row(1, columns="systemuserid")["systemuserid"]
        tenant.sql("DELETE FROM contoso.systemuser WHERE domainname = 'ana@contoso.example'")
        tenant.sql("DELETE FROM directory.identity WHERE user_principal_name = 'ana@contoso.example'")
        for word in ("ana@contoso.example", guid(1), row):
            changes = tenant.json("log", "--user", word)["changes"]
            self.assertEqual([c["action"] for c in changes], ["create", "disable"], word)
        self.assertEqual([past["action"] for past in tenant.json("explain", guid(1))["environments"][0]["history"]],
                         ["disable", "create"])

    def test_several_are_listed_with_ids_and_environments(self):
        tenant = self.staffed(CONTOSO, FABRIKAM)
        for command in (("explain", "lund"), ("log", "--user", "lund"), ("user", "diagnose", "lund", "-e", "contoso")):
            done = tenant.run(*command, "--json", expect=64)
            told = json.loads(done.stdout)
            self.assertEqual([c["object_id"] for c in told["candidates"]], [guid(4), guid(5)], command)
            for text in ("several users may be meant by lund", guid(4), "dorian@contoso.example", "in contoso"):
                self.assertIn(text, done.stderr, command)
        self.assertIn("in contoso, fabrikam", tenant.run("explain", "lund", expect=64).stderr)
        rows = json.loads(tenant.run("explain", "lund", "--json", expect=64).stdout)["candidates"][0]["rows"]
        self.assertEqual([row["environment"] for row in rows], ["contoso", "fabrikam"])

    def test_a_living_user_has_the_name_and_the_one_before_is_told(self):
        tenant = self.staffed()
        tenant.sync([user(9, userPrincipalName="ana@contoso.example", displayName="Ana Second")])
        done = tenant.run("explain", "ana@contoso.example", "--json")
        self.assertEqual(json.loads(done.stdout)["object_id"], guid(9))
        self.assertIn(f"Before, the name belonged to {guid(1)}", done.stderr)

    def test_nothing_in_a_name_is_a_pattern(self):
        tenant = self.tenant(CONTOSO).migrate()
        names = {1: "a%c@contoso.example", 2: "abc@contoso.example", 3: "o'hara\"@contoso.example",
                 4: "a_c@contoso.example", 5: "back\\slash@contoso.example"}
        tenant.sync([user(n, userPrincipalName=name, mail=...) for n, name in names.items()])
        for number, name in names.items():
            self.assertEqual(self.explained(tenant, name), guid(number), name)
        for word, number in (("a%c", 1), ("a_c", 4), ("o'hara\"", 3), ("\\s", 5)):
            self.assertEqual(self.explained(tenant, word), guid(number), word)
        for word in ("%", "a?c", "'; DROP TABLE contoso.sync_run; --", "\u202egro.osotnoc", "\x1b[2Jana", "${}"):
            done = tenant.run("explain", word, expect=None)
            self.assertIn(done.returncode, (0, 64), word)
            self.assertNotIn("\x1b", done.stderr)
            self.assertNotIn("\u202e", done.stderr)
        self.assertIn("a user is named by", tenant.run("explain", "  ", expect=64).stderr)

    def test_acts_take_whole_names_only_and_say_who_comes_near(self):
        tenant = self.staffed()
        for verb in (("disable",), ("enable",), ("set-access-mode", "administrative"), ("add",), ("refresh",)):
            done = tenant.run("user", *verb, "dora ", expect=64)
            self.assertNotEqual(tenant.state(4), "manually_disabled", verb)
        for verb in (("disable",), ("add",)):
            done = tenant.run("user", *verb, "dora l", expect=64)
            self.assertIn(f"{guid(4)}  dora@contoso.example", done.stdout + done.stderr, verb)
        self.assertEqual(tenant.state(4), "E")
        self.assertIn(guid(1), tenant.run("sync", "--user", "ana@contoso.example", expect=64).stderr)

    def test_a_row_without_a_directory_user_is_named_too(self):
        tenant = self.staffed()
        tenant.sql("INSERT INTO contoso.systemuser (systemuserid, domainname, fullname) "
                   f"VALUES ('{guid(77)}', 'stub@contoso.example', 'Imported Stub')")
        for word in ("stub@contoso.example", "imported", guid(77)):
            self.assertIn("no directory user stands behind this row", tenant.run("explain", word, expect=64).stderr)
            self.assertEqual(tenant.json("log", "--user", word)["changes"], [])


if __name__ == "__main__":
    main()
