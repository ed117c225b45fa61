"""What if: who would gain access and who would lose it, under other rules, or without a group or a user."""

import json
import os

from support import FREE_PLAN, NO_PLANS, SystemTest, group, guid, main, user

GROUP = "3f6b2c1e-0000-4000-8000-000000000001"
INNER = "3f6b2c1e-0000-4000-8000-000000000002"
OTHER = "3f6b2c1e-0000-4000-8000-000000000003"


class WhatIf(SystemTest):
    def grouped(self, lines, **environment):
        tenant = self.tenant({"name": "contoso", "type": "production", "schema": "contoso", "security_group": GROUP,
                              **environment}).migrate()
        tenant.sync(lines)
        return tenant

    def other(self, tenant, **environment):
        """Another configuration beside the present one."""
        with open(tenant.config, encoding="utf-8") as file:
            configuration = json.load(file)
        for key, value in environment.items():
            if value is None:
                configuration["environments"][0].pop(key, None)
            else:
                configuration["environments"][0][key] = value
        path = os.path.join(tenant.folder, "new.yaml")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(configuration, file)
        return path

    def ask(self, tenant, *arguments, expect=0):
        """(gains, losses) of contoso as {user: (reason, reason now)}; and that nothing was written."""
        before = tenant.rows(), tenant.changes(), tenant.value("SELECT version FROM directory.mirror")
        environment = tenant.json("plan", *arguments, expect=expect)["environments"][0]
        self.assertEqual(before, (tenant.rows(), tenant.changes(), tenant.value("SELECT version FROM directory.mirror")))
        self.assertEqual((environment["gain"], environment["lose"]), (len(environment["gains"]), len(environment["losses"])))
        return tuple({u["object_id"]: (u["reason"], u["reason_now"]) for u in environment[key]} for key in ("gains", "losses"))

    def test_without_the_security_group_everybody_with_a_licence_comes_in(self):
        tenant = self.grouped([*(user(n) for n in range(1, 5)), user(5, **NO_PLANS), group(GROUP, [guid(1), guid(2)])])
        gains, losses = self.ask(tenant, "--what-if", self.other(tenant, security_group=None))
        self.assertEqual(gains, {guid(n): ("entitled", "not_in_security_group") for n in (3, 4)})
        self.assertEqual(losses, {})

    def test_an_emptied_group_keeps_everybody_out(self):
        tenant = self.grouped([*(user(n) for n in range(1, 5)), group(GROUP, [guid(1), guid(2)])])
        gains, losses = self.ask(tenant, "--without-group", GROUP.upper())
        self.assertEqual((gains, losses), ({}, {guid(n): ("not_in_security_group", "entitled") for n in (1, 2)}))
        done = tenant.run("plan", "--without-group", GROUP)
        self.assertIn("contoso: 0 would gain access, 2 would lose it", done.stdout)
        self.assertIn("! user1@contoso.example  disable (not_in_security_group), now keep (entitled)", done.stdout)

    def test_a_nested_group_matters_to_whom_nothing_else_lets_in(self):
        tenant = self.grouped([user(1), user(2), user(3), group(GROUP, [guid(1)], groups=[INNER, OTHER]),
                               group(INNER, [guid(1), guid(2), guid(3)]), group(OTHER, [guid(3)])],
                              nested_groups="first_access")
        for number in (1, 2, 3):  # as first access would have done
            if tenant.row(number) is None:
                tenant.sql(f"INSERT INTO contoso.systemuser (systemuserid, domainname, azureactivedirectoryobjectid, islicensed) "
                           f"VALUES (gen_random_uuid(), 'user{number}@contoso.example', '{guid(number)}', true)")
        gains, losses = self.ask(tenant, "--without-group", INNER)
        self.assertEqual((gains, losses), ({}, {guid(2): ("not_in_security_group", "nested_member")}))

    def test_a_leaver_loses_and_only_that_one(self):
        tenant = self.grouped([*(user(n) for n in range(1, 5)), group(GROUP, [guid(1), guid(2)])])
        gains, losses = self.ask(tenant, "--without-user", "USER1@contoso.example", "--without-user", guid(3))
        self.assertEqual((gains, losses), ({}, {guid(1): ("not_in_directory", "entitled")}))

    def test_what_the_next_sync_does_anyway_is_no_difference(self):
        tenant = self.grouped([*(user(n) for n in range(1, 5)), group(GROUP, [guid(1), guid(2)])])
        tenant.write([user(1, accountEnabled=False), user(2), user(3), user(4), group(GROUP, [guid(1), guid(2)])])
        tenant.run("plan")
        gains, losses = self.ask(tenant, "--what-if", self.other(tenant, security_group=None))
        self.assertEqual((set(gains), losses), ({guid(3), guid(4)}, {}))

    def test_the_directory_is_not_read(self):
        tenant = self.grouped([user(1), group(GROUP, [guid(1)])])
        os.remove(os.path.join(tenant.folder, "tenant.jsonl"))
        self.ask(tenant, "--without-user", guid(1))

    def test_the_guard_and_missing_facts_are_told(self):
        tenant = self.grouped([*(user(n) for n in range(1, 41)), group(GROUP, [guid(n) for n in range(1, 41)])])
        done = tenant.run("plan", "--without-group", GROUP)
        self.assertIn("the guard would hold them: disqualified: 40 disables are wanted", done.stdout)
        done = tenant.run("plan", "--what-if", self.other(tenant, security_group=OTHER), expect=75)
        self.assertIn("nobody would gain or lose access", done.stdout)
        self.assertIn(f"security group {OTHER} cannot be read (the group was not part of any pull yet)", done.stdout)

    def test_environments_of_one_configuration_alone(self):
        tenant = self.grouped([user(1), group(GROUP, [guid(1)])])
        done = tenant.run("plan", "--what-if", self.other(tenant, name="fabrikam"))
        self.assertIn("contoso: not compared: the other configuration does not have it", done.stdout)
        self.assertIn("fabrikam: not compared: only the other configuration has it", done.stdout)

    def test_what_is_asked_wrongly(self):
        tenant = self.grouped([user(1), group(GROUP, [guid(1)])])
        self.assertIn(f"environments name {GROUP}", tenant.run("plan", "--without-group", "sales", expect=64).stderr)
        tenant.run("plan", "--without-user", "nobody@contoso.example", expect=64)
        tenant.run("plan", "--what-if", "/nowhere.yaml", expect=78)
        tenant.run("plan", "--without-user", guid(1), "--out", "x", expect=64)
        tenant.run("plan", "--without-user", guid(1), "--full", expect=64)
        self.assertIn("type", tenant.run("plan", "--what-if", self.other(tenant, type="moon"), expect=78).stderr)


if __name__ == "__main__":
    main()
