"""The words of refusals and notes: complete, documented, and no others in use."""

import ast
import re
from pathlib import Path

import pytest

import blacklist.identifiers
from blacklist.errors import InvalidIdentifier
from blacklist.identifiers.reasons import NOTES, REASONS, refusal

PACKAGE = Path(blacklist.identifiers.__file__).parent
MODULES = sorted(path for path in PACKAGE.glob("*.py") if path.name != "reasons.py")
ROOT = Path(__file__).parents[3]


def documented(heading):
    """Return word → meaning of the table under a heading of docs/reasons.md."""
    text = (ROOT / "docs" / "reasons.md").read_text("utf-8")
    section = text.split(f"## {heading}\n")[1].split("\n## ")[0]
    return dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", section, re.MULTILINE))


def raised_words():
    """Return the literal words of every refusal(...) in the package."""
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "refusal":
                yield from (
                    child.value
                    for child in ast.walk(node.args[0])
                    if isinstance(child, ast.Constant) and isinstance(child.value, str)
                )


def all_words():
    """Return every literal of the package that could be a reason or a note."""
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def test_the_documentation_lists_every_reason_with_its_meaning():
    assert documented("Why a text is refused") == REASONS


def test_the_documentation_lists_every_note_with_its_meaning():
    assert documented("What is noted about a text that was understood") == NOTES


def test_only_reasons_of_the_table_are_raised():
    assert set(raised_words()) - {"mailto", "placeholder"} <= set(REASONS)


def test_every_reason_and_note_of_the_tables_is_in_use():
    assert (set(REASONS) | set(NOTES)) <= set(all_words())


def test_nothing_is_raised_past_the_table():
    """InvalidIdentifier is made in reasons.py alone, so no word can be missing from it."""
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                assert getattr(node.func, "id", "") != "InvalidIdentifier", path.name


def test_a_refusal_carries_its_word_and_sentence():
    refused = refusal("empty")
    assert isinstance(refused, InvalidIdentifier)
    assert (refused.reason, refused.detail) == ("empty", REASONS["empty"])
    assert refusal("ambiguous_bank", "A or B").detail == "A or B"


@pytest.mark.parametrize("word", [*REASONS, *NOTES])
def test_words_are_stable_snake_case(word):
    assert re.fullmatch(r"[a-z0-9]+(?:_[a-z0-9]+)*", word)


def test_an_unknown_word_is_a_mistake_of_ours():
    with pytest.raises(KeyError):
        refusal("no_such_reason")
