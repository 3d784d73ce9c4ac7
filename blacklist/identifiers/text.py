"""What every text must pass before any kind looks at it.

Called once for each question and each listed row; knows no kind.
"""

import re
from typing import Final

from blacklist.identifiers.reasons import refusal

MAX_CHARACTERS: Final = 8192

_HIDDEN: Final = "".join(
    map(chr, (0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF))
)
"""Soft hyphens, zero-width and direction marks: copied along from chats and contact books."""

_BLANKS: Final = _HIDDEN + "".join(filter(str.isspace, map(chr, range(0x3001))))
_DROP_HIDDEN: Final = str.maketrans("", "", _HIDDEN)
_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_LINE: Final = re.compile(r"[\t\n\r]")


def clean(text: str) -> str:
    """Return the text without the blanks around it.

    Tabs and line ends inside are left: a link loses them, the other kinds refuse them.
    Raises InvalidIdentifier: ``too_long``, ``empty``, ``control_characters``, ``not_text``.
    """
    if len(text) > MAX_CHARACTERS:
        raise refusal("too_long")
    if text.isascii() and text.isprintable():
        cleaned = text.strip(" ")
    else:
        cleaned = text.strip(_BLANKS)
        if _SURROGATE.search(cleaned):
            raise refusal("not_text")
        if _CONTROL.search(cleaned):
            raise refusal("control_characters")
    if not cleaned:
        raise refusal("empty")
    return cleaned


def require_one_line(text: str) -> None:
    """Raise InvalidIdentifier ``control_characters`` when a tab or a line end is inside."""
    if not text.isprintable() and _LINE.search(text):
        raise refusal("control_characters")


def drop_hidden(text: str) -> str:
    """Return the text without the marks that show nothing."""
    return text.translate(_DROP_HIDDEN)
