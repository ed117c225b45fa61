"""Every message that docs/troubleshooting.md quotes still stands in the program.

troubleshooting_test.py PROJECT: prints each one that does not, and fails when there is one.
"""

import pathlib
import re
import sys

# "`" within a quoted message is the program's own; a cell ends with "` |" or with the word behind it.
ROW = re.compile(r"^\| `(.*?)`(?: in [^|`]*| behind [^|`]*)? \| ", re.M)
SECTIONS_OF_MESSAGES = ("The configuration", "PostgreSQL", "The directory", "Runs")


def program(project):
    """What the program may say: its literals, those that are split over lines as one."""
    text = ""
    for path in sorted((project / "src").rglob("*.cpp")):
        code = re.sub(r'"\s*\n\s*"', "", path.read_text(encoding="utf-8"))
        text += code.replace('\\"', '"')
    return text


def quoted(page):
    for section in re.split(r"^## ", page, flags=re.M)[1:]:
        if section.split("\n", 1)[0] in SECTIONS_OF_MESSAGES:
            yield from ROW.findall(section)


def faults(project):
    said = program(project)
    messages = list(quoted((project / "docs/troubleshooting.md").read_text(encoding="utf-8")))
    if len(messages) < 30:
        yield f"only {len(messages)} messages were found: has the page another shape?"
    for message in messages:
        for part in re.split("…", message):
            if part.strip() and part not in said:
                yield f"the program does not say: {part}"


if __name__ == "__main__":
    found = list(faults(pathlib.Path(sys.argv[1]).resolve()))
    if found:
        print("\n".join(found))
    sys.exit(1 if found else 0)
