"""The operator's page in a real browser, in front of the real daemon on a real database. The scenarios lie in tests/page."""

import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import unittest

from daemon_support import DaemonTest
from support import free_port, guid, main, user

FOLDER = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "page")
HOSTILE = "<script>window.hacked=1</script>@contoso.example"
HOSTILE_TITLE = '<img src=x onerror="window.hacked=1"><b>chief</b>'
LEFT = range(3, 40)  # who left the directory, of the 40 that were there


def missing():
    """Why no browser can be driven here; CI must be able to."""
    lacking = [] if shutil.which("chromium") else ["chromium is not installed"]
    if not os.path.exists(os.path.join(FOLDER, "node_modules", ".package-lock.json")):
        lacking.append("`npm ci --ignore-scripts` was not run in tests/page")
    return "" if os.environ.get("CI") else "; ".join(lacking)


class PageTest(DaemonTest):
    def served(self, environments=None, **settings):
        """A tenant whose daemon serves the page on a port, with a token for an operator and one for a viewer."""
        tenant = self.tenant(*environments) if environments else self.tenant()
        self.port = free_port()
        tenant.settings.update({"schedule": self.schedule, "safety": {"max_disables": 3},
                                "console": {"listen": f"127.0.0.1:{self.port}", "tokens_file": "tokens"}, **settings})
        tenant.configure()
        self.token, self.viewer = (tenant.run("console", "token", *who).stdout.strip() for who in (["ana", "--role", "operator"], ["bob"]))
        return tenant

    def started(self, tenant, runs=1):
        daemon = self.daemon(tenant)
        daemon.wait_for("listening at")
        self.wait_for_runs(tenant, runs)
        return daemon

    def troubled(self):
        """A daemon after three runs: names and titles are hostile, one record is rejected, and the guard holds who left."""
        tenant = self.served()
        tenant.migrate()
        strange = {"userPrincipalName": HOSTILE, "displayName": "A\u202eB <b>bold</b>"}
        there = [user(n) for n in range(1, 40)]
        tenant.write([user(0, **strange), *there])
        daemon = self.started(tenant)
        tenant.write([user(0, **strange, jobTitle=HOSTILE_TITLE), *there, user(40, jobTitle="a\0b")])
        daemon.send(signal.SIGUSR1)
        self.wait_for_runs(tenant, 2)
        tenant.write([user(0, **strange, jobTitle=HOSTILE_TITLE), user(1), user(2), user(40, jobTitle="a\0b")])
        daemon.send(signal.SIGUSR1)
        self.wait_for_runs(tenant, 1, "outcome = 'held'")
        self.run_id = int(tenant.value("SELECT max(run_id) FROM contoso.sync_run WHERE outcome = 'held'"))
        return tenant, daemon

    def drive(self, scenario, **told):
        """Runs a scenario of tests/page; what it finds wrong is this test's failure."""
        told = {"url": f"http://127.0.0.1:{self.port}", "token": self.token, "viewer": self.viewer, **told}
        done = subprocess.run(["node", "drive.js", scenario], cwd=FOLDER, capture_output=True, text=True, timeout=800,
                              env={**os.environ, "DVSYNC_PAGE": json.dumps(told)})
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def get(self, path, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        text = response.read().decode()
        connection.close()
        return response, text


@unittest.skipIf(missing(), missing())
class Page(PageTest):
    def test_an_operator_finds_a_user_and_approves_a_hold(self):
        tenant, daemon = self.troubled()
        self.assertEqual(tenant.state(39), "E")
        self.drive("story", user="user39@contoso.example", other="user1@contoso.example", run=self.run_id, environment="contoso", comment="CHG-4711 <i>urgent</i>")
        self.assertEqual([tenant.state(n) for n in (39, 38, 1)], ["not_in_directory", "E", "E"])
        answered = tenant.json("log", "--by", "ana")["runs"]
        self.assertIn((self.run_id, "CHG-4711 <i>urgent</i>"), [(run["answers"], run["comment"]) for run in answered])
        daemon.stop()

    def test_every_view_in_every_look(self):
        _, daemon = self.troubled()
        self.drive("views", hostile=HOSTILE, person=guid(0), run=self.run_id, environment="contoso")
        daemon.stop()

    def test_the_keyboard_alone(self):
        _, daemon = self.troubled()
        self.drive("keyboard", person=guid(0), run=self.run_id, environment="contoso")
        daemon.stop()

    def test_who_may_what(self):
        _, daemon = self.troubled()
        self.drive("access", run=self.run_id, person=guid(39))
        said = daemon.stop()
        for token in (self.token, self.viewer):
            self.assertNotIn(token, said)

    def test_a_thousand_environments(self):
        """Ten of them with a schema: the page lists what cannot be asked as well."""
        there = [{"name": "contoso", "schema": "contoso"}, *({"name": f"contoso-{n}", "schema": f"contoso{n}"} for n in range(1, 10))]
        tenant = self.served(environments=[{"type": "production", **each} for each in there])
        tenant.migrate()
        tenant.write([user(n) for n in range(3)])
        tenant.run("sync")
        tenant.environments += [{"name": f"branch-{n:03}", "type": "production", "schema": f"branch{n}"} for n in range(990)]
        tenant.configure()
        daemon = self.started(tenant)
        self.drive("thousand", environments=[each["name"] for each in tenant.environments], found="contoso-7")
        daemon.stop()

    def test_how_the_files_are_served(self):
        _, daemon = self.troubled()
        index, html = self.get("/")
        self.assertEqual(index.status, 200)
        for name, value in {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-cache"}.items():
            self.assertEqual(index.headers[name], value)
        self.assertIn("frame-ancestors 'none'", index.headers["Content-Security-Policy"])
        self.assertEqual(self.get("/", If_None_Match=index.headers["ETag"])[0].status, 304)
        names = [word.split('"')[0] for word in html.split('"assets/')[1:]]
        self.assertEqual(len(names), 3)
        for name in names:
            asset, _ = self.get(f"/assets/{name}")
            self.assertEqual((asset.status, asset.headers["Cache-Control"]), (200, "public, max-age=31536000, immutable"))
        self.assertEqual(self.get("/assets/../../etc/passwd")[0].status, 404)
        daemon.stop()

    @unittest.skipUnless(os.environ.get("DVSYNC_SCREENSHOTS"), "DVSYNC_SCREENSHOTS names no folder: the pictures of docs/console.md stay as they are")
    def test_screenshots(self):
        tenant, daemon = self.troubled()
        self.drive("screenshots", folder=os.path.abspath(os.environ["DVSYNC_SCREENSHOTS"]), person=guid(39), environment="contoso")
        daemon.stop()


@unittest.skipIf(missing(), missing())
class Types(unittest.TestCase):
    def test_the_page_and_its_tests_agree_with_the_description(self):
        """docs/openapi.json becomes types; the page may use nothing that is not described."""
        done = subprocess.run(["npm", "run", "--silent", "check"], cwd=FOLDER, capture_output=True, text=True, timeout=300)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    if missing():
        print(f"the page is not looked at: {missing()}", file=sys.stderr)
    main()
