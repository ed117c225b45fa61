"""docs/questions.md: every question's command is run, and answers what the page shows.

With DVSYNC_WRITE_QUESTIONS=1 the samples of the page are written anew.
"""

import getpass
import os
import re
import shlex
import subprocess

from support import DVSYNC, SystemTest, main

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
PAGE = os.path.join(ROOT, "docs", "questions.md")
FOLDER = os.path.join(ROOT, "scripts", "demo-tenant")
WRITER = "root"  # who asks in the samples
QUESTION = re.compile(r"^### (?P<number>\d+)\. (?P<question>.+?)\n\n(?P<before>.*?)```\n\$ (?P<command>dvsync .+?)\n(?P<sample>.*?)```$",
                      re.M | re.S)


def read(name):
    with open(os.path.join(FOLDER, name), encoding="utf-8") as file:
        return file.read()


def facts(text):
    """What does not depend on when, how fast and by whom the samples were made."""
    text = re.sub(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d( [+-]\d{4}|Z)", "<time>", text)
    text = re.sub(r"\b\d{4}-\d\d-\d\d\b", "<day>", text)
    text = re.sub(r"(less than )?\b\d+(\.\d)? (ms|s|min|h|d)\b( \d\d (s|min))?", "<length>", text)
    text = re.sub(r"(age|duration|lag)'?=\d+s[;\d]*", r"\1=<length>", text)
    text = re.sub(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b",
                  lambda id_: id_[0] if id_[0].startswith(("6a0c8f52", "3f6b2c1e")) else "<id>", text)
    return text.split()  # where lines are folded depends on all of that


class Questions(SystemTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.demo = demo = cls().tenant()
        config = read("dvsync.yaml").replace("@CONNECTION@", demo.connection)
        with open(demo.config, "w", encoding="utf-8") as file:
            file.write(config)
        demo.migrate()
        demo.sync([read("monday.jsonl")])
        demo.sql("""SET search_path = contoso;
            INSERT INTO systemuserroles (systemuserid, roleid) SELECT systemuserid, roleid FROM systemuser, role
              WHERE domainname = 'ana@contoso.example' AND name = 'System Administrator' ON CONFLICT DO NOTHING""")
        demo.sql(read("meanwhile.sql"))
        demo.sync([read("tuesday.jsonl")])
        # Vidar left long ago.
        demo.sql("UPDATE contoso.sync_change SET at = at - interval '100 days' WHERE domainname LIKE 'vidar@%'")
        # On Wednesday the directory lacks a few people: contoso's guard holds that.
        tuesday = read("tuesday.jsonl").splitlines(keepends=True)
        gone = ("ana@", "olav@", "yngve@")
        with open(demo.config, "a", encoding="utf-8") as file:
            file.write("safety: { max_disables: 1 }\n")
        cls.held = demo.sync([line for line in tuesday if not any(f'"{name}' in line for name in gone)], expect=75)
        demo.run("reject", "3", "yngve@contoso.example", "--comment", "is on leave", "--environment", "contoso")
        demo.run("approve", "3", "olav@contoso.example", "--comment", "asked HR", "--environment", "contoso", expect=None)
        demo.run("user", "add", "cleo@contoso.example", "--environment", "contoso", expect=65)
        demo.run("user", "disable", "una@contoso.example", "--environment", "partners")

    def ask(self, command):
        arguments = [getpass.getuser() if word == WRITER else word for word in shlex.split(command)[1:]]
        done = subprocess.run([DVSYNC, *arguments], capture_output=True, text=True, timeout=60,
                              env={**os.environ, "DVSYNC_CONFIG": self.demo.config, "COLUMNS": "120", "TZ": "UTC"})
        answer = (done.stdout or done.stderr).replace(self.demo.folder, "/etc/dvsync")
        return done.returncode, re.sub(rf"\bby {getpass.getuser()}\b|\b{getpass.getuser()}(?= asked)",
                                       lambda me: me[0].replace(getpass.getuser(), WRITER), answer)

    def test_every_question_is_answered_by_one_command(self):
        with open(PAGE, encoding="utf-8") as file:
            page = file.read()
        questions = list(QUESTION.finditer(page))
        self.assertEqual([int(q["number"]) for q in questions], list(range(1, 41)))
        self.assertEqual(len(questions), page.count("\n### "), "a question is not of the form that is tested")
        self.assertNotIn("psql", page)
        written = page
        for question in questions:
            with self.subTest(question["question"]):
                code, answer = self.ask(question["command"])
                self.assertIn(code, (0, 1, 2, 75), question["command"] + "\n" + answer)
                if os.environ.get("DVSYNC_WRITE_QUESTIONS"):
                    block = question[0]
                    written = written.replace(block, block[:block.rindex(question["sample"] + "```")] + answer + "```")
                else:
                    # Environments are worked on side by side: which comes first in a list of times is not said.
                    self.assertEqual(sorted(facts(answer)), sorted(facts(question["sample"])), question["command"])
        if written != page:
            with open(PAGE, "w", encoding="utf-8") as file:
                file.write(written)

    def test_no_table_is_wider_than_its_terminal(self):
        with open(PAGE, encoding="utf-8") as file:
            commands = [q["command"] for q in QUESTION.finditer(file.read())]
        for command in (c for c in commands if " report " in c and "--csv" not in c and "--json" not in c):
            done = subprocess.run([DVSYNC, *shlex.split(command)[1:]], capture_output=True, text=True,
                                  env={**os.environ, "DVSYNC_CONFIG": self.demo.config, "COLUMNS": "80"})
            lines = done.stdout.splitlines()
            self.assertEqual([line for line in lines if len(line) > 80 and not re.search(r"^[\w-]+: |^Left out", line)], [], command)


if __name__ == "__main__":
    main()
