#!/usr/bin/env python3
"""How CMake builds the operator's page in: with npm's tools, and without them."""

import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

CONSOLE = Path(__file__).resolve().parent.parent / "src" / "console"
FETCHED = CONSOLE / "page" / "node_modules"
PROJECT = """cmake_minimum_required(VERSION 3.25)
project(page LANGUAGES NONE)
include(page.cmake)
embed_page(PAGE_FILES)
configure_file(page_files.cpp.in ${CMAKE_CURRENT_BINARY_DIR}/page_files.cpp @ONLY)
"""
NO_PROGRAMS = ("-DCMAKE_FIND_USE_CMAKE_SYSTEM_PATH=OFF", "-DCMAKE_FIND_USE_SYSTEM_ENVIRONMENT_PATH=OFF")


class PageBuild(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        for name in ("page.cmake", "page_files.cpp.in"):
            shutil.copy(CONSOLE / name, self.folder)
        shutil.copytree(CONSOLE / "page", self.folder / "page", ignore=shutil.ignore_patterns("node_modules"))
        (self.folder / "CMakeLists.txt").write_text(PROJECT, encoding="utf-8")

    def configure(self, *options, expect=0):
        done = subprocess.run(["cmake", "-G", "Ninja", f"-DCMAKE_MAKE_PROGRAM={shutil.which('ninja')}", "-S", self.folder, "-B", self.folder / "build", *options], capture_output=True, text=True)
        self.assertEqual(done.returncode != 0, expect != 0, done.stdout + done.stderr)
        made = self.folder / "build" / "page_files.cpp"
        return " ".join((done.stdout + done.stderr).split()), made.read_text(encoding="utf-8") if made.exists() else ""

    def test_without_npm_the_build_goes_on_and_says_so(self):
        said, made = self.configure(*NO_PROGRAMS)
        self.assertIn("dvsync is built without the operator's page: there is no npm", said)
        self.assertIn("all{};", made)

    def test_the_package_does_not_go_on_without_it(self):
        said, _ = self.configure("-DDVSYNC_PAGE=ON", *NO_PROGRAMS, expect=1)
        self.assertIn("The operator's page cannot be built: there is no npm", said)

    def test_it_can_be_left_out(self):
        said, made = self.configure("-DDVSYNC_PAGE=OFF")
        self.assertNotIn("operator's page", said)
        self.assertIn("all{};", made)

    @unittest.skipUnless(FETCHED.is_dir(), "npm's packages are not there: this build has no page")
    def test_what_is_fetched_is_enough_and_names_follow_the_contents(self):
        os.symlink(FETCHED, self.folder / "page" / "node_modules")
        _, made = self.configure("-DDVSYNC_PAGE=ON")
        self.assertIn('{"index.html", "text/html; charset=utf-8", R"embedded(<!doctype html>', made)
        self.assertRegex(made, r'\{"page-[A-Z0-9]{8}\.js", "text/javascript; charset=utf-8", ')
        again = self.configure("-DDVSYNC_PAGE=ON")[1]
        self.assertEqual(again, made, "the same sources give the same bytes")
        style = self.folder / "page" / "src" / "style.css"
        style.write_text(style.read_text(encoding="utf-8") + "\nmain { color: red; }\n", encoding="utf-8")
        names = [[line.split('"')[1] for line in text.splitlines() if line.startswith('    {"style-')] for text in (made, self.configure()[1])]
        self.assertNotEqual(*names)


if __name__ == "__main__":
    unittest.main()
