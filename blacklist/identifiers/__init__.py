"""How texts become identifiers: the way in.

    ask       a question's text ──▶ ``plain``, or ``asking`` in general ──▶ readings
    list_as   a feed's row ──▶ ``listing`` ──▶ what it lists

Pure: no I/O but reading the package's own tables at first use. Called by ``lookup`` (questions) and
``publish`` and the loaders (rows). For any ``str`` nothing but InvalidIdentifier is raised; its
reasons and the notes of readings stand in ``reasons``.
"""

from blacklist.identifiers.asking import ask_generally
from blacklist.identifiers.listing import guess_kind, list_as
from blacklist.identifiers.plain import ask_plain
from blacklist.model import Kind, Question

__all__ = ["ask", "ask_generally", "guess_kind", "list_as"]


def ask(
    text: str, *, kind: Kind | None = None, bank: str | None = None, region: str = "VN"
) -> Question:
    """Return what a text asks.

    Without ``kind`` every reading that the text allows; with it that kind's only, and in
    ``related`` what else the text plainly is. ``bank`` (any name of it) without a kind means an
    account. ``region`` (ISO 3166 alpha-2) is where a phone number was dialled. Raises
    InvalidIdentifier.
    """
    return ask_plain(text, kind, bank, region) or ask_generally(text, kind, bank, region)
