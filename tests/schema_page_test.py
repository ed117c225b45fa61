"""docs/schema.md names every table and column of sql/, each under its table's heading, and none besides."""

import pathlib
import re
import sys

ROOT = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
CONSTRAINTS = {"PRIMARY", "UNIQUE", "CHECK", "FOREIGN", "CONSTRAINT", "EXCLUDE", "LIKE"}


def in_parentheses(text, at):
    """The text between the parenthesis that opens at `at` and the one that closes it."""
    depth = 0
    for end in range(at, len(text)):
        depth += {"(": 1, ")": -1}.get(text[end], 0)
        if depth == 0: return text[at + 1:end]
    raise ValueError("a parenthesis is not closed")


def columns_of(definition):
    depth, part, parts = 0, "", []
    for letter in definition:
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "," and depth == 0:
            parts.append(part)
            part = ""
        else:
            part += letter
    words = [one.split() for one in (*parts, part)]
    return {one[0] for one in words if one and one[0].upper() not in CONSTRAINTS}


def tables_of(folder):
    tables = {}
    for path in sorted((ROOT / "sql" / folder).glob("[0-9]*.sql")):
        text = re.sub(r"--.*", "", path.read_text())
        for found in re.finditer(r"CREATE TABLE (?:IF NOT EXISTS )?(\w+)\s*\(", text):
            tables.setdefault(found[1], set()).update(columns_of(in_parentheses(text, found.end() - 1)))
        for table, actions in re.findall(r"ALTER TABLE (?:IF EXISTS )?(\w+)([^;]*);", text):
            tables.setdefault(table, set()).update(re.findall(r"ADD COLUMN (?:IF NOT EXISTS )?(\w+)", actions))
            tables[table] -= set(re.findall(r"DROP COLUMN (?:IF EXISTS )?(\w+)", actions))
        for table in re.findall(r"DROP TABLE (?:IF EXISTS )?(\w+)", text): tables.pop(table, None)
    return tables


def described():
    """What each section names: in its table's first column, or anywhere where it has no table."""
    sections = {}
    for section in re.split(r"^### ", (ROOT / "docs" / "schema.md").read_text(), flags=re.M)[1:]:
        name, _, text = section.partition("\n")
        text = re.split(r"^# ", text, flags=re.M)[0]
        rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("|")]
        sections[name.strip()] = set(re.findall(r"`(\w+)`", "\n".join(rows) if rows else text))
    return sections


def faults():
    tables = {**tables_of("mirror"), **tables_of("environment")}
    sections = described()
    for table in sorted(tables.keys() - sections.keys()): yield f"docs/schema.md has no section ### {table}"
    for table in sorted(sections.keys() - tables.keys()): yield f"docs/schema.md describes {table}, which sql/ does not create"
    for table in sorted(tables.keys() & sections.keys()):
        for column in sorted(tables[table] - sections[table]): yield f"docs/schema.md does not name {table}.{column}"
        if table == "systemuser": continue  # it names settings and sequences besides
        for column in sorted(sections[table] - tables[table]): yield f"docs/schema.md names {table}.{column}, which is not there"


if __name__ == "__main__":
    found = list(faults())
    if found: print("\n".join(found))
    sys.exit(1 if found else 0)
