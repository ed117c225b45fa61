"""The OCI image of scripts/debian-image, run as its own configuration says: not as root, on a root that nobody can write."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "system"))

from machine import PROJECT, build_package, cannot, skip_or_fail
from support import SystemTest, user, wait_until

CONFIGURATION = """\
directory: {{ type: file, path: /var/lib/dvsync/tenant.jsonl }}
database: {{ connection: "{connection}" }}
environments:
  - {{ name: contoso, schema: contoso }}
"""


class Image(SystemTest):
    @classmethod
    def setUpClass(cls):
        skip_or_fail(cannot())
        super().setUpClass()
        cls.folder = tempfile.mkdtemp(prefix="dvsync-image-")
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        package = build_package(os.path.join(cls.folder, "package"))
        cls.archive = os.path.join(cls.folder, "dvsync.oci.tar")
        subprocess.run([f"{PROJECT}/scripts/debian-image", package, cls.archive], check=True)
        cls.version = subprocess.run(["dpkg-deb", "-f", package, "Version"], check=True, capture_output=True, text=True).stdout.strip()
        layout = os.path.join(cls.folder, "layout")
        os.mkdir(layout)
        subprocess.run(["tar", "-C", layout, "-xf", cls.archive], check=True)
        cls.bundle = os.path.join(cls.folder, "bundle")
        subprocess.run(["umoci", "unpack", "--keep-dirlinks", "--image", f"{layout}:dvsync:{cls.version}", cls.bundle], check=True)
        with open(os.path.join(cls.bundle, "config.json"), encoding="utf-8") as file:
            cls.as_the_image_says = json.load(file)

    def setUp(self):
        self.own = self.tenant()
        os.chmod(self.own.folder, 0o755)
        self.etc, self.state = (os.path.join(self.own.folder, name) for name in ("etc", "state"))
        for folder in (self.etc, self.state):
            os.mkdir(folder)
        with open(os.path.join(self.etc, "dvsync.yaml"), "w", encoding="utf-8") as file:
            file.write(CONFIGURATION.format(connection=self.own.connection))
        self.own.write([user(n) for n in range(3)], "state/tenant.jsonl")
        self.name = f"dvsync-{os.getpid()}"

    def command(self, *arguments):
        """As a platform would: the image's user, entry point and environment; folders are mounted, and the network is the machine's."""
        config = json.loads(json.dumps(self.as_the_image_says))
        config["root"]["readonly"] = True
        config["process"]["terminal"] = False
        config["process"].pop("rlimits", None)
        if arguments:
            config["process"]["args"] = [*config["process"]["args"][:1], *arguments]
        config["linux"]["namespaces"] = [one for one in config["linux"]["namespaces"] if one["type"] != "network"]
        config["linux"].pop("resources", None)
        config["mounts"] = [one for one in config["mounts"] if one["type"] != "cgroup" and one["destination"] != "/var/lib/dvsync"]
        for source, inside in ((self.etc, "/etc/dvsync"), (self.state, "/var/lib/dvsync"), (self.postgres.folder, self.postgres.folder)):
            config["mounts"].append({"destination": inside, "type": "bind", "source": source, "options": ["bind", "ro"]})
        with open(os.path.join(self.bundle, "config.json"), "w", encoding="utf-8") as file:
            json.dump(config, file)
        return ["runc", "run", "--bundle", self.bundle, self.name]

    def run_image(self, *arguments, expect=0):
        done = subprocess.run(self.command(*arguments), capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120)
        self.assertEqual(done.returncode, expect, done.stdout + done.stderr)
        return done.stdout

    def test_is_not_root_and_runs_the_daemon(self):
        process = self.as_the_image_says["process"]
        self.assertEqual((process["user"]["uid"], process["user"]["gid"]), (10001, 10001))
        self.assertEqual(process["args"], ["/usr/bin/dvsync", "run"])

    def test_says_its_version(self):
        self.assertIn(self.version, self.run_image("version"))

    def test_checks_a_configuration(self):
        self.run_image("check", "--offline")

    def test_synchronises(self):
        self.run_image("migrate")
        self.assertIn("created", self.run_image("sync"))
        self.assertEqual(self.own.value("SELECT count(*) FROM contoso.systemuser WHERE NOT isdisabled"), "3")
        self.assertTrue(self.run_image("status", "--check").startswith("DVSYNC OK"))

    def test_the_daemon_works_and_ends_in_good_order(self):
        self.run_image("migrate")
        daemon = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        rows = "SELECT count(*) FROM contoso.systemuser WHERE NOT isdisabled"
        try:
            wait_until(lambda: self.own.value(rows) == "3", what="the first run")
        finally:
            subprocess.run(["runc", "kill", self.name, "TERM"], check=True)
            said = daemon.communicate(timeout=60)[1]
        self.assertEqual(daemon.returncode, 0, said)
        self.assertIn("stopped", said)

    def test_has_what_its_messages_name(self):
        for inside in ("usr/share/doc/dvsync/docs/commands.md", "usr/share/dvsync/sql/mirror/001_mirror.sql"):
            self.assertTrue(os.path.exists(os.path.join(self.bundle, "rootfs", inside)), inside)
        for inside in ("etc/dvsync/dvsync.yaml", "usr/bin/apt"):
            self.assertFalse(os.path.exists(os.path.join(self.bundle, "rootfs", inside)), inside)


if __name__ == "__main__":
    unittest.main(verbosity=2)
