"""The blocks of code of a document."""

import os
import re

from machine import PROJECT


class Block:
    def __init__(self, heading, language, text):
        self.heading, self.language, self.text = heading, language, text


def blocks_of(document):
    """Every block of code with the heading it stands under: fenced, or indented by four."""
    with open(os.path.join(PROJECT, document), encoding="utf-8") as file:
        text = file.read()
    found = []
    for section in re.split(r"^## ", text, flags=re.M):
        heading = section.split("\n", 1)[0]
        for match in re.finditer(r"^```(\w*)\n(.*?)^```|(?<=\n\n)((?: {4}[^\n]*\n|\n(?= {4}))+)", section, re.M | re.S):
            indented = match.group(3) is not None
            block = re.sub(r"^ {4}", "", match.group(3), flags=re.M) if indented else match.group(2)
            found.append(Block(heading, None if indented else match.group(1), block))
    return found


def typed(document, heading):
    """The shell lines under a heading, a text for each block."""
    found = [block.text for block in blocks_of(document) if block.heading == heading and block.language == "sh"]
    assert found, f"{document} has no commands under {heading}"
    return found
