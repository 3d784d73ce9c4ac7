"""A verdict as cells."""

import csv

import pytest

from blacklist.model import Category, ItemError, Kind, Level, Match, MatchView, Outcome, Trust
from blacklist.model import Verdict as Answer
from blacklist.screening.cells import VERDICT_COLUMNS, verdict_cells


def match(**fields):
    """A listing."""
    told = {
        "kind": Kind.PHONE,
        "listed": "+447700900123",
        "match": Match.EXACT,
        "source": "a",
        "title": "A",
        "trust": Trust.COMMUNITY,
        "category": Category.OTHER,
        "since": "2026-11-25T00:00:00Z",
        "reference": None,
        "note": None,
        "expires": None,
        "last_seen": None,
        "reports": None,
    }
    return MatchView(**told | fields)


def read(answer):
    """The cells by column, as a program reads them."""
    (row,) = csv.reader([",".join(verdict_cells(answer))])
    return dict(zip(VERDICT_COLUMNS, row, strict=True))


def test_what_is_listed_is_told_with_who_says_so_and_since_when() -> None:
    answer = Answer(
        verdict=Outcome.LISTED,
        suspicious=True,
        level=Level.DANGER,
        matches=(
            match(),
            match(source="b", listed="+44770*", since="2025-01-01T00:00:00Z"),
            match(category=Category.PHISHING),
        ),
        related=(match(kind=Kind.ACCOUNT),),
        notes=("bank_missing", "no_lists"),
    )
    assert read(answer) == {
        "verdict": "listed",
        "suspicious": "true",
        "level": "danger",
        "matches": "phone:+447700900123; phone:+44770*",
        "sources": "a; b",
        "categories": "other; phishing",
        "since": "2025-01-01T00:00:00Z",
        "notes": "bank_missing; no_lists; related_listed",
        "error": "",
    }


def test_what_was_not_judged_is_empty_and_never_false() -> None:
    """Unavailable, or not understood."""
    unavailable = read(Answer(verdict=Outcome.UNAVAILABLE, notes=("store_unavailable",)))
    wrong = read(Answer(error=ItemError("unknown_bank", "The bank is not known.")))
    assert (unavailable["verdict"], unavailable["notes"]) == ("unavailable", "store_unavailable")
    assert wrong["error"] == "unknown_bank: The bank is not known."
    assert not wrong["verdict"]
    for told in (unavailable, wrong):
        assert (told["suspicious"], told["level"]) == ("", "")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@a", "\t=1", "\r=1", "=\n1", '="a"', "'=1"])
def test_no_cell_that_is_written_is_a_formula(text) -> None:
    """Whatever stands in a list or a payment code, and whichever delimiter a reader takes."""
    answer = Answer(
        verdict=Outcome.LISTED,
        matches=(match(source=text, listed=text),),
        notes=(text, f"purpose:a; {text}"),
    )
    for cell, written in zip(read(answer).values(), verdict_cells(answer), strict=True):
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
        assert written.startswith('"') or not set(written) & set(';,\t|"\r\n')
        assert "\n" not in cell
