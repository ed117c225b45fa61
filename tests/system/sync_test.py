"""The main job: a directory becomes correct rows, with a log, and a second run has nothing to do."""

import json

from support import (DYNAMICS, FREE_PLAN, FULL, GLOBAL, NO_PLANS, POWER_PLATFORM, SystemTest, group, guid, main, removed,
                     role, user)

GROUP = "3f6b2c1e-0000-4000-8000-000000000001"


class FirstLoad(SystemTest):
    def test_creates_rows_and_then_has_nothing_to_do(self):
        tenant = self.tenant().migrate()
        first = tenant.sync([user(1), user(2, givenName=..., mail=None), user(3, **NO_PLANS), user(4, accountEnabled=False)])
        self.assertEqual(tenant.row(1)["fullname"], "Given1 Surname1")
        self.assertEqual(tenant.row(1)["address1_telephone1"], "+47 1")
        self.assertEqual(tenant.row(1)["issyncwithdirectory"], "t")
        self.assertEqual(tenant.row(2)["firstname"], "#")
        self.assertEqual(tenant.row(2)["internalemailaddress"], "user2@contoso.example")
        self.assertEqual([tenant.state(n) for n in (1, 2, 3, 4)], ["E", "E", "-", "-"])
        run = tenant.last_run()
        self.assertEqual((run["outcome"], run["seen"], run["created"], run["ignored"]), ("succeeded", 4, 2, 2))
        self.assert_adds_up(run)
        self.assertNotIn("Nothing to do", first.stdout)
        before = tenant.rows()
        second = tenant.sync()
        self.assertIn("Nothing to do", second.stdout)
        full = tenant.sync(None, "--full")
        self.assertIn("Nothing to do", full.stdout)
        run = tenant.last_run()
        self.assertEqual((run["kind"], run["seen"], run["unchanged"], run["ignored"]), ("full", 4, 2, 2))
        self.assertEqual(tenant.rows(), before)
        self.assertEqual(len(tenant.changes()), 2)

    def test_creates_carry_no_fields_and_updates_do(self):
        tenant = self.tenant().migrate()
        tenant.sync([user(1, jobTitle="Clerk")])
        tenant.sync([user(1, jobTitle="Head", mail="new@contoso.example", givenName="Anna")])
        create, update = tenant.changes()
        self.assertEqual(create[:2] + [create[3]], ["create", "entitled", None])
        self.assertEqual(json.loads(update[3]), {"jobtitle": ["Clerk", "Head"], "firstname": ["Given1", "Anna"]})
        row = tenant.row(1)  # Full Name and Primary Email stay
        self.assertEqual((row["fullname"], row["internalemailaddress"]), ("Given1 Surname1", "user1@contoso.example"))

    def test_a_run_of_few_writes_them_with_its_end(self):
        tenant = self.tenant().migrate()
        tenant.sync([user(n) for n in range(5)])
        batches = "SELECT batch_no, created, updated, disabled FROM contoso.sync_batch WHERE run_id = {} ORDER BY 1"
        tenant.sync([user(0, jobTitle="Head"), *map(user, range(1, 7))])
        run = tenant.last_run()
        self.assertEqual((run["created"], run["updated"]), (2, 1))
        self.assertEqual(tenant.sql(batches.format(run["run_id"])), [["1", "2", "1", "0"]])
        self.assertEqual({row[0] for row in tenant.sql(
            f"SELECT batch_no FROM contoso.sync_change WHERE run_id = {run['run_id']}")}, {"1"})
        # For what the guard decides its lock may have to be waited for: the others are not kept waiting with it.
        tenant.sync([user(0, accountEnabled=False), user(1, jobTitle="Head"), *map(user, range(2, 7))])
        self.assertEqual(tenant.sql(batches.format(tenant.last_run()["run_id"])), [["1", "0", "1", "0"], ["2", "0", "0", "1"]])

    def test_version_and_modifiedon_move_only_with_a_change(self):
        tenant = self.tenant().migrate()
        tenant.sync([user(1), user(2)])
        before = tenant.row(1, columns="modifiedon, versionnumber")
        tenant.sync([user(1), user(2, jobTitle="Head")], "--full")
        self.assertEqual(tenant.row(1, columns="modifiedon, versionnumber"), before)
        self.assertGreater(int(tenant.row(2, columns="versionnumber")["versionnumber"]), int(before["versionnumber"]))

    def test_a_local_edit_is_overwritten_by_a_full_run_and_custom_columns_never(self):
        tenant = self.tenant().migrate()
        tenant.sync([user(1, jobTitle="Clerk")])
        tenant.sql("ALTER TABLE contoso.systemuser ADD contoso_badge text DEFAULT 'gold'")
        tenant.sql("UPDATE contoso.systemuser SET jobtitle = 'King', fullname = 'Ana', internalemailaddress = 'a@b', contoso_badge = 'x'")
        tenant.sync(None, "--full")
        row = tenant.row(1, columns="jobtitle, fullname, internalemailaddress, contoso_badge")
        self.assertEqual(row, {"jobtitle": "Clerk", "fullname": "Ana", "internalemailaddress": "a@b", "contoso_badge": "x"})
        self.assertEqual(json.loads(tenant.changes()[-1][3]), {"jobtitle": ["King", "Clerk"]})


class Leavers(SystemTest):
    def test_every_way_out_and_back(self):
        tenant = self.tenant().migrate()
        everybody = [user(n) for n in range(1, 30)]
        tenant.sync(everybody)
        tenant.sync([user(1, accountEnabled=False), user(2, **NO_PLANS)] + everybody[3:])
        self.assertEqual([tenant.state(n) for n in (1, 2, 3, 4)], ["account_disabled", "no_license", "not_in_directory", "E"])
        self.assertEqual(tenant.row(3)["azurestate"], "2")
        run = tenant.last_run()
        self.assertEqual((run["disabled"], run["outcome"]), (3, "succeeded"))
        self.assert_adds_up(run)
        tenant.sync(everybody)
        self.assertEqual([tenant.state(n) for n in (1, 2, 3)], ["E", "E", "E"])
        self.assertEqual(tenant.row(3)["azurestate"], "0")
        notes = tenant.sql("SELECT DISTINCT notes FROM contoso.sync_change WHERE action = 'enable'")
        self.assertEqual(notes, [["{invitation_required}"]])

    def test_soft_delete_and_restore(self):
        tenant = self.tenant().migrate()
        tenant.sync([user(1), user(2), user(3), user(4)])
        tenant.sync([user(1, deletedDateTime="2026-01-02T03:04:05Z"), user(2), user(3), user(4)])
        row = tenant.row(1, columns="isdisabled, disabledreason, azurestate, azuredeletedon AT TIME ZONE 'UTC'")
        self.assertEqual(list(row.values()), ["t", "soft_deleted", "1", "2026-01-02 03:04:05"])
        tenant.sync([user(1), user(2), user(3), user(4)])
        self.assertEqual(list(tenant.row(1, columns="isdisabled, azurestate, azuredeletedon").values()), ["f", "0", None])

    def test_the_sync_never_deletes(self):
        tenant = self.tenant().migrate()
        tenant.settings["safety"] = {"max_disables_percent": 100}
        tenant.configure()
        tenant.sync([user(n) for n in range(5)])
        tenant.sync([user(0)])
        self.assertEqual(tenant.value("SELECT count(*) FROM contoso.systemuser"), "5")


class Delta(SystemTest):
    def test_absent_keys_are_unchanged_null_clears_and_nobody_is_absent(self):
        tenant = self.tenant().migrate()
        tenant.sync([user(1, jobTitle="Clerk", city="Oslo"), user(2), user(3), user(4)])
        tenant.write([{"id": guid(1), "jobTitle": None, "city": "Bergen"}, removed(2), removed(3, "deleted"),
                      {"id": guid(99), "jobTitle": "Who"}], "delta.jsonl")
        tenant.configure(path="delta.jsonl", mode="delta")
        tenant.sync()
        row = tenant.row(1)
        self.assertEqual((row["jobtitle"], row["address1_city"], row["domainname"]), (None, "Bergen", "user1@contoso.example"))
        self.assertEqual([tenant.state(n) for n in (1, 2, 3, 4, 99)], ["E", "soft_deleted", "not_in_directory", "E", "-"])
        self.assertEqual(tenant.row(2)["domainname"], "user2@contoso.example")
        rejected = tenant.sql("SELECT object_id, reason FROM contoso.sync_rejected")
        self.assertEqual(rejected, [[guid(99), "identity_incomplete"]])
        self.assert_adds_up(tenant.last_run())
        tenant.sync()
        self.assertEqual(tenant.last_run()["rejected"], 1)  # tried again, listed until it is right


class Gates(SystemTest):
    def test_security_group_roles_and_licences(self):
        tenant = self.tenant({"name": "contoso", "type": "production", "schema": "contoso", "security_group": GROUP}).migrate()
        tenant.sync([user(1), user(2), user(3, **NO_PLANS), user(4, **NO_PLANS), user(5, **FREE_PLAN), user(6),
                     group(GROUP, [guid(1), guid(4), guid(5)], owners=[guid(6)]), role(GLOBAL, [guid(3)]),
                     role(DYNAMICS, [guid(2), guid(4)])])
        self.assertEqual([tenant.state(n) for n in range(1, 7)], ["E", "-", "E", "E", "-", "-"])
        self.assertEqual([(tenant.row(n)["accessmode"], tenant.row(n)["setupuser"]) for n in (1, 3, 4)],
                         [("0", "f"), ("1", "t"), ("1", "t")])

    def test_a_group_membership_moves_the_version(self):
        tenant = self.tenant({"name": "contoso", "type": "production", "schema": "contoso", "security_group": GROUP}).migrate()
        users = [user(n) for n in range(1, 6)]
        tenant.sync(users + [group(GROUP, [guid(n) for n in (1, 2, 3)])])
        tenant.sync(users + [group(GROUP, [guid(n) for n in (1, 2, 4)])])
        self.assertEqual([tenant.state(n) for n in range(1, 6)], ["E", "E", "not_in_security_group", "E", "-"])
        self.assertEqual(tenant.last_run()["seen"], 2)

    def test_an_unreadable_group_is_incomplete_and_disables_nobody_but_gate_2_does(self):
        tenant = self.tenant({"name": "contoso", "type": "production", "schema": "contoso", "security_group": GROUP}).migrate()
        tenant.sync([user(n) for n in range(1, 5)] + [group(GROUP, [guid(n) for n in range(1, 5)])])
        done = tenant.sync([user(1, accountEnabled=False), user(2, jobTitle="Head"), user(3), user(4)], expect=75)
        self.assertIn(GROUP, done.stdout + done.stderr)
        self.assertEqual([tenant.state(n) for n in range(1, 5)], ["account_disabled", "E", "E", "E"])
        self.assertEqual(tenant.row(2)["jobtitle"], "Head")
        self.assertEqual(tenant.last_run()["outcome"], "incomplete")
        tenant.sync(expect=75)  # it stays incomplete until the group can be read again
        tenant.sync([user(n) for n in range(1, 5)] + [group(GROUP, [guid(2), guid(3), guid(4)])])
        self.assertEqual([tenant.state(n) for n in range(1, 5)], ["not_in_security_group", "E", "E", "E"])

    def test_an_empty_group_is_a_fact(self):
        tenant = self.tenant({"name": "contoso", "type": "production", "schema": "contoso", "security_group": GROUP}).migrate()
        tenant.sync([user(1), user(2), group(GROUP, [guid(1), guid(2)])])
        tenant.sync([user(1), user(2), group(GROUP)])
        self.assertEqual([tenant.state(1), tenant.state(2)], ["not_in_security_group"] * 2)

    def test_nested_members_keep_their_rows(self):
        inner, loop = "3f6b2c1e-0000-4000-8000-000000000002", "3f6b2c1e-0000-4000-8000-000000000003"
        tenant = self.tenant({"name": "contoso", "type": "production", "schema": "contoso", "security_group": GROUP,
                              "nested_groups": "first_access"}).migrate()
        users = [user(n) for n in range(1, 5)]
        tenant.sync(users + [group(GROUP, [guid(n) for n in range(1, 5)])])
        tenant.sync(users + [group(GROUP, [guid(1)], groups=[inner]), group(inner, [guid(2)], groups=[loop]),
                             group(loop, [guid(3)], groups=[inner, GROUP])])
        self.assertEqual([tenant.state(n) for n in range(1, 5)], ["E", "E", "E", "not_in_security_group"])

    def test_a_delta_that_does_not_name_a_nested_group_leaves_its_members_in(self):
        inner = "3f6b2c1e-0000-4000-8000-000000000002"
        environment = {"name": "contoso", "type": "production", "schema": "contoso", "security_group": GROUP,
                       "nested_groups": "first_access"}
        tenant = self.tenant(environment).migrate()
        tenant.sync([user(1), user(2), user(3), user(4), group(GROUP, [guid(1)], groups=[inner]), group(inner, [guid(2), guid(4)])])
        tenant.sql("UPDATE contoso.systemuser SET jobtitle = 'x'")
        states = [tenant.state(n) for n in range(1, 5)]
        tenant.write([{"id": guid(1), "jobTitle": "Head"}, group(GROUP, [guid(3)])], "delta.jsonl")
        tenant.configure(path="delta.jsonl", mode="delta")
        tenant.sync()
        self.assertEqual([tenant.state(n) for n in range(1, 5)], states[:2] + ["E"] + states[3:])
        nested = f"SELECT count(*) FROM directory.identity WHERE '{GROUP}' = ANY (nested_groups)"
        self.assertEqual(tenant.value(nested), "2")
        # A second environment names the inner group itself: what is known of it stays known.
        tenant.environments.append({"name": "inner", "type": "production", "schema": "inner_one", "security_group": inner})
        tenant.configure()
        tenant.migrate()
        tenant.sync()
        self.assertEqual(tenant.value(nested), "2")
        self.assertEqual([tenant.state(n, "inner_one") for n in range(1, 5)], ["-", "E", "-", "E"])

    def test_a_snapshot_without_plans_says_nothing_about_licences(self):
        tenant = self.tenant().migrate()
        tenant.sync([user(1), user(2)])
        tenant.sync([user(1, assignedPlans=..., jobTitle="Head"), user(2, assignedPlans=...)], expect=75)
        self.assertEqual((tenant.state(1), tenant.row(1)["jobtitle"], tenant.row(1)["islicensed"]), ("E", "Head", "t"))
        tenant.sync([user(1, assignedPlans=...), user(2)])
        self.assertEqual((tenant.state(1), tenant.state(2)), ("no_license", "E"))


class Environments(SystemTest):
    def environments(self):
        return [{"name": "prod", "type": "production", "schema": "prod"},
                {"name": "try", "type": "trial", "schema": "Try It"},
                {"name": "dev", "type": "developer", "schema": "dev", "creator": guid(2)},
                {"name": "bare", "type": "none", "schema": "bare"}]

    def test_one_pull_serves_all(self):
        tenant = self.tenant(*self.environments()).migrate()
        tenant.sync([user(1), user(2, **NO_PLANS), user(3)])
        self.assertEqual([tenant.state(n, "prod") for n in (1, 2, 3)], ["E", "-", "E"])
        self.assertEqual([tenant.state(n, '"Try It"') for n in (1, 2, 3)], ["-", "-", "-"])
        self.assertEqual([tenant.state(n, "dev") for n in (1, 2, 3)], ["-", "E", "-"])

    def test_one_that_fails_does_not_stop_the_others(self):
        tenant = self.tenant(*self.environments()).migrate()
        tenant.sql("DROP TABLE prod.sync_state")
        done = tenant.sync([user(1), user(2)], expect=69)
        self.assertIn("prod", done.stdout + done.stderr)
        self.assertEqual(tenant.state(2, "dev"), "E")

    def test_a_single_environment_and_a_single_user(self):
        tenant = self.tenant(*self.environments()).migrate()
        tenant.sync([user(1), user(2)], "--environment", "dev")
        self.assertEqual((tenant.state(1, "prod"), tenant.state(2, "dev")), ("-", "E"))
        tenant.run("sync", "--user", "USER1@contoso.example", "--environment", "prod")
        self.assertEqual((tenant.state(1, "prod"), tenant.state(2, "prod")), ("E", "-"))
        tenant.run("sync", "--user", "nobody@contoso.example", expect=64)
        tenant.run("sync", "--environment", "nowhere", expect=64)
        tenant.sync()
        self.assertEqual(tenant.state(2, "prod"), "E")
        self.assertEqual(tenant.last_run("prod")["outcome"], "succeeded")


class ForeignTable(SystemTest):
    def test_is_used_as_it_stands(self):
        tenant = self.tenant({"name": "contoso", "type": "production", "schema": "contoso", "create_values": {"region": "north"}})
        tenant.sql("CREATE SCHEMA contoso")
        tenant.run("migrate", expect=78)  # creates the table, and says that it has no such column yet
        tenant.sql("ALTER TABLE contoso.systemuser ADD region text NOT NULL, ADD CHECK (jobtitle <> 'Villain')")
        tenant.run("migrate")
        tenant.sync([user(1), user(2, jobTitle="Villain"), user(3), user(4)], unplanned="the table refuses a row")
        self.assertEqual([tenant.state(n) for n in (1, 2, 3)], ["E", "-", "E"])
        self.assertEqual(tenant.row(1, columns="region"), {"region": "north"})
        run = tenant.last_run()
        self.assertEqual((run["created"], run["rejected"]), (3, 1))
        self.assert_adds_up(run)
        self.assertEqual(tenant.value("SELECT object_id FROM contoso.sync_rejected"), guid(2))
        tenant.sync([user(1), user(2), user(3), user(4)])
        self.assertEqual((tenant.state(2), tenant.sql("SELECT 1 FROM contoso.sync_rejected")), ("E", []))

    def test_a_leaver_is_disabled_though_the_table_refuses_the_new_title(self):
        tenant = self.tenant().migrate()
        tenant.sync([user(n) for n in range(1, 5)])
        tenant.sql("ALTER TABLE contoso.systemuser ADD CHECK (jobtitle <> 'Villain')")
        tenant.sync([user(1, jobTitle="Villain", accountEnabled=False)] + [user(n) for n in range(2, 5)],
                    unplanned="the table refuses a row")
        self.assertEqual((tenant.state(1), tenant.row(1)["jobtitle"]), ("account_disabled", None))
        self.assertEqual(tenant.value("SELECT count(*) FROM contoso.sync_rejected"), "1")

    def test_rows_that_the_table_refuses_in_other_ways_are_rejected_alone(self):
        # A trigger that says no without a word, one with a state of its own, an index that takes no long values.
        tenant = self.tenant().migrate()
        tenant.sql("""CREATE FUNCTION contoso.mind() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                        IF NEW.lastname = 'Silent' THEN RETURN NULL; END IF;
                        IF NEW.lastname = 'Locked' THEN RAISE EXCEPTION 'not now' USING ERRCODE = '55000'; END IF;
                        RETURN NEW; END $$;
                      CREATE TRIGGER mind BEFORE INSERT OR UPDATE ON contoso.systemuser FOR EACH ROW EXECUTE FUNCTION contoso.mind();
                      CREATE INDEX ON contoso.systemuser (address1_line1)""")
        street = "".join(chr(0x4e00 + (n * 7919) % 20_000) for n in range(1000))  # 3,000 bytes that do not compress
        bad = [user(2, surname="Silent"), user(3, surname="Locked"), user(4, streetAddress=street)]
        tenant.sync([user(1), *bad, user(5)] + [user(n) for n in range(10, 80)], unplanned="the table refuses a row")
        self.assertEqual([tenant.state(n) for n in range(1, 6)], ["E", "-", "-", "-", "E"])
        self.assertEqual((tenant.last_run()["created"], tenant.last_run()["rejected"]), (72, 3))
        self.assertEqual(tenant.value("SELECT count(*) FROM contoso.sync_change"), "72")
        tenant.sync([user(1, surname="Silent"), *bad, user(5, jobTitle="Head")] + [user(n) for n in range(10, 80)],
                    unplanned="the table refuses a row")
        self.assertEqual((tenant.row(1)["lastname"], tenant.row(5)["jobtitle"]), ("Surname1", "Head"))
        self.assertEqual((tenant.last_run()["updated"], tenant.last_run()["rejected"]), (1, 4))

    def test_columns_may_be_null_where_dataverse_has_a_default(self):
        tenant = self.tenant().migrate()
        tenant.sync([user(1), user(2), user(3)])
        columns = ("accessmode", "isdisabled", "islicensed", "setupuser", "azurestate", "deletedstate", "invitestatuscode",
                   "userlicensetype")
        tenant.sql("ALTER TABLE contoso.systemuser " + ", ".join(f"ALTER {c} DROP NOT NULL" for c in columns))
        tenant.sql("UPDATE contoso.systemuser SET " + ", ".join(f"{c} = NULL" for c in columns))
        tenant.sync([user(1), user(2, accountEnabled=False), user(3)], "--full")
        self.assertEqual((tenant.row(1)["islicensed"], tenant.state(2)), ("t", "account_disabled"))
        self.assertIn("Nothing to do", tenant.sync(None, "--full").stdout)

    def test_check_names_what_is_missing(self):
        tenant = self.tenant().migrate()
        tenant.write([user(1)])
        tenant.run("check")
        tenant.sql("ALTER TABLE contoso.systemuser DROP jobtitle, ADD region text NOT NULL; "
                   "DROP INDEX contoso.systemuser_azureactivedirectoryobjectid")
        done = tenant.run("check", expect=78)
        for word in ("jobtitle", "region", "unique index"):
            self.assertIn(word, done.stdout + done.stderr)

    def test_least_privilege(self):
        tenant = self.tenant()
        self.postgres.sql("CREATE ROLE daemon LOGIN", database="postgres")
        tenant.connection = self.postgres.conninfo(tenant.database, "daemon")
        tenant.settings["database"] = {"connection": tenant.connection,
                                       "migrate_connection": self.postgres.conninfo(tenant.database)}
        tenant.configure()
        tenant.migrate()
        tenant.sync([user(n) for n in range(1, 4)])
        tenant.sync([user(1, jobTitle="Head"), user(2, accountEnabled=False), user(3)])
        self.assertEqual((tenant.state(1), tenant.state(2)), ("E", "account_disabled"))
        tenant.sql("ALTER TABLE contoso.systemuser ADD custom text")
        for statement in ("UPDATE contoso.systemuser SET custom = 'x'", "DELETE FROM contoso.systemuser",
                          "UPDATE contoso.systemuser SET azureactivedirectoryobjectid = NULL", "DROP TABLE contoso.sync_run"):
            with self.assertRaises(AssertionError):
                tenant.sql(statement, user="daemon")


class Collisions(SystemTest):
    def test_a_recycled_user_name_gets_a_row_of_its_own(self):
        tenant = self.tenant().migrate()
        tenant.sync([user(n) for n in range(1, 5)])
        done = tenant.sync([user(9, userPrincipalName="USER1@contoso.example")] + [user(n) for n in range(2, 5)])
        self.assertEqual((tenant.state(1), tenant.state(9)), ("not_in_directory", "E"))
        self.assertIn("user_name_collision", done.stdout + done.stderr)

    def test_a_row_that_gets_the_name_of_another_is_warned_about_by_the_run_that_gives_it(self):
        tenant = self.tenant().migrate()
        tenant.sync([user(n) for n in range(1, 5)])
        for title, warned in (("Head", True), ("Chief", False)):
            renamed = user(3, userPrincipalName="User2@contoso.example", jobTitle=title)
            done = tenant.sync([user(1), user(2), renamed, user(4)])
            self.assertEqual("user_name_collision: User2@contoso.example" in done.stdout + done.stderr, warned)

    def test_rows_left_alone_are_warned_about_every_run(self):
        tenant = self.tenant().migrate()
        tenant.sync([user(1), user(2)])
        tenant.sql(f"UPDATE contoso.systemuser SET deletedstate = 1 WHERE azureactivedirectoryobjectid = '{guid(1)}'")
        for _ in range(2):
            done = tenant.sync([user(1, jobTitle="Head"), user(2)])
            self.assertIn("deleted_in_dataverse", done.stdout + done.stderr)
        self.assertIsNone(tenant.row(1)["jobtitle"])


class BadInput(SystemTest):
    def test_one_malformed_line_does_not_stop_the_run_and_nobody_is_absent(self):
        tenant = self.tenant().migrate()
        users = [user(n) for n in range(1, 41)]
        tenant.sync(users)
        lines = [json.dumps(u) + "\n" for u in users[:39]]
        lines[7] = "{ this is not JSON\n"
        tenant.sync(lines)  # user 8 and user 40 are not in it, but a line does not say whose it is
        self.assertEqual([tenant.state(8), tenant.state(40)], ["E", "E"])
        self.assertEqual(tenant.last_run()["rejected"], 1)
        self.assertIn("tenant.jsonl:8", tenant.run("log", "--rejected").stdout)
        tenant.sync(users[:39])
        self.assertEqual([tenant.state(8), tenant.state(40)], ["E", "not_in_directory"])
        self.assertEqual(tenant.sql("SELECT 1 FROM contoso.sync_rejected"), [])

    def test_a_malformed_line_with_an_id_rejects_that_user_alone(self):
        tenant = self.tenant().migrate()
        users = [user(n) for n in range(1, 41)]
        tenant.sync(users)
        lines = [json.dumps(u) + "\n" for u in users[:39]]
        lines[7] = lines[7].replace('"accountEnabled": true', '"accountEnabled": "yes, maybe"')
        tenant.sync(lines)
        self.assertEqual([tenant.state(8), tenant.state(40)], ["E", "not_in_directory"])

    def test_nul_in_a_title_keeps_the_rest_from_changing_but_not_the_disable(self):
        tenant = self.tenant().migrate()
        tenant.sync([user(n) for n in range(1, 5)])
        tenant.sync([user(1, jobTitle="a\0b", accountEnabled=False), user(2, jobTitle="a\0b", city="Oslo"), user(3), user(4),
                     user(5, jobTitle="a\0b")])
        self.assertEqual([tenant.state(n) for n in (1, 2, 5)], ["account_disabled", "E", "-"])
        self.assertIsNone(tenant.row(2)["address1_city"])
        run = tenant.last_run()
        self.assertEqual((run["disabled"], run["rejected"]), (1, 2))
        self.assertEqual(tenant.value("SELECT count(*) FROM contoso.sync_rejected"), "3")

    def test_duplicates_that_differ_reject_the_identity(self):
        tenant = self.tenant().migrate()
        users = [user(n) for n in range(1, 41)]
        tenant.sync(users)
        tenant.sync(users + [user(3, jobTitle="Other")])
        self.assertEqual((tenant.state(3), tenant.row(3)["jobtitle"], tenant.last_run()["rejected"]), ("E", None, 1))
        tenant.sync(users + [user(3)])  # the same twice is no conflict
        self.assertEqual(tenant.last_run()["rejected"], 0)

    def test_broken_files_change_nothing(self):
        tenant = self.tenant().migrate()
        users = [user(n) for n in range(1, 21)]
        tenant.sync(users)
        before = tenant.rows()
        whole = "".join(json.dumps(u) + "\n" for u in users[:10])
        for text in (whole[:-50], "", "hello\n", whole + "garbage\n" * 3, "\n\n"):
            done = tenant.sync([text], expect=None)
            self.assertIn(done.returncode, (69, 75), text[:20])
            self.assertIn("tenant.jsonl", done.stderr + done.stdout)
            self.assertEqual(tenant.rows(), before)
        self.assertEqual(tenant.last_run()["outcome"], "failed")

    def test_over_long_values_are_cut_in_code_points(self):
        tenant = self.tenant().migrate()
        tenant.sync([user(1, jobTitle="ø" * 128)])
        self.assertEqual(tenant.row(1)["jobtitle"], "ø" * 100)
        self.assertIn("cut:jobtitle", tenant.value("SELECT notes FROM contoso.sync_change"))


class UntilEdited(SystemTest):
    def test_the_address_is_followed_until_somebody_edits_it(self):
        tenant = self.tenant({"name": "contoso", "type": "production", "schema": "contoso", "primary_email": "until_edited"}).migrate()
        tenant.sync([user(1, mail="a@x"), user(2, mail="a@x")])
        tenant.sync([user(1, mail="b@x"), user(2, mail="b@x")])
        self.assertEqual(tenant.row(1)["internalemailaddress"], "b@x")
        tenant.sql(f"UPDATE contoso.systemuser SET internalemailaddress = 'mine@x' WHERE azureactivedirectoryobjectid = '{guid(1)}'")
        tenant.sync([user(1, mail="c@x"), user(2, mail="c@x")])
        self.assertEqual([tenant.row(n)["internalemailaddress"] for n in (1, 2)], ["mine@x", "c@x"])
        tenant.sql(f"UPDATE contoso.systemuser SET internalemailaddress = 'b@x' WHERE azureactivedirectoryobjectid = '{guid(1)}'")
        tenant.sync([user(1, mail="d@x"), user(2, mail="d@x")])
        self.assertEqual([tenant.row(n)["internalemailaddress"] for n in (1, 2)], ["b@x", "d@x"])  # for good


class Rules(SystemTest):
    def test_a_change_of_rules_is_evaluated_for_everybody(self):
        tenant = self.tenant().migrate()
        tenant.sync([user(1), user(2, **FREE_PLAN)])
        tenant.settings["licenses"] = {"full_add": ["ca6e61ec-d4f4-41eb-8b88-d96e0e14323f"]}
        tenant.configure()
        tenant.sync()
        self.assertEqual((tenant.state(2), tenant.last_run()["kind"]), ("E", "full"))

    def test_another_directory_is_refused(self):
        tenant = self.tenant().migrate()
        tenant.sync([user(1)])
        tenant.sql("UPDATE directory.mirror SET directory = 'graph:other'")
        done = tenant.sync(expect=None)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("graph:other", done.stdout)
        self.assertEqual(tenant.last_run()["outcome"], "failed")


if __name__ == "__main__":
    main()
