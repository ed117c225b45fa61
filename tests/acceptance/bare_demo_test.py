"""scripts/demo on a bare Debian 12: which packages come, that no server is enabled, and that the story is told there.

The demo is given the program that is built already: compiling it a second time would tell nothing new.
"""

import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

from machine import BARE, BUILD, PROJECT, cannot, make_tree, skip_or_fail


class BareDemo(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        skip_or_fail(cannot())
        cls.folder = tempfile.mkdtemp(prefix="dvsync-bare-")
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.tree = os.path.join(cls.folder, "tree")
        make_tree(cls.tree, BARE)
        shutil.copy("/etc/resolv.conf", os.path.join(cls.tree, "etc", "resolv.conf"))
        sources = os.path.join(cls.tree, "root", "dvsync")
        os.mkdir(sources)
        archive = subprocess.Popen(["git", "archive", "HEAD"], cwd=PROJECT, stdout=subprocess.PIPE)
        subprocess.run(["tar", "-x", "-C", sources], stdin=archive.stdout, check=True)
        shutil.copy(os.path.join(BUILD, "src", "dvsync"), os.path.join(cls.tree, "usr", "local", "bin"))

    def inside(self, *command):
        """In a world of its own processes, as root, with this machine's network."""
        done = subprocess.run(
            ["unshare", "--mount", "--pid", "--fork", f"--mount-proc={self.tree}/proc", "chroot", self.tree, "env", "-i",
             "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "HOME=/root", *command],
            capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=900)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def packages(self):
        return set(self.inside("dpkg-query", "-W", "-f", "${Package}\n").split())

    def enabled(self):
        """What starts at the next boot: systemd's services, and scripts of init."""
        listed = subprocess.run(["systemctl", f"--root={self.tree}", "list-unit-files", "--state=enabled", "--no-legend"], check=True,
                                capture_output=True, text=True).stdout
        scripts = glob.glob(f"{self.tree}/etc/rc[2-5].d/S*")
        return {line.split()[0] for line in listed.splitlines()} | {re.sub("^S..", "", os.path.basename(script)) for script in scripts}

    def test_installs_what_building_needs_enables_nothing_and_tells_its_story(self):
        packages, enabled = self.packages(), self.enabled()
        self.inside("/root/dvsync/scripts/install-packages", "build")
        came = self.packages() - packages
        print(f"{len(packages)} packages before the demo, {len(came)} came:", *sorted(came), file=sys.stderr)
        print("services enabled by it:", *sorted(self.enabled() - enabled) or ["none"], file=sys.stderr)
        self.assertEqual(self.enabled() - enabled, set())
        self.assertEqual(glob.glob(f"{self.tree}/etc/postgresql/*/*"), [], "no cluster was made")
        self.assertEqual({name for name in came if re.match("samba|slapd|389-ds|etcd|patroni|prometheus$|winbind", name)}, set())
        self.assertLessEqual(len(came), 196)
        story = self.inside("env", "DVSYNC=/usr/local/bin/dvsync", "/root/dvsync/scripts/demo")
        self.assertIn("— and once more: nothing to do —", story)


if __name__ == "__main__":
    unittest.main(verbosity=2)
