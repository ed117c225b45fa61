"""Exported files, whole and broken, through the real binary."""

import json

from exports import csv_row, csv_text, ldif_entry, ldif_group
from support import GLOBAL, SystemTest, group, guid, main, removed, role, user


class BrokenFiles(SystemTest):
    def file_tenant(self, name, *environments, **directory):
        tenant = self.tenant(*environments)
        tenant.configure(path=name, **directory)
        return tenant.migrate()

    def test_a_csv_cut_in_its_last_cell_disables_nobody(self):
        tenant = self.file_tenant("users.csv")
        text = csv_text(csv_row(user(i)) for i in range(1, 31))
        tenant.write([text], "users.csv")
        tenant.sync()
        tenant.write([text[:text.index("user18@contoso.example", text.index("SMTP:user18")) + 5]], "users.csv")
        done = tenant.sync()
        self.assertEqual([tenant.state(i) for i in range(1, 31)], ["E"] * 30)
        self.assertIn("users.csv:19: the file ends without a line break", done.stdout)
        tenant.write([csv_text(csv_row(user(i)) for i in range(2, 31)).rstrip("\r\n") + "\n"], "users.csv")
        tenant.sync()
        self.assertEqual(tenant.state(1), "not_in_directory", "a whole file says who is gone")

    def test_a_csv_cut_anywhere_takes_nothing_from_anybody(self):
        tenant = self.file_tenant("users.csv")
        text = csv_text(csv_row(user(i)) for i in range(1, 31))
        tenant.write([text], "users.csv")
        tenant.sync()
        before = tenant.rows()
        row = text.index("Given20 ") + 1  # a cut between two rows nobody can tell from a shorter file
        for at in range(row, text.index("\n", row), 7):
            tenant.write([text[:at]], "users.csv")
            tenant.sync(expect=None)
            self.assertEqual(tenant.rows(), before, f"cut at {at - row} of the row")

    def test_a_product_nobody_knows_takes_no_licence_away(self):
        tenant = self.file_tenant("users.csv")
        tenant.write([csv_text(csv_row(user(i)) for i in range(1, 31))], "users.csv")
        tenant.sync()
        rows = [csv_row(user(1), "Contoso Suite 9"), csv_row(user(2), "Contoso Suite 9+Power Apps Premium"),
                csv_row(user(3), "Unlicensed"), csv_row(user(50), "Contoso Suite 9")]
        tenant.write([csv_text(rows + [csv_row(user(i)) for i in range(4, 31)])], "users.csv")
        done = tenant.sync(expect=75)
        self.assertEqual([tenant.state(i) for i in (1, 2, 3, 50)], ["E", "E", "no_license", "-"])
        self.assertIn("Contoso Suite 9", done.stdout)

    def test_half_a_surrogate_spoils_one_value_and_not_the_leaver(self):
        tenant = self.tenant().migrate()
        users = [user(i) for i in range(1, 31)]
        tenant.sync(users)
        leaver = json.dumps(user(1, accountEnabled=False, jobTitle="a\udcffb")) + "\n"
        self.assertIn("\\udcff", leaver)
        tenant.sync([leaver] + users[1:])
        self.assertEqual(tenant.state(1), "account_disabled")
        listed = tenant.json("log", "--rejected")["rejected"]
        self.assertEqual([r["object_id"] for r in listed], [guid(1)])

    def test_a_removal_that_does_not_say_why_restores_nobody(self):
        tenant = self.tenant().migrate()
        tenant.sync([user(i) for i in range(1, 31)])
        tenant.configure(mode="delta", max_rejects_percent=100)
        tenant.sync([removed(1)])
        self.assertEqual(tenant.state(1), "soft_deleted")
        for removal in ({}, {"reason": None}):
            tenant.sync([{**removed(1), "@removed": removal}])
            self.assertEqual(tenant.state(1), "soft_deleted", removal)
            self.assertEqual(len(tenant.json("log", "--rejected")["rejected"]), 1)

    def test_leaving_the_group_counts_with_one_administrator_group_named(self):
        suffix = "ou=groups,dc=contoso,dc=example"
        tenant = self.file_tenant(
            "export.ldif", {"name": "contoso", "schema": "contoso", "security_group": f"cn=crm,{suffix}"},
            format="ldif", admin_groups={"global": f"cn=admins,{suffix}"})
        users = [user(i) for i in range(1, 31)]
        entries = "".join(ldif_entry(u) for u in users) + ldif_group("admins", users[-1:])
        tenant.write([entries + ldif_group("crm", users[:20], guid(900))], "export.ldif")
        tenant.sync()
        self.assertEqual([tenant.state(i) for i in (1, 20, 21, 30)], ["E", "E", "-", "E"])
        tenant.write([entries + ldif_group("crm", users[1:20], guid(900))], "export.ldif")
        tenant.sync()
        self.assertEqual(tenant.state(1), "not_in_security_group")


class Expansions(SystemTest):
    def test_members_as_expand_writes_them_are_members(self):
        group_id = guid(900)
        tenant = self.tenant({"name": "contoso", "schema": "contoso", "security_group": group_id}).migrate()
        users = [user(i) for i in range(1, 31)]
        tenant.sync(users + [group(group_id, [guid(i) for i in range(1, 31)])])
        expanded = group(group_id)
        del expanded["owners@delta"], expanded["members@delta"]
        expanded["members"] = [{"@odata.type": "#microsoft.graph.user", "id": guid(i), "displayName": "x",
                                "businessPhones": ["1"]} for i in range(2, 31)]
        tenant.sync(users + [expanded])
        self.assertEqual([tenant.state(i) for i in (1, 2, 30)], ["not_in_security_group", "E", "E"])
        expanded["members"] = expanded["members"][:20]
        done = tenant.sync(users + [expanded], expect=75)
        self.assertEqual([tenant.state(i) for i in (2, 30)], ["E", "E"], "there may be more than $expand shows")
        self.assertIn("$expand", done.stdout)


CONTEXT = "https://graph.microsoft.com/v1.0/$metadata#users"
NEXT = {"@odata.nextLink": "https://graph.microsoft.com/v1.0/users?$skiptoken=AAA"}


class SavedAnswers(SystemTest):
    """An answer of Graph that was saved says itself whether there is more."""

    def test_a_first_page_disables_nobody(self):
        tenant = self.tenant().migrate()
        users = [user(i) for i in range(1, 106)]
        tenant.sync([{"@odata.context": CONTEXT, "value": users}])
        self.assertEqual(tenant.state(105), "E")
        for first_page in ({"@odata.context": CONTEXT, **NEXT, "value": users[:100]},
                           {"@odata.context": CONTEXT, "@odata.count": 105, "value": users[:100]},
                           [{"@odata.context": CONTEXT, "value": users[:100], **NEXT}]):
            done = tenant.sync([first_page])
            self.assertEqual([tenant.state(i) for i in range(101, 106)], ["E"] * 5)
            self.assertIn("the list of users is not complete", done.stdout)
        tenant.sync([{"@odata.context": CONTEXT, **NEXT, "value": users[:50]},
                     {"@odata.context": CONTEXT, "value": users[50:104]}])
        self.assertEqual([tenant.state(i) for i in (104, 105)], ["E", "not_in_directory"], "all pages were there")

    def test_a_row_of_somebody_on_another_page_is_kept(self):
        tenant = self.tenant().migrate()
        tenant.sync([user(i) for i in range(1, 31)])
        tenant.sql("UPDATE contoso.systemuser SET azureactivedirectoryobjectid = "
                   f"'{guid(77)}' WHERE azureactivedirectoryobjectid = '{guid(1)}'")
        tenant.sync([{"@odata.context": CONTEXT, **NEXT, "value": [user(i) for i in range(2, 31)]}], "--full", expect=None)
        self.assertEqual(tenant.state(77), "E", "not seen yet is not absent")

    def test_a_group_that_goes_on_is_only_partly_known(self):
        group_id = guid(900)
        tenant = self.tenant({"name": "contoso", "schema": "contoso", "security_group": group_id}).migrate()
        users = [user(i) for i in range(1, 31)]
        tenant.sync(users + [group(group_id, [guid(i) for i in range(1, 26)])])
        cut = {**group(group_id, [guid(i) for i in (1, 2, 30)]), "members@odata.nextLink": "https://graph.microsoft.com/x"}
        done = tenant.sync(users + [cut], expect=None)
        self.assertEqual([tenant.state(i) for i in (1, 3, 25, 30)], ["E"] * 4, "who is listed is in; nobody is out")
        self.assertIn("only partly known", done.stdout)
        tenant.sync(users + [group(group_id, [guid(i) for i in (1, 2, 30)])], "--full", expect=None)
        self.assertEqual([tenant.state(i) for i in (1, 30)], ["E", "E"])

    def test_nobodys_plans_are_gone_because_a_page_states_none(self):
        tenant = self.tenant().migrate()
        tenant.sync([user(i) for i in range(1, 31)])
        tenant.sync([{"@odata.context": CONTEXT, **NEXT,
                      "value": [user(i, assignedPlans=...) for i in range(1, 31)]}], expect=None)
        self.assertEqual([tenant.state(i) for i in range(1, 31)], ["E"] * 30)


class OneReading(SystemTest):
    def test_a_name_makes_a_guest_where_the_type_is_not_stated(self):
        tenant = self.tenant({"name": "contoso", "schema": "contoso", "app_pass_capacity": True}).migrate()
        name = "pat_fabrikam.example#EXT#@contoso.example"
        guests = [user(1, userType=..., userPrincipalName="1" + name, assignedPlans=[]),
                  user(2, userType=None, userPrincipalName="2" + name, assignedPlans=[]),
                  user(3, userType="guest", assignedPlans=[]),
                  user(4, userType="Member", userPrincipalName="4" + name, assignedPlans=[])]
        tenant.sync(guests + [user(5)])
        decided = [tenant.json("explain", guid(i), "--trigger", "on_demand") for i in range(1, 5)]
        decided = [d["environments"][0] for d in decided]
        self.assertEqual([d["access"] for d in decided], [False] * 3 + [True])
        self.assertEqual([d["reason"] for d in decided[:3]], ["guest_no_license"] * 3)

    def test_no_background_run_creates_an_agent_user(self):
        tenant = self.tenant().migrate()
        agent = user(1, **{"@odata.type": "#microsoft.graph.agentUser"})
        tenant.sync([agent, user(2)])
        self.assertEqual([tenant.state(i) for i in (1, 2)], ["-", "E"])
        decided = tenant.json("explain", guid(1))["environments"][0]
        self.assertEqual(decided["reason"], "agent_on_demand_only")
        tenant.sync([user(1), user(2)])
        self.assertEqual(tenant.state(1), "E", "no longer an agent")
        tenant.sync([agent, user(2)])
        self.assertEqual(tenant.state(1), "E", "a row that exists follows the gates")

    def test_an_agent_user_enters_on_demand_as_a_member_and_as_an_owner(self):
        group_id = guid(900)
        tenant = self.tenant({"name": "contoso", "schema": "contoso", "security_group": group_id}).migrate()
        agent = {"@odata.type": "#microsoft.graph.agentUser"}
        linked = group(group_id, [guid(1), guid(3)], [guid(2)])
        for link in (linked["members@delta"][0], linked["owners@delta"][0]):
            link.update(agent)
        tenant.sync([user(1, **agent), user(2, **agent), user(3), user(4, **agent), linked])
        self.assertEqual([tenant.state(n) for n in (1, 2, 3, 4)], ["-", "-", "E", "-"])
        answers = tenant.json("user", "add", guid(1), guid(2), guid(4), expect=65)["answers"]
        self.assertEqual([(a["decision"], a["reason"]) for a in answers],
                         [("create", "entitled"), ("create", "group_owner"), ("refuse", "not_in_security_group")])

    def test_an_object_of_an_unknown_type_is_rejected_and_keeps_its_row(self):
        group_id = guid(900)
        tenant = self.tenant({"name": "contoso", "schema": "contoso", "security_group": group_id}).migrate()
        users = [user(i) for i in range(1, 31)]
        members = group(group_id, [guid(i) for i in range(1, 31)])
        tenant.sync(users + [members])
        unknown = user(1, **{"@odata.type": "#microsoft.graph.cloudUser"}, accountEnabled=False)
        members["members@delta"][0]["@odata.type"] = "#microsoft.graph.cloudUser"
        stranger = user(99, **{"@odata.type": "#microsoft.graph.cloudUser"})
        tenant.sync([unknown, stranger] + users[1:] + [members])
        self.assertEqual(tenant.state(1), "E", "neither absent nor out of the group")
        listed = tenant.json("log", "--rejected")["rejected"]
        self.assertEqual([(r["object_id"], r["reason"]) for r in listed], [(guid(1), "unknown_object_type")])
        tenant.sync(users + [group(group_id, [guid(i) for i in range(1, 31)])])
        self.assertEqual(tenant.json("log", "--rejected")["rejected"], [])

    def test_what_an_exporter_left_in_place_of_a_value_changes_nothing(self):
        tenant = self.tenant().migrate()
        tenant.sync([user(i) for i in range(1, 31)])
        before = tenant.rows()
        done = tenant.sync([user(1, businessPhones="System.String[]"), user(2, businessPhones=["System.Object[]"]),
                            user(3, givenName="System.Object"), user(4, assignedPlans="System.Object[]"),
                            user(5, accountEnabled=True, mail="(null)")] + [user(i) for i in range(6, 31)])
        self.assertEqual(tenant.rows(), before)
        self.assertIn("5 ", done.stdout)


class FormatsAgree(SystemTest):
    """The same tenant gives the same rows, as far as each format carries the facts."""

    @staticmethod
    def people():
        return [user(1), user(2, surname=None, mail=None), user(3, accountEnabled=False),
                user(4, givenName="Åse", surname="Ødegård", displayName="Åse Ødegård", jobTitle="Head, \"North\""),
                user(5, givenName=" ", city="Oslo", state="Viken", country="Norway", postalCode="0150",
                     streetAddress="Storgata 1", mobilePhone="+47 9", faxNumber="+47 8"),
                user(6, jobTitle="x" * 150), user(7, businessPhones=[]), user(8, displayName=None),
                *(user(i) for i in range(9, 25))]

    def rows_of(self, name, text, security_group=None, **directory):
        environment = {"name": "contoso", "schema": "contoso"}
        if security_group:
            environment["security_group"] = security_group
        tenant = self.tenant(environment)
        tenant.configure(path=name, **directory)
        tenant.migrate()
        tenant.write(text, name)
        tenant.sync()
        return tenant.rows()

    def test_users_alone(self):
        people = self.people()
        from_graph = self.rows_of("tenant.jsonl", people)
        self.assertEqual(len(from_graph), len(people) - 1, "all but the one whose account is disabled")
        self.assertEqual(self.rows_of("users.csv", [csv_text(csv_row(u) for u in people)]), from_graph)
        self.assertEqual(self.rows_of("users2.csv", [csv_text((csv_row(u) for u in people), ";", "\n")]), from_graph)
        self.assertEqual(self.rows_of("export.ldif", [ldif_entry(u) for u in people]), from_graph)

    def test_with_groups_and_roles(self):
        people = self.people()
        group_id = guid(900)
        inside, admins = people[:12], people[12:14]
        from_graph = self.rows_of(
            "tenant.jsonl",
            people + [group(group_id, [u["id"] for u in inside]), role(GLOBAL, [u["id"] for u in admins])], group_id)
        self.assertEqual(len(from_graph), len(inside) - 1 + len(admins))
        from_ldif = self.rows_of(
            "export.ldif",
            [*(ldif_entry(u) for u in people), ldif_group("crm", inside, group_id), ldif_group("admins", admins)],
            group_id, admin_groups={"global": "cn=admins,ou=groups,dc=contoso,dc=example"})
        self.assertEqual(from_ldif, from_graph)


if __name__ == "__main__":
    main()
