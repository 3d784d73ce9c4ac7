"""Every word for which a row is rejected or skipped has a sentence in Vietnamese."""

import pytest

from blacklist import guard, vietnamese
from blacklist.identifiers import reasons
from loaders.formats import base
from servers import ROOT

WORDS = {*reasons.REASONS, *guard.REASONS, *base.REASONS, "kind_not_told"}


def test_no_word_is_without_a_sentence() -> None:
    assert vietnamese.words() >= WORDS


@pytest.mark.parametrize("word", sorted(vietnamese.words()))
def test_a_sentence_is_one(word: str) -> None:
    sentence = vietnamese.sentence(word)
    assert sentence == sentence.strip()
    assert sentence[0].isupper()
    assert sentence.endswith(".")
    assert not sentence.isascii()


def test_the_table_is_sorted_and_has_no_word_twice() -> None:
    lines = (ROOT / "blacklist/data/reasons_vi.tsv").read_text("utf-8").splitlines()
    words = [line.split("\t")[0] for line in lines]
    assert words == sorted(set(words))
    assert all(line.count("\t") == 1 for line in lines)


def test_a_word_that_is_not_known_stands_for_itself() -> None:
    assert vietnamese.sentence("no_such_word") == "no_such_word"
