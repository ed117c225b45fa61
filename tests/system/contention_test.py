"""Rows that somebody else holds, and users who change their names among themselves: nobody else waits for them."""

from support import SystemTest, guid, main, user


class LockedRows(SystemTest):
    """Somebody holds user 1's row while everybody changes."""

    def holding_row(self, tenant, strength="FOR UPDATE"):
        return self.holding(tenant, f"SELECT FROM contoso.systemuser WHERE azureactivedirectoryobjectid = '{guid(1)}' {strength}")

    def started(self, **settings):
        tenant = self.tenant().migrate()
        tenant.settings.update(settings)
        tenant.configure()
        tenant.sync([user(n) for n in range(1, 41)])
        return tenant

    def locked(self, tenant):
        return tenant.sql("SELECT object_id, reason FROM contoso.sync_rejected")

    def test_everybody_else_is_written_and_the_next_run_brings_the_rest(self):
        tenant = self.started()
        with self.holding_row(tenant):
            done = tenant.sync([user(n, jobTitle="Head") for n in range(1, 41)], expect=75,
                               unplanned="a plan sees no locks")
        run = tenant.last_run()
        self.assertEqual((run["outcome"], run["updated"], run["rejected"]), ("incomplete", 39, 1))
        self.assert_adds_up(run)
        self.assertIn("1 row is locked by somebody else", done.stdout)
        self.assertNotIn("Nothing to do", done.stdout)
        self.assertEqual(self.locked(tenant), [[guid(1), "row_locked"]])
        tenant.sync()
        self.assertEqual(tenant.row(1)["jobtitle"], "Head")
        self.assertEqual((tenant.last_run()["updated"], self.locked(tenant)), (1, []))

    def test_a_leaver_does_not_wait_for_anothers_row(self):
        tenant = self.started()
        with self.holding_row(tenant):
            tenant.sync([user(n) for n in range(3, 41)], expect=75, unplanned="a plan sees no locks")
        self.assertEqual((tenant.state(1), tenant.state(2)), ("E", "not_in_directory"))
        self.assertEqual(tenant.last_run()["disabled"], 1)
        tenant.sync()
        self.assertEqual(tenant.state(1), "not_in_directory")

    def test_a_held_leaver_stays_held(self):
        tenant = self.started(safety={"max_disables": 3})
        with self.holding_row(tenant):
            tenant.sync([user(n) for n in range(6, 41)], expect=75, unplanned="a plan sees no locks")
        run = tenant.last_run()
        self.assertEqual((run["outcome"], run["held"], run["disabled"]), ("held", 5, 0))
        self.assert_adds_up(run)
        self.assertEqual((tenant.row(1)["azurestate"], tenant.row(2)["azurestate"]), ("0", "2"))
        tenant.sync(expect=75)
        self.assertEqual((tenant.last_run()["held"], tenant.row(1)["azurestate"]), (5, "2"))

    def test_an_approval_waits_for_a_locked_row(self):
        tenant = self.started(safety={"max_disables": 3})
        tenant.sync([user(n) for n in range(6, 41)], expect=75)
        run = str(tenant.last_run()["run_id"])
        with self.holding_row(tenant):
            tenant.run("approve", run, expect=75)
        self.assertEqual((tenant.state(1), tenant.state(2)), ("E", "not_in_directory"))
        tenant.sync()
        self.assertEqual(tenant.state(1), "not_in_directory")
        self.assertEqual(tenant.sql("SELECT 1 FROM contoso.sync_pending"), [])

    def test_a_statement_timeout_does_not_end_the_run(self):
        tenant = self.started()
        tenant.connection += " options='-c statement_timeout=4s'"
        tenant.configure()
        with self.holding_row(tenant):
            tenant.sync([user(n, jobTitle="Head") for n in range(1, 41)], expect=75,
                        unplanned="a plan sees no locks")
        self.assertEqual(tenant.last_run()["updated"], 39)

    def test_a_row_that_a_foreign_key_refers_to_may_be_renamed_later(self):
        # FOR KEY SHARE, as of an open transaction that inserted a row which refers to this one.
        tenant = self.tenant().migrate()
        tenant.sql("CREATE UNIQUE INDEX ON contoso.systemuser (domainname)")
        tenant.sync([user(1), user(2)])
        renamed = [user(n, userPrincipalName=f"new{n}@contoso.example") for n in (1, 2)]
        with self.holding_row(tenant, "FOR KEY SHARE"):
            tenant.sync(renamed, expect=75, unplanned="a plan sees no locks")
        self.assertEqual([tenant.row(n)["domainname"] for n in (1, 2)], ["user1@contoso.example", "new2@contoso.example"])
        tenant.sync()
        self.assertEqual(tenant.row(1)["domainname"], "new1@contoso.example")


class Exchanges(SystemTest):
    """User names under a unique index."""

    def renamed(self, tenant, names, unplanned=None, **facts):
        return tenant.sync([user(n, userPrincipalName=f"{name}@contoso.example", **facts) for n, name in names.items()],
                           unplanned=unplanned)

    def started(self, names):
        tenant = self.tenant().migrate()
        tenant.sql("CREATE UNIQUE INDEX ON contoso.systemuser (domainname)")
        self.renamed(tenant, names)
        return tenant

    def names(self, tenant, count):
        return [tenant.row(n)["domainname"].split("@")[0] for n in range(1, count + 1)]

    def check(self, before, after):
        tenant = self.started(before)
        self.renamed(tenant, after)
        self.assertEqual(self.names(tenant, len(after)), list(after.values()))
        run = tenant.last_run()
        self.assertEqual((run["outcome"], run["rejected"]), ("succeeded", 0))
        self.assert_adds_up(run)
        self.assertEqual(tenant.value("SELECT count(*) FROM contoso.sync_change WHERE domainname LIKE '%-%'"), "0")
        tenant.sync()
        self.assertEqual(tenant.last_run()["updated"], 0)

    def test_two_exchange_their_names(self):
        self.check({1: "ana", 2: "bo", 3: "cy"}, {1: "bo", 2: "ana", 3: "cy"})

    def test_a_ring_of_three(self):
        self.check({1: "ana", 2: "bo", 3: "cy"}, {1: "bo", 2: "cy", 3: "ana"})

    def test_a_chain(self):
        self.check({1: "ana", 2: "bo", 3: "cy"}, {1: "bo", 2: "cy", 3: "dee"})

    def test_a_newcomer_takes_a_name_that_becomes_free(self):
        self.check({1: "ana"}, {1: "bo", 2: "ana"})

    def test_a_newcomer_at_the_end_of_an_exchange(self):
        self.check({1: "ana", 2: "bo"}, {1: "bo", 2: "dee", 3: "ana"})

    def test_a_ring_across_transactions(self):
        count = 6000
        names = {n: f"user{n}" for n in range(1, count + 1)}
        tenant = self.started(names)
        # Transactions go by object id, and everybody changes.
        ordered = sorted(names, key=guid)
        first, middle, last = ordered[0], ordered[count // 2], ordered[-1]
        names[first], names[middle], names[last] = names[middle], names[last], names[first]
        self.renamed(tenant, names, jobTitle="Head")
        self.assertEqual([tenant.row(n)["domainname"].split("@")[0] for n in (first, middle, last)],
                         [names[n] for n in (first, middle, last)])
        run = tenant.last_run()
        self.assertEqual((run["outcome"], run["updated"], run["rejected"]), ("succeeded", count, 0))

    def test_a_name_that_stays_taken_is_rejected_alone(self):
        tenant = self.started({1: "ana", 2: "bo", 3: "cy"})
        tenant.sql("INSERT INTO contoso.systemuser (systemuserid, domainname, fullname) "
                   "VALUES (gen_random_uuid(), 'taken@contoso.example', 'Taken')")
        self.renamed(tenant, {1: "bo", 2: "ana", 3: "taken"}, unplanned="the table refuses a row")
        self.assertEqual(self.names(tenant, 3), ["bo", "ana", "cy"])
        self.assertEqual(tenant.last_run()["rejected"], 1)


if __name__ == "__main__":
    main()
