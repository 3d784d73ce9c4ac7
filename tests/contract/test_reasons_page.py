"""docs/reasons.md has every word of the other layers, and no other.

(Its first two tables are held by tests/unit/identifiers/test_reasons.py.)
"""

import ast
import re

from blacklist import guard, scan
from blacklist.screening.reasons import REASONS as SCREENING_REASONS
from blacklist.web import problems, worker
from blacklist.web.reasons import REASONS as WEB_REASONS
from documents import read, table, words
from loaders import update
from loaders.fetch_reasons import REASONS as FETCH_REASONS
from loaders.formats.base import REASONS
from loaders.report import DOUBTS
from servers import ROOT

PAGE = read("docs/reasons.md")
PIPELINE = "kind_not_told"
HELD_IN_ITEMS = "item"
"""In place of a status: a word that stands in the error of one item."""
WORD = re.compile(r"[a-z]+(?:_[a-z]+)+")


def section(heading):
    """The part of the page under a heading."""
    return PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]


def meanings(heading):
    """Word → meaning of the table under a heading."""
    return {words(word)[0]: meaning for word, meaning in table(section(heading), "word", "meaning")}


def nodes(path):
    """Every node of the modules that a pattern names."""
    for module in sorted(ROOT.glob(path)):
        yield from ast.walk(ast.parse(module.read_text("utf-8")))


def calls(path, *names):
    """Every call of functions or methods of these names, with its arguments' constants."""
    for node in nodes(path):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in names:
                yield node, [getattr(one, "value", None) for one in node.args]


def refusals():
    """Every word with which the web refuses, with its status where the code tells it."""
    for _, constants in calls("blacklist/web/**/*.py", "Refusal", "respond", "document"):
        if len(constants) > 1 and isinstance(constants[1], str):
            yield constants[1], constants[0]
    for _, constants in calls("blacklist/lookup.py", "_unavailable"):
        yield from ((word, 503) for word in constants if isinstance(word, str))
    yield from tabled_refusals()


def errors_of_items():
    """Every word of an item's error, which may refuse a request that is one item, too."""
    for path in ("blacklist/web/*.py", "blacklist/items.py"):
        for _, constants in calls(path, "ItemError"):
            if isinstance(constants[0], str):
                yield constants[0]


def tabled_refusals():
    """Those that stand in tables: by exception, by status, and the server's own."""
    yield from ((word, status) for _, status, word in problems._STATUS)
    yield from ((word, status) for status, word in problems._REASONS.items())
    ((_, (_, otherwise)),) = calls("blacklist/web/problems.py", "get")
    yield otherwise, "other"
    for name, told in vars(worker).items():
        if name.isupper() and isinstance(told, tuple) and len(told) == 4:
            status, _, word, _ = told
            yield word, status


def test_every_word_of_a_refused_request_is_documented_with_its_status() -> None:
    """And every word documented is in use."""
    documented = {
        words(word)[0]: set(status.split(", "))
        for word, status, _ in table(
            section("Why a request is refused"), "word", "status", "meaning"
        )
    }
    assert documented == {
        word: {*map(str, reason.statuses), *([HELD_IN_ITEMS] if reason.in_items else [])}
        or {"other"}
        for word, reason in WEB_REASONS.items()
    }
    used: dict[str, set[str]] = {}
    for word, status in refusals():
        used.setdefault(word, set()).add(str(status))
    in_items = set(errors_of_items())
    for word in in_items:
        assert documented[word] & ({HELD_IN_ITEMS, "400"} | used.get(word, set())), word
    assert documented.keys() == used.keys() | in_items
    for word, statuses in used.items():
        assert statuses <= documented[word], word
        assert documented[word] - statuses <= {HELD_IN_ITEMS} | (
            {"400"} if word in in_items else set()
        )


def test_the_page_repeats_what_the_words_of_a_refusal_mean() -> None:
    """In the order of the code."""
    rows = table(section("Why a request is refused"), "word", "status", "meaning")
    assert [(words(word)[0], meaning) for word, _, meaning in rows] == [
        (word, reason.meaning) for word, reason in WEB_REASONS.items()
    ]


def test_every_note_on_the_lists_is_documented() -> None:
    """Those of an answer, then those of an unavailable one."""
    used = {
        constant
        for _, constants in calls("blacklist/lookup.py", "_unavailable")
        for constant in constants
        if isinstance(constant, str)
    }
    used |= {
        constants[0]
        for node, constants in calls("blacklist/*.py", "append")
        if getattr(node.func.value, "id", "") == "notes"
    }
    assert used == set(meanings("What is noted about the lists behind an answer"))


def test_every_note_on_a_message_is_documented_with_its_meaning() -> None:
    """In the order in which they come."""
    documented = meanings("What is noted about a message")
    assert list(documented.items()) == list(scan.NOTES.items())


def test_every_word_on_a_table_is_documented_with_its_meaning() -> None:
    """In the order of the code; and every word is in use."""
    documented = meanings("Why a table, or a row of it, is not screened")
    assert list(documented.items()) == list(SCREENING_REASONS.items())
    used = {
        constant
        for _, constants in calls("blacklist/screening/*.py", "refusal", "row_error", "_refuse")
        for constant in constants
        if isinstance(constant, str)
    }
    assert used == set(SCREENING_REASONS)


def test_every_word_on_a_fetch_is_documented_with_its_meaning() -> None:
    """And every word is in use."""
    assert meanings("Why a feed was not fetched or not loaded") == FETCH_REASONS
    used = {constants[0] for _, constants in calls("loaders/*.py", "unreachable")}
    used |= {
        keyword.value.value
        for node, _ in calls("loaders/*.py", "Unreachable")
        for keyword in node.keywords
        if keyword.arg == "reason" and isinstance(keyword.value, ast.Constant)
    }
    for node in nodes("loaders/download.py"):  # chosen between two in a call
        if isinstance(node, ast.IfExp) and isinstance(node.body, ast.Constant):
            used |= {node.body.value, getattr(node.orelse, "value", None)}
    assert FETCH_REASONS.keys() - used == {*update._WORDS.values(), "unreadable"}


def test_every_word_on_a_row_is_documented_with_its_meaning() -> None:
    """Skipped and rejected are the table of the formats, the guard's, and the loaders' one word."""
    skipped = meanings("Why a row of a feed is skipped")
    rejected = meanings("Why a row of a feed is rejected")
    assert not skipped.keys() & rejected.keys()
    told = rejected.pop(PIPELINE)
    held = meanings("Why a row of a feed waits for a person")
    assert not held.keys() & (skipped | rejected).keys()
    assert held == guard.REASONS
    assert skipped | rejected == REASONS
    assert [constants for _, constants in calls("loaders/staging.py", "InvalidIdentifier")] == [
        [PIPELINE, told]
    ]


def test_every_doubt_about_a_generation_is_documented() -> None:
    assert meanings("Why a generation is held") == DOUBTS


def test_every_note_on_a_decision_is_documented() -> None:
    """Those that the judgement yields, without what stands behind their colons."""
    page = set(meanings("What is noted about a decision"))
    used = {
        constant.value.removesuffix(":")
        for node in nodes("blacklist/verdict.py")
        if isinstance(node, ast.Yield)
        for constant in getattr(node.value, "values", [node.value])[:1]
        if isinstance(constant, ast.Constant)
    }
    assert used == page


def test_the_words_of_skipped_rows_are_those_that_skip() -> None:
    """As the formats use them."""
    used = {
        constant.value
        for node, _ in calls("loaders/formats/*.py", "Skipped")
        for keyword in node.keywords
        if keyword.arg == "reason"
        for constant in ast.walk(keyword.value)
        if isinstance(constant, ast.Constant) and WORD.fullmatch(str(constant.value))
    }
    assert used == set(meanings("Why a row of a feed is skipped"))
