"""Listings of many: the first records are looked up in PostgreSQL, the rest in what was read of the mirror into memory.
Whatever the way, the same happens."""

from support import SystemTest, guid, main, user

MANY = 14_000  # in pages of some thousand; from 8,000 on the mirror is held in memory
LOOKED_UP = (3, 2_345)
REMEMBERED = (9_876, 13_999)


class Listings(SystemTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {n: user(n, jobTitle="Clerk") for n in range(MANY)}

    def loaded(self):
        tenant = self.tenant().migrate()
        tenant.sync(self.users.values())
        self.assertEqual(tenant.last_run()["created"], MANY)
        return tenant

    def test_changed_new_and_absent(self):
        tenant = self.loaded()
        unchanged = tenant.sync(None, "--full")
        self.assertIn("Nothing to do", unchanged.stdout)
        version = tenant.value("SELECT max(version) FROM directory.identity")
        self.assertEqual(version, "1")
        gone = (4, 2_346, 9_877, 13_998)
        lines = {n: user(n, jobTitle="Head") if n in LOOKED_UP + REMEMBERED else u for n, u in self.users.items() if n not in gone}
        tenant.sync([*lines.values(), user(MANY), user(MANY + 1)])
        run = tenant.last_run()
        self.assertEqual((run["created"], run["updated"], run["disabled"], run["seen"]), (2, 4, 4, 10))
        self.assertEqual({tenant.state(n) for n in gone}, {"not_in_directory"})
        self.assertEqual({tenant.row(n)["jobtitle"] for n in LOOKED_UP + REMEMBERED}, {"Head"})
        self.assertIn("Nothing to do", tenant.sync(None, "--full").stdout)
        tenant.sync([*self.users.values(), user(MANY), user(MANY + 1)])
        self.assertEqual({tenant.state(n) for n in gone + LOOKED_UP + REMEMBERED}, {"E"})
        self.assertEqual(tenant.last_run()["enabled"], 4)

    def test_everybody_changed(self):
        tenant = self.loaded()
        tenant.sync([user(n, jobTitle="Head") for n in range(MANY)])
        self.assertEqual((tenant.last_run()["updated"], tenant.last_run()["seen"]), (MANY, MANY))

    def test_most_are_gone(self):
        tenant = self.loaded()
        tenant.sync([u for n, u in self.users.items() if n % 10 == 0], expect=75)
        self.assertEqual(tenant.last_run()["held"], MANY * 9 // 10)
        tenant.sync(self.users.values())
        self.assertEqual(tenant.value("SELECT count(*) FROM contoso.systemuser WHERE isdisabled"), "0")

    def test_a_record_told_twice_counts_once_and_two_that_differ_are_both_refused(self):
        tenant = self.loaded()
        for known, other in (LOOKED_UP, REMEMBERED):
            with self.subTest(known=known):
                # The known record again, a new one twice, and beside the known one another: in both orders.
                lines = [*self.users.values(), self.users[known], user(MANY), user(MANY), user(other, jobTitle="King")]
                done = tenant.sync(lines, "--json")
                self.assertEqual([r[0] for r in self.rejected(tenant)], [guid(other)], done.stdout)
                self.assertEqual((tenant.row(other)["jobtitle"], tenant.state(other)), ("Clerk", "E"))
                tenant.sync([user(other, jobTitle="King"), *self.users.values(), user(MANY)])
                self.assertEqual([r[0] for r in self.rejected(tenant)], [guid(other)])
                self.assertEqual((tenant.row(other)["jobtitle"], tenant.state(other)), ("Clerk", "E"))
                tenant.sync([*self.users.values(), user(MANY)])
                self.assertEqual(self.rejected(tenant), [])
                self.assertEqual(tenant.state(known), "E")

    def test_who_was_looked_up_meanwhile_is_not_absent(self):
        # What a look-up of one user writes while a listing is under way, once with another hash, once without one: done by a
        # trigger, since the moment cannot be met otherwise. One who left is still found.
        tenant = self.loaded()
        lines = [u for n, u in self.users.items() if n != 13_990]
        tenant.sql("""CREATE FUNCTION directory.meanwhile() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                        UPDATE directory.identity SET content_hash = content_hash + 1 WHERE object_id = '%s';
                        UPDATE directory.identity SET content_hash = NULL WHERE object_id = '%s';
                        RETURN NULL; END $$;
                      CREATE TRIGGER meanwhile BEFORE INSERT ON directory.plan_set FOR EACH STATEMENT
                        EXECUTE FUNCTION directory.meanwhile()""" % (guid(12_000), guid(13_000)))
        tenant.sync(lines)
        self.assertEqual([tenant.state(n) for n in (12_000, 13_000, 13_990)], ["E", "E", "not_in_directory"])

    def rejected(self, tenant):
        return tenant.sql("SELECT object_id, reason FROM contoso.sync_rejected WHERE reason = 'duplicate_identity'")


if __name__ == "__main__":
    main()
