"""The project's Markdown files as tests read them: fenced blocks, tables, commands, links."""

import re
import shlex
from pathlib import Path

from servers import ROOT

_FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_CELL = re.compile(r"(?<!\\)\|")


def read(name: str) -> str:
    """The text of a file of the repository."""
    return (ROOT / name).read_text("utf-8")


def blocks(text: str, language: str) -> list[str]:
    """The fenced blocks of a language, in order."""
    return [body for found, body in _FENCED.findall(text) if found == language]


def prose(text: str) -> str:
    """The text without its fenced blocks."""
    return _FENCED.sub("", text)


def table(text: str, *header: str) -> list[list[str]]:
    """The rows of the one table with this header; the cells are stripped."""
    lines = iter(text.splitlines())
    wanted = f"| {' | '.join(header)} |"
    assert text.count(wanted + "\n") == 1, f"not one table {wanted}"
    next(line for line in lines if line == wanted)
    next(lines)
    rows = []
    for line in lines:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in _CELL.split(line)[1:-1]])
    return rows


def words(cell: str) -> list[str]:
    """What stands in backticks."""
    return re.findall(r"`([^`]+)`", cell)


def commands(text: str) -> list[list[str]]:
    """The words of every shell command, in order: one a line or one a part of a pipe."""
    found = []
    for body in blocks(text, "sh"):
        for line in body.replace("\\\n", " ").splitlines():
            lexer = shlex.shlex(line, posix=True, punctuation_chars="|")
            lexer.whitespace_split = True
            found += _split_pipe(list(lexer))
    return found


def _split_pipe(parts: list[str]) -> list[list[str]]:
    found: list[list[str]] = [[]]
    for part in parts:
        if part == "|":
            found.append([])
        else:
            found[-1].append(part)
    return [one for one in found if one]


def broken_links(name: str) -> list[str]:
    """The links of a file to files or headings of the repository that are not there."""
    text = read(name)
    return [link for link in _LINK.findall(prose(text)) if not _leads_somewhere(name, link)]


def _leads_somewhere(name: str, link: str) -> bool:
    if link.startswith("https://"):
        return True
    path, _, heading = link.partition("#")
    target = (ROOT / name).parent / path if path else ROOT / name
    return target.exists() and (not heading or heading in _anchors(target))


def _anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", prose(path.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings}
