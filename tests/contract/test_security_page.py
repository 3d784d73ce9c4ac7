"""Every line of the threat model names tests that exist."""

import ast
import re

from documents import read
from servers import ROOT

PAGE = read("docs/security.md")
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def rows_of_moves() -> list[str]:
    """The lines of all tables that say what holds a move."""
    found, is_held = [], False
    for line in PAGE.splitlines():
        if line.startswith("| move"):
            is_held = True
        elif not line.startswith("|"):
            is_held = False
        elif is_held and not line.startswith("|---"):
            found.append(line)
    return found


def names_in(path: str) -> set[str]:
    """The names of a file's tests."""
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_line_names_a_test_and_every_test_exists() -> None:
    rows = rows_of_moves()
    assert len(rows) >= 40
    for row in rows:
        named = _TEST.findall(row)
        assert named, row
        assert row.count("::") == len(named), row
        for path, name in named:
            assert name in names_in(path), (path, name)


def test_every_test_named_stands_in_a_table() -> None:
    in_tables = sum(len(_TEST.findall(row)) for row in rows_of_moves())
    assert in_tables == len(_TEST.findall(PAGE))
