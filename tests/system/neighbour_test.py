"""Strangers in the same cluster: a login that may connect and nothing else, and the roles that may ask, try what they can."""

import subprocess

from support import FREE_PLAN, SystemTest, guid, main, user

STRANGERS = """
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'stranger') THEN
    CREATE ROLE stranger LOGIN; CREATE ROLE shop LOGIN; CREATE ROLE desk LOGIN;
  END IF;
END $$;
GRANT dvsync_first_access TO shop; GRANT dvsync_on_demand TO desk"""


class Neighbours(SystemTest):
    def prepared(self):
        tenant = self.tenant()
        tenant.settings["database"] = {"connection": self.postgres.conninfo(tenant.database, "dvsync_daemon"),
                                       "migrate_connection": self.postgres.conninfo(tenant.database)}
        self.postgres.sql("DO $$ BEGIN CREATE ROLE dvsync_daemon LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$",
                          database="postgres")
        tenant.configure()
        tenant.migrate()
        tenant.sql(STRANGERS)
        tenant.sync([user(n) for n in range(9)])
        return tenant

    def session(self, tenant, login, *statements):
        """A session that has done these, and stays as it is until the test ends."""
        psql = subprocess.Popen([f"{self.postgres.bin}/psql", "-X", "-q", "-A", "-t", self.postgres.conninfo(tenant.database, login)],
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.addCleanup(lambda: (psql.stdin.close(), psql.stdout.close(), psql.wait(60)))
        for statement in statements:
            psql.stdin.write(statement + ";\n")
        psql.stdin.write("SELECT 'done';\n")
        psql.stdin.flush()
        while psql.stdout.readline() != "done\n":
            pass
        return psql

    def test_no_lock_that_anybody_can_take_stands_in_the_way(self):
        tenant = self.prepared()
        for login in ("stranger", "shop", "desk"):
            with self.subTest(login):
                constant = "SELECT pg_try_advisory_lock({key}, oid::int4) FROM pg_class WHERE relname LIKE 'sync%' OR relname = 'mirror'"
                self.session(tenant, login, *[constant.format(key=1685483379 + n) for n in range(3)],
                             "SELECT pg_try_advisory_lock(n) FROM generate_series(0, 9) n", "BEGIN",
                             *[f"SAVEPOINT s; LOCK TABLE contoso.{table}; ROLLBACK TO s" for table in ("systemuser", "sync_lock", "sync_state")],
                             "SAVEPOINT s; SELECT FROM contoso.sync_lock FOR UPDATE; ROLLBACK TO s",
                             "SAVEPOINT s; LOCK TABLE contoso.sync_request IN ACCESS SHARE MODE; ROLLBACK TO s",
                             "SAVEPOINT s; LOCK TABLE directory.mirror; ROLLBACK TO s",
                             "SELECT count(*) FROM pg_class")
        # Disables, which the guard counts, a user's own run, and what counts under a lock of its own.
        tenant.settings["safety"] = {"max_disables": 3}
        tenant.configure()
        tenant.sync([user(n, accountEnabled=n != 3) for n in range(9)])
        tenant.write([user(n, accountEnabled=n not in (3, 4)) for n in range(9)])
        tenant.sync(None)
        self.assertEqual((tenant.state(3), tenant.state(4), tenant.state(5)), ("account_disabled", "account_disabled", "E"))
        tenant.run("user", "set-access-mode", "non-interactive", guid(5))

    def test_nobody_but_the_daemon_reads_or_writes_what_is_ours(self):
        tenant = self.prepared()
        ours = tenant.sql("SELECT format('%I.%I', nspname, relname), relkind FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace "
                          "WHERE nspname IN ('directory', 'contoso') AND relkind IN ('r', 'p', 'S', 'v')")
        self.assertGreater(len(ours), 20)
        for login in ("stranger", "shop", "desk"):
            for name, kind in ours:
                rights = "USAGE, SELECT, UPDATE" if kind == "S" else "SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER"
                function = "has_sequence_privilege" if kind == "S" else "has_table_privilege"
                held = [right for right in rights.split(", ") if tenant.value(f"SELECT {function}('{login}', '{name}', '{right}')") == "t"]
                asked = login != "stranger" and name == "contoso.sync_request"
                self.assertEqual(held, ["SELECT"] if asked else [], (login, name))
            functions = tenant.sql("SELECT p.oid::regprocedure FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace "
                                   "WHERE nspname IN ('directory', 'contoso') AND prosecdef "
                                   f"AND has_function_privilege('{login}', p.oid, 'EXECUTE')")
            self.assertEqual(functions, [], login)

    def test_the_daemons_own_role_adds_to_the_change_log_and_no_more(self):
        tenant = self.prepared()
        lines = tenant.value("SELECT count(*) FROM contoso.sync_change")
        for statement in ("DELETE FROM contoso.sync_change", "UPDATE contoso.sync_change SET reason = 'x'", "TRUNCATE contoso.sync_change"):
            with self.assertRaisesRegex(AssertionError, "permission denied"):
                tenant.sql(statement, user="dvsync_daemon")
        tenant.sql("SELECT contoso.forget_changes(run_id, '-1 day', 1000) FROM contoso.sync_run", user="dvsync_daemon")
        self.assertEqual(tenant.value("SELECT count(*) FROM contoso.sync_change"), lines)
        # Its own runs go once they are old.
        tenant.sql("UPDATE contoso.sync_run SET finished_at = now() - interval '2 days'; "
                   "UPDATE contoso.sync_change SET at = now() - interval '2 days'")
        self.assertEqual(tenant.sql("SELECT sum(contoso.forget_changes(run_id, '1 day', 1000)) FROM contoso.sync_run",
                                    user="dvsync_daemon"), [[lines]])

    def test_an_asker_has_a_quota_and_others_have_theirs(self):
        tenant = self.prepared()
        ask = "INSERT INTO contoso.sync_request (trigger, user_name) SELECT '{}', 'x' FROM generate_series(1, {})"
        tenant.sql(ask.format("first_access", 9_999), user="shop")
        tenant.sql(ask.format("first_access", 1), user="shop")
        for many in (1, 100_000):
            with self.assertRaisesRegex(AssertionError, "10000 requests that wait"):
                tenant.sql(ask.format("first_access", many), user="shop")
        tenant.sql(ask.format("on_demand", 10_000), user="desk")

    def test_notifications_of_anything_are_taken_for_nothing(self):
        tenant = self.prepared()
        self.session(tenant, "stranger", *[f"SELECT pg_notify('dvsync_request', repeat('{text}', 900))" for text in ("x:", "contoso:", ";")])
        tenant.sync([user(1, **FREE_PLAN)], "--full", expect=75)
        self.assertEqual(tenant.state(1), "E")

    def test_what_each_asker_tries_beyond_asking_is_refused(self):
        tenant = self.prepared()
        own, other = {"shop": "first_access", "desk": "on_demand"}, {"shop": "on_demand", "desk": "first_access"}
        for login in own:
            tenant.sql(f"INSERT INTO contoso.sync_request (trigger, user_name) VALUES ('{own[login]}', 'user1@contoso.example')", user=login)
        before = self.everything(tenant)
        for login in own:
            one = "INSERT INTO contoso.sync_request (trigger, user_name"
            for statement in (
                    f"{one}) VALUES ('{other[login]}', 'x')",
                    f"{one}) VALUES ('background', 'x')",
                    f"{one}, requested_by) VALUES ('{own[login]}', 'x', 'somebody')",
                    f"{one}, requested_at) VALUES ('{own[login]}', 'x', '-infinity')",
                    f"{one}, ask_directory) VALUES ('{own[login]}', 'x', true)",
                    f"{one}, answered_at, access) VALUES ('{own[login]}', 'x', now(), 'full')",
                    f"INSERT INTO contoso.sync_request (request_id, trigger) OVERRIDING SYSTEM VALUE VALUES (1, '{own[login]}')",
                    f"{one}) VALUES ('{own[login]}', 'x') ON CONFLICT (request_id) DO UPDATE SET access = 'full'",
                    f"{one}) VALUES ('{own[login]}', repeat('x', 1025))",
                    "UPDATE contoso.sync_request SET access = 'full'", "DELETE FROM contoso.sync_request",
                    "TRUNCATE contoso.sync_request", "SELECT FROM contoso.sync_request FOR UPDATE", "SELECT FROM contoso.sync_request FOR KEY SHARE",
                    "LOCK TABLE contoso.sync_request IN EXCLUSIVE MODE", "ALTER TABLE contoso.sync_request DISABLE ROW LEVEL SECURITY",
                    "DROP TABLE contoso.sync_request", "CREATE TRIGGER t BEFORE INSERT ON contoso.sync_request EXECUTE FUNCTION suppress_redundant_updates_trigger()",
                    "CREATE POLICY p ON contoso.sync_request USING (true)", "CREATE TABLE contoso.mine ()", "CREATE TABLE directory.mine ()",
                    "CREATE FUNCTION contoso.lower(text) RETURNS text LANGUAGE sql AS 'SELECT $1'",
                    "CREATE STATISTICS s ON trigger, reason FROM contoso.sync_request", "REFERENCES contoso.systemuser",
                    "CREATE TABLE pg_temp.t (r bigint REFERENCES contoso.sync_request)",
                    "SET ROLE dvsync_daemon", "SET SESSION AUTHORIZATION dvsync_daemon", "GRANT dvsync_on_demand, dvsync_first_access TO stranger",
                    "ALTER ROLE dvsync_daemon SET search_path = nowhere", "ALTER ROLE dvsync_daemon CONNECTION LIMIT 0",
                    "SELECT contoso.forget_changes(1, '0', 1)", "SELECT contoso.sync_request_quota()",
                    "COMMENT ON TABLE contoso.sync_request IS 'x'", "CREATE PUBLICATION p FOR TABLE contoso.sync_request",
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'dvsync_daemon' "
                    "UNION ALL SELECT contoso.nothing()"):
                with self.subTest(login=login, statement=statement):
                    with self.assertRaises(AssertionError):
                        tenant.sql(statement, user=login)
        self.assertEqual(self.everything(tenant), before)
        # Each sees its own requests, and nobody else's.
        for login in own:
            self.assertEqual(tenant.sql("SELECT DISTINCT requested_by FROM contoso.sync_request", user=login), [[login]])

    def everything(self, tenant):
        return [tenant.sql(f"SELECT * FROM contoso.{table} ORDER BY 1") for table in ("sync_request", "systemuser", "sync_run", "schema_version")]

    def test_what_others_call_like_ours_is_not_taken_for_ours(self):
        """A session's temporary objects come last in our search path, and no other schema is in it."""
        tenant = self.prepared()
        tenant.sql("CREATE SCHEMA elsewhere AUTHORIZATION stranger; GRANT CREATE ON SCHEMA public TO stranger")
        for schema in ("public", "elsewhere"):
            tenant.sql(f"CREATE TABLE {schema}.systemuser AS SELECT 1 AS systemuserid; CREATE TABLE {schema}.sync_lock (); "
                       f"CREATE FUNCTION {schema}.lower(text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE 'called'; END $$; "
                       f"CREATE FUNCTION {schema}.now() RETURNS timestamptz LANGUAGE plpgsql AS $$ BEGIN RAISE 'called'; END $$; "
                       f"CREATE FUNCTION {schema}.same(uuid, uuid) RETURNS bool LANGUAGE plpgsql AS $$ BEGIN RAISE 'called'; END $$; "
                       f"CREATE OPERATOR {schema}.= (LEFTARG = uuid, RIGHTARG = uuid, FUNCTION = {schema}.same)", user="stranger")
        tenant.sql("ALTER DATABASE \"" + tenant.database + "\" SET search_path = public, elsewhere, contoso")
        tenant.migrate()
        tenant.sync([user(n, jobTitle="Head") for n in range(9)])
        self.assertEqual(tenant.row(3)["jobtitle"], "Head")

    def test_a_table_that_an_asker_holds_ends_a_migration_and_no_answers(self):
        tenant = self.prepared()
        holder = self.session(tenant, "shop", "BEGIN", "SELECT count(*) FROM contoso.sync_request")
        done = tenant.run("migrate", expect=None)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("lock timeout", done.stdout + done.stderr)
        tenant.sync([user(n, jobTitle="Head") for n in range(9)])
        holder.stdin.write("COMMIT;\n")
        holder.stdin.flush()
        tenant.migrate()


if __name__ == "__main__":
    main()
