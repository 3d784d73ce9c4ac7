"""Why a row is rejected or skipped, in Vietnamese, for those who write letters and load them.

The words are those of docs/reasons.md; the sentences stand in ``data/reasons_vi.tsv``, ``word`` and
sentence with a tab between them, sorted. A test holds that no word is without one.
"""

from functools import cache
from importlib.resources import files


def sentence(word: str) -> str:
    """Return what a word means; the word itself where it has no sentence."""
    return _sentences().get(word, word)


def words() -> frozenset[str]:
    """Return the words that have a sentence."""
    return frozenset(_sentences())


@cache
def _sentences() -> dict[str, str]:
    text = files("blacklist").joinpath("data", "reasons_vi.tsv").read_text("utf-8")
    rows = (line.partition("\t") for line in text.splitlines())
    return {word: told for word, _, told in rows}
