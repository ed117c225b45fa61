"""dvsync init: from nothing to a valid configuration, a database, and the next command, asked at a terminal or told by options."""

import json
import os
import pty
import select
import shlex
import stat
import subprocess
import tempfile
import unittest

from support import DVSYNC, Postgres, main, user

PROJECT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
APPLICATION = "5d0f9d4e-1111-4222-8333-000000000006"


class Init(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.postgres = Postgres()
        cls.addClassCleanup(cls.postgres.close)
        cls.postgres.sql("CREATE ROLE postgres SUPERUSER LOGIN", database="postgres")
        cls.databases = 0

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.file = self.path("dvsync.yaml")

    def path(self, name):
        return os.path.join(self.folder, name)

    def connection(self, user="keeper"):
        Init.databases += 1
        return f"host={self.postgres.folder} port={self.postgres.port} dbname=first{Init.databases} user={user}"

    def dvsync(self, *arguments, expect=0):
        done = subprocess.run([DVSYNC, *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60)
        self.assertEqual(done.returncode, expect, done.stdout + done.stderr)
        return done

    def init(self, *arguments, expect=0):
        return self.dvsync("init", "--output", self.file, *arguments, expect=expect)

    def at_a_terminal(self, answers, *arguments, expect=0):
        """Answers one question after the other; what arrived at the terminal."""
        master, slave = pty.openpty()
        process = subprocess.Popen([DVSYNC, "init", "--output", self.file, *arguments], stdin=slave, stdout=slave, stderr=slave,
                                   env={**os.environ, "NO_COLOR": "1"})
        os.close(slave)
        answers, text = list(answers), ""
        while True:
            if not select.select([master], [], [], 30)[0]:
                process.kill()
                self.fail(f"it waits for an answer that nobody gives: {text}")
            try:
                piece = os.read(master, 65536)
            except OSError:
                break
            if not piece:
                break
            text += piece.decode()
            if text.endswith((": ", "[y/N] ")) and answers:
                os.write(master, answers.pop(0).encode() + b"\n")
                text += "\n"
        os.close(master)
        self.assertEqual(process.wait(timeout=60), expect, text)
        self.assertEqual(answers, [], text)
        return text

    def shown(self):
        """The configuration in force, of a file that is valid."""
        self.dvsync("check", "--offline", "--config", self.file)
        return self.dvsync("check", "--show", "--config", self.file).stdout

    def text(self):
        with open(self.file, encoding="utf-8") as file:
            return file.read()

    def assert_secret(self, name, holds):
        with open(self.path(name), encoding="utf-8") as file:
            self.assertEqual(file.read(), holds)
        self.assertEqual(stat.S_IMODE(os.stat(self.path(name)).st_mode), 0o600)

    # --- in a pipe ---

    def test_each_kind_of_directory_passes_the_check(self):
        for kind, secret in (("file", None), ("graph", "client_secret"), ("active_directory", "ldap_password"), ("openldap", "ldap_password")):
            with self.subTest(kind):
                self.file = self.path(f"{kind}.yaml")
                done = self.init("--directory", kind, "-e", "sales", "-e", "North America", "--database", self.connection())
                shown = self.shown()
                for wanted in (f"type: {kind}", "name: sales", "schema: sales", "name: North America", "schema: north_america"):
                    self.assertIn(wanted, shown)
                self.assertGreater(self.text().count("#"), 80, "the comments are those of the sample")
                self.assertNotIn("#directory:", self.text())
                last = done.stdout.splitlines()[-1].split()
                if secret:
                    self.assert_secret(secret, "")
                    self.assertIn(f"put the secret into {self.path(secret)}", done.stdout)
                    self.assertIn("still has an example", done.stdout)
                    self.assertEqual(last, ["dvsync", "--config", self.file, "check", "--offline"])
                else:
                    self.assertEqual(os.listdir(self.folder), [f"{kind}.yaml"])
                    self.assertEqual(last, ["dvsync", "--config", self.file, "migrate"])

    def test_an_example_that_was_left_is_named_with_its_line(self):
        done = self.init("--directory", "graph", "--set", "tenant=fabrikam.example", "-e", "sales")
        lines = self.text().splitlines()
        number = next(n for n, line in enumerate(lines, 1) if line.startswith("  client_id:"))
        self.assertIn(f"line {number} of {self.file} still has an example: client_id: ", done.stdout)
        self.assertNotIn("an example: tenant", done.stdout)

    def test_options_set_any_key(self):
        self.init("--directory", "openldap", "--offline", "-e", "sales", "--set", "urls=ldaps://a.example,ldaps://b.example", "--set", "start_tls=false",
                  "--set", "base=dc=x", "--set", "bind_dn=cn=s: 'y' #1,dc=x", "--set", "mode=timestamp")
        shown = self.shown()
        for wanted in ("ldaps://a.example, ldaps://b.example", "base: dc=x", "cn=s: 'y' #1,dc=x", "mode: timestamp"):
            self.assertIn(wanted, shown)
        self.assertRegex(self.text(), r"\n  mode: timestamp +# syncrepl \(RFC 4533\)", "the comment stays with its key")

    def test_what_is_not_right_is_not_written(self):
        done = self.init("--directory", "graph", "--set", "tennant=x.example", expect=78)
        self.assertIn("did you mean `tenant`?", done.stderr)
        self.init("--set", "tenant", expect=64)
        self.init("--directory", "nis", expect=64)
        self.assertEqual(os.listdir(self.folder), [], "no secret is left behind either")

    def test_no_file_is_replaced_in_a_pipe(self):
        with open(self.file, "w", encoding="utf-8") as file:
            file.write("mine\n")
        done = self.init("--directory", "graph", expect=64)
        self.assertIn("is there already", done.stderr)
        self.assertEqual((self.text(), os.listdir(self.folder)), ("mine\n", ["dvsync.yaml"]))

    def test_the_sample_that_nobody_changed_is_replaced(self):
        with open(os.path.join(PROJECT, "config", "dvsync.yaml"), encoding="utf-8") as sample, open(self.file, "w", encoding="utf-8") as file:
            file.write(sample.read())
        self.init("-e", "sales")
        self.assertIn("name: sales", self.text())

    def test_a_secret_that_is_there_stays(self):
        with open(self.path("client_secret"), "w", encoding="utf-8") as file:
            file.write("Sesame-7")
        os.chmod(file.name, 0o600)
        done = self.init("--directory", "graph", "-e", "sales")
        self.assert_secret("client_secret", "Sesame-7")
        self.assertNotIn("put the secret", done.stdout)

    def test_others_may_not_read_it(self):
        self.init("-e", "sales")
        self.assertEqual(stat.S_IMODE(os.stat(self.file).st_mode), 0o640)

    # --- the database ---

    def test_the_database_is_made_and_the_next_command_works(self):
        with open(self.path("tenant.jsonl"), "w", encoding="utf-8") as file:
            file.write('{"value": [' + ",".join(json.dumps(user(n)) for n in range(3)) + "]}")
        connection = self.connection("new owner").replace("user=new owner", "user='new owner'")
        done = self.init("--set", "path=tenant.jsonl", "-e", "sales", "--database", connection, "--create-database")
        self.assertIn('CREATE ROLE "new owner" LOGIN;', done.stdout)
        self.assertIn("ok: the database answers", done.stdout)
        self.assertIn("ok: the directory file can be read", done.stdout)
        again = ["init", "--output", self.path("again.yaml"), "-e", "sales", "--database", connection, "--create-database"]
        self.assertNotIn("CREATE", self.dvsync(*again).stdout, "nothing is missing")
        program, *arguments = shlex.split(done.stdout.splitlines()[-1])
        self.assertEqual((program, arguments[-1]), ("dvsync", "migrate"))
        self.dvsync(*arguments)
        self.dvsync("--config", self.file, "sync")
        self.assertEqual(self.postgres.value("SELECT count(*) FROM sales.systemuser", conninfo=connection), "3")

    def test_what_nobody_asked_for_is_not_made(self):
        connection = self.connection("nobody_yet")
        done = self.init("-e", "sales", "--database", connection)
        self.assertIn("ERROR: ", done.stdout)
        self.assertIn("sudo -u postgres createuser nobody_yet\n", done.stdout)
        self.assertEqual(self.postgres.sql("SELECT 1 FROM pg_roles WHERE rolname = 'nobody_yet'", database="postgres"), [])

    def test_a_server_that_does_not_answer(self):
        done = self.init("-e", "sales", "--database", f"host={self.folder} dbname=x user=y", "--create-database", expect=69)
        self.assertIn("ERROR: ", done.stdout)
        self.dvsync("check", "--offline", "--config", self.file)

    # --- at a terminal ---

    def test_a_conversation_about_graph(self):
        text = self.at_a_terminal(["graph", "no domain", "fabrikam.example", APPLICATION, "", "Sesame-7", "", "sales, dev"], "--offline")
        self.assertIn("must be the tenant's id or one of its domains", text)
        self.assertNotIn("Sesame", text)
        self.assert_secret("client_secret", "Sesame-7")
        shown = self.shown()
        for wanted in ("tenant: fabrikam.example", f"client_id: {APPLICATION}", "schema: dev"):
            self.assertIn(wanted, shown)

    def test_a_conversation_about_the_other_kinds(self):
        for kind, answers, wanted in (
                ("file", ["export.ldif"], f"path: {self.folder}/export.ldif"),
                ("active_directory", ["ldaps://dc1.example", "DC=x", "svc@x.example", "", "Sesame-7"], "bind_dn: svc@x.example"),
                ("openldap", ["false", "ldap://a.example", "ldaps://a.example", "dc=x", "cn=s,dc=x", "other_password", "Sesame-8"], "base: dc=x")):
            with self.subTest(kind):
                self.file = self.path(f"{kind}.yaml")
                text = self.at_a_terminal([kind, *answers, "", "sales"], "--offline")
                self.assertIn(wanted, self.shown())
                self.assertNotIn("Sesame", text)
        self.assertIn("would carry the password unencrypted", text)
        self.assert_secret("ldap_password", "Sesame-7")
        self.assert_secret("other_password", "Sesame-8")

    def test_the_database_is_made_by_consent(self):
        connection = self.connection("asked")
        role = "SELECT count(*) FROM pg_roles WHERE rolname = 'asked'"
        for answer, made in (("n", "0"), ("y", "1")):
            self.file = self.path(f"{answer}.yaml")
            text = self.at_a_terminal([connection, answer], "--directory", "file", "--set", "path=x", "-e", "sales")
            self.assertIn('CREATE DATABASE "first', text)
            self.assertEqual(self.postgres.value(role, database="postgres"), made)

    def test_only_what_the_options_do_not_say_is_asked(self):
        text = self.at_a_terminal(["sales"], "--directory", "file", "--set", "path=x", "--database", self.postgres.conninfo("postgres"))
        self.assertEqual(text.count(": \n"), 1, text)

    def test_a_file_is_replaced_by_consent(self):
        with open(self.file, "w", encoding="utf-8") as file:
            file.write("mine\n")
        self.at_a_terminal(["n"], expect=64)
        self.assertEqual(self.text(), "mine\n")
        self.at_a_terminal(["y", "sales"], "--directory", "file", "--set", "path=x", "--database", self.postgres.conninfo("postgres"))
        self.assertIn("name: sales", self.text())

    def test_whoever_leaves_leaves_nothing(self):
        self.at_a_terminal(["graph", "fabrikam.example", APPLICATION, "", "\x03"], "--offline", expect=75)
        self.assertEqual(os.listdir(self.folder), [])


if __name__ == "__main__":
    main()
