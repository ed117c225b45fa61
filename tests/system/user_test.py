"""dvsync user: what administrators do to single users, and to ten thousand."""

import os
import pty
import pwd
import subprocess

from support import FREE_PLAN, GLOBAL, NO_PLANS, SystemTest, group, guid, main, role, user, wait_until

GROUP = "3f6b2c1e-0000-4000-8000-000000000001"
OTHER_GROUP = "3f6b2c1e-0000-4000-8000-000000000002"
ME = pwd.getpwuid(os.getuid()).pw_name
APPLICATION = "5d0f9d4e-0000-4000-8000-000000000006"


def stub(tenant, name, **columns):
    """A row as an import leaves it: without object id, disabled."""
    columns = {"disabledreason": "'imported'", "isdisabled": "true", **columns}
    return tenant.sql(f"INSERT INTO contoso.systemuser (systemuserid, domainname, {', '.join(columns)}) "
                      f"VALUES (gen_random_uuid(), '{name}', {', '.join(columns.values())}) RETURNING systemuserid")[0][0]


class Add(SystemTest):
    def test_lets_in_who_may_and_says_why_others_may_not(self):
        tenant = self.tenant().migrate()
        tenant.sync([user(1, **FREE_PLAN), user(2, **NO_PLANS), user(3)])
        self.assertEqual([tenant.state(n) for n in (1, 2, 3)], ["-", "-", "E"])
        told = tenant.json("user", "add", "user1@contoso.example", guid(2), "USER3@contoso.example", expect=65)
        answers = told["answers"]
        self.assertEqual([(a["decision"], a["reason"], a["access"]) for a in answers],
                         [("create", "free_plan", True), ("refuse", "no_license", False), ("keep", "entitled", True)])
        self.assertEqual(answers[0]["systemuserid"], tenant.row(1, columns="systemuserid")["systemuserid"])
        self.assertEqual(told["counts"]["create"], 1)
        self.assertEqual([tenant.state(n) for n in (1, 2, 3)], ["E", "-", "E"])
        again = tenant.json("user", "add", "user1@contoso.example")
        self.assertEqual(again["answers"][0]["decision"], "keep")

    def test_is_logged_with_who_did_it_and_adds_up(self):
        tenant = self.tenant().migrate()
        tenant.sync([user(1, **FREE_PLAN), user(2, **FREE_PLAN), user(3, **NO_PLANS)])
        tenant.run("user", "add", guid(1), guid(2), guid(3), expect=65)
        run = tenant.last_run()
        self.assertEqual((run["outcome"], run["seen"], run["created"], run["ignored"]), ("succeeded", 3, 2, 1))
        self.assert_adds_up(run)
        self.assertEqual(tenant.sql("SELECT kind, trigger, requested_by FROM contoso.sync_run ORDER BY run_id DESC LIMIT 1"),
                         [["user", "on_demand", ME]])
        self.assertEqual([c[:2] for c in tenant.changes(run=run["run_id"])], [["create", "free_plan"]] * 2)

    def test_names_all_candidates_of_an_ambiguous_name(self):
        tenant = self.tenant().migrate()
        tenant.sync([user(1, userPrincipalName="ana@contoso.example"), user(2, userPrincipalName="Ana@contoso.example")])
        told = tenant.json("user", "add", "ana@contoso.example", expect=64)["answers"][0]
        self.assertEqual((told["decision"], told["reason"]), ("refuse", "ambiguous_user"))
        self.assertIn(guid(1), told["detail"])
        self.assertIn(guid(2), told["detail"])

    def test_refuses_whom_nobody_knows_and_carries_on(self):
        tenant = self.tenant().migrate()
        tenant.sync([user(1, **FREE_PLAN)])
        names = ["nobody@contoso.example", "x' OR '1'='1", "%", "'; DROP TABLE contoso.systemuser; --", "3f6b2c1e-0000",
                 guid(99), "{}\\\",null", "user1@contoso.example"]
        answers = tenant.json("user", "add", *names, expect=64)["answers"]
        self.assertEqual([a["asked"] for a in answers], names)
        self.assertEqual([a["reason"] for a in answers], ["not_in_directory"] * 7 + ["free_plan"])
        self.assertEqual(tenant.state(1), "E")

    def test_takes_a_file_and_a_pipe(self):
        tenant = self.tenant().migrate()
        tenant.sync([user(n, **FREE_PLAN) for n in range(1, 6)])
        tenant.write(["\ufeff# new staff\n", "  user1@contoso.example \r\n", "\n", guid(2) + "\n"], name="staff.txt")
        path = os.path.join(tenant.folder, "staff.txt")
        self.assertEqual(len(tenant.json("user", "add", "--file", path)["answers"]), 2)
        piped = tenant.run("user", "add", "--json", stdin="user3@contoso.example\nuser4@contoso.example\n")
        self.assertIn('"create":2', piped.stdout)
        tenant.run("user", "add", "--file", "-", "user5@contoso.example", stdin="user1@contoso.example\n")
        self.assertEqual([tenant.state(n) for n in range(1, 6)], ["E"] * 5)

    def test_a_line_that_is_no_text_is_refused_alone(self):
        tenant = self.tenant().migrate()
        tenant.sync([user(1, **FREE_PLAN)])
        path = os.path.join(tenant.folder, "staff.txt")
        with open(path, "wb") as file:
            file.write(b"\xff\xfe\x00oh\nuser1@contoso.example\0\nuser1@contoso.example\n")
        answers = tenant.json("user", "add", "--file", path, expect=64)["answers"]
        self.assertEqual([a["reason"] for a in answers], ["malformed_request", "malformed_request", "free_plan"])

    def test_adds_the_members_of_a_group_the_mirror_carries_and_of_any_other(self):
        environment = {"name": "contoso", "type": "production", "schema": "contoso", "security_group": GROUP}
        tenant = self.tenant(environment).migrate()
        tenant.sync([*(user(n, **FREE_PLAN) for n in range(1, 5)), group(GROUP, [guid(1), guid(2)]),
                     group(OTHER_GROUP, [guid(2), guid(3)])])
        told = tenant.json("user", "add", "--group", GROUP)
        self.assertEqual([a["decision"] for a in told["answers"]], ["create", "create"])
        told = tenant.json("user", "add", "--group", OTHER_GROUP, expect=65)
        self.assertEqual(sorted((a["object_id"], a["decision"], a["reason"]) for a in told["answers"]),
                         sorted([(guid(2), "keep", "free_plan"), (guid(3), "refuse", "not_in_security_group")]))
        failed = tenant.run("user", "add", "--group", guid(77), expect=64)
        self.assertIn("group", failed.stderr)

    def test_thousands_in_few_transactions(self):
        tenant = self.tenant().migrate()
        tenant.sync([user(n, **FREE_PLAN) for n in range(5000)])
        tenant.write([f"user{n}@contoso.example\n" for n in range(5000)], name="all.txt")
        told = tenant.json("user", "add", "--file", os.path.join(tenant.folder, "all.txt"))
        self.assertEqual(told["counts"]["create"], 5000)
        run = tenant.last_run()
        self.assertEqual((run["seen"], run["created"]), (5000, 5000))
        self.assertEqual(tenant.value(f"SELECT count(*) FROM contoso.sync_batch WHERE run_id = {run['run_id']}"), "2")
        self.assertEqual(tenant.value("SELECT count(DISTINCT xmin::text) FROM contoso.systemuser"), "2")

    def test_asks_which_environment_and_refuses_one_without_a_database(self):
        tenant = self.tenant({"name": "contoso", "schema": "contoso"}, {"name": "bare", "type": "none", "schema": "bare"})
        tenant.migrate().sync([user(1)])
        self.assertIn("contoso bare", tenant.run("user", "add", guid(1), expect=64).stderr)
        told = tenant.json("user", "add", guid(1), "--environment", "bare", expect=65)["answers"][0]
        self.assertEqual((told["decision"], told["reason"]), ("refuse", "no_dataverse_database"))

    def test_works_while_another_holds_the_lease(self):
        tenant = self.tenant().migrate()
        tenant.sync([user(1, **FREE_PLAN)])
        tenant.sql("UPDATE directory.lease SET fence = fence + 1, holder = gen_random_uuid(), holder_name = 'db9, pid 1, dvsync run', "
                   "backend_pid = (SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'), backend_start = "
                   "(SELECT backend_start FROM pg_stat_activity WHERE backend_type = 'checkpointer'), "
                   "expires_at = now() + interval '1 hour'")
        tenant.run("sync", "--no-wait", expect=75)
        self.assertEqual(tenant.json("user", "add", guid(1))["answers"][0]["decision"], "create")

    def test_an_unreachable_environment_is_unavailable(self):
        tenant = self.tenant().migrate()
        tenant.sync([user(1)])
        tenant.environments[0]["connection"] = f"host={tenant.folder} port=1 dbname=nowhere"
        tenant.configure()
        tenant.run("user", "add", guid(1), expect=69)


class Guard(SystemTest):
    def test_a_request_does_not_walk_around_the_guard(self):
        tenant = self.tenant().migrate()
        tenant.sync([user(n) for n in range(10)])
        tenant.sync([user(n, **NO_PLANS) if n < 8 else user(n) for n in range(10)], expect=75)
        held = tenant.last_run()
        self.assertEqual((held["outcome"], held["held"]), ("held", 8))
        told = tenant.json("user", "refresh", guid(1), expect=75)["answers"][0]
        self.assertEqual((told["decision"], told["held"], told["access"]), ("keep", True, True))
        self.assertEqual(tenant.state(1), "E")
        self.assertEqual(tenant.value("SELECT count(*) FROM contoso.sync_pending WHERE held_run_id = "
                                      f"{held['run_id']}"), "8")
        tenant.run("user", "disable", guid(1))  # an administrator's own act does at once
        self.assertEqual(tenant.state(1), "manually_disabled")

    def test_requests_count_together(self):
        tenant = self.tenant().migrate()
        tenant.sync([user(n) for n in range(6)])
        tenant.write([user(n, **NO_PLANS) for n in range(6)])
        tenant.settings["safety"] = {"max_disables": 0}
        tenant.configure()
        tenant.run("sync", expect=75)  # the mirror knows now; all six are held
        tenant.settings["safety"] = {}
        tenant.configure()
        tenant.sql("DELETE FROM contoso.sync_pending")  # as if nobody had looked yet
        states = []
        for n in range(6):
            tenant.run("user", "refresh", guid(n), expect=None)
            states.append(tenant.state(n))
        # Two are too few to matter; with the third it would be half of the six, and a fourth more than that.
        self.assertEqual(states.count("E"), 4, states)
        self.assertEqual(tenant.value("SELECT count(*) FROM contoso.sync_pending WHERE held_run_id IS NOT NULL"), "4")
        first = tenant.value("SELECT min(held_run_id) FROM contoso.sync_pending")
        tenant.run("approve", first, expect=None)
        self.assertEqual(tenant.value("SELECT count(*) FROM contoso.sync_pending WHERE held_run_id IS NOT NULL"), "3")

    def test_a_run_keeps_what_was_held_beside_it(self):
        tenant = self.tenant().migrate()
        tenant.sync([user(n) for n in range(4)])
        tenant.settings["safety"] = {"max_disables": 0}
        tenant.configure()
        tenant.sync([user(0, **NO_PLANS), *(user(n) for n in range(1, 4))], expect=75)
        tenant.sql("DELETE FROM contoso.sync_pending")
        tenant.run("user", "refresh", guid(0), expect=75)
        tenant.run("sync", expect=75)
        self.assertEqual(tenant.value("SELECT count(*) FROM contoso.sync_pending WHERE held_run_id IS NOT NULL"), "1")


class Refresh(SystemTest):
    def test_brings_the_row_in_line_and_leaves_what_is_filled_once(self):
        tenant = self.tenant().migrate()
        tenant.sync([user(1)])
        tenant.sql("UPDATE contoso.systemuser SET jobtitle = 'edited', internalemailaddress = 'own@contoso.example'")
        told = tenant.json("user", "refresh", guid(1))["answers"][0]
        self.assertEqual(told["decision"], "update")
        row = tenant.row(1)
        self.assertEqual((row["jobtitle"], row["internalemailaddress"]), (None, "own@contoso.example"))
        tenant.run("user", "refresh", guid(1), "--all-fields")
        self.assertEqual(tenant.row(1)["internalemailaddress"], "user1@contoso.example")

    def test_all_fields_is_how_an_onprem_row_is_refreshed(self):
        environment = {"name": "contoso", "schema": "contoso", "mapping": "onprem-ad"}
        tenant = self.tenant(environment).migrate()
        tenant.sync([user(1)])
        tenant.sync([user(1, surname="Changed", jobTitle="unmapped")])
        self.assertEqual(tenant.row(1)["lastname"], "Surname1")
        tenant.run("user", "refresh", guid(1))
        self.assertEqual(tenant.row(1)["lastname"], "Surname1")
        tenant.run("user", "refresh", guid(1), "--all-fields")
        self.assertEqual((tenant.row(1)["lastname"], tenant.row(1)["jobtitle"]), ("Changed", None))
        self.assertEqual(tenant.json("user", "refresh", guid(1), "--all-fields")["answers"][0]["decision"], "keep")


class States(SystemTest):
    def test_disable_and_enable_by_hand(self):
        for policy in ("until_access", "sticky", "override"):
            with self.subTest(policy):
                tenant = self.tenant({"name": "contoso", "schema": "contoso", "manual_disable": policy}).migrate()
                tenant.sync([user(1)])
                told = tenant.json("user", "disable", "user1@contoso.example")
                self.assertEqual((told["decision"], told["reason"], told["access"]), ("disable", "manually_disabled", False))
                self.assertEqual(tenant.state(1), "manually_disabled")
                self.assertEqual(tenant.json("user", "disable", guid(1))["decision"], "keep")
                told = tenant.json("user", "add", guid(1), expect=65 if policy == "sticky" else 0)["answers"][0]
                self.assertEqual(told["decision"], "refuse" if policy == "sticky" else "enable")
                tenant.run("user", "disable", guid(1))
                told = tenant.json("user", "enable", tenant.row(1, columns="systemuserid")["systemuserid"])
                self.assertEqual((told["decision"], tenant.state(1)), ("enable", "E"))
                log = tenant.sql("SELECT action, reason, notes FROM contoso.sync_change ORDER BY run_id")
                self.assertIn(["disable", "manually_disabled", f"{{by:{ME}}}"], log)

    def test_enable_refuses_whom_the_rules_keep_out(self):
        tenant = self.tenant().migrate()
        tenant.sync([user(1), user(2)])
        tenant.sync([user(1, **NO_PLANS), user(2)])
        self.assertEqual(tenant.state(1), "no_license")
        told = tenant.json("user", "enable", guid(1), expect=65)
        self.assertEqual((told["decision"], told["reason"], tenant.state(1)), ("refuse", "no_license", "no_license"))

    def test_a_disable_by_the_sync_becomes_one_by_hand(self):
        tenant = self.tenant().migrate()
        tenant.sync([user(1), user(2)])
        tenant.sync([user(1, **NO_PLANS), user(2)])
        self.assertEqual(tenant.json("user", "disable", guid(1))["decision"], "update")
        tenant.sync([user(1), user(2)])
        self.assertEqual(tenant.state(1), "manually_disabled")

    def test_rows_that_are_nobodys_are_refused(self):
        tenant = self.tenant().migrate()
        tenant.sync([user(1)])
        application = tenant.json("user", "add-application", "--application-id", APPLICATION)["systemuserid"]
        placeholder = stub(tenant, "old@contoso.example")
        by_hand = (["enable"], ["disable"])  # of an application user they are an administrator's own affair
        access_mode = ["set-access-mode", "administrative"]
        for row, reason, verbs in ((application, "application_user", (access_mode,)),
                                   (placeholder, "stub_user", (*by_hand, access_mode))):
            for verb in verbs:
                with self.subTest(reason + " " + verb[0]):
                    told = tenant.json("user", *verb, row, expect=65)
                    self.assertEqual((told["decision"], told["reason"]), ("refuse", reason))

    def test_unknown_and_ambiguous_rows(self):
        tenant = self.tenant().migrate()
        tenant.sync([user(1, userPrincipalName="ana@contoso.example")])
        other = stub(tenant, "ANA@contoso.example")
        refused = tenant.run("user", "disable", "ana@contoso.example", expect=64)
        self.assertIn(other, refused.stderr)
        self.assertIn(guid(1), refused.stderr)
        tenant.run("user", "disable", "nobody@contoso.example", expect=64)
        tenant.run("user", "disable", "x'; DROP TABLE contoso.systemuser; --", expect=64)
        self.assertEqual(tenant.state(1), "E")


class AccessMode(SystemTest):
    def test_sets_the_mode_and_refuses_the_eighth_non_interactive(self):
        tenant = self.tenant().migrate()
        tenant.sync([user(n) for n in range(9)])
        tenant.run("user", "add-application", "--application-id", APPLICATION)  # outside the limit
        for n in range(7):
            self.assertEqual(tenant.json("user", "set-access-mode", "non-interactive", guid(n))["decision"], "update")
        told = tenant.json("user", "set-access-mode", "non-interactive", guid(7), expect=65)
        self.assertEqual((told["decision"], told["reason"]), ("refuse", "too_many_non_interactive"))
        self.assertEqual(tenant.json("user", "set-access-mode", "non-interactive", guid(0))["decision"], "keep")
        tenant.run("user", "set-access-mode", "read-write", guid(0))
        tenant.run("user", "set-access-mode", "non-interactive", guid(7))
        tenant.run("user", "set-access-mode", "administrative", guid(8))
        self.assertEqual([tenant.row(n)["accessmode"] for n in (0, 1, 7, 8)], ["0", "4", "4", "1"])
        second = tenant.sync()
        self.assertEqual(tenant.last_run()["updated"], 0, second.stdout)  # the sync leaves an administrator's choice

    def test_two_at_once_do_not_both_find_room(self):
        tenant = self.tenant().migrate()
        tenant.sync([user(n) for n in range(12)])
        for n in range(6):
            tenant.run("user", "set-access-mode", "non-interactive", guid(n))
        racing = [tenant.start("user", "set-access-mode", "non-interactive", guid(n)) for n in range(6, 12)]
        codes = sorted(process.wait() for process in racing)
        for process in racing:
            process.communicate()
        self.assertEqual(codes, [0, 65, 65, 65, 65, 65])

    def test_unlicensed_administrators_setup_mode_becomes_a_choice(self):
        tenant = self.tenant().migrate()
        tenant.sync([user(1, **NO_PLANS), role(GLOBAL, [guid(1)])])
        self.assertEqual(tenant.row(1)["setupuser"], "t")
        tenant.run("user", "set-access-mode", "administrative", guid(1))
        self.assertEqual((tenant.row(1)["accessmode"], tenant.row(1)["setupuser"]), ("1", "f"))

    def test_who_loses_the_exemption_of_a_mode_is_disabled_at_once(self):
        tenant = self.tenant().migrate()
        tenant.sync([user(1), user(2)])
        tenant.run("user", "set-access-mode", "non-interactive", guid(1))
        tenant.sync([user(1, **NO_PLANS), user(2)])
        self.assertEqual(tenant.state(1), "E")  # non-interactive users need no licence
        told = tenant.json("user", "set-access-mode", "read-write", guid(1))
        self.assertEqual((told["decision"], told["reason"], told["access"]), ("disable", "no_license", False))
        self.assertEqual(tenant.row(1, columns="isdisabled, disabledreason, accessmode"),
                         {"isdisabled": "t", "disabledreason": "no_license", "accessmode": "0"})
        tenant.sync()
        self.assertEqual((tenant.state(1), tenant.last_run()["updated"]), ("no_license", 0))

    def test_a_mode_does_not_undo_a_manual_disable(self):
        tenant = self.tenant().migrate()
        tenant.sync([user(1)])
        tenant.run("user", "disable", guid(1))
        told = tenant.json("user", "set-access-mode", "administrative", guid(1))
        self.assertEqual((told["access"], told["reason"]), (False, "manually_disabled"))
        self.assertEqual(tenant.row(1)["isdisabled"], "t")

    def test_a_wrong_mode_is_a_usage_error(self):
        tenant = self.tenant().migrate()
        self.assertIn("read-write", tenant.run("user", "set-access-mode", "super", guid(1), expect=64).stderr)


class Applications(SystemTest):
    def test_creates_one_row_for_each_application(self):
        tenant = self.tenant().migrate()
        tenant.sync([user(1)])
        told = tenant.json("user", "add-application", "--application-id", APPLICATION, "--name", "Billing")
        self.assertEqual((told["decision"], told["access"]), ("create", True))
        self.assertEqual(tenant.sql("SELECT firstname, lastname, isdisabled, accessmode, applicationid, internalemailaddress FROM contoso.systemuser "
                                    f"WHERE systemuserid = '{told['systemuserid']}'"),
                         [["#", "Billing", "f", "4", APPLICATION, f"applicationuser_{APPLICATION}"]])
        again = tenant.json("user", "add-application", "--application-id", APPLICATION, expect=65)
        self.assertEqual(again["reason"], "already_has_a_row")
        tenant.run("user", "add-application", "--application-id", "nonsense", expect=64)
        tenant.sync()
        self.assertEqual(tenant.value("SELECT count(*) FROM contoso.systemuser WHERE applicationid IS NOT NULL "
                                      "AND NOT isdisabled"), "1")

    def test_needs_more_than_the_daemons_rights(self):
        self.postgres.sql("DROP ROLE IF EXISTS plain_daemon; CREATE ROLE plain_daemon LOGIN", database="postgres")
        tenant = self.tenant()
        owner = tenant.connection
        tenant.connection = self.postgres.conninfo(tenant.database, user="plain_daemon")

        def configure(**database):
            tenant.settings["database"] = {"connection": tenant.connection, **database}
            tenant.configure()

        configure(migrate_connection=owner)
        tenant.migrate().sync([user(1), user(2)])
        self.assertEqual(tenant.json("user", "disable", guid(2))["decision"], "disable")
        self.assertEqual(tenant.json("user", "set-access-mode", "administrative", guid(1))["decision"], "update")
        placeholder = stub(tenant, "old@contoso.example")
        tenant.sync([user(1), user(2), user(3, **FREE_PLAN)])
        configure()
        tenant.run("user", "add-application", "--application-id", APPLICATION, expect=77)
        tenant.run("user", "link-stub", placeholder, guid(3), expect=77)
        configure(migrate_connection=owner)
        self.assertEqual(tenant.json("user", "add-application", "--application-id", APPLICATION)["decision"], "create")
        self.assertEqual(tenant.json("user", "link-stub", placeholder, guid(3))["decision"], "enable")

    def test_are_disabled_and_enabled_by_any_of_their_names(self):
        tenant = self.tenant().migrate()
        tenant.sync([user(1)])
        made = tenant.json("user", "add-application", "--application-id", APPLICATION)
        done = tenant.run("user", "disable", APPLICATION, "--json")
        self.assertIn("stops working", done.stderr)
        state = f"SELECT isdisabled, disabledreason FROM contoso.systemuser WHERE applicationid = '{APPLICATION}'"
        self.assertEqual(tenant.sql(state), [["t", "manually_disabled"]])
        told = tenant.json("user", "enable", made["systemuserid"])
        self.assertEqual((told["decision"], told["reason"], told["access"]), ("enable", "application_user", True))
        self.assertEqual(tenant.sql(state), [["f", None]])
        self.assertEqual(tenant.json("user", "enable", f"applicationuser_{APPLICATION}")["decision"], "keep")
        self.assertEqual([c[:2] for c in tenant.changes() if c[2] is None],
                         [["create", "application_user"], ["disable", "manually_disabled"], ["update", "application_user"]])
        tenant.run("user", "set-access-mode", "administrative", APPLICATION, expect=65)

    def test_are_named_by_their_object_id_too_and_a_terminal_is_asked_before_one_stops(self):
        tenant = self.tenant().migrate()
        tenant.sync([user(1)])
        tenant.run("user", "add-application", "--application-id", APPLICATION, "--object-id", guid(77))
        disabled = f"SELECT isdisabled FROM contoso.systemuser WHERE applicationid = '{APPLICATION}'"
        for answer, expected in ((b"\n", "f"), (b"y\n", "t")):
            ours, theirs = pty.openpty()
            asked = subprocess.Popen(tenant.command("user", "disable", guid(77)), stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            os.write(ours, answer)
            _, err = asked.communicate(timeout=60)
            os.close(ours)
            os.close(theirs)
            self.assertIn(b"Disable it all the same? [y/N]", err)
            self.assertIn(b"stops working", err)
            self.assertEqual((asked.returncode, tenant.value(disabled)), (0 if expected == "t" else 64, expected))
        self.assertEqual(tenant.json("user", "enable", guid(77))["decision"], "enable")


class Invitations(SystemTest):
    def test_are_asked_for_until_they_are_sent(self):
        tenant = self.tenant().migrate()
        tenant.sync([user(1), user(2), user(3)])
        tenant.sync([user(1, **NO_PLANS), user(2), user(3)])
        tenant.sync([user(1), user(2), user(3)])
        listed = lambda: [u["object_id"] for u in tenant.json("user", "list", "--invitation-required")["users"]]
        self.assertEqual(listed(), [guid(1)])
        told = tenant.json("user", "invited", guid(1))
        self.assertEqual((told["decision"], told["reason"], told["access"]), ("update", "invitation_sent", True))
        self.assertEqual(listed(), [])
        self.assertEqual(tenant.json("user", "invited", guid(1))["decision"], "keep")
        tenant.sync(None, "--full")
        self.assertEqual(tenant.last_run()["updated"], 0)


class Stubs(SystemTest):
    def test_links_a_stub_and_keeps_its_systemuserid(self):
        tenant = self.tenant().migrate()
        tenant.sync([user(1, **FREE_PLAN), user(2, **NO_PLANS), user(3)])
        placeholder = stub(tenant, "ana@old.example", fullname="'Old Ana'")
        told = tenant.json("user", "link-stub", "ANA@old.example", "user1@contoso.example")
        self.assertEqual((told["decision"], told["access"], told["systemuserid"]), ("enable", True, placeholder))
        row = tenant.row(1, columns="systemuserid, domainname, fullname, isdisabled, issyncwithdirectory")
        self.assertEqual(list(row.values()), [placeholder, "user1@contoso.example", "Old Ana", "f", "t"])
        log = tenant.sql("SELECT action, reason, fields ? 'azureactivedirectoryobjectid' FROM contoso.sync_change "
                         f"WHERE systemuserid = '{placeholder}' ORDER BY reason DESC")
        self.assertEqual(log, [["update", "stub_linked", "t"], ["enable", "free_plan", "f"]])

    def test_refuses_what_is_no_stub_and_who_has_a_row(self):
        tenant = self.tenant().migrate()
        tenant.sync([user(1), user(2, **NO_PLANS)])
        placeholder = stub(tenant, "ana@old.example")
        self.assertEqual(tenant.json("user", "link-stub", placeholder, guid(1), expect=65)["reason"], "already_has_a_row")
        self.assertEqual(tenant.json("user", "link-stub", placeholder, guid(88), expect=65)["reason"], "not_in_directory")
        self.assertEqual(tenant.json("user", "link-stub", guid(1), guid(2), expect=65)["reason"], "not_a_stub")
        self.assertIsNone(tenant.value(f"SELECT azureactivedirectoryobjectid FROM contoso.systemuser "
                                       f"WHERE systemuserid = '{placeholder}'"))

    def test_a_user_who_may_not_enter_is_not_linked(self):
        tenant = self.tenant().migrate()
        tenant.sync([user(2, **NO_PLANS)])
        placeholder = stub(tenant, "ana@old.example")
        before = tenant.sql("SELECT * FROM contoso.systemuser")
        told = tenant.json("user", "link-stub", placeholder, guid(2), expect=65)
        self.assertEqual((told["decision"], told["reason"], told["access"]), ("refuse", "no_license", False))
        self.assertEqual((told["systemuserid"], told["run_id"]), (placeholder, None))
        self.assertIn("--even-if-refused", told["detail"])
        self.assertEqual(tenant.sql("SELECT * FROM contoso.systemuser"), before)
        self.assertEqual(tenant.sql("SELECT 1 FROM contoso.sync_change"), [])

    def test_one_who_is_linked_all_the_same_is_linked_and_gets_the_reason(self):
        tenant = self.tenant().migrate()
        tenant.sync([user(2, **NO_PLANS)])
        placeholder = stub(tenant, "ana@old.example")
        told = tenant.json("user", "link-stub", placeholder, guid(2), "--even-if-refused")
        self.assertEqual((told["decision"], told["reason"], told["access"]), ("update", "stub_linked", False))
        self.assertIn("no_license", told["detail"])
        self.assertEqual(tenant.row(2, columns="systemuserid")["systemuserid"], placeholder)
        self.assertEqual(tenant.state(2), "no_license")

    def test_whoever_asks_about_one_is_told_what_it_is(self):
        tenant = self.tenant().migrate()
        tenant.sync([user(1)])
        placeholder = stub(tenant, "ana@old.example")
        for word in ("ANA@old.example", placeholder):
            for verb in ("refresh", "diagnose"):
                told = tenant.json("user", verb, word, expect=65)
                told = told["answers"][0] if verb == "refresh" else told
                self.assertEqual((told["reason"], told["systemuserid"], told["access"]), ("stub_user", placeholder, False), (verb, word))
                self.assertIn(f"link-stub {placeholder}", told["detail"])
                self.assertIn(f"reassign {placeholder}", told["detail"])
        self.assertIn("stub_user", tenant.run("explain", "ana@old.example", expect=64).stderr)
        self.assertEqual(tenant.json("user", "refresh", guid(1))["answers"][0]["decision"], "keep")

    def test_the_sync_never_links_by_itself(self):
        tenant = self.tenant().migrate()
        tenant.sync([user(1, **FREE_PLAN)])
        stub(tenant, "user1@contoso.example")
        tenant.sync()
        tenant.run("user", "add", guid(1))
        self.assertEqual(tenant.value("SELECT count(*) FROM contoso.systemuser WHERE domainname = 'user1@contoso.example'"),
                         "2")
        self.assertIn("user_name_collision", tenant.value("SELECT warnings[1] FROM contoso.sync_run ORDER BY run_id DESC LIMIT 1"))


class Lists(SystemTest):
    def test_views_as_the_admin_centre_has_them(self):
        tenant = self.tenant().migrate()
        tenant.sync([user(n) for n in range(1, 8)])
        tenant.sync([user(1), user(2, **NO_PLANS), *(user(n) for n in range(4, 8))])
        stub(tenant, "stub@contoso.example")
        tenant.sql("INSERT INTO contoso.systemuser (systemuserid, domainname, fullname) VALUES (gen_random_uuid(), 'SYSTEM', 'SYSTEM')")
        tenant.run("user", "add-application", "--application-id", APPLICATION)
        tenant.run("user", "set-access-mode", "non-interactive", guid(4))

        def names(*views):
            return [u["domainname"].split("@")[0] for u in tenant.json("user", "list", *views)["users"]]

        self.assertEqual(names("--enabled"), ["user1", "user4", "user5", "user6", "user7"])
        self.assertEqual(names("--disabled"), ["user2", "user3"])
        self.assertEqual(names("--stub"), ["stub"])
        self.assertEqual(names("--application"), ["applicationuser_" + APPLICATION])
        self.assertEqual(names("--non-interactive"), ["user4"])
        self.assertEqual(names("--not-in-directory"), ["user3"])
        self.assertEqual(names("--purgeable"), ["user3"])
        self.assertEqual(names("--enabled", "--not-in-directory"), [])
        self.assertEqual(len(names()), 10)
        self.assertIn("user2@contoso.example", tenant.run("user", "list", "--disabled").stdout)


class Diagnose(SystemTest):
    def diagnose(self, tenant, number, **options):
        told = tenant.json("user", "diagnose", guid(number), **options)
        told["by_check"] = {check["check"]: check for check in told["checks"]}
        return told

    def test_says_what_is_wrong_and_what_to_do(self):
        environment = {"name": "contoso", "type": "production", "schema": "contoso", "security_group": GROUP}
        tenant = self.tenant(environment).migrate()
        everybody = [guid(n) for n in (1, 2, 3, 5)]
        tenant.sync([user(1), user(2, accountEnabled=False), user(3, **NO_PLANS), user(4), user(5), group(GROUP, everybody)])
        tenant.run("user", "disable", guid(5))
        expected = {1: (None, True), 2: ("sign-in", False), 3: ("licence", False), 4: ("security group", False),
                    5: ("row", True)}
        for number, (wrong, access) in expected.items():
            with self.subTest(number):
                told = self.diagnose(tenant, number)
                self.assertEqual([c["check"] for c in told["checks"] if c["state"] == "wrong"], [wrong] if wrong else [])
                self.assertEqual(told["access"], access)
                if wrong:
                    self.assertTrue(told["by_check"][wrong]["advice"])
        self.assertIn("Enable the account", tenant.run("user", "diagnose", "user2@contoso.example").stdout)

    def test_writes_nothing(self):
        tenant = self.tenant().migrate()
        tenant.sync([user(1, **FREE_PLAN)])
        before = tenant.sql("SELECT (SELECT count(*) FROM contoso.sync_run), (SELECT count(*) FROM contoso.systemuser), version "
                            "FROM directory.mirror")
        self.diagnose(tenant, 1)
        self.assertEqual(tenant.sql("SELECT (SELECT count(*) FROM contoso.sync_run), (SELECT count(*) FROM contoso.systemuser), "
                                    "version FROM directory.mirror"), before)

    def test_names_the_environments_type_the_guard_and_a_broken_record(self):
        tenant = self.tenant({"name": "contoso", "type": "trial", "schema": "contoso"}).migrate()
        tenant.sync([user(1), user(2, jobTitle="a\0b")])
        self.assertIn("trial", self.diagnose(tenant, 1)["by_check"]["environment type"]["words"])
        self.assertEqual(self.diagnose(tenant, 2)["by_check"]["record"]["state"], "wrong")
        tenant.run("user", "add", guid(1))
        tenant.settings["safety"] = {"max_disables": 0}
        tenant.configure()
        tenant.sync([user(1, **NO_PLANS), user(2)], expect=75)
        self.assertIn("approve", self.diagnose(tenant, 1)["by_check"]["guard"]["advice"])

    def test_an_unknown_user_is_a_usage_error(self):
        tenant = self.tenant().migrate()
        tenant.sync([user(1)])
        told = tenant.json("user", "diagnose", "nobody@contoso.example", expect=64)
        self.assertEqual(told["reason"], "not_in_directory")


class CommandLine(SystemTest):
    def test_help_and_mistakes(self):
        tenant = self.tenant()
        self.assertIn("diagnose", tenant.run("user", "--help").stdout)
        self.assertIn("--all-fields", tenant.run("user", "refresh", "--help").stdout)
        tenant.run("user", expect=64)
        tenant.run("user", "ad", expect=64)
        tenant.run("user", "list", "--enable", expect=64)


if __name__ == "__main__":
    main()
