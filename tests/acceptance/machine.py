"""A Debian 12 machine of the test's own: a tree made with mmdebstrap, booted with systemd-nspawn."""

import datetime
import fcntl
import glob
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

PROJECT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("DVSYNC_BUILD", "build/plain")
REQUIRED = os.environ.get("DVSYNC_REQUIRE_MACHINE") == "1"

# What Debian's installer puts on a machine anyway, as far as a page relies on it.
BARE = ("systemd", "systemd-sysv", "dbus", "sudo", "adduser")


def cannot():
    """Why no machine can be booted here; None: one can."""
    if os.getuid() != 0:
        return "booting a container needs root"
    for program in ("systemd-nspawn", "mmdebstrap", "dpkg-shlibdeps", "lintian", "cpack", "nsenter", "umoci", "runc"):
        if shutil.which(program) is None:
            return f"{program} is not installed"
    with open("/etc/os-release", encoding="utf-8") as file:
        if "VERSION_ID=\"12\"" not in file.read():
            return "the program was not built on Debian 12"
    probe = subprocess.run(["unshare", "--mount", "--pid", "--net", "--fork", "true"], capture_output=True, text=True)
    return None if probe.returncode == 0 else "no namespaces may be made here: " + probe.stderr.strip()


def last_change():
    """Of whatever goes into the package: the program, and each file of the project."""
    files = subprocess.run(["git", "ls-files", "-z"], cwd=PROJECT, check=True, capture_output=True, text=True).stdout.split("\0")
    paths = [os.path.join(BUILD, "src", "dvsync"), *(os.path.join(PROJECT, file) for file in files)]
    return max(os.path.getmtime(path) for path in paths if os.path.exists(path))


def made_once(name, make, since=0.0):
    """The file of the build folder that `make(path)` makes, once for all tests that want it, and anew after `since`: whoever comes meanwhile
    waits."""
    folder = os.path.abspath(os.path.join(BUILD, "acceptance"))
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, name)
    with open(f"{path}.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.exists(path) or os.path.getmtime(path) < since:
            unfinished = os.path.join(folder, f"unfinished-{name}")
            make(unfinished)
            os.rename(unfinished, path)
    return path


def cpack(build, folder):
    subprocess.run(["cpack", "-G", "DEB", "--config", f"{build}/CPackConfig.cmake", "-B", folder], check=True,
                   stdout=subprocess.DEVNULL)
    return glob.glob(f"{folder}/*.deb")[0]


def build_package(folder):
    """The package of this build, in `folder` under its own name."""

    def make(path):
        with tempfile.TemporaryDirectory() as packing:
            made = cpack(BUILD, packing)
            shutil.copy(made, path)

    kept = made_once("dvsync.deb", make, since=last_change())
    facts = subprocess.run(["dpkg-deb", "-W", "--showformat=${Package}_${Version}_${Architecture}.deb", kept], check=True, capture_output=True, text=True)
    os.makedirs(folder, exist_ok=True)
    return shutil.copy(kept, os.path.join(folder, facts.stdout))


def dependencies(package):
    depends = subprocess.run(["dpkg-deb", "-f", package, "Depends"], check=True, capture_output=True, text=True).stdout
    return [re.split(r"[ (|]", one.strip())[0] for one in depends.split(",")]


def make_tree(tree, packages):
    """A tree of Debian 12 with these packages, as they are today."""

    def make(path):
        print("making a Debian 12 tree", file=sys.stderr)
        subprocess.run([f"{PROJECT}/scripts/debian-tree", path, *packages], check=True)

    wanted = hashlib.sha256(" ".join((datetime.date.today().isoformat(), *sorted(packages))).encode()).hexdigest()
    kept = made_once(f"tree-{wanted[:12]}.tar", make)
    os.mkdir(tree)
    subprocess.run(["tar", "-C", tree, "--numeric-owner", "-xf", kept], check=True)


def skip_or_fail(why):
    """Where no machine can be booted: printed, and a failure in CI."""
    if why and REQUIRED:
        raise AssertionError(why)
    if why:
        print(f"skipped: {why}", file=sys.stderr)
        raise unittest.SkipTest(why)


class Machine:
    """With PostgreSQL and all that the package depends on; `bare`: with nothing, but with apt's downloads, as there is no network."""

    def __init__(self, bare=False):
        self.folder = tempfile.mkdtemp(prefix="dvsync-machine-")
        self.package = build_package(os.path.join(self.folder, "package"))
        self.tree = os.path.join(self.folder, "tree")
        self.console = None
        make_tree(self.tree, [*BARE, *([] if bare else ["postgresql", *dependencies(self.package)])])
        if bare:
            self.download("postgresql", self.package)

    def download(self, *packages):
        """What `apt install` will want, into its cache. Before the machine boots."""
        for package in packages:
            if os.path.exists(package):
                shutil.copy(package, self.path("/root"))
        names = [f"/root/{os.path.basename(package)}" if os.path.exists(package) else package for package in packages]
        with open("/etc/resolv.conf", encoding="utf-8") as names_of_servers:
            self.write("/etc/resolv.conf", names_of_servers.read())
        for command in (["update"], ["install", "--yes", "--download-only", *names]):
            subprocess.run(["chroot", self.tree, "apt-get", "-qq", *command], check=True, stdout=subprocess.DEVNULL)

    def boot(self):
        self.console = open(os.path.join(self.folder, "console"), "wb")
        self.nspawn = subprocess.Popen(
            ["systemd-nspawn", "--quiet", "-D", self.tree, "-b", "--register=no", "--keep-unit", "--private-network"],
            stdin=subprocess.DEVNULL, stdout=self.console, stderr=subprocess.STDOUT)
        self.leader = self.wait_until(self.find_leader, what="the machine's first process")
        self.wait_until(lambda: self.run("systemctl", "is-system-running", expect=None).stdout.strip() in ("running", "degraded"),
                        seconds=400, what="the machine to boot")

    def find_leader(self):
        if self.nspawn.poll() is not None:
            with open(os.path.join(self.folder, "console"), encoding="utf-8", errors="replace") as file:
                raise AssertionError("the machine does not boot:\n" + file.read()[-2000:])
        with open(f"/proc/{self.nspawn.pid}/task/{self.nspawn.pid}/children", encoding="ascii") as file:
            children = file.read().split()
        return int(children[0]) if children else None

    def wait_until(self, condition, seconds=120, what="the condition"):
        deadline = time.monotonic() + seconds
        while True:
            value = condition()
            if value:
                return value
            if time.monotonic() > deadline:
                raise AssertionError(f"gave up waiting for {what}\n{self.journal()}")
            time.sleep(0.1)

    def journal(self):
        return self.run("journalctl", "-u", "dvsync*", "--no-pager", "-n", "60", expect=None).stdout

    def run(self, *command, expect=0, stdin=None, user=None, home="/root"):
        """As an administrator would, on the machine."""
        inside = ["nsenter", "-t", str(self.leader), "-m", "-u", "-i", "-n", "-p", "-C", "--", "env", "-i",
                  "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", f"HOME={home}", "DEBIAN_FRONTEND=noninteractive"]
        if user:
            inside += ["runuser", "-u", user, "--"]
        done = subprocess.run([*inside, *command], capture_output=True, text=True, input=stdin, timeout=300, cwd="/")
        if expect is not None and done.returncode != expect:
            raise AssertionError(f"{' '.join(command)} ended with {done.returncode}, not {expect}:\n{done.stdout}\n{done.stderr}\n"
                                 f"{self.journal()}")
        return done

    def show(self, what, unit="dvsync"):
        return self.run("systemctl", "show", "-P", what, unit).stdout.strip()

    def sql(self, statement):
        done = self.run("psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", "dvsync", "-c", statement, user="postgres")
        return done.stdout.strip()

    def path(self, inside):
        return os.path.join(self.tree, inside.lstrip("/"))

    def write(self, inside, text):
        with open(self.path(inside), "w", encoding="utf-8") as file:
            file.write(text)

    def read(self, inside):
        with open(self.path(inside), encoding="utf-8") as file:
            return file.read()

    def close(self):
        if self.console:
            self.run("systemctl", "poweroff", "--force", expect=None)
            try:
                self.nspawn.wait(timeout=60)
            except subprocess.TimeoutExpired:
                self.nspawn.kill()
                self.nspawn.wait()
            self.console.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class MachineTest(unittest.TestCase):
    """One machine for all tests of a class, which build on one another in their order."""

    bare = False

    @classmethod
    def setUpClass(cls):
        skip_or_fail(cannot())
        cls.machine = Machine(bare=cls.bare)
        cls.addClassCleanup(cls.machine.close)
        cls.machine.boot()

    def systemctl(self, *arguments, expect=0):
        return self.machine.run("systemctl", *arguments, expect=expect)

    def wait_for_rows(self, number, condition="true"):
        self.machine.wait_until(
            lambda: self.machine.sql(f"SELECT count(*) FROM contoso.systemuser WHERE {condition}") == str(number),
            what=f"{number} rows {condition}")

    def said(self, *arguments):
        lines = self.machine.run("journalctl", "-o", "json", "--no-pager", *arguments).stdout.splitlines()
        return [json.loads(line) for line in lines]

    def wait_for_status(self, words, unit="dvsync"):
        self.machine.wait_until(lambda: words in self.machine.show("StatusText", unit), what=f"the status of {unit}: {words}")
