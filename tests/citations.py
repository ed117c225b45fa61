"""What the code and the documents cite is there: every docs/PAGE.md, every heading after it, every decision number, and
every reason code.

citations.py PROJECT: prints each citation that leads nowhere, and fails when there is one.
"""

import pathlib
import re
import subprocess
import sys

CITING = ("src", "include", "tests", "sql", "scripts", "config", "data", "systemd", "packaging", "bench", "completions", "docs")
SUFFIXES = {".cpp", ".hpp", ".py", ".js", ".sql", ".md", ".yaml", ".cmake", ".txt", ".in", ".service", ".conf", ".8", ".5",
            ".bash", ""}
PAGE = re.compile(r"docs/([A-Za-z0-9_-]+\.md)(?:, ([A-Z][^()]*))?")
LINK = re.compile(r"\]\(([A-Za-z0-9_/.-]+\.md)(?:#([a-z0-9-]+))?\)")
DECISION = re.compile(r"\bD([1-9][0-9]?)\b")
# What the package puts under share/doc, and what may be linked to from there.
INSTALLED = re.compile(r"(?:README|SECURITY)\.md$|docs/")
FILE_LINK = re.compile(r"\]\(([A-Za-z0-9_/.-]+)(?:#[a-z0-9-]+)?\)")
# What only the authors could look up.
ELSEWHERE = re.compile(r"(?i:\binvariant [0-9])|\b(?:RULES|DESIGN)\.md|\breference [A-G]\.[0-9]|\bshared/")


def headings(page):
    return re.findall(r"^#+ (.+?) *$", page.read_text(), re.M)


def anchor(heading):
    return re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-")


def unwrapped(text):
    """Comments of several lines as one, so that a citation may run over a line's end."""
    return re.sub(r"\n[ \t]*(?://+|#|--)?[ \t]*", " ", text)


def commented(path, text):
    """Decision numbers are cited in comments and documents; D1 in code is a name like any other."""
    if path.suffix in (".cpp", ".hpp"): return "\n".join(re.findall(r"//.*", text))
    if path.suffix == ".sql": return "\n".join(re.findall(r"--.*", text))
    return text if path.suffix == ".md" else ""


def codes_used(text):
    """Reason codes that are written out in the code instead of being taken from the table."""
    return set(re.findall(r'(?:\breject(?:ed)?\((?:[^"();]*, )?|\breason = )"([a-z_]+)"', text))


def faults(project):
    codes = set(re.findall(r'"([a-z_]+)"', (project / "include/dvsync/core/reason.hpp").read_text()))
    docs = project / "docs"
    defined = set(re.findall(r"\*\*D([0-9]+)[.*, ]", (docs / "rules.md").read_text()))
    index = (docs / "README.md").read_text()
    for page in sorted(docs.glob("*.md")):
        if page.name != "README.md" and page.name not in index: yield f"docs/README.md: does not list {page.name}"
    listed = subprocess.run(["git", "ls-files", *CITING, "*.md"], cwd=project, capture_output=True, text=True)
    files = listed.stdout.split() if listed.returncode == 0 else [
        str(p.relative_to(project)) for folder in CITING for p in (project / folder).rglob("*") if p.is_file()]
    for name in sorted(set(files)):
        path = project / name
        if path.suffix not in SUFFIXES or "graph_simulator" in name or path == pathlib.Path(__file__).resolve(): continue
        if not path.is_file(): continue
        text = path.read_text(errors="replace")
        for page, heading in PAGE.findall(unwrapped(text)):
            if not (docs / page).is_file():
                yield f"{name}: docs/{page} is not there"
            elif heading and not any(heading.startswith(h) for h in headings(docs / page)):
                yield f"{name}: docs/{page} has no heading that begins \"{heading[:40]}\""
        if path.suffix == ".md":
            for page, fragment in LINK.findall(text):
                target = path.parent / page
                if not target.is_file():
                    yield f"{name}: links to {page}, which is not there"
                elif fragment and fragment not in map(anchor, headings(target)):
                    yield f"{name}: {page} has no heading #{fragment}"
        if path.suffix == ".md" and INSTALLED.match(name):
            for page in FILE_LINK.findall(text):
                target = (path.parent / page).resolve()
                if not target.is_file() or not INSTALLED.match(str(target.relative_to(project))):
                    yield f"{name}: links to {page}, which no package installs"
        if name.startswith(("src/", "include/")):
            for code in codes_used(text) - codes: yield f"{name}: core/reason.hpp has no code {code}"
        for number in DECISION.findall(commented(path, text)):
            if number not in defined: yield f"{name}: docs/rules.md does not define D{number}"
        for found in ELSEWHERE.findall(text):
            yield f"{name}: cites {found}, which is not part of the project"


if __name__ == "__main__":
    found = list(faults(pathlib.Path(sys.argv[1]).resolve()))
    if found: print("\n".join(found))
    sys.exit(1 if found else 0)
