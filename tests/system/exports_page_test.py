"""The shell lines of docs/exports.md, run as they stand: an Azure CLI that answers as Graph does, and the file in a sync."""

import json
import os
import re
import subprocess

from support import GLOBAL, NO_PLANS, SystemTest, guid, main, user

PROJECT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SALES = "3f6b2c1e-0000-4000-8000-000000000001"
ROOT = "https://graph.microsoft.com/v1.0/"

AZ = """#!/usr/bin/env python3
import json, sys, urllib.parse
url = urllib.parse.unquote(sys.argv[sys.argv.index("--url") + 1])
answers = json.load(open(sys.argv[0] + ".json"))
found = [answer for key, answer in answers.items() if url.startswith(key)]
sys.exit("no answer to " + url) if len(found) != 1 else print(json.dumps(found[0], indent=2))
"""


def block_under(heading):
    with open(os.path.join(PROJECT, "docs", "exports.md"), encoding="utf-8") as file:
        section = file.read().split(f"## {heading}\n", 1)[1]
    return re.search(r"```sh\n(.*?)```", section, re.S).group(1)


def principal(number, kind="user"):
    return {"@odata.type": f"#microsoft.graph.{kind}", "id": guid(number), "displayName": "somebody"}


class ExportsPage(SystemTest):
    def answer(self, folder, answers):
        with open(os.path.join(folder, "az"), "w", encoding="utf-8") as file:
            file.write(AZ)
        os.chmod(file.name, 0o755)
        with open(file.name + ".json", "w", encoding="utf-8") as file:
            json.dump({ROOT + key: value for key, value in answers.items()}, file)

    def export(self, tenant, answers):
        self.answer(tenant.folder, answers)
        return subprocess.run(["bash", "-c", block_under("graph-jsonl, with the Azure CLI")], cwd=tenant.folder, capture_output=True, text=True,
                              env={**os.environ, "PATH": f"{tenant.folder}:{os.environ['PATH']}", "GROUPS_TO_READ": SALES})

    def test_the_azure_cli(self):
        tenant = self.tenant({"name": "contoso", "schema": "contoso", "security_group": SALES}).migrate()
        plain = lambda *numbers, **facts: [{k: v for k, v in user(n, **facts).items() if k != "@odata.type"} for n in numbers]
        answers = {
            "users?$top=999&$select=id,": {"@odata.context": ROOT + "$metadata#users(id)", "@odata.nextLink": ROOT + "users?$skiptoken=2",
                                           "value": plain(1, 2)},
            "users?$skiptoken=2": {"@odata.context": ROOT + "$metadata#users(id)", "value": plain(3) + plain(4, **NO_PLANS)},
            f"groups/{SALES}/members?": {"value": [principal(1), principal(3), principal(8, "device")]},
            f"groups/{SALES}/owners?": {"value": []},
            **{f"roleManagement/directory/roleAssignments?$filter=roleDefinitionId eq '{role}'": {"value": [{"principal": principal(4)}] if role == GLOBAL else []}
               for role in (GLOBAL, "11648597-926c-4cf3-9c36-bcebb0ba8dcc", "44367163-eba1-44c3-98af-f5787879f96a")}}
        done = self.export(tenant, answers)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(os.stat(os.path.join(tenant.folder, "tenant.jsonl")).st_mode & 0o077, 0)
        tenant.run("sync")
        self.assertEqual([tenant.state(number) for number in (1, 2, 3, 4)], ["E", "-", "E", "E"], "the last as an administrator")

    def test_a_failed_request_leaves_the_old_file(self):
        tenant = self.tenant()
        tenant.write(["old\n"])
        self.assertNotEqual(self.export(tenant, {"users?$top=999": {"value": []}}).returncode, 0)
        with open(os.path.join(tenant.folder, "tenant.jsonl"), encoding="utf-8") as file:
            self.assertEqual(file.read(), "old\n")


if __name__ == "__main__":
    main()
