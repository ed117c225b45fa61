"""Alarms: told once, reminded of, over; through servers that fail or hang, restarts and takeovers; and never in the way of a run."""

import http.server
import json
import os
import signal
import ssl
import subprocess
import threading

from daemon_support import DaemonTest
from support import free_port, main, user, wait_until

SECRET = "T0123secret"


class Hook(http.server.ThreadingHTTPServer):
    """A webhook that keeps what it got, and answers as it is told: a status, or never ("hang")."""

    daemon_threads = True

    def __init__(self, tls=None):
        super().__init__(("127.0.0.1", 0), Handler)
        self.received = []  # (id, message), also of attempts that were not answered well
        self.answer = 200
        self.headers = {}  # that the answer has
        self.released = threading.Event()
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_side=True)
        self.thread = threading.Thread(target=self.serve_forever)
        self.thread.start()

    def url(self, scheme="http", host="127.0.0.1"):
        return f"{scheme}://{host}:{self.server_port}/services/{SECRET}"

    def messages(self, **like):
        return [message for _, message in list(self.received) if all(message.get(key) == value for key, value in like.items())]

    def close(self):
        self.released.set()
        self.shutdown()
        self.thread.join()
        self.server_close()

    def handle_error(self, request, client_address):
        pass


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((self.headers["Idempotency-Key"], json.loads(body)))
        if self.server.answer == "hang":
            self.server.released.wait()
            return
        self.send_response(self.server.answer)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class NotifyTest(DaemonTest):
    def hook(self, tls=None):
        hook = Hook(tls)
        self.addCleanup(hook.close)
        return hook

    def secret_file(self, tenant, name, text):
        path = os.path.join(tenant.folder, name)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        return name

    def told(self, hook=None, every="1s", users=40, url=None, webhook=None, **place):
        """A tenant whose alarms go to the hook, with a first load behind it."""
        tenant = self.prepared(users=users, every=every)
        tenant.settings["safety"] = {"max_disables": 3}
        by = {"webhook": {"url_file": self.secret_file(tenant, "ops", url or hook.url()), **(webhook or {})}} if hook or url else {}
        tenant.settings["notify"] = [{"name": "ops", **by, **place}]
        tenant.configure()
        tenant.sync([user(n) for n in range(users)])
        return tenant

    def leave(self, tenant, users=20):
        """The others are gone: the guard holds their disables."""
        tenant.write([user(n) for n in range(users)])

    def wait_for(self, hook, count=1, **like):
        wait_until(lambda: len(hook.messages(**like)) >= count, what=f"{count} of {like} among {hook.received}")
        return hook.messages(**like)

    def settled(self, tenant, runs=2):
        """So many more runs have ended, and been looked at."""
        self.wait_for_runs(tenant, self.runs(tenant) + runs)


class Alarms(NotifyTest):
    def test_a_hold_begins_is_reminded_of_and_ends(self):
        hook = self.hook()
        tenant = self.told(hook, remind_every="3s")
        daemon = self.daemon(tenant)
        self.settled(tenant)
        self.assertEqual(hook.received, [], "all is well")
        self.leave(tenant)
        begin = self.wait_for(hook, alarm="held", occasion="begins")[0]
        run = begin["run"]
        self.assertEqual((begin["environment"], begin["count"], begin["code"]), ("contoso", 20, "held"))
        self.assertIn(f"dvsync approve {run}", begin["next"])
        self.assertIn("20 disables (absent)", begin["text"])
        self.assertNotIn("user2", json.dumps(hook.received), "names of people")
        self.wait_for(hook, count=2, alarm="held", occasion="remains")
        tenant.run("approve", str(run))
        over = self.wait_for(hook, alarm="held", occasion="ends")[0]
        self.assertIn("over: HELD: 20 disables", over["text"])
        self.assertEqual(over["since"], begin["since"])
        self.settled(tenant)
        self.assertEqual([len(hook.messages(alarm="held", occasion=occasion)) for occasion in ("begins", "ends")], [1, 1])
        self.assertEqual(len({number for number, _ in hook.received}), len(hook.received), "an id each")
        daemon.stop()

    def test_failed_runs_and_their_end(self):
        hook = self.hook()
        tenant = self.told(hook)
        daemon = self.daemon(tenant)
        self.settled(tenant, 1)
        os.rename(os.path.join(tenant.folder, "tenant.jsonl"), os.path.join(tenant.folder, "away"))
        failed = self.wait_for(hook, alarm="failed", occasion="begins")[0]
        self.assertEqual((failed["code"], failed["environment"]), ("failing", "contoso"))
        os.rename(os.path.join(tenant.folder, "away"), os.path.join(tenant.folder, "tenant.jsonl"))
        daemon.send(signal.SIGUSR1)
        self.wait_for(hook, alarm="failed", occasion="ends")
        daemon.stop()

    def test_a_place_hears_only_of_what_it_wants(self):
        hook = self.hook()
        tenant = self.told(hook, on=["rejected"])
        daemon = self.daemon(tenant)
        self.settled(tenant, 1)
        tenant.write([user(n) for n in range(20)] + [user(20, jobTitle="a\0b")])
        self.wait_for(hook, alarm="rejected", occasion="begins")
        tenant.write([user(n) for n in range(40)])
        wait_until(lambda: tenant.value("SELECT count(*) FROM contoso.sync_rejected") == "0")
        self.settled(tenant)
        self.assertEqual([message["alarm"] for _, message in hook.received], ["rejected"])
        daemon.stop()

    def test_names_people_where_the_configuration_says_so(self):
        hook = self.hook()
        tenant = self.told(hook, include_users=True)
        daemon = self.daemon(tenant)
        self.leave(tenant, 10)
        begin = self.wait_for(hook, alarm="held", occasion="begins")[0]
        self.assertEqual(len(begin["users"]), 20)
        self.assertTrue(set(begin["users"]) <= {f"user{n}@contoso.example" for n in range(10, 40)}, begin["users"])
        self.assertIn(", and 10 more", begin["text"])
        daemon.stop()

    def test_a_command_gets_the_message(self):
        tenant = self.tenant()
        out = os.path.join(tenant.folder, "out")
        tenant = self.told(command=["/bin/sh", "-c", f'cat >>"{out}"; test ! -e "{out}.fails"'])
        daemon = self.daemon(tenant)
        open(f"{out}.fails", "w", encoding="utf-8").close()
        self.leave(tenant)
        wait_until(lambda: os.path.exists(out) and len(open(out, encoding="utf-8").readlines()) >= 2, what="two attempts")
        os.remove(f"{out}.fails")
        wait_until(lambda: tenant.value("SELECT count(*) FROM directory.alarm_message WHERE delivered_at IS NOT NULL") == "1")
        messages = [json.loads(line) for line in open(out, encoding="utf-8")]
        self.assertEqual({(m["id"], m["alarm"], m["occasion"]) for m in messages}, {(messages[0]["id"], "held", "begins")})
        daemon.wait_for("alarms to ops", "/bin/sh ended with exit code 1")
        daemon.stop()


class Servers(NotifyTest):
    def test_one_that_fails_gets_the_same_message_again_and_the_later_ones_after_it(self):
        hook = self.hook()
        hook.answer = 503
        tenant = self.told(hook)
        daemon = self.daemon(tenant)
        self.leave(tenant)
        self.wait_for(hook, count=3, alarm="held", occasion="begins")
        self.assertEqual(len({number for number, _ in hook.received}), 1)
        tenant.write([user(n) for n in range(40)])  # and it is over
        wait_until(lambda: tenant.value("SELECT count(*) FROM directory.alarm_message") == "2", what="its end, in the queue")
        waiting = tenant.json("notify")["notify"][0]
        self.assertEqual((waiting["name"], waiting["standing"], waiting["waiting"]), ("ops", 0, 2))
        self.assertEqual(waiting["failure"], "127.0.0.1: the answer was 503")
        hook.answer = 200
        self.wait_for(hook, alarm="held", occasion="ends")
        self.assertEqual([m["occasion"] for _, m in hook.received][-2:], ["begins", "ends"])
        wait_until(lambda: tenant.json("notify")["notify"][0]["waiting"] == 0)
        said = daemon.stop()
        self.assertIn("alarms to ops", said)
        self.assertNotIn(SECRET, said)

    def test_one_that_hangs_holds_up_no_run_and_no_stop(self):
        hook = self.hook()
        hook.answer = "hang"
        tenant = self.told(hook)
        daemon = self.daemon(tenant)
        self.leave(tenant)
        self.wait_for(hook, alarm="held")
        self.settled(tenant, 5)
        self.assertEqual(len(hook.received), 1, "it hangs still")
        # A command has its turn beside it, too.
        tenant.run("sync", expect=75)
        daemon.stop()
        self.assertEqual(tenant.value("SELECT count(*) FROM directory.alarm_message WHERE delivered_at IS NULL"), "1")
        hook.answer = 200
        again = self.daemon(tenant)
        wait_until(lambda: tenant.value("SELECT count(*) FROM directory.alarm_message WHERE delivered_at IS NULL") == "0")
        self.assertEqual(len({number for number, _ in hook.received}), 1, "no second beginning")
        again.stop()

    def test_one_that_is_not_there_is_tried_until_it_is(self):
        port = free_port()
        tenant = self.told(url=f"http://127.0.0.1:{port}/services/{SECRET}")
        daemon = self.daemon(tenant)
        self.leave(tenant)
        daemon.wait_for("alarms to ops")
        hook = self.hook()
        self.secret_file(tenant, "ops", hook.url())  # the file is read at each attempt
        self.wait_for(hook, alarm="held", occasion="begins")
        self.assertNotIn(SECRET, daemon.stop())

    def test_a_server_that_asks_for_time_gets_it(self):
        hook = self.hook()
        hook.answer, hook.headers = 503, {"Retry-After": "900"}
        tenant = self.told(hook)
        daemon = self.daemon(tenant)
        self.leave(tenant)
        self.wait_for(hook, alarm="held")
        waits = "SELECT count(*) FROM directory.alarm_message WHERE failure IS NOT NULL AND next_attempt_at BETWEEN now() + interval '10 min' AND now() + interval '15 min'"
        wait_until(lambda: tenant.value(waits) == "1", what="the next attempt, as late as it was asked for")
        self.settled(tenant, 3)
        self.assertEqual(len(hook.received), 1)
        daemon.stop()

    def test_what_nobody_takes_for_a_week_is_given_up(self):
        hook = self.hook()
        hook.answer = 500
        tenant = self.told(hook)
        daemon = self.daemon(tenant)
        self.leave(tenant)
        self.wait_for(hook, alarm="held")
        tenant.sql("UPDATE directory.alarm_message SET queued_at = queued_at - interval '8 days'")
        wait_until(lambda: tenant.value("SELECT count(*) FROM directory.alarm_message WHERE delivered_at IS NULL") == "0", what="nothing that waits")
        self.assertIn("1 alarm could not be delivered for a week, and was given up", daemon.stop())

    def test_tls_is_checked_and_a_private_authority_can_be_named(self):
        tenant = self.tenant()
        folder = tenant.folder
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=DNS:localhost", "-keyout", f"{folder}/key.pem", "-out", f"{folder}/ca.pem"],
                       check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f"{folder}/ca.pem", f"{folder}/key.pem")
        hook = self.hook(context)
        tenant = self.told(url=hook.url("https", "localhost"))
        refused = tenant.run("notify", "--test", expect=69)
        self.assertIn("certificate is not trusted", refused.stdout)
        self.assertIn("webhook.ca_file", refused.stdout)
        self.assertEqual(hook.received, [])
        tenant.settings["notify"][0]["webhook"]["ca_file"] = f"{folder}/ca.pem"
        tenant.configure()
        self.assertEqual(tenant.run("notify", "--test").stdout, "ops: delivered\n")
        self.assertEqual(len(hook.messages(occasion="test")), 1)
        self.secret_file(tenant, "ops", hook.url("https"))  # 127.0.0.1 is not in the certificate
        self.assertIn("certificate is not trusted", tenant.run("notify", "--test", expect=69).stdout)


class Daemons(NotifyTest):
    def test_a_restart_and_a_kill_tell_nothing_twice(self):
        hook = self.hook()
        tenant = self.told(hook, on=["held", "recovered"])  # a run that the kill interrupts is an alarm of its own
        daemon = self.daemon(tenant)
        self.leave(tenant)
        self.wait_for(hook, alarm="held", occasion="begins")
        self.settled(tenant, 1)
        daemon.stop()
        daemon = self.daemon(tenant)
        self.settled(tenant, 3)
        daemon.process.kill()
        daemon.close()
        daemon = self.daemon(tenant)
        self.settled(tenant, 3)
        self.assertEqual([m["occasion"] for _, m in hook.received], ["begins"])
        tenant.write([user(n) for n in range(40)])
        self.wait_for(hook, alarm="held", occasion="ends")
        daemon.stop()

    def test_of_two_daemons_one_tells_and_the_other_goes_on(self):
        hook = self.hook()
        tenant = self.told(hook, on=["held", "recovered"])  # a run that the kill interrupts is an alarm of its own
        first = self.daemon(tenant)
        first.wait_for("working: this daemon has the lease")
        second = self.daemon(tenant)
        second.wait_for("standing by")
        self.leave(tenant)
        self.wait_for(hook, alarm="held", occasion="begins")
        self.settled(tenant)
        hook.answer = 503
        tenant.write([user(n) for n in range(40)])
        self.wait_for(hook, alarm="held", occasion="ends")
        first.process.kill()
        second.wait_for("working: this daemon has the lease")
        hook.answer = 200
        wait_until(lambda: tenant.value("SELECT count(*) FROM directory.alarm_message WHERE delivered_at IS NULL") == "0")
        self.settled(tenant)
        ids = {number: message["occasion"] for number, message in hook.received}
        self.assertEqual(sorted(ids.values()), ["begins", "ends"], "each once, whoever sends it")
        second.stop()

    def test_a_message_that_was_claimed_by_a_dead_daemon_is_sent(self):
        hook = self.hook()
        tenant = self.told(hook)
        daemon = self.daemon(tenant)
        self.leave(tenant)
        self.wait_for(hook, alarm="held", occasion="begins")
        wait_until(lambda: tenant.value("SELECT count(*) FROM directory.alarm_message WHERE delivered_at IS NOT NULL") == "1")
        # As it is when a daemon dies between sending and remembering that; the claim ends in a moment.
        tenant.sql("UPDATE directory.alarm_message SET delivered_at = NULL, next_attempt_at = clock_timestamp() + interval '2 seconds'")
        wait_until(lambda: len(hook.received) == 2)
        self.assertEqual(len({number for number, _ in hook.received}), 1, "the receiver can tell the repetition by its id")
        daemon.stop()

    def test_a_reload_can_add_a_place_which_hears_of_what_stands(self):
        hook = self.hook()
        tenant = self.told(hook)
        daemon = self.daemon(tenant)
        self.leave(tenant)
        self.wait_for(hook, alarm="held", occasion="begins")
        other = self.hook()
        tenant.settings["notify"].append({"name": "other", "webhook": {"url_file": self.secret_file(tenant, "other", other.url())}})
        tenant.configure()
        daemon.send(signal.SIGHUP)
        self.wait_for(other, alarm="held", occasion="begins")
        self.settled(tenant)
        self.assertEqual([m["occasion"] for _, m in hook.received], ["begins"])
        daemon.stop()


class ByHand(NotifyTest):
    def test_a_test_message_arrives_in_each_shape(self):
        hook = self.hook()
        tenant = self.told(hook)
        place = tenant.settings["notify"][0]["webhook"]
        self.assertEqual(tenant.run("notify", "--test").stdout, "ops: delivered\n")
        self.assertEqual(hook.messages()[-1]["occasion"], "test")
        for shape, expected in (({"format": "slack"}, {"text"}), ({"format": "teams"}, {"type", "attachments"}),
                                ({"template": '{"summary": "{{text}}", "at": "{{since}}"}'}, {"summary", "at"})):
            tenant.settings["notify"][0]["webhook"] = {**place, **shape}
            tenant.configure()
            tenant.run("notify", "--test")
            self.assertEqual(set(hook.messages()[-1]), expected)
        hook.answer = 404
        failed = tenant.run("notify", "--test", "ops", expect=69)
        self.assertEqual(failed.stdout, "ops: not delivered: 127.0.0.1: the answer was 404\n")
        self.assertIn("no place of `notify`", tenant.run("notify", "--test", "opps", expect=64).stderr)

    def test_nobody_to_tell_is_said(self):
        tenant = self.tenant()
        self.assertIn("names nobody in `notify`", tenant.run("notify", expect=64).stderr)

    def test_check_says_what_would_not_work(self):
        tenant = self.told(self.hook())
        self.assertIn("notify ops: a webhook of 127.0.0.1", tenant.run("check").stdout)
        for url, told in ((f"http://hooks.example.com/{SECRET}", "for this machine alone"), (f"ftp://h/{SECRET}", "https://"), ("", "https://")):
            self.secret_file(tenant, "ops", url)
            said = tenant.run("check", "--offline", expect=78)
            self.assertIn(told, said.stdout)
            self.assertNotIn(SECRET, said.stdout + said.stderr)
            self.assertIn(told, tenant.run("notify", "--test", expect=69).stdout)
        self.secret_file(tenant, "ops", "https://hooks.example.com/a")
        tenant.settings["notify"][0]["webhook"]["template"] = '{"text": {{text}}}'
        tenant.configure()
        self.assertIn("`template` does not make JSON", tenant.run("check", "--offline", expect=78).stdout)
        tenant.settings["notify"] = [{"command": ["/no/such/program"]}]
        tenant.configure()
        self.assertIn("/no/such/program", tenant.run("check", "--offline", expect=78).stderr)

    def test_redirects_are_not_followed(self):
        hook = self.hook()
        hook.answer = 302
        tenant = self.told(hook)
        self.assertIn("the answer was 302", tenant.run("notify", "--test", expect=69).stdout)


if __name__ == "__main__":
    main()
