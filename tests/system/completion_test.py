"""What the shells complete: commands, options, their words, and what there is to name."""

import os
import shutil
import subprocess
import unittest

from support import DVSYNC, SystemTest, main, user

COMPLETIONS = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "completions")


class Completion(SystemTest):
    def setUp(self):
        super().setUp()
        self.filled = self.tenant({"name": "contoso", "schema": "contoso"}, {"name": "two words", "schema": "two"}).migrate()
        self.filled.sync([user(1), user(2)])

    def complete(self, *words):
        done = subprocess.run([DVSYNC, "complete", "--", "--config", self.filled.config, *words], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout.splitlines()

    def test_commands_and_verbs(self):
        self.assertLessEqual({"sync", "plan", "user", "help"}, set(self.complete("")))
        self.assertNotIn("complete", self.complete(""))
        self.assertEqual(self.complete("sy"), ["sync"])
        self.assertEqual(self.complete("user", "set"), ["set-access-mode"])
        self.assertEqual(self.complete("help", "user", "li"), ["list", "link-stub"])
        self.assertIn("kept-out", self.complete("report", ""))

    def test_options_of_the_command_and_of_the_program(self):
        self.assertEqual(self.complete("sync", "--f"), ["--full"])
        self.assertLessEqual({"--config", "--environment", "--file", "--group"}, set(self.complete("user", "add", "--")))

    def test_words_that_an_option_takes(self):
        self.assertEqual(self.complete("--color", "a"), ["auto", "always"])
        self.assertEqual(self.complete("user", "set-access-mode", "n"), ["non-interactive"])
        self.assertEqual(self.complete("log", "--action", "en"), ["enable"])
        self.assertEqual(self.complete("explain", "--reason", "no_lic"), ["no_license", "no_license_kept"])

    def test_what_there_is(self):
        self.assertEqual(self.complete("sync", "-e", ""), ["contoso", "two words"])
        self.assertEqual(self.complete("approve", ""), ["1"])
        self.assertEqual(self.complete("log", "--run", ""), ["1"])
        self.assertEqual(self.complete("explain", "USER2"), ["user2@contoso.example"])
        self.assertEqual(self.complete("explain", "user1@contoso.example", "--environment", "c"), ["contoso"])

    def test_nothing_is_said_where_nothing_is_known(self):
        self.filled.connection = "host=/nonexistent dbname=x"
        self.filled.configure()
        self.assertEqual(self.complete("explain", ""), [])
        done = subprocess.run([DVSYNC, "complete", "--", "--config", "/nonexistent", "sync", "-e", ""], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def in_bash(self, line):
        script = (f"source {COMPLETIONS}/dvsync.bash; COMP_LINE=$1; COMP_POINT=${{#1}}; COMP_WORDBREAKS=$' @=:'; _dvsync; "
                  "printf '%s\\n' \"${COMPREPLY[@]}\"")
        done = subprocess.run(["bash", "-c", script, "bash", line], capture_output=True, text=True)
        self.assertEqual(done.stderr, "")
        return done.stdout.splitlines()

    def test_bash(self):
        program = f"{os.path.abspath(DVSYNC)} --config {self.filled.config}"
        self.assertEqual(self.in_bash(f"{program} sync --fu"), ["--full"])
        self.assertEqual(self.in_bash(f"{program} sync -e "), ["contoso", "two\\ words"])
        self.assertEqual(self.in_bash(f"{program} explain user1@co"), ["contoso.example"], "what follows the @")

    def in_shell(self, shell, script):
        """Where the shell finds the binary under its usual name, and the configuration without being told."""
        folder = os.path.dirname(os.path.abspath(DVSYNC))
        environment = {**os.environ, "PATH": folder + ":" + os.environ["PATH"], "DVSYNC_CONFIG": self.filled.config}
        done = subprocess.run([shell, *(["-f"] if shell == "zsh" else []), "-c", script], capture_output=True, text=True, env=environment)
        self.assertEqual(done.stderr, "")
        return done.stdout.splitlines()

    @unittest.skipUnless(shutil.which("zsh"), "no zsh here")
    def test_zsh(self):
        script = (f"fpath=({COMPLETIONS} $fpath); compadd() {{ print -rl -- ${{(P)2}} }}; _files() {{ print files }}; autoload -U _dvsync; "
                  "words=({words}); CURRENT=$#words; _dvsync")
        self.assertEqual(self.in_shell("zsh", script.replace("{words}", "dvsync sync --fu")), ["--full"])
        self.assertEqual(self.in_shell("zsh", script.replace("{words}", "dvsync sync -e ''")), ["contoso", "two words"])
        self.assertEqual(self.in_shell("zsh", script.replace("{words}", "dvsync approve ''")), ["1"])
        self.assertEqual(self.in_shell("zsh", script.replace("{words}", "dvsync explain user1@")), ["user1@contoso.example"])
        self.assertEqual(self.in_shell("zsh", script.replace("{words}", "dvsync show ''")), ["files"])

    @unittest.skipUnless(shutil.which("fish"), "no fish here")
    def test_fish(self):
        script = f"source {COMPLETIONS}/dvsync.fish; complete -C '{{}}'"
        for line, answer in (("dvsync sync --fu", ["--full"]), ("dvsync sync -e c", ["contoso"]), ("dvsync user en", ["enable"]),
                             ("dvsync explain user1@", ["user1@contoso.example"])):
            self.assertEqual(self.in_shell("fish", script.format(line)), answer, line)


if __name__ == "__main__":
    main()
