"""The business unit of new rows: an id, a name, or the root one by default (docs/rules.md, Fields)."""

from support import SystemTest, main, user

ROOT, BRANCH, TWIN = (f"22e1d5a0-0000-4000-8000-00000000000{n}" for n in (1, 2, 3))
UNITS = f"""
CREATE TABLE contoso.businessunit (businessunitid uuid PRIMARY KEY, name varchar(160), parentbusinessunitid uuid);
INSERT INTO contoso.businessunit VALUES ('{ROOT}', 'contoso', NULL), ('{BRANCH}', 'Norway', '{ROOT}');
"""


class BusinessUnit(SystemTest):
    def with_units(self, unit=None):
        tenant = self.tenant({"name": "contoso", "schema": "contoso", **({"business_unit": unit} if unit else {})})
        tenant.sql("CREATE SCHEMA contoso;" + UNITS)
        tenant.run("migrate", expect=None)  # which ends with a check
        tenant.write([user(1)])
        return tenant

    def unit_of_1(self, tenant):
        return tenant.row(1, columns="businessunitid")["businessunitid"]

    def test_is_the_root_one_a_name_or_an_id(self):
        for unit, expected in ((None, ROOT), ("root", ROOT), ("norway", BRANCH), (BRANCH, BRANCH)):
            with self.subTest(unit):
                tenant = self.with_units(unit)
                tenant.sync()
                self.assertEqual(self.unit_of_1(tenant), expected)

    def test_is_none_where_there_are_no_units(self):
        tenant = self.tenant().migrate()
        tenant.sync([user(1)])
        self.assertIsNone(self.unit_of_1(tenant))

    def test_that_cannot_be_told_is_said_by_check_and_stops_a_run(self):
        tenant = self.with_units("Sweden")
        self.assertIn("business_unit: the table businessunit has no unit called Sweden", tenant.run("check", expect=78).stdout)
        tenant.run("sync", expect=78)
        tenant.sql(f"INSERT INTO contoso.businessunit VALUES ('{TWIN}', 'NORWAY', '{ROOT}')")
        tenant.environments[0]["business_unit"] = "Norway"
        tenant.configure()
        self.assertIn(f"{BRANCH} {TWIN}", tenant.run("check", expect=78).stdout)

    def test_that_is_mandatory_and_not_given_names_the_setting(self):
        tenant = self.tenant().migrate()
        tenant.sql("ALTER TABLE contoso.systemuser ALTER COLUMN businessunitid SET NOT NULL")
        self.assertIn("set this environment's business_unit", tenant.run("check", expect=78).stdout)


if __name__ == "__main__":
    main()
