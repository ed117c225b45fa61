"""A run that fails leaves its trace in every environment that can be reached, whatever failed."""

from support import Postgres, SystemTest, guid, main, user


class FailedRuns(SystemTest):
    def two(self):
        return self.tenant({"name": "north", "type": "production", "schema": "north"},
                           {"name": "south", "type": "production", "schema": "south"}).migrate()

    def assert_failed(self, tenant, schema, *words):
        outcome, detail = tenant.sql(f"SELECT outcome, detail FROM {schema}.sync_run ORDER BY run_id DESC LIMIT 1")[0]
        self.assertEqual(outcome, "failed")
        for word in words:
            self.assertIn(word, detail)

    def fails(self, tenant, lines, expect=69):
        return tenant.sync(lines, expect=expect, unplanned="the run fails")

    def test_the_mirrors_own_database(self):
        tenant = self.two()
        tenant.sync([user(1)])
        tenant.sql("ALTER TABLE directory.identity ADD CONSTRAINT nobody_comes CHECK (false) NOT VALID")
        done = self.fails(tenant, [user(1), user(2)], expect=None)
        self.assertNotEqual(done.returncode, 0)
        self.assertNotIn("Nothing to do", done.stdout)
        for schema in ("north", "south"):
            self.assert_failed(tenant, schema, "the mirror")
            self.assertEqual(tenant.value(f"SELECT count(*) FROM {schema}.sync_run"), "2")
        tenant.sql("ALTER TABLE directory.identity DROP CONSTRAINT nobody_comes")
        tenant.sync()
        self.assertEqual(tenant.state(2, schema="south"), "E")

    def test_a_row_that_the_mirror_refuses_names_the_statement_and_what_to_look_for(self):
        tenant = self.two()
        tenant.sync([user(1)])
        tenant.sql("CREATE FUNCTION directory.no() RETURNS trigger LANGUAGE plpgsql AS "
                   "$$ BEGIN RAISE EXCEPTION 'secret %', new USING ERRCODE = '55000'; END $$")
        for table, event in (("identity", "INSERT OR UPDATE"), ("plan_set", "INSERT"), ("mirror", "UPDATE")):
            with self.subTest(table):
                tenant.sql(f"CREATE TRIGGER no BEFORE {event} ON directory.{table} FOR EACH ROW EXECUTE FUNCTION directory.no()")
                plans = [{"servicePlanId": guid(n), "capabilityStatus": "Enabled"} for n in range(9)]
                done = self.fails(tenant, [user(1, jobTitle=table, assignedPlans=plans), user(2)], expect=78)
                verb = "UPDATE" if table == "mirror" else "INSERT INTO"
                for words in (f"(55000) in {verb} {table}", "triggers", "schema directory"):
                    self.assertIn(words, done.stdout + done.stderr)
                    self.assert_failed(tenant, "north", words)
                self.assertNotIn("secret", done.stdout + done.stderr)
                tenant.sql(f"DROP TRIGGER no ON directory.{table}")
        tenant.sync()
        self.assertEqual(tenant.state(2, schema="south"), "E")

    def test_a_mirror_that_cannot_be_used_at_all(self):
        tenant = self.two()
        tenant.sync([user(1)])
        tenant.sql("INSERT INTO directory.schema_version (version) VALUES (99)")
        self.fails(tenant, [user(1)], expect=78)
        for schema in ("north", "south"):
            self.assert_failed(tenant, schema, "schema directory has version 99")

    def test_a_directory_that_cannot_be_read(self):
        tenant = self.two()
        tenant.sync([user(1)])
        tenant.configure(path="nowhere.jsonl")
        self.fails(tenant, None)
        for schema in ("north", "south"):
            self.assert_failed(tenant, schema, "the directory was not read")

    def test_an_environment_before_its_run_begins(self):
        tenant = self.two()
        tenant.sync([user(1)])
        tenant.sql("ALTER TABLE north.systemuser DROP COLUMN jobtitle")
        self.fails(tenant, [user(1), user(2)], expect=69)
        self.assert_failed(tenant, "north", "jobtitle")
        self.assertEqual(tenant.state(2, schema="south"), "E")

    def test_a_mirror_out_of_reach_is_noted_on_the_other_servers(self):
        elsewhere = Postgres()
        self.addCleanup(elsewhere.close)
        elsewhere.sql("CREATE DATABASE mirror", database="postgres")
        tenant = self.tenant({"name": "north", "type": "production", "schema": "north"})
        tenant.environments[0]["connection"] = tenant.connection
        tenant.connection = elsewhere.conninfo("mirror")
        tenant.configure()
        tenant.migrate().sync([user(1)])
        elsewhere.stop()
        self.fails(tenant, [user(1)])
        self.assert_failed(tenant, "north", "the mirror")
        elsewhere.start()
        tenant.sync([user(1), user(2)])
        self.assertEqual((tenant.state(2, schema="north"), tenant.last_run("north")["outcome"]), ("E", "succeeded"))
        # Run ids of the mirror's do not fall back on that of the failed run.
        tenant.run("user", "disable", guid(1))
        self.assertEqual(tenant.value("SELECT count(*) FROM north.sync_run"), "4")

    def test_changes_that_a_plan_had_read_are_explained(self):
        tenant = self.two()
        tenant.sync([user(1)])
        done = tenant.sync([user(1), user(2)])  # a plan came first
        self.assertIn("nothing new since the last reading", done.stdout)
        self.assertIn("some changes were in the mirror before this run read the directory", done.stdout)


if __name__ == "__main__":
    main()
