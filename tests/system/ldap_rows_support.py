"""After each step of a story in a directory, the rows are those that a fresh full load leaves."""

from support import STABLE, SystemTest, Tenant


class RowsTest(SystemTest):
    """REQUIRES: `server` of the class, and environments(server)."""

    mode = None
    account = {}

    def begin(self, environments):
        self.environments = environments
        self.kept = self.new_tenant()
        self.kept.migrate()

    def new_tenant(self, database=None):
        tenant = Tenant(self.postgres, self.environments, database=database)
        self.addCleanup(tenant.close)
        tenant.settings["safety"] = {"max_disables": 10**6, "max_disables_percent": 100}
        return self.server.configure(tenant, **self.account, **({"mode": self.mode} if self.mode else {}))

    def pull(self, when, *arguments):
        """One run, and the comparison. Returns what the run did."""
        done = self.kept.sync(None, *arguments)
        self.assert_fresh_load_agrees(when)
        return done

    def assert_fresh_load_agrees(self, when):
        """A copy of the database loses its mirror and reads everything from scratch: no row changes."""
        name = self.kept.database + "_anew"
        self.postgres.sql(f'CREATE DATABASE "{name}" TEMPLATE "{self.kept.database}"', database="postgres")
        copy = self.new_tenant(name)
        copy.sql("DROP SCHEMA directory CASCADE")
        copy.migrate().sync()
        for environment in self.environments:
            schema = environment["schema"]
            self.assertEqual(copy.rows(schema), self.kept.rows(schema), f"{schema}, after: {when}")
        self.postgres.sql(f'DROP DATABASE "{name}"', database="postgres")

    def assert_load_from_nothing_agrees(self):
        """Whoever an empty environment gets has the same values here, but for what is set once, on creation. (Rows that a
        conditional entitlement keeps, and would not create, stand here only.)"""
        empty = self.new_tenant()
        empty.migrate().sync()
        for environment in self.environments:
            if environment.get("mapping") == "onprem-ad":
                continue  # there, everything is set once
            schema = environment["schema"]
            created, living = self.living(empty, schema), self.living(self.kept, schema)
            self.assertEqual(created, [row for row in living if row[0] in {row[0] for row in created}], schema)

    @staticmethod
    def living(tenant, schema):
        once = ("fullname", "internalemailaddress", "invitestatuscode")
        columns = ", ".join(column for column in STABLE.split(", ") if column not in once)
        return tenant.sql(f"SELECT {columns} FROM {schema}.systemuser WHERE NOT isdisabled ORDER BY 1")

    def state(self, name, schema):
        """Of the row whose user name starts so: '-', 'E', or why it is disabled."""
        rows = self.kept.sql(f"SELECT isdisabled, disabledreason FROM {schema}.systemuser WHERE domainname LIKE '{name}%'")
        if not rows:
            return "-"
        return "E" if rows[0][0] == "f" else rows[0][1]
