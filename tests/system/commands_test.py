"""The commands beside healthy environments: some out of reach, some not set up, some without rights."""

import json
import os
import re
import signal
import subprocess
import threading
import unittest

from support import DVSYNC, SystemTest, guid, main, user, wait_until

ISO = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
UNREACHABLE = "host=/nonexistent dbname=nowhere"


def contoso(**more):
    return {"name": "contoso", "schema": "contoso", **more}


def broken(**more):
    return {"name": "broken", "schema": "broken", **more}


class OneOfSeveral(SystemTest):
    def test_migrate_goes_on_and_reports_the_worst(self):
        tenant = self.tenant(broken(connection=UNREACHABLE), contoso())
        done = tenant.run("migrate", expect=69)
        self.assertIn("environment broken", done.stderr)
        self.assertIn("environment contoso: schema contoso: created", done.stdout)
        tenant.sync([user(1)], expect=69)
        self.assertEqual(tenant.state(1), "E")

    def test_the_log_of_the_others_can_be_read(self):
        tenant = self.tenant(contoso()).migrate()
        tenant.sync([user(1)])
        tenant.environments.append(broken(connection=UNREACHABLE))
        tenant.configure()
        for arguments in ((), ("--user", guid(1)), ("--rejected",)):
            self.assertIn("environment broken", tenant.run("log", *arguments, expect=69).stderr, arguments)
        self.assertEqual([run["environment"] for run in tenant.json("log", expect=69)["runs"]], ["contoso"])
        tenant.environments[1] = broken()
        tenant.configure()
        self.assertIn("run `dvsync migrate`", tenant.run("log", expect=78).stderr)

    def test_a_limit_counts_runs_not_their_environments(self):
        tenant = self.tenant(contoso(), broken()).migrate()
        for count in (1, 2):
            tenant.sync([user(i) for i in range(count)])
        runs = tenant.json("log", "--limit", "1")["runs"]
        self.assertCountEqual([run["environment"] for run in runs], ["contoso", "broken"])  # side by side
        self.assertEqual(len({run["run_id"] for run in runs}), 1)


class TheLog(SystemTest):
    def held_tenant(self):
        tenant = self.tenant(contoso()).migrate()
        tenant.sync([user(i) for i in range(40)])
        tenant.sync([user(i, **({"accountEnabled": False, "jobTitle": "Gone"} if i < 30 else {})) for i in range(40)],
                    expect=75)
        return tenant

    def test_shows_what_became_of_held_rows(self):
        tenant = self.held_tenant()
        run = tenant.last_run()
        self.assertEqual((run["held"], run["updated"]), (30, 0))
        told = tenant.run("log", "--run", str(run["run_id"])).stdout
        self.assertEqual(told.count("[held]"), 30, told)
        self.assertEqual(tenant.run("log", "--changes").stdout.count("[held]"), 30)

    def test_times_in_json_are_iso_8601(self):
        tenant = self.held_tenant()
        explained = tenant.json("explain", guid(1))["environments"][0]
        self.assertRegex(explained["held"]["since"], ISO)
        self.assertEqual([past["action"] for past in explained["history"]], ["update", "create"])
        for past in explained["history"]:
            self.assertRegex(past["at"], ISO)

    def test_following_tells_each_run_with_its_changes(self):
        tenant = self.tenant(contoso()).migrate()
        tenant.sync([user(1)])
        follower = tenant.start("log", "--follow")
        self.addCleanup(follower.kill)
        lines = []
        reader = threading.Thread(target=lambda: lines.extend(iter(follower.stdout.readline, "")), daemon=True)
        reader.start()
        wait_until(lambda: lines, what="the first run")
        tenant.sync([user(1), user(2)])
        wait_until(lambda: [line for line in lines if "user2@contoso.example" in line], what="the change")
        self.assertFalse([line for line in lines if "user1@contoso.example" in line], "what was before, in short")
        follower.send_signal(signal.SIGTERM)
        follower.wait(timeout=60)
        reader.join(timeout=60)
        follower.stdout.close()
        follower.stderr.close()

    def test_a_run_that_is_stopped_while_it_reads_is_logged(self):
        tenant = self.tenant(contoso()).migrate()
        tenant.write([user(i) for i in range(60000)])
        process = tenant.start("sync")
        wait_until(lambda: tenant.sql("SELECT 1 FROM pg_stat_activity WHERE application_name LIKE 'dvsync%' "
                                      "AND query ILIKE 'COPY%'"), what="the first page")
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 75, errors)
        self.assertEqual(tenant.last_run()["outcome"], "interrupted")

    def test_numbers_are_read_as_numbers(self):
        tenant = self.tenant(contoso()).migrate()
        for arguments in (("approve", "abc"), ("approve", "0"), ("log", "--run", "x"), ("log", "--limit", "1.5")):
            done = tenant.run(*arguments, expect=64)
            self.assertIn("is not a whole number from", done.stderr, arguments)


class ExitCodes(SystemTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.postgres.sql("CREATE ROLE daemon LOGIN", database="postgres")

    def test_an_environment_that_was_not_migrated(self):
        tenant = self.tenant(contoso()).migrate()
        tenant.environments = [broken()]
        tenant.configure()
        self.assertIn("run `dvsync migrate`", tenant.sync([user(1)], expect=78).stdout)
        tenant.environments = [broken(), contoso()]
        tenant.configure()
        tenant.sync(expect=69)
        self.assertEqual(tenant.state(1), "E", "one environment does not stop the others")

    def test_a_missing_column(self):
        tenant = self.tenant(contoso()).migrate()
        tenant.sql("ALTER TABLE contoso.systemuser DROP COLUMN jobtitle")
        self.assertIn("no column jobtitle", tenant.sync([user(1)], expect=78).stdout)
        self.assertIn("no column jobtitle", tenant.run("check", expect=78).stdout)

    def test_an_unknown_role(self):
        tenant = self.tenant(contoso()).migrate()
        tenant.environments[0]["connection"] = self.postgres.conninfo(tenant.database, "nobody_here")
        tenant.configure()
        tenant.sync([user(1)], expect=77)
        tenant.run("check", expect=77)

    def test_a_file_that_may_not_be_read(self):
        tenant = self.tenant(contoso()).migrate()
        tenant.write([user(1)])
        os.chmod(os.path.join(tenant.folder, "tenant.jsonl"), 0)
        if os.getuid() == 0:  # root may read everything
            os.chmod(tenant.folder, 0o755)
            run = ["runuser", "-u", "postgres", "--"]
        else:
            run = []
        for command in ("sync", "check"):
            done = subprocess.run([*run, os.path.abspath(DVSYNC), command, "--config", tenant.config], cwd="/",
                                  capture_output=True, text=True)
            self.assertEqual(done.returncode, 77, done.stdout + done.stderr)
            self.assertIn("may not be read", done.stdout + done.stderr)

    def test_rights_are_checked_one_by_one(self):
        tenant = self.tenant(contoso()).migrate()
        tenant.write([user(1)])
        tenant.connection = self.postgres.conninfo(tenant.database, "daemon")
        tenant.configure()
        for command in ("check", "sync", "log"):
            done = tenant.run(command, expect=77)
            self.assertIn("may not use the schema", done.stdout + done.stderr, command)
        tenant.sql("GRANT USAGE ON SCHEMA contoso, directory TO daemon; "
                   "GRANT SELECT ON ALL TABLES IN SCHEMA contoso, directory TO daemon")
        told = tenant.run("check", expect=77).stdout
        self.assertRegex(told, r"the mirror: the role daemon may not read and write .*\blease\b")
        self.assertRegex(told, r"environment contoso: the role daemon may not read and write .*\bsync_run\b")
        self.assertRegex(told, r"lacks INSERT on these columns of systemuser: systemuserid, ")
        self.assertRegex(told, r"lacks UPDATE on these columns of systemuser: domainname, ")
        tenant.settings["database"] = {"connection": tenant.connection,
                                       "migrate_connection": self.postgres.conninfo(tenant.database)}
        tenant.configure()
        tenant.run("migrate")
        tenant.run("check")
        tenant.sync()
        self.assertEqual(tenant.state(1), "E")


class WhatToTypeNext(SystemTest):
    def test_a_misspelt_keyword_is_the_configurations_mistake(self):
        tenant = self.tenant(contoso())
        tenant.connection += " usr=x"
        tenant.configure()
        for arguments in (("check", "--offline"), ("check",), ("migrate",)):
            done = tenant.run(*arguments, expect=78)
            self.assertIn('invalid connection option "usr": did you mean `user`?', done.stdout + done.stderr, arguments)

    def test_a_relative_password_file_is_noted(self):
        tenant = self.tenant(contoso())
        tenant.connection += " passfile=pgpass"
        tenant.configure()
        self.assertIn("passfile=pgpass is looked for in the folder", tenant.run("check", "--offline").stdout)

    def test_a_server_that_is_away_is_told_once(self):
        tenant = self.tenant(contoso(), broken())
        tenant.connection = UNREACHABLE
        tenant.configure()
        told = tenant.run("check", expect=69).stdout
        self.assertEqual(told.count("/nonexistent"), 1, told)
        self.assertEqual(told.count("not looked at, since it has the connection of the mirror"), 2, told)

    def test_a_role_that_does_not_exist_and_was_not_named(self):
        tenant = self.tenant(contoso())
        tenant.connection = re.sub(r"\buser=\S+", "", tenant.connection)
        tenant.configure()
        done = subprocess.run([DVSYNC, "check", "--config", tenant.config], capture_output=True, text=True,
                              env={**os.environ, "PGUSER": "nobody_here"})
        self.assertEqual(done.returncode, 77, done.stdout)
        self.assertIn("`sudo -u dvsync dvsync", done.stdout)

    def test_a_host_that_has_no_address_is_named(self):
        tenant = self.tenant(contoso())
        tenant.connection = "host=db.contoso.invalid dbname=x user=y"
        tenant.configure()
        for command in ("check", "migrate", "status"):
            done = tenant.run(command, expect=69)
            self.assertIn('could not translate host name "db.contoso.invalid" to address: ', done.stdout + done.stderr, command)

    def test_what_libpq_adds_is_a_sentence_of_its_own(self):
        tenant = self.tenant(contoso(connection=UNREACHABLE))
        self.assertIn("No such file or directory. Is the server running", tenant.run("check", expect=None).stdout)

    def test_an_owner_who_may_create_no_roles_migrates_all_the_same(self):
        tenant = self.tenant(contoso())
        tenant.sql("CREATE ROLE plain LOGIN")
        tenant.sql(f"GRANT CREATE ON DATABASE {tenant.database} TO plain")
        tenant.connection = self.postgres.conninfo(tenant.database, user="plain")
        tenant.settings["requests"] = {"first_access_role": "the_door", "on_demand_role": "the_desk"}
        tenant.configure()
        told = tenant.run("migrate").stderr
        for role in ("the_door", "the_desk"):
            self.assertIn(f"nobody can be let to ask in sync_request yet, all else works: there is no role {role}, and the owner may not create it. "
                          f'Where applications are to ask, run CREATE ROLE "{role}" NOLOGIN as a superuser, then `dvsync migrate` again', told)
        tenant.sync([user(1)])

    def test_a_sync_in_the_foreground_is_named_by_those_beside_it(self):
        tenant = self.tenant(contoso()).migrate()
        tenant.write([user(1)])
        with self.holding(tenant, "LOCK TABLE contoso.systemuser IN ACCESS EXCLUSIVE MODE"):
            process = tenant.start("sync")
            wait_until(lambda: re.search(r"^Working: .*, dvsync sync$", tenant.run("status", expect=None).stdout, re.M), what="the status")
            self.assertIn("dvsync sync is working on this mirror; try again later", tenant.run("sync", "--no-wait", expect=75).stderr)
        self.assertEqual(process.wait(timeout=60), 0)
        process.communicate()

    @unittest.skipUnless(os.getuid() == 0, "needs another user")
    def test_a_configuration_of_somebody_else(self):
        tenant = self.tenant(contoso())
        os.chmod(tenant.folder, 0o755)
        os.chmod(tenant.config, 0o600)
        done = subprocess.run(["runuser", "-u", "nobody", "--", os.path.abspath(DVSYNC), "status", "--config", tenant.config], cwd="/",
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 77, done.stderr)
        self.assertIn("it is for the group dvsync: `sudo -u dvsync dvsync", done.stderr)


class ReasonCodes(SystemTest):
    """A code is explained without a configuration, a mirror or a server."""

    def explain(self, *arguments):
        return subprocess.run([DVSYNC, "explain", *arguments, "--config", "/nonexistent/dvsync.yaml"], capture_output=True,
                              text=True)

    def test_an_entry_is_printed(self):
        done = self.explain("--reason", "no_license")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("no_license\n  The user has no service plan", done.stdout)
        self.assertIn("What to do: Assign a licence", done.stdout)
        self.assertEqual(json.loads(self.explain("--reason", "absent", "--json").stdout)["reason"], "absent")

    def test_an_unknown_code_is_a_usage_error_with_the_codes(self):
        done = self.explain("--reason", "no_licence")
        self.assertEqual((done.returncode, done.stdout), (64, ""))
        self.assertIn("did you mean `no_license`?", done.stderr)
        self.assertIn("\n  entitled\n", done.stderr)

    def test_a_user_or_a_code_must_be_named_and_not_both(self):
        self.assertEqual(self.explain().returncode, 64)
        self.assertEqual(self.explain("ana@contoso.example", "--reason", "entitled").returncode, 64)


class Transport(SystemTest):
    def test_a_connection_to_another_machine_that_demands_no_encryption_is_named(self):
        tenant = self.tenant(contoso())
        for connection, named in (("host=db.contoso.example dbname=d sslmode=disable", "sslmode=disable"), ("host=10.0.0.7 dbname=d", "sslmode=prefer"),
                                  ("postgresql://db.contoso.example/d?sslmode=allow", "sslmode=allow"),
                                  ("host=db.contoso.example dbname=d sslmode=verify-full", None), ("host=/run/postgresql dbname=d", None),
                                  ("host=localhost dbname=d sslmode=disable", None), ("hostaddr=127.0.0.1 dbname=d", None), ("dbname=d", None)):
            with self.subTest(connection):
                tenant.connection = connection
                tenant.configure()
                told = tenant.run("check", "--offline").stdout
                self.assertEqual(told.count("note:"), 1 if named else 0, told)
                if named:
                    self.assertIn(named, told)

    def test_output_that_nobody_can_take_is_an_error_of_help_too(self):
        tenant = self.tenant(contoso())
        for arguments in (("--help",), ("sync", "--help"), ("--version",), ("check", "--offline", "--config", tenant.config)):
            with open("/dev/full", "w", encoding="utf-8") as full:
                done = subprocess.run([DVSYNC, *arguments], stdout=full, stderr=subprocess.PIPE, text=True)
            self.assertEqual(done.returncode, 74, arguments)
            self.assertIn("could not be written completely", done.stderr)

    def test_what_comes_from_outside_moves_no_cursor(self):
        tenant = self.tenant(contoso()).migrate()
        evil = "a\x1b[31m\u202eb\u009bc\u200b\nd"
        for arguments in (("sync", "--user", evil), (evil,), ("sync", "--" + evil), ("explain", evil), ("log", "--environment", evil),
                          ("user", "disable", evil), ("sync", "--user", "x" * 60_000)):
            with self.subTest(arguments[0][:20]):
                done = tenant.run(*arguments, expect=None)
                told = done.stdout + done.stderr
                self.assertNotEqual(done.returncode, 0)
                for character in "\x1b\u202e\u009b\u200b":
                    self.assertNotIn(character, told)
                self.assertLess(len(told), 10_000)
        tenant.write([user(1, userPrincipalName=evil.replace("\n", ""), displayName=evil), user(2, jobTitle=evil, city=evil)])
        tenant.run("sync")
        for arguments in (("log", "--changes"), ("explain", guid(1)), ("user", "list"), ("plan", "--full"), ("status",)):
            done = tenant.run(*arguments)
            for character in "\x1b\u202e\u009b\u200b":
                self.assertNotIn(character, done.stdout + done.stderr, arguments)
        self.assertEqual(tenant.json("log", "--changes")["runs"][-1]["environment"], "contoso")


if __name__ == "__main__":
    main()
