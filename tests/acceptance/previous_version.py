"""The package of the version before: what the program was before the newest migration, so that an upgrade has one to carry out."""

import glob
import os
import subprocess
import sys
import unittest

from machine import BUILD, PROJECT, cpack


def git(*arguments):
    return subprocess.run(["git", *arguments], cwd=PROJECT, check=True, capture_output=True, text=True).stdout.strip()


def commit_before_the_newest_migration():
    try:
        return git("rev-parse", git("log", "-1", "--diff-filter=A", "--format=%H", "--", "sql/mirror", "sql/environment") + "^")
    except subprocess.CalledProcessError as error:
        raise unittest.SkipTest(f"no version before the newest migration is in this clone; `git fetch --unshallow` brings it: {error.stderr}")


def build_previous_package():
    """Kept in the build folder, whose name does not change, so that a compiler cache knows it in the next checkout. Not optimised: it
    works on ten users, and CI waits for it."""
    commit = commit_before_the_newest_migration()
    folder = os.path.abspath(os.path.join(BUILD, f"previous-{commit[:12]}"))
    sources, build, package = (os.path.join(folder, name) for name in ("dvsync", "build", "package"))
    if glob.glob(f"{package}/*.deb"): return glob.glob(f"{package}/*.deb")[0]
    os.makedirs(sources, exist_ok=True)
    archive = subprocess.Popen(["git", "archive", commit], cwd=PROJECT, stdout=subprocess.PIPE)
    subprocess.run(["tar", "-x", "-C", sources], stdin=archive.stdout, check=True)
    print(f"building the version before, {commit[:12]}", file=sys.stderr)
    with open(os.path.join(folder, "build.log"), "w+", encoding="utf-8") as log:
        for command in (["cmake", "-G", "Ninja", "-S", sources, "-B", build, "-DCMAKE_BUILD_TYPE=RelWithDebInfo", "-DCMAKE_CXX_FLAGS_RELWITHDEBINFO=-O0",
                         "-DCMAKE_UNITY_BUILD=ON", f"-DCMAKE_PROJECT_INCLUDE={PROJECT}/tests/acceptance/previous_version.cmake", "-DBUILD_TESTING=OFF"], ["cmake", "--build", build]):
            if subprocess.run(command, stdout=log, stderr=log).returncode != 0:
                log.seek(0)
                raise AssertionError(log.read()[-4000:])
    return cpack(build, package)
