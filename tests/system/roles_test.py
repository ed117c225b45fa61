"""Security roles: given and taken with the row, in Dataverse's own tables (docs/rules.md D18, D20)."""

import os
import pathlib
import signal

from request_test import CLIENTS, RequestTest
from support import FREE_PLAN, FULL, GLOBAL, guid, main, role, user, wait_until

UNIT, BRANCH = "22e1d5a0-0000-4000-8000-000000000003", "22e1d5a0-0000-4000-8000-000000000004"
SALES = "2e8dde43-6986-479d-b179-7dbe31c31f60"
TABLES = f"""
CREATE TABLE contoso.role (roleid uuid PRIMARY KEY DEFAULT gen_random_uuid(), name varchar(100) NOT NULL, businessunitid uuid NOT NULL);
CREATE TABLE contoso.systemuserroles (systemuserroleid uuid PRIMARY KEY, systemuserid uuid NOT NULL REFERENCES contoso.systemuser,
  roleid uuid NOT NULL REFERENCES contoso.role, UNIQUE (systemuserid, roleid));
CREATE TABLE contoso.teamroles (teamroleid uuid PRIMARY KEY DEFAULT gen_random_uuid(), teamid uuid, roleid uuid);
CREATE TABLE contoso.teammembership (teammembershipid uuid PRIMARY KEY DEFAULT gen_random_uuid(), teamid uuid, systemuserid uuid);
CREATE TABLE contoso.organization (organizationid uuid, orgdborgsettings text);
INSERT INTO contoso.organization VALUES (gen_random_uuid(), '<OrgSettings><IsX>true</IsX></OrgSettings>');
INSERT INTO contoso.role (name, businessunitid) SELECT name, unit::uuid FROM unnest(ARRAY['Common Data Service User', 'Salesperson',
  'System Administrator', 'Environment Maker', 'Support']) name, unnest(ARRAY['{UNIT}', '{BRANCH}']) unit;
"""

GIVEN = "SELECT coalesce(sum(cardinality(roleids)), 0) FROM contoso.sync_role"


def licensed(number, *plans, **facts):
    return user(number, assignedPlans=[{"servicePlanId": p, "capabilityStatus": "Enabled"} for p in plans], **facts)


class Roles(RequestTest):
    def managed(self, roles, lines, expect=0, tables="", **environment):
        tenant = self.tenant({"name": "contoso", "type": "production", "schema": "contoso", "business_unit": UNIT,
                              "roles": roles, **environment})
        tenant.run("migrate", expect=None)  # the tables come after it
        tenant.sql(TABLES + tables)
        tenant.migrate()
        tenant.sync(lines, expect=expect)
        return tenant

    def roles_of(self, tenant, number):
        return [row[0] for row in tenant.sql(
            "SELECT r.name FROM contoso.systemuserroles h JOIN contoso.role r USING (roleid) JOIN contoso.systemuser u USING (systemuserid) "
            f"WHERE u.azureactivedirectoryobjectid = '{guid(number)}' AND r.businessunitid = coalesce(u.businessunitid, r.businessunitid) ORDER BY 1")]

    def give(self, tenant, number, name):
        tenant.sql("INSERT INTO contoso.systemuserroles SELECT gen_random_uuid(), u.systemuserid, r.roleid FROM contoso.systemuser u, contoso.role r "
                   f"WHERE u.azureactivedirectoryobjectid = '{guid(number)}' AND r.name = '{name}' AND r.businessunitid = '{UNIT}'")

    def take(self, tenant, number, name):
        tenant.sql("DELETE FROM contoso.systemuserroles h USING contoso.role r, contoso.systemuser u WHERE h.roleid = r.roleid AND "
                   f"h.systemuserid = u.systemuserid AND u.azureactivedirectoryobjectid = '{guid(number)}' AND r.name = '{name}'")

    BASIC = {"everybody": ["basic user"], "by_license": {SALES: ["Salesperson"]}, "administrators": ["System Administrator"]}

    def everybody(self, changed=()):
        lines = {n: licensed(n, FULL) for n in range(1, 11)}
        lines.update(changed)
        return [line for line in lines.values() if line]

    def test_come_with_the_row_and_stay_as_they_are(self):
        tenant = self.managed(self.BASIC, [*self.everybody({2: licensed(2, FULL, SALES), 3: licensed(3)}), role(GLOBAL, [guid(3)])])
        self.assertEqual(self.roles_of(tenant, 1), ["Common Data Service User"])
        self.assertEqual(self.roles_of(tenant, 2), ["Common Data Service User", "Salesperson"])
        self.assertEqual(self.roles_of(tenant, 3), ["Common Data Service User", "System Administrator"])
        log = tenant.sql("SELECT action, fields FROM contoso.sync_change WHERE domainname LIKE 'user2@%'")
        self.assertEqual(log, [["create", '{"roles": [[], ["basic user", "Salesperson"]]}']])
        tenant.sync(None, "--full")
        self.assertEqual((tenant.last_run()["unchanged"], tenant.last_run()["updated"]), (10, 0))

    def test_follow_the_licence_in_both_directions(self):
        tenant = self.managed(self.BASIC, self.everybody())
        tenant.sync(self.everybody({2: licensed(2, FULL, SALES)}))
        self.assertEqual(self.roles_of(tenant, 2), ["Common Data Service User", "Salesperson"])
        self.assertEqual(tenant.sql("SELECT action, fields FROM contoso.sync_change ORDER BY run_id DESC LIMIT 1"),
                         [["update", '{"roles": [["basic user"], ["basic user", "Salesperson"]]}']])
        tenant.sync(self.everybody())
        self.assertEqual(self.roles_of(tenant, 2), ["Common Data Service User"])
        tenant.sync(self.everybody({2: licensed(2)}))
        self.assertEqual((tenant.state(2), self.roles_of(tenant, 2)), ("no_license", []))
        tenant.sync(self.everybody())
        self.assertEqual((tenant.state(2), self.roles_of(tenant, 2)), ("E", ["Common Data Service User"]))
        self.assertEqual(tenant.value(GIVEN), "10")

    def test_that_somebody_else_gave_or_took_are_theirs(self):
        tenant = self.managed(self.BASIC, self.everybody({2: licensed(2, FULL, SALES)}))
        self.give(tenant, 1, "Salesperson")
        self.give(tenant, 1, "Support")
        self.take(tenant, 2, "Salesperson")
        tenant.sync(self.everybody({1: licensed(1, FULL, SALES), 2: licensed(2, FULL, SALES)}), "--full")
        self.assertEqual(self.roles_of(tenant, 1), ["Common Data Service User", "Salesperson", "Support"])
        self.assertEqual(self.roles_of(tenant, 2), ["Common Data Service User"])
        tenant.sync(self.everybody(), "--full")
        self.assertEqual(self.roles_of(tenant, 1), ["Common Data Service User", "Salesperson", "Support"])
        tenant.sync(self.everybody({1: licensed(1)}))
        self.assertEqual(self.roles_of(tenant, 1), ["Salesperson", "Support"])
        tenant.sync(self.everybody({1: licensed(1), 2: licensed(2, FULL, SALES)}))
        self.assertEqual(self.roles_of(tenant, 2), ["Common Data Service User", "Salesperson"])

    def test_a_requests_user_gets_them_too(self):
        tenant = self.managed(self.BASIC, self.everybody({2: user(2, **FREE_PLAN)}))
        self.assertEqual(tenant.json("user", "add", guid(2))["answers"][0]["decision"], "create")
        self.assertEqual(self.roles_of(tenant, 2), ["Common Data Service User"])

    def test_come_at_the_door_too(self):
        tenant = self.managed(self.BASIC, self.everybody({2: user(2, **FREE_PLAN)}))
        tenant.settings["schedule"] = {"every": "1h", "jitter": "0s", "fresh_within": "1h"}
        tenant.configure()
        tenant.sql(CLIENTS)
        self.start(tenant)
        self.assertEqual(self.told(tenant, "user2@contoso.example")["decision"], "create")
        self.assertEqual(self.roles_of(tenant, 2), ["Common Data Service User"])
        tenant.write(self.everybody({1: licensed(1, FULL, SALES), 2: user(2, **FREE_PLAN)}))
        tenant.run("sync")
        tenant.sql("UPDATE contoso.sync_role SET roleids = array_remove(roleids, r.roleid) FROM contoso.role r WHERE r.name = 'Salesperson'"
                   f" AND r.businessunitid = '{UNIT}'")
        self.take(tenant, 1, "Salesperson")
        told = self.told(tenant, "user1@contoso.example")
        self.assertEqual((told["decision"], told["access"]), ("update", "yes"))
        self.assertEqual(self.roles_of(tenant, 1), ["Common Data Service User", "Salesperson"])

    def test_a_leaver_whose_disable_is_held_gets_none_at_the_door_and_loses_none(self):
        tenant = self.managed(self.BASIC, self.everybody())
        tenant.settings["schedule"] = {"every": "1h", "jitter": "0s", "fresh_within": "1h"}
        tenant.settings["safety"] = {"max_disables": 1}
        tenant.configure()
        leavers = {n: licensed(n, FULL, SALES, accountEnabled=False) for n in (1, 2)}
        tenant.sync(self.everybody({**leavers, 3: licensed(3, FULL, SALES)}), expect=75)
        tenant.sql(CLIENTS)
        self.start(tenant)
        told = self.told(tenant, "user1@contoso.example")
        self.assertEqual((told["access"], told["reason"], tenant.state(1)), ("yes", "account_disabled", "E"))
        self.assertEqual([self.roles_of(tenant, n) for n in (1, 3)],
                         [["Common Data Service User"], ["Common Data Service User", "Salesperson"]])

    def test_one_that_is_named_twice_is_given_once(self):
        tenant = self.managed({"everybody": ["Basic User"], "by_license": {SALES: ["Common Data Service User"]}},
                              [licensed(n, FULL, SALES) for n in range(150)])
        self.assertEqual(self.roles_of(tenant, 1), ["Common Data Service User"])
        tenant.sync([licensed(n, FULL) for n in range(150)])
        self.assertEqual(self.roles_of(tenant, 1), ["Common Data Service User"])

    def test_a_table_whose_ids_are_of_a_type_of_its_own(self):
        """Such ids are no binary uuid for PostgreSQL."""
        tenant = self.managed(self.BASIC, [licensed(n, FULL) for n in range(300)], tables="CREATE DOMAIN contoso.assignment AS uuid;"
                              "ALTER TABLE contoso.systemuserroles ALTER systemuserroleid TYPE contoso.assignment")
        self.assertEqual(self.roles_of(tenant, 299), ["Common Data Service User"])
        self.assertEqual(tenant.value("SELECT count(*) FROM contoso.systemuserroles"), "300")
        tenant.sync(None, "--full")
        self.assertEqual(tenant.last_run()["updated"], 0)

    def test_come_to_very_many_new_rows_at_once(self):
        tenant = self.managed(self.BASIC, [licensed(n, FULL, *([SALES] if n % 2 else [])) for n in range(300)])
        units = tenant.sql("SELECT r.name, r.businessunitid, count(*) FROM contoso.systemuserroles JOIN contoso.role r USING (roleid) "
                           "GROUP BY 1, 2 ORDER BY 1")
        self.assertEqual(units, [["Common Data Service User", UNIT, "300"], ["Salesperson", UNIT, "150"]])
        self.assertEqual(tenant.value(GIVEN), "450")
        tenant.sync(None, "--full")
        self.assertEqual(tenant.last_run()["updated"], 0)

    def test_a_table_of_roles_that_may_not_be_read(self):
        tenant = self.managed(self.BASIC, self.everybody())
        tenant.sql("CREATE ROLE roleless LOGIN; GRANT ALL ON ALL TABLES IN SCHEMA directory, contoso TO roleless;"
                   "GRANT ALL ON ALL SEQUENCES IN SCHEMA directory, contoso TO roleless; GRANT USAGE ON SCHEMA directory, contoso TO roleless;"
                   "REVOKE ALL ON contoso.role FROM roleless")
        tenant.settings["database"] = {"connection": self.postgres.conninfo(tenant.database, user="roleless")}
        tenant.configure()
        before = tenant.sql("SELECT * FROM contoso.systemuserroles ORDER BY 1")
        tenant.write(self.everybody({2: licensed(2, FULL, SALES)}))
        done = tenant.run("sync", expect=None)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("manage `roles`", done.stdout + done.stderr)
        self.assertEqual(tenant.sql("SELECT * FROM contoso.systemuserroles ORDER BY 1"), before)

    def test_taking_them_from_very_many_is_held(self):
        licensed_all = self.everybody({n: licensed(n, FULL, SALES) for n in range(1, 11)})
        tenant = self.managed(self.BASIC, licensed_all)
        tenant.sync(self.everybody({1: licensed(1, FULL, SALES, jobTitle="Head")}), expect=75)
        run = tenant.last_run()
        self.assertEqual((run["outcome"], run["held"]), ("held", 9))
        self.assertEqual(tenant.value("SELECT DISTINCT class FROM contoso.sync_pending"), "access")
        self.assertEqual(len(self.roles_of(tenant, 2)), 2)
        self.assertIn("9 users who lose roles", tenant.run("status", expect=None).stdout)
        tenant.run("approve", str(run["run_id"]))
        self.assertEqual(self.roles_of(tenant, 2), ["Common Data Service User"])
        tenant.sync()

    def test_a_role_that_does_not_exist_is_a_warning_and_comes_once_it_does(self):
        tenant = self.managed({"everybody": ["Basic User", "Nobody Knows"]}, self.everybody())
        warnings = tenant.value("SELECT warnings FROM contoso.sync_run ORDER BY run_id DESC LIMIT 1")
        self.assertIn("the security role Nobody Knows does not exist", warnings)
        tenant.sql(f"INSERT INTO contoso.role (name, businessunitid) VALUES ('nobody knows', '{UNIT}')")
        tenant.sync()
        self.assertEqual(self.roles_of(tenant, 1), ["Common Data Service User", "nobody knows"])

    def test_come_from_the_users_own_business_unit(self):
        tenant = self.managed(self.BASIC, self.everybody())
        tenant.sql(f"UPDATE contoso.systemuser SET businessunitid = '{BRANCH}' WHERE azureactivedirectoryobjectid = '{guid(1)}'")
        tenant.sync(self.everybody({1: licensed(1, FULL, SALES)}))
        self.assertEqual(self.roles_of(tenant, 1), ["Salesperson"])  # the other one is of the unit the user was in

    def test_settings_of_the_organization(self):
        tenant = self.managed(self.BASIC, self.everybody({1: licensed(1, FULL, accountEnabled=False)}))
        tenant.sync(self.everybody())
        tenant.run("user", "disable", guid(2))
        tenant.sync(self.everybody({2: licensed(2, FULL, SALES)}))
        self.assertEqual(self.roles_of(tenant, 2), ["Common Data Service User"])
        tenant.sql("UPDATE contoso.organization SET orgdborgsettings = '<OrgSettings><AllowRoleAssignmentOnDisabledUsers>true"
                   "</AllowRoleAssignmentOnDisabledUsers></OrgSettings>'")
        tenant.sync()
        self.assertEqual(self.roles_of(tenant, 2), ["Common Data Service User", "Salesperson"])
        tenant.sql("UPDATE contoso.organization SET orgdborgsettings = '<OrgSettings><Allow'")
        tenant.run("user", "disable", guid(3))
        tenant.sync(self.everybody({n: licensed(n, FULL, SALES) for n in (2, 3)}))
        self.assertIn("orgdborgsettings", tenant.value("SELECT warnings FROM contoso.sync_run ORDER BY run_id DESC LIMIT 1"))
        self.assertEqual(self.roles_of(tenant, 3), ["Common Data Service User"])

    def test_settings_that_cannot_be_read_give_nobody_a_role_and_take_as_always(self):
        tenant = self.with_stub({}, sellers=[2])
        tenant.environments[0]["roles"] = {**self.BASIC, "stub": "Salesperson"}
        tenant.configure()
        tenant.sql("UPDATE contoso.organization SET orgdborgsettings = '<OrgSettings><Allow'")
        lines = self.everybody({11: licensed(11, FULL), 1: licensed(1, FULL, SALES)})
        tenant.sync(lines)
        self.assertEqual([self.roles_of(tenant, n) for n in (11, 1, 2)], [[], ["Common Data Service User"], ["Common Data Service User"]])
        self.assertEqual(self.held_by_stub(tenant), [])
        self.assertIn("nobody gets a security role", tenant.value("SELECT warnings FROM contoso.sync_run ORDER BY run_id DESC LIMIT 1"))
        tenant.sql("UPDATE contoso.organization SET orgdborgsettings = NULL")
        tenant.sync(lines)
        self.assertEqual([self.roles_of(tenant, n) for n in (11, 1)], [["Common Data Service User"], ["Common Data Service User", "Salesperson"]])
        self.assertEqual(self.held_by_stub(tenant), [["Salesperson", UNIT]])

    def test_ownership_across_business_units_lets_a_role_of_another_unit_do(self):
        tenant = self.managed(self.BASIC, self.everybody())
        tenant.sql(f"UPDATE contoso.systemuser SET businessunitid = '{BRANCH}' WHERE azureactivedirectoryobjectid = '{guid(1)}';"
                   f"DELETE FROM contoso.role WHERE name = 'Salesperson' AND businessunitid = '{BRANCH}'")
        sellers = ("SELECT r.businessunitid FROM contoso.systemuserroles JOIN contoso.role r USING (roleid) JOIN contoso.systemuser u "
                   f"USING (systemuserid) WHERE u.azureactivedirectoryobjectid = '{guid(1)}' AND r.name = 'Salesperson'")
        tenant.sync(self.everybody({1: licensed(1, FULL, SALES)}))
        self.assertEqual(tenant.sql(sellers), [])
        tenant.sql("UPDATE contoso.organization SET orgdborgsettings = '<OrgSettings><EnableOwnershipAcrossBusinessUnits>true"
                   "</EnableOwnershipAcrossBusinessUnits></OrgSettings>'")
        tenant.sync(None, "--full")
        self.assertEqual(tenant.sql(sellers), [[UNIT]])

    def test_the_opt_out_gives_and_takes_nothing_more(self):
        tenant = self.managed(self.BASIC, self.everybody({2: licensed(2, FULL, SALES)}))
        tenant.environments[0]["roles"] = {**self.BASIC, "manage": False}
        tenant.configure()
        tenant.sync(self.everybody({11: licensed(11, FULL)}))
        self.assertEqual((len(self.roles_of(tenant, 2)), self.roles_of(tenant, 11)), (2, []))

    def test_a_default_environment_gives_everybody_two(self):
        tenant = self.managed({"manage": False}, self.everybody(), type="default")
        self.assertEqual(self.roles_of(tenant, 1), ["Common Data Service User", "Environment Maker"])

    def test_who_has_none_is_told(self):
        tenant = self.managed({"by_license": {SALES: ["Salesperson"]}}, self.everybody({2: licensed(2, FULL, SALES)}))
        listed = [u["domainname"] for u in tenant.json("user", "list", "--without-role")["users"]]
        self.assertEqual(len(listed), 9)
        self.assertNotIn("user2@contoso.example", listed)
        check = tenant.json("user", "diagnose", guid(1))["checks"][-1]
        self.assertEqual((check["check"], check["state"]), ("security role", "wrong"))
        self.assertEqual(tenant.json("explain", guid(2))["environments"][0]["roles"], {"direct": ["Salesperson"], "through_teams": []})
        tenant.sql("INSERT INTO contoso.teamroles (teamid, roleid) SELECT roleid, roleid FROM contoso.role WHERE name = 'Support'")
        tenant.sql("INSERT INTO contoso.teammembership (teamid, systemuserid) SELECT teamid, systemuserid FROM contoso.teamroles, contoso.systemuser "
                   f"WHERE azureactivedirectoryobjectid = '{guid(1)}'")
        self.assertEqual(len(tenant.json("user", "list", "--without-role")["users"]), 8)
        self.assertIn("Support through a team", tenant.run("explain", guid(1)).stdout)

    def test_who_was_an_administrator_is_told(self):
        tenant = self.managed(self.BASIC, [*self.everybody(), role(GLOBAL, [guid(1)])])
        self.give(tenant, 2, "System Administrator")
        listed = tenant.json("user", "list", "--administrator-no-more")["users"]
        self.assertEqual([u["object_id"] for u in listed], [guid(2)])
        tenant.sql("UPDATE directory.role_coverage SET coverage = 2")  # one cannot be read
        self.assertIn("does not tell who", tenant.run("user", "list", "--administrator-no-more", expect=64).stderr)

    def test_an_application_user_gets_what_is_named(self):
        tenant = self.managed(self.BASIC, self.everybody())
        application = "5d0f9d4e-0000-4000-8000-000000000006"
        add = ("user", "add-application", "--application-id", application, "--email", "app@contoso.example", "--business-unit", BRANCH)
        self.assertIn("no security role Nobody", tenant.run(*add, "--role", "Nobody", expect=64).stderr)
        told = tenant.json(*add, "--role", "Support", "Salesperson")
        self.assertEqual(tenant.sql("SELECT internalemailaddress, businessunitid FROM contoso.systemuser "
                                    f"WHERE applicationid = '{application}'"), [["app@contoso.example", BRANCH]])
        held = tenant.sql("SELECT r.name, r.businessunitid FROM contoso.systemuserroles h JOIN contoso.role r USING (roleid) "
                          f"WHERE h.systemuserid = '{told['systemuserid']}' ORDER BY 1")
        self.assertEqual(held, [["Salesperson", BRANCH], ["Support", BRANCH]])
        tenant.sync(None, "--full")
        self.assertEqual(tenant.last_run()["updated"], 0)

    def test_the_daemons_role_gets_the_rights_where_roles_are_configured(self):
        tenant = self.tenant({"name": "contoso", "schema": "contoso", "business_unit": UNIT, "roles": self.BASIC})
        tenant.sql("CREATE ROLE roles_daemon LOGIN")
        tenant.connection = self.postgres.conninfo(tenant.database, user="roles_daemon")
        owner = self.postgres.conninfo(tenant.database)
        tenant.settings["database"] = {"connection": tenant.connection, "migrate_connection": owner}
        tenant.configure()
        self.assertIn("roles", tenant.run("migrate", expect=None).stdout)
        tenant.sql(TABLES)
        tenant.migrate()
        tenant.write(self.everybody())
        tenant.run("sync")
        self.assertEqual(self.roles_of(tenant, 1), ["Common Data Service User"])
        tenant.sql("REVOKE DELETE ON contoso.systemuserroles FROM roles_daemon")
        self.assertIn("systemuserroles", tenant.run("check", expect=None).stdout)

    def test_a_schema_that_starts_empty_gets_the_tables(self):
        tenant = self.tenant({"name": "contoso", "schema": "contoso", "roles": {**self.BASIC, "create_tables": True}})
        for _ in range(2):
            tenant.migrate()
        tenant.sync(self.everybody({2: licensed(2, FULL, SALES)}))
        self.assertEqual(self.roles_of(tenant, 2), ["Salesperson", "basic user"])
        self.assertEqual(tenant.value("SELECT count(DISTINCT businessunitid) FROM contoso.systemuser"), "1")
        self.assertEqual(tenant.value("SELECT count(*) FROM contoso.role"), "3")
        tenant.sync(None, "--full")
        self.assertEqual(tenant.last_run()["updated"], 0)

    def test_what_was_remembered_role_by_role_is_kept_by_an_upgrade(self):
        tenant = self.tenant({"name": "contoso", "schema": "contoso", "roles": {**self.BASIC, "create_tables": True}})
        folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "sql", "environment")
        files = [name for name in sorted(os.listdir(folder)) if name[:3].isdigit() and int(name[:3]) <= 17]
        statements = "".join(pathlib.Path(folder, name).read_text(encoding="utf-8") for name in files)
        tenant.sql("CREATE SCHEMA contoso; SET search_path = contoso; CREATE TABLE schema_version (version integer PRIMARY KEY, "
                   f"migrated_at timestamptz NOT NULL DEFAULT now()); INSERT INTO schema_version SELECT generate_series(1, {len(files)}); {statements}")
        tenant.sql("INSERT INTO contoso.sync_role VALUES ('{0}', '{2}', '2026-01-02'), ('{0}', '{1}', '2026-01-01'), ('{1}', '{2}', '2026-01-01')"
                   .format(guid(1), guid(2), guid(3)))
        tenant.migrate()
        first, second = sorted((guid(2), guid(3)))
        self.assertEqual(sorted(tenant.sql("SELECT systemuserid, roleids, given_at::date FROM contoso.sync_role")),
                         sorted([[guid(1), f"{{{first},{second}}}", "2026-01-02"], [guid(2), f"{{{guid(3)}}}", "2026-01-01"]]))

    def test_a_killed_run_leaves_no_row_without_its_roles_and_the_next_one_ends_it(self):
        tenant = self.tenant({"name": "contoso", "schema": "contoso", "roles": {**self.BASIC, "create_tables": True}}).migrate()
        users = [licensed(n, FULL, SALES) for n in range(12_000)]
        tenant.write(users)
        process = tenant.start("sync")
        wait_until(lambda: tenant.value("SELECT count(*) FROM contoso.sync_change") != "0" or process.poll() is not None, what="the first batch")
        process.send_signal(signal.SIGKILL)
        process.communicate()
        incomplete = ("SELECT count(*) FROM contoso.systemuser u WHERE (SELECT count(*) FROM contoso.systemuserroles h "
                      "WHERE h.systemuserid = u.systemuserid) <> 2")
        self.assertEqual(tenant.value(incomplete), "0")
        tenant.sync(users)
        counts = [tenant.value(f"SELECT count(*) FROM contoso.{table}") for table in ("systemuser", "systemuserroles", "sync_role")]
        self.assertEqual((tenant.value(incomplete), counts, tenant.value(GIVEN)), ("0", ["12000", "24000", "12000"], "24000"))
        tenant.sync(None, "--full")
        self.assertEqual(tenant.last_run()["updated"], 0)

    STUB = "5d0f9d4e-0000-4000-8000-000000000007"

    def with_stub(self, roles, sellers=(), **environment):
        tenant = self.managed({**self.BASIC, **roles}, self.everybody({n: licensed(n, FULL, SALES) for n in sellers}), **environment)
        for number in (7, 8):  # one in each business unit
            tenant.sql("INSERT INTO contoso.systemuser (systemuserid, domainname, isdisabled, businessunitid) VALUES "
                       f"('5d0f9d4e-0000-4000-8000-00000000000{number}', 'imported{number}', true, '{UNIT if number == 7 else BRANCH}')")
        return tenant

    def held_by_stub(self, tenant, stub=STUB):
        return tenant.sql("SELECT r.name, r.businessunitid FROM contoso.systemuserroles h JOIN contoso.role r USING (roleid) "
                          f"WHERE h.systemuserid = '{stub}' ORDER BY 1")

    def test_a_placeholder_without_any_gets_the_one_for_placeholders(self):
        tenant = self.with_stub({"stub": "salesperson"})
        row = f"SELECT * FROM contoso.systemuser WHERE systemuserid = '{self.STUB}'"
        before = tenant.sql(row)
        tenant.sql("INSERT INTO contoso.systemuser (systemuserid, domainname, fullname) VALUES (gen_random_uuid(), 'SYSTEM', 'SYSTEM')")
        planned = tenant.json("plan")["environments"][0]["changes"]
        self.assertEqual([(c["object_id"], c["action"], c["reason"], c["fields"]) for c in planned],
                         2 * [(None, "update", "stub_user", {"roles": [[], ["Salesperson"]]})])
        tenant.sync(self.everybody())
        self.assertEqual((tenant.last_run()["kind"], tenant.last_run()["updated"]), ("incremental", 2))
        self.assertEqual(self.held_by_stub(tenant), [["Salesperson", UNIT]])
        self.assertEqual(self.held_by_stub(tenant, self.STUB[:-1] + "8"), [["Salesperson", BRANCH]])
        self.assertEqual(tenant.sql(row), before)
        logged = tenant.sql(f"SELECT action, reason, azureactivedirectoryobjectid, fields FROM contoso.sync_change WHERE systemuserid = '{self.STUB}'")
        self.assertEqual(logged, [["update", "stub_user", None, '{"roles": [[], ["Salesperson"]]}']])
        tenant.sync(None, "--full")
        self.assertEqual(tenant.last_run()["updated"], 0)
        tenant.sql("DELETE FROM contoso.systemuserroles")  # whoever took it wants it gone
        tenant.sql("DELETE FROM contoso.sync_role WHERE systemuserid <> '" + self.STUB + "'")
        tenant.sync(None, "--full")
        self.assertEqual(self.held_by_stub(tenant), [])

    def test_a_saved_plan_has_what_placeholders_get(self):
        tenant = self.with_stub({"stub": "salesperson"})
        path = os.path.join(tenant.folder, "friday.plan")
        tenant.run("plan", "--out", path)
        self.assertIn("2 to update", tenant.run("show", path).stdout)
        tenant.run("plan", "--user", guid(11), "--out", path + ".other")
        tenant.run("apply", path + ".other")
        self.assertEqual(self.held_by_stub(tenant), [], "nobody planned for it")
        tenant.run("apply", path)
        self.assertEqual(self.held_by_stub(tenant), [["Salesperson", UNIT]])

    def test_a_placeholder_with_a_role_and_one_without_a_setting_are_left_alone(self):
        tenant = self.with_stub({})
        tenant.sync()
        self.assertEqual(self.held_by_stub(tenant), [])
        tenant.sql(f"INSERT INTO contoso.systemuserroles SELECT gen_random_uuid(), '{self.STUB}', roleid FROM contoso.role "
                   f"WHERE name = 'Support' AND businessunitid = '{UNIT}'")
        for settings in ({"stub": "Salesperson"}, {"stub": "Salesperson", "manage": False}):
            tenant.environments[0]["roles"] = {**self.BASIC, **settings}
            tenant.configure()
            tenant.sync(None, "--full")
            self.assertEqual(self.held_by_stub(tenant), [["Support", UNIT]])

    def test_a_placeholder_whose_role_does_not_exist_or_that_the_table_refuses(self):
        tenant = self.with_stub({"stub": "Nobody Knows"})
        tenant.sync()
        self.assertIn("the security role Nobody Knows does not exist", tenant.value("SELECT warnings FROM contoso.sync_run ORDER BY run_id DESC LIMIT 1"))
        tenant.environments[0]["roles"] = {**self.BASIC, "stub": "Salesperson"}
        tenant.configure()
        tenant.sql("CREATE FUNCTION contoso.no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not here'; END $$;"
                   "CREATE TRIGGER no BEFORE INSERT ON contoso.systemuserroles FOR EACH ROW "
                   f"WHEN (NEW.systemuserid = '{self.STUB}') EXECUTE FUNCTION contoso.no()")
        tenant.sync(unplanned="the table refuses")
        self.assertEqual(len(self.held_by_stub(tenant, self.STUB[:-1] + "8")), 1)
        self.assertEqual(tenant.sql("SELECT object_id, reason FROM contoso.sync_rejected"), [[None, "invalid_value"]])
        tenant.sql("DROP TRIGGER no ON contoso.systemuserroles")
        tenant.sync()
        self.assertEqual((len(self.held_by_stub(tenant)), tenant.value("SELECT count(*) FROM contoso.sync_rejected")), (1, "0"))

    def test_a_placeholder_that_becomes_a_users_row_keeps_only_what_the_user_is_to_have(self):
        tenant = self.with_stub({"stub": "Salesperson"})
        tenant.sync(self.everybody({11: licensed(11)}))
        self.assertEqual(self.held_by_stub(tenant), [["Salesperson", UNIT]])
        tenant.run("user", "link-stub", self.STUB, guid(11), "--even-if-refused")
        tenant.sync(self.everybody({11: licensed(11, FULL)}))
        tenant.run("user", "refresh", guid(11))
        self.assertEqual(self.roles_of(tenant, 11), ["Common Data Service User"])

    def test_a_role_that_the_table_refuses_is_that_users_rejection(self):
        tenant = self.managed(self.BASIC, self.everybody())
        tenant.sql("CREATE FUNCTION contoso.no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not here'; END $$;"
                   "CREATE TRIGGER no BEFORE INSERT ON contoso.systemuserroles FOR EACH ROW EXECUTE FUNCTION contoso.no()")
        tenant.sync(self.everybody({11: licensed(11, FULL), 2: licensed(2, FULL, jobTitle="Head")}), unplanned="the table refuses")
        self.assertEqual((tenant.row(2)["jobtitle"], tenant.state(11)), ("Head", "-"))


if __name__ == "__main__":
    main()
