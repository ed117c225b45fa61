"""The demonstration's tenant: small, but every kind of user and every reason code."""

import json
import os
import re
import subprocess

from support import DVSYNC, SystemTest, main

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
FOLDER = os.path.join(ROOT, "scripts", "demo-tenant")

# Every code of docs/rules.md, but those of rows without an object id, which belong to nobody who could be explained.
CODES = {
    "application_user", "support_user", "delegated_admin", "deleted_in_dataverse", "no_dataverse_database",
    "not_in_directory", "soft_deleted", "account_disabled", "not_in_security_group", "group_owner", "nested_member",
    "no_license", "guest_no_license", "no_license_kept", "free_plan", "app_pass", "tenant_marketing_license",
    "trial_on_demand_only", "teams_on_demand_only", "developer_creator_only", "entitled", "entitled_admin",
    "entitled_non_interactive", "entitled_administrative", "entitled_creator", "manually_disabled", "directory_unknown",
    "security_group_unknown", "roles_unknown", "license_unknown", "identity_incomplete", "invalid_value",
    "user_name_missing",
}


def read(name):
    with open(os.path.join(FOLDER, name), encoding="utf-8") as file:
        return file.read()


class Demo(SystemTest):
    def setUp(self):
        self.demo = self.tenant()
        text = read("dvsync.yaml").replace("@CONNECTION@", self.demo.connection)
        with open(self.demo.config, "w", encoding="utf-8") as file:
            file.write(text)
        self.marketing = os.path.join(self.demo.folder, "marketing.yaml")
        with open(self.marketing, "w", encoding="utf-8") as file:
            file.write(re.sub("^directory: {", "directory: { marketing_license: true,", text, flags=re.M))
        self.seen = set()

    def ids(self):
        lines = [json.loads(line) for name in ("monday.jsonl", "tuesday.jsonl") for line in read(name).splitlines()]
        people = {line["id"] for line in lines if line["@odata.type"].endswith("user")}
        return sorted(people | {f"6a0c8f52-0000-4000-8000-0000000001{n:02d}" for n in (1, 2, 3)})

    def look(self, *triggers, config=None):
        """The deciding codes of everybody, everywhere; in the answer, by environment and user."""
        found = {}
        for trigger in triggers:
            for object_id in self.ids():
                done = subprocess.run([DVSYNC, "explain", object_id, "--json", "--trigger", trigger, "--config",
                                       config or self.demo.config], capture_output=True, text=True, check=True)
                for environment in json.loads(done.stdout)["environments"]:
                    codes = {environment["reason"], environment.get("missing")}
                    codes |= {(environment.get("rejected") or "").split(":")[0]}
                    codes |= {gate["reason"] for gate in environment.get("gates", [])}
                    self.seen |= codes & CODES
                    found[environment["environment"], int(object_id[-3:])] = environment["reason"]
        return found

    def test_shows_every_reason_and_ends_with_nothing_to_do(self):
        demo = self.demo
        demo.migrate()
        demo.sync([read("monday.jsonl")])
        monday = self.look("background", "first_access")
        self.look("on_demand", config=self.marketing)
        self.assertEqual(monday["workbench", 17], "entitled_creator")
        demo.sql(read("meanwhile.sql"))
        rows = "SELECT * FROM contoso.systemuser WHERE azureactivedirectoryobjectid IS NULL ORDER BY domainname"
        strangers = demo.sql(rows)
        self.assertEqual(len(strangers), 4, "SYSTEM, INTEGRATION, a stub, support")
        demo.sync([read("tuesday.jsonl")])
        tuesday = self.look("background")
        self.assertEqual(tuesday["contoso", 14], "entitled_non_interactive")
        self.assertEqual(tuesday["partners", 5], "no_license_kept")
        roles = "SELECT u.domainname, r.name FROM contoso.systemuserroles JOIN contoso.role r USING (roleid) JOIN contoso.systemuser u USING (systemuserid) ORDER BY 1, 2"
        self.assertEqual(dict(demo.sql(roles))["imported@contoso.example"], "Salesperson")
        self.assertEqual(dict(demo.sql(roles))["ana@contoso.example"], "Basic User")
        team = "SELECT u.domainname FROM contoso.teammembership JOIN contoso.systemuser u USING (systemuserid) ORDER BY 1"
        self.assertIn(["ana@contoso.example"], demo.sql(team))
        access = demo.sql(roles), demo.sql(team)
        before = demo.rows()
        users = [line for line in read("tuesday.jsonl").splitlines() if "graph.user\",\"id" in line[:60]]
        broken = [re.sub(r',"assignedPlans":\[[^]]*\]', "", line) + "\n" for line in users if '"Ana"' not in line]
        demo.sync([*broken, '{"@odata.type":"#microsoft.graph.directoryRole"}\n'], expect=75)
        self.assertEqual(demo.rows(), before, "what the directory did not say is never a no")
        self.assertEqual((demo.sql(roles), demo.sql(team)), access)
        self.look("background")
        self.assertEqual(CODES - self.seen, set())
        whole = [line + "\n" for line in read("tuesday.jsonl").splitlines()]
        demo.sync(whole)
        self.assertEqual(demo.rows(), before)
        self.assertIn("Nothing to do.", demo.sync(whole).stdout)
        self.assertEqual(demo.sql(rows), strangers, "nobody's rows are nobody's business")
        demo.run("user", "reassign", "imported@contoso.example", "ana@contoso.example", "--environment", "contoso")
        owners = demo.sql("SELECT DISTINCT domainname FROM contoso.account JOIN contoso.systemuser ON systemuserid = ownerid")
        self.assertEqual(owners, [["ana@contoso.example"]])


class Story(SystemTest):
    def test_is_short_and_narrow_and_comes_to_the_point(self):
        done = subprocess.run([os.path.join(ROOT, "scripts", "demo")], capture_output=True, text=True, env={**os.environ, "DVSYNC": os.path.abspath(DVSYNC)})
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = [re.sub("\x1b\\[[0-9;]*m", "", line) for line in done.stdout.splitlines()]
        self.assertLessEqual(len(lines), 250)
        self.assertEqual([line for line in lines if len(line) > 80], [])
        explained = next(number for number, line in enumerate(lines) if line.startswith("$ dvsync explain ana@"))
        self.assertLess(explained, 60 - 20, "the whole explanation")
        self.assertIn("      0 row type        passed: a directory user's row", "\n".join("  " + line for line in lines))


if __name__ == "__main__":
    main()
