"""Every text of the pages stands in both languages, and the file of translations is up to date."""

import re

import pytest
from page_texts import FILE, updated

from blacklist.web.pages.language import translations

PLACES = re.compile(r"%\(\w+\)s|%%")


def test_every_text_has_its_vietnamese() -> None:
    missing = [one.id for one in updated() if one.id and not one.string]
    assert not missing


def test_the_file_has_what_is_used_and_nothing_else() -> None:
    """``python scripts/page_texts.py`` brings it up to date."""
    text = FILE.read_text("utf-8")
    assert text.count("\nmsgid ") == len([one for one in updated() if one.id])
    assert "#~" not in text
    assert "fuzzy" not in text


def test_what_is_filled_in_is_filled_in_both(service) -> None:
    """A translation that lost a name would be an error in front of somebody."""
    for one in updated():
        if one.id:
            assert sorted(PLACES.findall(one.id)) == sorted(PLACES.findall(one.string or "")), (
                one.id
            )


def test_no_text_says_that_something_is_safe() -> None:
    """DESIGN: "nothing known" is not "safe", in no language."""
    told = [text for one in updated() for text in (one.id, one.string) if one.id]
    for text in told:
        for sentence in re.split(r"(?<=[.:!?])\s", text or ""):
            if re.search(r"\bsafe\b|an toàn", sentence):
                assert re.search(r"\bnot\b|không có nghĩa", sentence), sentence


@pytest.mark.parametrize("text", ["Danger", "What to do now", "I already sent money"])
def test_what_is_installed_is_what_is_read(text: str) -> None:
    """The package's own file, without anything compiled."""
    assert translations("vi").ugettext(text) != text
    assert translations("en").ugettext(text) == text
