"""Group teams: their members are those of a group of the directory (docs/rules.md D19, D20)."""

import json

from request_test import CLIENTS, RequestTest
from support import SystemTest, group, guid, main, user

UNIT = "22e1d5a0-0000-4000-8000-000000000003"
SALES, SUPPORT, OTHER = (f"3f6b2c1e-0000-4000-8000-00000000000{n}" for n in (1, 2, 3))
EVERYBODY, MEMBERS, OWNERS, GUESTS = 0, 1, 2, 3
TABLES = """
CREATE TABLE contoso.team (teamid uuid PRIMARY KEY DEFAULT gen_random_uuid(), name varchar(160) NOT NULL, teamtype smallint NOT NULL,
  azureactivedirectoryobjectid uuid, membershiptype smallint, UNIQUE (azureactivedirectoryobjectid, membershiptype));
CREATE TABLE contoso.teammembership (teammembershipid uuid PRIMARY KEY, teamid uuid NOT NULL REFERENCES contoso.team,
  systemuserid uuid NOT NULL REFERENCES contoso.systemuser, UNIQUE (teamid, systemuserid))"""


def team(name, of, members=EVERYBODY, kind=2):
    return ("INSERT INTO contoso.team (name, teamtype, azureactivedirectoryobjectid, membershiptype) "
            f"VALUES ('{name}', {kind}, {'NULL' if of is None else repr(of)}, {members})")


class TeamsTest:
    def teamed(self, follow, *teams, expect=0, lines=None, **environment):
        tenant = self.tenant({"name": "contoso", "type": "production", "schema": "contoso", "group_teams": follow, **environment})
        tenant.run("migrate", expect=None)  # the tables come after it
        tenant.sql(TABLES)
        for one in teams:
            tenant.sql(one)
        tenant.migrate()
        if lines is not None:
            tenant.sync(lines, expect=expect)
        return tenant

    def teams_of(self, tenant, number):
        return [row[0] for row in tenant.sql(
            "SELECT t.name FROM contoso.teammembership m JOIN contoso.team t USING (teamid) JOIN contoso.systemuser u USING (systemuserid) "
            f"WHERE u.azureactivedirectoryobjectid = '{guid(number)}' ORDER BY 1")]

    def join(self, tenant, number, name):
        tenant.sql("INSERT INTO contoso.teammembership SELECT gen_random_uuid(), t.teamid, u.systemuserid FROM contoso.systemuser u, contoso.team t "
                   f"WHERE u.azureactivedirectoryobjectid = '{guid(number)}' AND t.name = '{name}'")

    def everybody(self, count=6, **changed):
        return [user(n, **changed.get(f"user{n}", {})) for n in range(1, count + 1)]

    def warnings(self, tenant):
        return tenant.value("SELECT coalesce(warnings::text, '') FROM contoso.sync_run ORDER BY run_id DESC LIMIT 1")


class Runs(TeamsTest, SystemTest):
    def test_follow_the_group_in_both_directions(self):
        tenant = self.teamed("background", team("Sales", SALES), team("Chat", SUPPORT, kind=3),
                             lines=[*self.everybody(), group(SALES, [guid(1), guid(2)]), group(SUPPORT, [guid(2)])])
        self.assertEqual([self.teams_of(tenant, n) for n in (1, 2, 3)], [["Sales"], ["Chat", "Sales"], []])
        self.assertEqual(tenant.value("SELECT fields FROM contoso.sync_change WHERE domainname = 'user1@contoso.example'"),
                         '{"teams": [[], ["Sales"]]}')
        row = f"SELECT versionnumber, modifiedon FROM contoso.systemuser WHERE azureactivedirectoryobjectid = '{guid(1)}'"
        before = tenant.sql(row)
        tenant.sync([*self.everybody(), group(SALES, [guid(2), guid(3)]), group(SUPPORT, [guid(2)])])
        self.assertEqual([self.teams_of(tenant, n) for n in (1, 2, 3)], [[], ["Chat", "Sales"], ["Sales"]])
        self.assertEqual((tenant.last_run()["kind"], tenant.last_run()["updated"]), ("incremental", 2))
        self.assertEqual(tenant.sql(row), before)  # the row itself is as it was
        self.assertEqual(tenant.value("SELECT fields FROM contoso.sync_change ORDER BY run_id DESC, domainname LIMIT 1"),
                         '{"teams": [["Sales"], []]}')
        tenant.sync(None, "--full")
        self.assertEqual(tenant.last_run()["updated"], 0)

    def test_members_guests_and_owners(self):
        guest = {"userType": "Guest"}
        tenant = self.teamed("background", team("All", SALES), team("Members", SALES, MEMBERS), team("Owners", SALES, OWNERS),
                             team("Guests", SALES, GUESTS),
                             lines=[*self.everybody(user2=guest, user4=guest), group(SALES, [guid(1), guid(2)], owners=[guid(3), guid(4)])])
        self.assertEqual([self.teams_of(tenant, n) for n in range(1, 6)],
                         [["All", "Members"], ["All", "Guests"], ["Owners"], ["Owners"], []])

    def test_a_teams_environments_roles_come_from_three_teams(self):
        """docs/access.md, An environment of Microsoft Teams: the team's owner, its members and its guests."""
        guest = {"userType": "Guest"}
        lines = [*self.everybody(user3=guest), group(SALES, [guid(1), guid(2), guid(3)], owners=[guid(1)])]
        tenant = self.teamed("background", *(team(name, SALES, members, kind=3) for name, members in
                                             (("Owners", OWNERS), ("Members", MEMBERS), ("Guests", GUESTS))),
                             type="teams", security_group=SALES, lines=lines)
        for number in (1, 2, 3):  # nobody is created in the background
            tenant.run("user", "add", guid(number))
        self.assertEqual([self.teams_of(tenant, n) for n in (1, 2, 3)], [["Members", "Owners"], ["Members"], ["Guests"]])
        tenant.sync([*self.everybody(user3=guest), group(SALES, [guid(1), guid(2), guid(3)], owners=[guid(2)])])
        self.assertEqual([self.teams_of(tenant, n) for n in (1, 2)], [["Members"], ["Members", "Owners"]])

    def test_other_teams_are_out_of_reach(self):
        tenant = self.teamed("background", team("Sales", SALES), team("Mine", None, kind=0), team("Old", OTHER, kind=0),
                             lines=[*self.everybody(), group(SALES, [guid(1)]), group(OTHER, [guid(2)])])
        for name in ("Mine", "Old"):
            self.join(tenant, 1, name)
        tenant.sync(None, "--full")
        self.assertEqual([self.teams_of(tenant, n) for n in (1, 2)], [["Mine", "Old", "Sales"], []])

    def test_what_others_did_to_the_members_is_set_right_by_a_full_run(self):
        tenant = self.teamed("background", team("Sales", SALES), lines=[*self.everybody(), group(SALES, [guid(1)])])
        self.join(tenant, 2, "Sales")
        tenant.sql("DELETE FROM contoso.teammembership m USING contoso.systemuser u WHERE u.systemuserid = m.systemuserid "
                   f"AND u.azureactivedirectoryobjectid = '{guid(1)}'")
        tenant.sync(None, "--full")
        self.assertEqual([self.teams_of(tenant, n) for n in (1, 2)], [["Sales"], []])

    def test_a_group_that_cannot_be_read_or_was_not_exported_leaves_its_team(self):
        lines = [*self.everybody(), group(SALES, [guid(1)]), group(SUPPORT, [guid(2)])]
        tenant = self.teamed("background", team("Sales", SALES), team("Support", SUPPORT), lines=lines)
        tenant.sync([*self.everybody(), group(SUPPORT, [guid(3)])])
        self.assertEqual([self.teams_of(tenant, n) for n in (1, 2, 3)], [["Sales"], [], ["Support"]])
        self.assertIn("the group of the team Sales cannot be read", self.warnings(tenant))
        self.assertEqual(tenant.last_run()["outcome"], "succeeded")
        broken = group(SALES, [guid(2)])
        broken["members@delta"] = [{"@odata.type": "#microsoft.graph.user"}]
        tenant.sync([*self.everybody(), broken, group(SUPPORT, [guid(3)])], expect=None)
        self.assertEqual(self.teams_of(tenant, 1), ["Sales"])
        tenant.sync([*self.everybody(), group(SALES, [guid(2)]), group(SUPPORT, [guid(3)])])
        self.assertEqual([self.teams_of(tenant, n) for n in (1, 2, 3)], [[], ["Sales"], ["Support"]])

    def test_a_group_that_is_gone_loses_its_members(self):
        tenant = self.teamed("background", team("Sales", SALES), lines=[*self.everybody(), group(SALES, [guid(1)])])
        gone = {"@odata.type": "#microsoft.graph.group", "id": SALES, "@removed": {"reason": "deleted"}}
        tenant.sync([*self.everybody(), gone])
        self.assertEqual(self.teams_of(tenant, 1), [])
        self.assertIn("no group any more for the team Sales", self.warnings(tenant))
        tenant.sync([*self.everybody(), group(SALES, [guid(1)])])
        self.assertEqual(self.teams_of(tenant, 1), ["Sales"])

    def test_a_team_that_comes_or_goes(self):
        lines = [*self.everybody(), group(SALES, [guid(1)]), group(SUPPORT, [guid(1)])]
        tenant = self.teamed("background", team("Sales", SALES), lines=lines)
        tenant.sql(team("Support", SUPPORT))
        tenant.sync(lines)
        self.assertEqual(self.teams_of(tenant, 1), ["Sales", "Support"])
        tenant.sql("DELETE FROM contoso.teammembership; DELETE FROM contoso.team WHERE name = 'Sales'")
        tenant.sync(lines)
        self.assertEqual(self.teams_of(tenant, 1), ["Support"])

    def test_who_is_disabled_joins_nothing_and_still_leaves(self):
        closed = {"accountEnabled": False}
        tenant = self.teamed("background", team("Sales", SALES), lines=[*self.everybody(), group(SALES, [guid(1), guid(2)])])
        tenant.sync([*self.everybody(user2=closed, user3=closed), group(SALES, [guid(1), guid(2), guid(3)])])
        self.assertEqual([self.teams_of(tenant, n) for n in (2, 3)], [["Sales"], []])
        tenant.sync([*self.everybody(user2=closed, user3=closed), group(SALES, [guid(1)])])
        self.assertEqual(self.teams_of(tenant, 2), [])
        tenant.sync([*self.everybody(user2=closed), group(SALES, [guid(1), guid(3)])])
        self.assertEqual(self.teams_of(tenant, 3), ["Sales"])

    def test_taking_very_many_out_is_held(self):
        people = self.everybody(10)
        tenant = self.teamed("background", team("Sales", SALES), lines=[*people, group(SALES, [guid(n) for n in range(1, 11)])])
        tenant.sync([*people, group(SALES, [guid(1)])], expect=75)
        run = tenant.last_run()
        self.assertEqual((run["outcome"], run["held"], len(self.teams_of(tenant, 5))), ("held", 9, 1))
        self.assertEqual(tenant.value("SELECT DISTINCT class FROM contoso.sync_pending"), "access")
        tenant.run("approve", str(run["run_id"]))
        self.assertEqual([self.teams_of(tenant, n) for n in (1, 5)], [["Sales"], []])
        tenant.sync()

    def test_without_the_setting_nothing_is_read(self):
        tenant = self.teamed("ignore", team("Sales", SALES), lines=[*self.everybody(), group(SALES, [guid(1)])])
        self.assertEqual(self.teams_of(tenant, 1), [])
        self.assertEqual(tenant.value("SELECT count(*) FROM directory.named_group"), "0")

    def test_tables_that_are_not_there_and_rights_that_are_not(self):
        tenant = self.tenant({"name": "contoso", "schema": "contoso", "group_teams": "background"})
        tenant.sql("CREATE ROLE teams_daemon LOGIN")
        tenant.connection = self.postgres.conninfo(tenant.database, user="teams_daemon")
        tenant.settings["database"] = {"connection": tenant.connection, "migrate_connection": self.postgres.conninfo(tenant.database)}
        tenant.configure()
        self.assertIn("group_teams", tenant.run("migrate", expect=None).stdout)
        tenant.write([*self.everybody(), group(SALES, [guid(1)])])
        done = tenant.run("sync", expect=None)
        self.assertIn("group_teams", done.stdout + done.stderr)
        tenant.sql(TABLES)
        tenant.sql(team("Sales", SALES))
        tenant.migrate()
        tenant.run("sync")
        self.assertEqual(self.teams_of(tenant, 1), ["Sales"])
        tenant.sql("REVOKE INSERT ON contoso.teammembership FROM teams_daemon")
        self.assertIn("teammembership", tenant.run("check", expect=None).stdout)

    def test_a_membership_that_the_table_refuses_is_that_users_rejection(self):
        tenant = self.teamed("background", team("Sales", SALES), lines=[*self.everybody(), group(SALES, [])])
        tenant.sql("CREATE FUNCTION contoso.no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not here'; END $$;"
                   "CREATE TRIGGER no BEFORE INSERT ON contoso.teammembership FOR EACH ROW EXECUTE FUNCTION contoso.no()")
        tenant.sync([*self.everybody(user2={"jobTitle": "Head"}), group(SALES, [guid(1)])], unplanned="the table refuses")
        self.assertEqual((tenant.row(2)["jobtitle"], self.teams_of(tenant, 1)), ("Head", []))
        self.assertEqual(tenant.value("SELECT count(*) FROM contoso.sync_rejected"), "1")


class FirstAccess(TeamsTest, RequestTest):
    def test_members_enter_and_leave_at_access_only(self):
        people = self.everybody(2, user2={"assignedPlans": []})
        tenant = self.teamed("first_access", team("Sales", SALES), lines=[*people, group(SALES, [guid(1)])])
        self.assertEqual(self.teams_of(tenant, 1), [])
        tenant.settings["schedule"] = {"every": "1h", "jitter": "0s", "fresh_within": "1h"}
        tenant.configure()
        tenant.sql(CLIENTS)
        self.start(tenant)
        told = self.told(tenant, "user1@contoso.example")
        self.assertEqual((told["decision"], told["access"], self.teams_of(tenant, 1)), ("update", "yes", ["Sales"]))
        self.assertEqual(tenant.value(f"SELECT fields FROM contoso.sync_change WHERE run_id = {told['run_id']}"), '{"teams": [[], ["Sales"]]}')
        self.assertEqual(self.told(tenant, "user1@contoso.example")["decision"], "keep")
        tenant.write([*people, group(SALES, [])])
        tenant.run("sync")
        self.assertEqual(self.teams_of(tenant, 1), ["Sales"])
        self.assertEqual(self.told(tenant, "user1@contoso.example", trigger="on_demand")["decision"], "keep")
        told = self.told(tenant, "user1@contoso.example")
        self.assertEqual((told["decision"], self.teams_of(tenant, 1)), ("update", []))

    def test_a_leaver_whose_disable_is_held_joins_no_team_and_leaves_none(self):
        unlicensed = {"assignedPlans": []}
        tenant = self.teamed("first_access", team("Sales", SALES), team("Support", SUPPORT),
                             lines=[*self.everybody(), group(SALES, [guid(3)]), group(SUPPORT, [])])
        self.join(tenant, 1, "Support")
        tenant.settings["schedule"] = {"every": "1h", "jitter": "0s", "fresh_within": "1h"}
        tenant.settings["safety"] = {"max_disables": 1}
        tenant.configure()
        tenant.sync([*self.everybody(user1=unlicensed, user2=unlicensed), group(SALES, [guid(n) for n in (1, 2, 3)]), group(SUPPORT, [])],
                    expect=75)
        tenant.sql(CLIENTS)
        self.start(tenant)
        told = self.told(tenant, "user1@contoso.example")
        self.assertEqual((told["access"], told["reason"], tenant.state(1)), ("yes", "no_license", "E"))
        self.assertEqual([self.teams_of(tenant, n) for n in (1, 2)], [["Support"], []])
        self.told(tenant, "user3@contoso.example")
        self.assertEqual(self.teams_of(tenant, 3), ["Sales"])

    def test_explain_and_plan_tell_beforehand(self):
        tenant = self.teamed("first_access", team("Sales", SALES), lines=[*self.everybody(2), group(SALES, [guid(1)])])
        explained = tenant.json("explain", guid(1), "--trigger", "first_access")["environments"][0]
        self.assertIn("Sales", json.dumps(explained))
        self.assertEqual(tenant.json("plan", "--full")["environments"][0]["changes"], [])


if __name__ == "__main__":
    main()
