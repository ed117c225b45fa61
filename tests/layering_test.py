#!/usr/bin/env python3
"""The layers, as CONTRIBUTING.md describes them: who may include whom, what is public, and where SQL stands.

layering_test.py [FOLDER]    the project's folder, by default the one this file lies in
"""

import re
import sys
import unittest
from pathlib import Path

ROOT = Path(sys.argv.pop(1)) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent

# A layer may include itself and what stands here. The store takes the source's records as they come, so it knows their header.
MAY_INCLUDE = {
    "core": set(),
    "config": {"core"},
    "source": {"core", "config"},
    "store": {"core", "config", "source"},
    "sync": {"core", "config", "source", "store"},
    "service": {"core", "config", "source", "store", "sync"},
    "console": {"core", "config", "source", "store", "sync", "service"},
    "cli": {"core", "config", "source", "store", "sync", "service", "console"},
}
EVERYBODYS = {"dvsync/error.hpp", "dvsync/result.hpp", "dvsync/interruptible_sleep.hpp", "dvsync/random_bytes.hpp"}
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"]+)"|<([^>]+)>)', re.MULTILINE)
SQL = re.compile(r'"\s*(SELECT|INSERT INTO|UPDATE|DELETE FROM|WITH|MERGE INTO|COPY|LISTEN|NOTIFY|LOCK TABLE|TRUNCATE|BEGIN|COMMIT|'
                 r'ROLLBACK|SAVEPOINT|SET (?:LOCAL |SESSION )?[a-z_]+ (?:=|TO)|SHOW|CREATE|ALTER|DROP|GRANT)[ "]')


def layer_of(path):
    parts = path.relative_to(ROOT).parts
    below = parts[2:] if parts[0] == "include" else parts[1:]
    return below[0] if len(below) > 1 else None


def files():
    for folder in ("src", "include"):
        for path in sorted((ROOT / folder).rglob("*.?pp")):
            yield path, path.read_text(encoding="utf-8")


def name_of(path):
    return str(path.relative_to(ROOT))


class Layering(unittest.TestCase):
    maxDiff = None

    def fail_with(self, problems):
        self.assertEqual(problems, [], "\n" + "\n".join(problems))

    def test_no_include_points_upward(self):
        problems = []
        for path, text in files():
            layer = layer_of(path)
            for quoted, _ in INCLUDE.findall(text):
                found = re.match(r"dvsync/([a-z_]+)/", quoted)
                if layer and found and found.group(1) not in MAY_INCLUDE[layer] | {layer}:
                    problems.append(f"{name_of(path)}: a file of {layer} includes {quoted}")
                elif layer and quoted.startswith("dvsync/") and not found and quoted not in EVERYBODYS:
                    problems.append(f"{name_of(path)}: {quoted} belongs to no layer")
        self.fail_with(problems)

    def test_nobody_includes_anothers_private_header(self):
        problems = []
        for path, text in files():
            layer = layer_of(path)
            public = path.is_relative_to(ROOT / "include")
            for quoted, _ in INCLUDE.findall(text):
                if not quoted or quoted.startswith("dvsync/"):
                    continue
                if public:
                    problems.append(f"{name_of(path)}: a public header includes the private {quoted}")
                elif layer and not any((folder / quoted).exists() for folder in
                                       (path.parent, ROOT / "src" / layer, *([ROOT / "src"] if quoted.startswith(layer + "/") else []))):
                    problems.append(f"{name_of(path)}: {quoted} is no header of {layer}")
        self.fail_with(problems)

    def test_public_headers_are_used_by_another_layer(self):
        used = {}  # public header -> the layers that include it, or a public header that does
        includes = {}
        for path, text in files():
            mine = [q for q, _ in INCLUDE.findall(text) if q.startswith("dvsync/")]
            if path.is_relative_to(ROOT / "include"):
                includes[str(path.relative_to(ROOT / "include"))] = mine
            for quoted in mine:
                used.setdefault(quoted, set()).add(layer_of(path) or "main")

        def serves_others(header, seen):
            own = header.split("/")[1]
            if used.get(header, set()) - {own}:
                return True
            return any(header in theirs and other not in seen and serves_others(other, seen | {other})
                       for other, theirs in includes.items())

        self.fail_with([f"include/{header}: no other layer uses it, so it belongs below src/{header.split('/')[1]}"
                        for header in sorted(includes) if header.count("/") > 1 and not serves_others(header, {header})])

    def test_core_includes_the_standard_library_alone(self):
        problems = []
        for path, text in files():
            if layer_of(path) != "core":
                continue
            for quoted, angled in INCLUDE.findall(text):
                own = quoted.startswith("dvsync/core/") or quoted == "dvsync/result.hpp" or (path.parent / quoted).is_file()
                if (quoted and not own) or (angled and not re.fullmatch(r"[a-z_0-9]+", angled)):
                    problems.append(f"{name_of(path)}: core includes {quoted or angled}")
        self.fail_with(problems)

    def test_sql_stands_in_store_and_sql_alone(self):
        problems = []
        for path, text in files():
            if layer_of(path) == "store":
                continue
            for number, line in enumerate(text.splitlines(), 1):
                if SQL.search(line):
                    problems.append(f"{name_of(path)}:{number}: SQL outside of src/store: {line.strip()[:80]}")
        self.fail_with(problems)

    def test_a_statement_without_braces_stands_on_the_line_of_its_if(self):
        problems = []
        for path, text in files():
            lines = text.splitlines()
            for number, line in enumerate(lines, 1):
                if re.match(r"\s*(?:} )?(?:if|else if|for|while)\b.*\)$", line) and line.count("(") == line.count(")") \
                        and number < len(lines) and not lines[number].strip().startswith(("{", "requires", ":", ".")):
                    problems.append(f"{name_of(path)}:{number}: braces, or one line: {line.strip()[:80]}")
        self.fail_with(problems)

    def test_names_say_something(self):
        empty = re.compile(r"(^|_)(utils?|managers?|helpers?|common|misc)(_|\.)")
        self.fail_with([name_of(path) for path, _ in files() if empty.search(path.name)])


if __name__ == "__main__":
    if not any(True for _ in files()):
        sys.exit(f"no source found below {ROOT}")
    unittest.main(verbosity=2)
