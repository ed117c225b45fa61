"""The daemon's HTTP: probes, metrics, the API against its description, who may act, hostile clients, and a proxy in front."""

import base64
import datetime
import grp
import http.client
import json
import os
import pwd
import re
import shutil
import signal
import socket
import ssl
import stat
import subprocess
import sys
import tempfile
import time
import unittest
import warnings

import jsonschema

from daemon_support import DaemonTest
from support import main, user, wait_until

PROJECT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
with open(os.path.join(PROJECT, "docs", "openapi.json"), encoding="utf-8") as file:
    OPENAPI = json.load(file)


def schema_of(method, path, status):
    """The schema of an answer, by the described path that fits."""
    for described, methods in OPENAPI["paths"].items():
        if re.fullmatch("/api/v1" + re.sub(r"\{\w+\}", "[^/]+", re.escape(described).replace(r"\{", "{").replace(r"\}", "}")), path):
            if method.lower() not in methods:
                continue
            responses = methods[method.lower()]["responses"]
            answer = responses.get(str(status), responses["default"])
            return {**answer["content"]["application/json"]["schema"], "components": OPENAPI["components"]}
    return None


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=60)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(60)
        self.sock.connect(self.path)


class Answer:
    def __init__(self, response, text):
        self.status = response.status
        self.headers = response.headers
        self.text = text

    def json(self):
        return json.loads(self.text)


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class ConsoleTest(DaemonTest):
    def served(self, users=3, environments=None, every="1h", **console):
        """A tenant with a daemon whose console listens, after its first run."""
        tenant = self.tenant(*environments) if environments else self.tenant()
        self.socket = os.path.join(tenant.folder, "console.sock")
        tenant.settings["schedule"] = {**self.schedule, "every": every}
        tenant.settings["console"] = {"listen": f"unix:{self.socket}", **console}
        tenant.settings["safety"] = {"max_disables": 3}
        tenant.configure()
        tenant.migrate()
        tenant.write([user(n) for n in range(users)])
        self.tenant_served = tenant
        return tenant, self.started(tenant)

    def started(self, tenant):
        daemon = self.daemon(tenant)
        daemon.wait_for("listening at")
        self.wait_for_runs(tenant, 1)
        wait_until(lambda: self.get("/readyz").status == 200)
        return daemon

    def connection(self):
        return UnixConnection(self.socket)

    def ask(self, method, path, body=None, connection=None, **headers):
        connection = connection or self.connection()
        connection.request(method, path, body=None if body is None else json.dumps(body), headers={k.replace("_", "-"): v for k, v in headers.items()})
        response = connection.getresponse()
        answer = Answer(response, response.read().decode())
        connection.close()
        schema = schema_of(method, path.split("?")[0], answer.status)
        if schema is not None and method != "HEAD":
            jsonschema.Draft202012Validator(schema).validate(answer.json())
        return answer

    def get(self, path, **headers):
        return self.ask("GET", path, **headers)

    def api(self, path, expect=200, **headers):
        answer = self.get("/api/v1" + path, **headers)
        self.assertEqual(answer.status, expect, answer.text)
        return answer.json()

    def post(self, path, body=None, expect=202, **headers):
        token = self.api("/session", **{k: v for k, v in headers.items() if k in ("Authorization", "X_Remote_User")})["token"]
        answer = self.ask("POST", "/api/v1" + path, body or {}, **{"X-Dvsync-Token": token, "Content-Type": "application/json", **headers})
        self.assertEqual(answer.status, expect, answer.text)
        return answer.json()

    def done(self, operation, state="done", **headers):
        wait_until(lambda: self.api(f"/operations/{operation['operation']}", **headers)["state"] in ("done", "failed"))
        found = self.api(f"/operations/{operation['operation']}", **headers)
        self.assertEqual(found["state"], state, found)
        return found

    def held_run(self, tenant, daemon, leave=range(3, 40)):
        """The guard holds what a run wants to disable."""
        tenant.write([user(n) for n in range(40) if n not in leave])
        daemon.send(signal.SIGUSR1)
        self.wait_for_runs(tenant, 1, "outcome = 'held'")
        return int(tenant.value("SELECT max(run_id) FROM contoso.sync_run WHERE outcome = 'held'"))


class Probes(ConsoleTest):
    def test_probes_and_the_socket(self):
        tenant, daemon = self.served()
        self.assertEqual((self.get("/healthz").text, self.get("/readyz").text), ("ok\n", "working\n"))
        self.assertEqual(stat.S_IMODE(os.stat(self.socket).st_mode), 0o660)
        head = self.ask("HEAD", "/healthz")
        self.assertEqual((head.status, head.headers["Content-Length"], head.text), (200, "3", ""))
        self.assertEqual(self.ask("POST", "/healthz").status, 405)
        for path in ("/healthz/", "/metrics/x", "/api", "/api/v1", "/api/v2/status", "/../etc/passwd", "/%2e%2e/etc/passwd", "/api%2Fv1%2Fstatus", "//healthz"):
            self.assertEqual(self.get(path).status, 404, path)
        daemon.stop()
        self.assertFalse(os.path.exists(self.socket))

    def test_one_that_stands_by_is_ready_and_one_without_a_database_is_not(self):
        tenant, daemon = self.served()
        first = self.socket
        self.socket = os.path.join(tenant.folder, "second.sock")
        tenant.settings["console"]["listen"] = f"unix:{self.socket}"
        tenant.configure()
        second = self.daemon(tenant)
        second.wait_for("standing by")
        wait_until(lambda: self.get("/readyz").text == "standing_by\n")
        self.assertEqual(self.api("/status")["mirror"]["daemon"]["has_lease"], True, "who stands by can be asked as well")
        second.stop()
        tenant.settings["database"] = {"connection": "host=/nowhere dbname=none"}
        self.socket = os.path.join(tenant.folder, "third.sock")
        tenant.settings["console"]["listen"] = f"unix:{self.socket}"
        tenant.connection = "host=/nowhere dbname=none"
        tenant.configure()
        third = self.daemon(tenant)
        third.wait_for("listening at")
        wait_until(lambda: self.get("/readyz").text == "out_of_reach\n")
        self.assertEqual((self.get("/readyz").status, self.get("/healthz").status), (503, 200))
        third.stop()
        self.socket = first
        self.assertEqual(self.get("/readyz").status, 200)
        daemon.stop()

    def test_metrics_are_whole_before_and_after_a_run(self):
        tenant, daemon = self.served()
        wait_until(lambda: 'dvsync_held_decisions{class="absent",environment="contoso"} 0' in self.get("/metrics").text)
        answer = self.get("/metrics")
        self.assertEqual(answer.headers["Content-Type"], "text/plain; version=0.0.4; charset=utf-8")
        self.assertIn('dvsync_changes_total{action="disable",environment="contoso",reason="not_in_directory"} 0', answer.text)
        self.assertIn('dvsync_changes_total{action="update",environment="contoso",reason="entitled"} 0', answer.text)
        self.assertIn('dvsync_changes_total{action="create",environment="contoso",reason="entitled"} 3', answer.text)
        self.assertRegex(answer.text, r'dvsync_build_info\{version="\d+\.\d+\.\d+"\} 1\n')
        self.assertGreater(float(re.search(r"\ndvsync_next_run_timestamp_seconds (\S+)", answer.text).group(1)), time.time())
        self.assertGreater(int(re.search(r"\ndvsync_database_sessions (\d+)", answer.text).group(1)), 0)
        if promtool := shutil.which("promtool"):
            checked = subprocess.run([promtool, "check", "metrics"], input=answer.text, capture_output=True, text=True)
            self.assertEqual((checked.returncode, checked.stdout + checked.stderr), (0, ""))
        else:
            print("promtool is not installed: `check metrics` is left out", file=sys.stderr)
        daemon.stop()

    def test_what_is_held_is_told_with_its_age(self):
        tenant, daemon = self.served(users=40)
        self.held_run(tenant, daemon)
        wait_until(lambda: 'dvsync_held_decisions{class="absent",environment="contoso"} 37' in self.get("/metrics").text)
        with open(os.path.join(PROJECT, "monitoring", "alerts.yml"), encoding="utf-8") as rules:
            asked = set(re.findall(r"\bdvsync_[a-z_]+", rules.read()))
        self.assertLessEqual(asked, set(re.findall(r"^dvsync_[a-z_]+", self.get("/metrics").text, re.MULTILINE)))
        since = re.search(r'\ndvsync_held_since_timestamp_seconds\{class="absent",environment="contoso"\} (\S+)', self.get("/metrics").text)
        self.assertLess(abs(float(since.group(1)) - time.time()), 3600)
        daemon.stop()

    def test_it_moves_at_a_reload(self):
        tenant, daemon = self.served()
        before = self.socket
        self.socket = os.path.join(tenant.folder, "other.sock")
        tenant.settings["console"] = {"listen": f"unix:{self.socket}", "operators": ["nobody"]}
        tenant.configure()
        daemon.send(signal.SIGHUP)
        daemon.wait_for("listening at", "other.sock")
        self.assertEqual(self.get("/healthz").status, 200)
        self.assertFalse(os.path.exists(before))
        del tenant.settings["console"]
        tenant.configure()
        daemon.send(signal.SIGHUP)
        wait_until(lambda: not os.path.exists(self.socket))
        daemon.stop()


class Reading(ConsoleTest):
    def same(self, answer, *command):
        self.assertEqual(answer, self.tenant_served.json(*command))

    def test_the_answers_are_those_of_the_commands(self):
        tenant, daemon = self.served(users=40)
        tenant.write([user(n, jobTitle="<script>alert(1)</script>") if n == 0 else user(n) for n in range(40)] + [user(40, jobTitle="a\0b")])
        daemon.send(signal.SIGUSR1)
        self.wait_for_runs(tenant, 2)
        run = self.held_run(tenant, daemon)
        moving = re.compile(r'"\w*(?:seconds|seconds_ago)":-?\d+|"since":"[^"]*"')  # ages, and what is counted back from one
        status, told = (moving.sub("", json.dumps(each, separators=(",", ":"))) for each in (self.api("/status"), tenant.json("status")))
        self.assertEqual(status, told)
        since = datetime.datetime.fromisoformat(self.api("/status")["findings"][0]["since"].replace("Z", "+00:00"))
        self.assertLess(abs(time.time() - since.timestamp()), 600)
        self.assertEqual(self.api("/runs")["runs"], tenant.json("log")["runs"])
        self.assertEqual(self.api("/runs?limit=1")["more"], True)
        self.assertEqual([each["run_id"] for each in self.api("/runs?outcome=held")["runs"]], [run])
        logged = tenant.json("log", "--run", str(run))["runs"][0]
        mine = self.api(f"/runs/{run}")["runs"][0]
        self.assertEqual(self.api(f"/runs/{run}/changes")["changes"], logged.pop("changes"))
        self.assertEqual(mine, logged)
        self.assertEqual(len(mine["holds"]), 37)
        self.assertEqual(self.api("/held")["runs"], [mine])
        self.assertIn("absent: 37 disables are wanted", mine["held_because"][0])
        self.assertEqual(self.api("/changes?user=user0@contoso.example")["changes"], tenant.json("log", "--user", "user0@contoso.example")["changes"])
        self.assertIn("<script>", self.get("/api/v1/changes?user=user0@contoso.example").text)
        self.same({key: value for key, value in self.api("/explain?user=user5@contoso.example").items() if key != "errors"}, "explain", "user5@contoso.example")
        self.assertEqual([each["user_name"] for each in self.api("/people?q=user39")["candidates"]], ["user39@contoso.example"])
        self.assertEqual(self.api("/changes?action=create&limit=5")["more"], True)
        daemon.stop()

    def test_what_is_rejected(self):
        tenant, daemon = self.served()
        tenant.write([user(0), user(1, jobTitle="a\0b")])
        daemon.send(signal.SIGUSR1)
        self.wait_for_runs(tenant, 2)
        self.assertEqual(self.api("/rejected")["rejected"], tenant.json("log", "--rejected")["rejected"])
        self.assertEqual(len(self.api("/rejected")["rejected"]), 1)
        daemon.stop()

    def test_several_environments_one_of_them_away(self):
        environments = [{"name": "contoso", "schema": "contoso"}, {"name": "fabrikam", "schema": "fabrikam"}, {"name": "empty", "type": "none"}]
        tenant, daemon = self.served(environments=environments)
        self.assertEqual({run["environment"] for run in self.api("/runs")["runs"]}, {"contoso", "fabrikam"})
        self.assertEqual({run["environment"] for run in self.api("/runs?environment=fabrikam")["runs"]}, {"fabrikam"})
        self.assertEqual([each["environment"] for each in self.api("/explain?user=user0@contoso.example")["environments"]], ["contoso", "fabrikam", "empty"])
        tenant.sql("ALTER SCHEMA fabrikam RENAME TO away")
        wait_until(lambda: self.api("/runs")["errors"], what="an answer that is no older than a second")
        answer = self.api("/runs")
        self.assertEqual([each["environment"] for each in answer["errors"]], ["fabrikam"])
        self.assertEqual({run["environment"] for run in answer["runs"]}, {"contoso"})
        tenant.sql("ALTER SCHEMA away RENAME TO fabrikam")
        daemon.stop()

    def test_what_is_not_there_is_said(self):
        tenant, daemon = self.served()
        for path, status in {"/runs/999": 404, "/runs/0": 400, "/runs/x": 400, "/runs?limit=0": 400, "/runs?limit=1001": 400, "/runs?bogus=1": 400,
                             "/runs?environment=bogus": 400, "/people": 400, "/explain": 400, "/explain?user=nobody@x": 404, "/explain?user=user": 409,
                             "/explain?user=user0@contoso.example&trigger=x": 400, "/operations/7": 404, "/bogus": 404}.items():
            self.api(path, expect=status)
        self.assertEqual(len(self.api("/explain?user=user", expect=409)["candidates"]), 3)
        self.assertEqual(self.api("/openapi.json"), OPENAPI)
        self.assertEqual(self.ask("PUT", "/api/v1/status").status, 405)
        self.assertEqual(self.ask("POST", "/api/v1/status", {}).headers["Allow"], "GET")
        daemon.stop()


class Acting(ConsoleTest):
    def test_a_hold_is_approved_by_name(self):
        tenant, daemon = self.served(users=40)
        run = self.held_run(tenant, daemon)
        operation = self.post(f"/runs/{run}/approve", {"comment": "CHG-4711", "users": ["user39@contoso.example"]})
        me = pwd.getpwuid(os.getuid()).pw_name
        self.assertEqual((operation["act"], operation["by"]), ("approve", me))
        report = self.done(operation)["result"]
        self.assertEqual(report["environments"][0]["counters"]["disabled"], 1)
        logged = tenant.json("log", "--run", str(report["run_id"]))["runs"][0]
        self.assertEqual((logged["requested_by"], logged["comment"], logged["answers"]), (me, "CHG-4711", run))
        self.assertEqual(tenant.state(39), "not_in_directory")
        daemon.wait_for(f"console: {me} approves run {run} for 1 user: CHG-4711")
        daemon.wait_for("working: this daemon has the lease", count=2)
        daemon.stop()

    def test_a_hold_is_rejected(self):
        tenant, daemon = self.served(users=40)
        run = self.held_run(tenant, daemon)
        result = self.done(self.post(f"/runs/{run}/reject", {"comment": "the export was cut off"}))["result"]
        self.assertEqual((result["rejects"], result["environments"]), (run, [{"name": "contoso", "decisions": 37}]))
        self.assertEqual(self.api("/held")["runs"], [])
        failed = self.done(self.post("/runs/999/reject"), "failed")
        self.assertEqual((failed["error"]["code"], failed["result"]), ("usage", None))
        daemon.stop()

    def test_a_run_is_asked_for(self):
        tenant, daemon = self.served()
        self.assertEqual(self.post("/sync")["asked"], "incremental")
        self.wait_for_runs(tenant, 2)
        self.assertEqual(self.post("/sync", {"full": True})["asked"], "full")
        self.wait_for_runs(tenant, 2, "kind = 'full'")
        daemon.wait_for("asks for a run that looks at everybody")
        daemon.stop()

    def test_users_are_acted_on(self):
        tenant, daemon = self.served()
        act = {"user": "user1@contoso.example", "environment": "contoso"}
        self.assertEqual(self.done(self.post("/users", {"act": "disable", **act}))["result"]["decision"], "disable")
        self.assertEqual(tenant.state(1), "manually_disabled")
        self.assertEqual(self.done(self.post("/users", {"act": "enable", **act}))["result"]["decision"], "enable")
        self.assertEqual(tenant.state(1), "E")
        self.assertEqual(self.done(self.post("/users", {"act": "refresh", **act}))["result"]["decision"], "keep")
        self.assertEqual(self.done(self.post("/users", {"act": "add", "user": "nobody@x", "environment": "contoso"}))["result"]["decision"], "refuse")
        for body in ({"act": "delete", **act}, {"act": "add"}, {"act": "add", **act, "more": 1}, {"act": "add", **act, "environment": "bogus"}, {"act": 1, **act},
                     {"act": "add", **act, "user": "a\0b"}, {"act": "add", **act, "user": "x" * 1001}, []):
            self.post("/users", body or [1], expect=400)
        daemon.stop()

    def test_what_is_forged_does_nothing(self):
        tenant, daemon = self.served()
        token = self.api("/session")["token"]
        ours = {"X-Dvsync-Token": token, "Content-Type": "application/json"}
        for headers in ({**ours, "Origin": "https://evil.example"}, {**ours, "Origin": "null"}, {**ours, "Sec-Fetch-Site": "cross-site"},
                        {**ours, "X-Dvsync-Token": token[:-1] + ("0" if token[-1] != "0" else "1")}, {"Content-Type": "application/json"}):
            answer = self.ask("POST", "/api/v1/sync", {}, **headers)
            self.assertEqual((answer.status, answer.json()["error"]["code"]), (403, "forged"), headers)
        self.assertEqual(self.ask("POST", "/api/v1/sync", {}, **{**ours, "Content-Type": "text/plain"}).status, 415)
        self.assertEqual(self.ask("POST", "/api/v1/sync", {}, **ours, Origin="http://localhost").status, 202)
        self.assertEqual(self.ask("GET", "/api/v1/runs/1/approve").status, 405, "no act is a GET")
        daemon.stop()

    def test_acts_are_limited(self):
        tenant, daemon = self.served()
        act = {"act": "invited", "user": "user1@contoso.example", "environment": "contoso"}
        ours = {"X-Dvsync-Token": self.api("/session")["token"], "Content-Type": "application/json"}
        answers = [self.ask("POST", "/api/v1/users", act, **ours).status for _ in range(60)]
        self.assertIn(429, answers)
        self.assertEqual(self.get("/healthz").status, 200)
        daemon.stop()


class Tcp(ConsoleTest):
    def tcp(self, tenant, tls=None):
        self.port = free_port()
        tenant.settings["console"] = {"listen": f"127.0.0.1:{self.port}", "tokens_file": "tokens", **({"tls": tls} if tls else {})}
        tenant.configure()

    def connection(self):
        return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=60, context=self.context) if self.context else http.client.HTTPConnection(
            "127.0.0.1", self.port, timeout=60)

    context = None

    def test_a_token_says_who(self):
        tenant = self.prepared()
        self.tcp(tenant)
        ana = tenant.run("console", "token", "ana", "--role", "operator").stdout.strip()
        bob = tenant.run("console", "token", "bob").stdout.strip()
        with open(os.path.join(tenant.folder, "tokens"), encoding="utf-8") as file:
            kept = file.read()
        self.assertNotIn(ana, kept)
        self.assertNotIn(ana.removeprefix("dvsync_"), kept)
        self.assertEqual(tenant.json("console", "tokens")["tokens"], [{"name": "ana", "role": "operator"}, {"name": "bob", "role": "viewer"}])
        daemon = self.started(tenant)
        self.assertEqual(self.get("/metrics").status, 200, "probes and metrics are anybody's")
        self.assertEqual(self.api("/status", expect=401)["error"]["code"], "unauthenticated")
        self.assertEqual(self.api("/session", Authorization=f"Bearer {bob}")["role"], "viewer")
        self.post("/sync", expect=403, Authorization=f"Bearer {bob}")
        self.assertEqual(self.post("/sync", Authorization=f"Bearer {ana}")["by"], "ana")
        tenant.run("console", "token", "ana", "--revoke")
        self.api("/status", expect=401, Authorization=f"Bearer {ana}")
        tenant.run("console", "token", "ana", "--revoke", expect=64)
        tenant.run("console", "token", "a b", expect=64)
        for _ in range(12):
            last = self.get("/api/v1/status", Authorization="Bearer dvsync_wrong").status
        self.assertEqual(last, 429)
        self.api("/status", expect=429, Authorization=f"Bearer {bob}")
        said = daemon.stop()
        for token in (ana, bob):
            self.assertNotIn(token, said)

    def test_tls(self):
        tenant = self.prepared()
        folder = tenant.folder
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
                        "-keyout", f"{folder}/key.pem", "-out", f"{folder}/cert.pem"], check=True, capture_output=True)
        os.chmod(f"{folder}/key.pem", 0o600)
        self.tcp(tenant, {"certificate_file": "cert.pem", "private_key_file": "key.pem"})
        self.context = ssl.create_default_context(cafile=f"{folder}/cert.pem")
        daemon = self.started(tenant)
        self.assertEqual(self.get("/healthz").text, "ok\n")
        token = tenant.run("console", "token", "ana").stdout.strip()
        self.assertEqual(self.api("/session", Authorization=f"Bearer {token}")["name"], "ana")
        old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        old.check_hostname = False
        old.verify_mode = ssl.CERT_NONE
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            old.maximum_version = ssl.TLSVersion.TLSv1_1
        with self.assertRaises((ssl.SSLError, ConnectionError)):
            old.wrap_socket(socket.create_connection(("127.0.0.1", self.port)))
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as plain:
            plain.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            self.assertNotIn(b"200", plain.recv(1000))
        daemon.stop()


class Check(ConsoleTest):
    def said(self, tenant, expect=78, **console):
        tenant.settings["console"] = console
        tenant.configure()
        return tenant.run("check", "--offline", expect=expect).stdout

    def test_check_says_what_would_not_work(self):
        tenant = self.prepared()
        self.assertIn("console unix:/run/dvsync/console.sock", self.said(tenant, expect=0))
        self.assertNotIn("console", self.said(tenant, expect=0, listen="off"))
        self.assertIn("there is no group no-such-group", self.said(tenant, socket_group="no-such-group"))
        self.assertIn("without `tokens_file` nobody may use the API", self.said(tenant, expect=0, listen="127.0.0.1:8080"))
        for name in ("cert.pem", "key.pem", "tokens"):
            with open(os.open(os.path.join(tenant.folder, name), os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
                file.write("no such thing\n")
        self.assertIn("line 1 is no name, role and hash", self.said(tenant, listen="127.0.0.1:8080", tokens_file="tokens"))
        self.assertIn("cert.pem", self.said(tenant, listen="127.0.0.1:8080", tls={"certificate_file": "cert.pem", "private_key_file": "key.pem"}))


class Hostile(ConsoleTest):
    def test_a_thousand_idle_connections_and_slow_ones_keep_nobody_waiting(self):
        tenant, daemon = self.served()
        open_ones = []
        try:
            for number in range(1000):
                one = socket.socket(socket.AF_UNIX)
                one.connect(self.socket)
                if number % 2:
                    one.sendall(b"GET /healthz HTTP/1.1\r\nX: ")
                open_ones.append(one)
            self.assertEqual(self.get("/healthz").status, 200)
            self.assertEqual(self.api("/status")["needs_attention"], False)
            tenant.run("sync", expect=0)
        finally:
            for one in open_ones:
                one.close()
        descriptors = len(os.listdir(f"/proc/{daemon.process.pid}/fd"))
        self.assertLess(descriptors, 400)
        daemon.stop()

    def raw(self, data):
        with socket.socket(socket.AF_UNIX) as one:
            one.settimeout(60)
            one.connect(self.socket)
            try:
                one.sendall(data)
                one.shutdown(socket.SHUT_WR)
            except OSError:
                pass  # it has hung up: its answer may be there all the same
            got = b""
            try:
                while piece := one.recv(65536):
                    got += piece
            except ConnectionError:
                pass
            return got

    def test_what_is_too_large_broken_or_many_at_once(self):
        tenant, daemon = self.served()
        self.assertTrue(self.raw(b"GET /healthz HTTP/1.1\r\nX: " + b"x" * (1 << 20) + b"\r\n\r\n").startswith(b"HTTP/1.1 431 "))
        self.assertTrue(self.raw(b"POST /api/v1/sync HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000\r\n\r\n" + b"x" * (1 << 20)).startswith(b"HTTP/1.1 413 "))
        self.assertTrue(self.raw(b"POST /api/v1/sync HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n").startswith(b"HTTP/1.1 400 "))
        for junk in (b"\0" * 5000 + b"\r\n\r\n", os.urandom(5000) + b"\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n"):
            self.assertNotIn(b"HTTP/1.1 2", self.raw(junk))
        pipelined = self.raw(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" * 500)
        self.assertEqual(pipelined.count(b"HTTP/1.1 200 OK"), 500)
        memory = int(re.search(r"VmRSS:\s+(\d+)", open(f"/proc/{daemon.process.pid}/status", encoding="utf-8").read()).group(1))
        self.assertLess(memory, 256 * 1024)
        self.assertEqual(self.get("/healthz").status, 200)
        daemon.stop()


@unittest.skipUnless(shutil.which("nginx"), "nginx is not installed")
@unittest.skipUnless(os.getuid() == 0, "only root can be another user, as the proxy is")
class Proxy(ConsoleTest):
    def test_the_documented_nginx(self):
        with open(os.path.join(PROJECT, "docs", "console.md"), encoding="utf-8") as page:
            site = re.search(r"```nginx\n(.*?)```", page.read(), re.DOTALL).group(1)
        group = grp.getgrgid(pwd.getpwnam("www-data").pw_gid).gr_name
        tenant, daemon = self.served(socket_group=group, trusted_header="X-Remote-User", trusted_peer="www-data", operators=["ana"])
        os.chmod(tenant.folder, 0o755)
        port = free_port()
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder)
        os.chmod(folder, 0o755)
        for name in ("ana", "bob"):
            hashed = subprocess.run(["openssl", "passwd", "-apr1", f"secret of {name}"], check=True, capture_output=True, text=True).stdout.strip()
            with open(os.path.join(folder, "users"), "a", encoding="utf-8") as file:
                file.write(f"{name}:{hashed}\n")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-keyout", f"{folder}/key.pem",
                        "-out", f"{folder}/cert.pem"], check=True, capture_output=True)
        for documented, here in {"/run/dvsync/console.sock": self.socket, "listen 443": f"listen 127.0.0.1:{port}", "/etc/nginx/dvsync.users": f"{folder}/users",
                                 "/etc/ssl/certs/dvsync.pem": f"{folder}/cert.pem", "/etc/ssl/private/dvsync.key": f"{folder}/key.pem"}.items():
            self.assertIn(documented, site)
            site = site.replace(documented, here)
        with open(f"{folder}/nginx.conf", "w", encoding="utf-8") as file:
            file.write(f"daemon off; pid {folder}/pid; error_log {folder}/errors; user www-data;\nevents {{}}\nhttp {{ access_log off;\n{site}}}\n")
        nginx = subprocess.Popen(["nginx", "-c", f"{folder}/nginx.conf", "-p", folder], stderr=subprocess.DEVNULL)
        self.addCleanup(nginx.wait)
        self.addCleanup(nginx.terminate)
        context = ssl.create_default_context(cafile=f"{folder}/cert.pem")
        context.check_hostname = False

        def connection():
            return http.client.HTTPSConnection("127.0.0.1", port, timeout=60, context=context)

        def listens():
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                return True
            except OSError:
                return False

        wait_until(listens)
        self.connection = connection
        basic = {name: "Basic " + base64.b64encode(f"{name}:secret of {name}".encode()).decode() for name in ("ana", "bob")}
        stranger = connection()
        stranger.request("GET", "/api/v1/session", headers={"X-Remote-User": "ana"})
        self.assertEqual(stranger.getresponse().status, 401)
        stranger.close()
        known = self.api("/session", Authorization=basic["ana"])
        self.assertEqual((known["name"], known["role"]), ("ana", "operator"))
        forged = self.api("/session", Authorization=basic["bob"], **{"X-Remote-User": "ana"})
        self.assertEqual((forged["name"], forged["role"]), ("bob", "viewer"), "the client's own header is not passed on")
        origin = f"https://127.0.0.1:{port}"
        self.assertEqual(self.post("/sync", Authorization=basic["ana"], Origin=origin)["by"], "ana")
        self.post("/sync", expect=403, Authorization=basic["ana"], Origin="https://evil.example")
        self.post("/sync", expect=403, Authorization=basic["bob"], Origin=origin)
        daemon.stop()


if __name__ == "__main__":
    main()
