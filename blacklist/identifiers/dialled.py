"""What a person wrote → what they dial: a number in ASCII digits, freed of what stands around it.

Called by ``phone`` for every text that is not plainly a number. Cuts words on either side and
extensions, reads look-alike letters and other scripts' digits, takes addresses apart; knows no
numbering plan, so that ``phone`` must look again at a number that something was cut from.
"""

import re
import unicodedata
from typing import Final

import msgspec

from blacklist.identifiers.look_alike_digits import read_look_alikes
from blacklist.identifiers.reasons import refusal
from blacklist.identifiers.senders import refuse_sender
from blacklist.identifiers.sip import parse_address
from blacklist.identifiers.text import drop_hidden, require_one_line
from blacklist.identifiers.words_beside import end_before_words, start_behind_words

MAX_CHARACTERS: Final = 250
"""What the library reads at most; it also bounds the work of the patterns here."""

_SEPARATOR: Final = re.compile(r"[;,|]")
_MAX_AREA_DIGITS: Final = 5
_MARKS: Final = r"[\s()\[\]./~-]"
_DIALLED: Final = re.compile(rf"{_MARKS}*\+*{_MARKS}*(?:\d{_MARKS}*)+")
_EXTENSION: Final = re.compile(
    r"[\s,;.(-]*(?:\bext(?:ension|n)?\b|(?<=\d)(?:ext|x)|\bx|#|\b(?:số )?máy lẻ\b|\bmay le\b|\bml\b"
    r"|\bnội bộ\b|\bnhánh\b)[\s.:=]*\d{1,7}[)\s]*\Z",
    re.IGNORECASE,
)
_SIDE_BY_SIDE: Final = re.compile(r"\s*\+?\d{9,}\s+\+?\d{9,}\s*")
_WHOLE_NUMBER: Final = re.compile(r"(?:\d[ .-]?){8,}")


class Dialled(msgspec.Struct, frozen=True, gc=False):
    """A number's digits with their marks, the prefix it stands behind, and how it was read.

    ``context`` is a SIP or tel address's ``+84``, to be put before a number that is no short one.
    """

    text: str
    context: str = ""
    notes: tuple[str, ...] = ()

    @property
    def was_cut(self) -> bool:
        """Tell whether something stood beside the number: it may have been a part of it."""
        return not {"words_dropped", "extension_dropped"}.isdisjoint(self.notes)


def read_dialled(text: str) -> Dialled:
    """Return the one number that is written, or raise InvalidIdentifier.

    ``control_characters``, ``not_a_number``, ``letters_in_number``, ``several_numbers``,
    ``withheld_number``, ``brand_name_sender``, ``sip_without_number``.
    """
    require_one_line(text)
    if len(text) > MAX_CHARACTERS:
        raise refusal("not_a_number")
    folded = fold_to_ascii(text)
    address = parse_address(folded)
    if address is None:
        return _free_number(folded)
    if address.user is None:
        raise refusal("sip_without_number")
    number = _free_number(fold_to_ascii(address.user), is_user=True)
    return Dialled(number.text, address.context, number.notes)


def is_sip(text: str) -> bool:
    """Tell whether a text is a ``sip:`` or ``sips:`` address."""
    address = parse_address(fold_to_ascii(text)) if len(text) <= MAX_CHARACTERS else None
    return address is not None and address.is_sip


def count_digits(text: str) -> int:
    """Return how many digits of any script a text has."""
    return sum(character.isdecimal() for character in text)


def fold_to_ascii(text: str) -> str:
    """Return the text with any script's digits as ASCII digits and any dash as ``-``."""
    if text.isascii():
        return text
    return "".join(map(_fold_character, drop_hidden(unicodedata.normalize("NFKC", text))))


def _fold_character(character: str) -> str:
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    return "-" if unicodedata.category(character) == "Pd" else character


def _free_number(text: str, *, is_user: bool = False) -> Dialled:
    """Return the number without what stands around it; raise what the text is instead.

    Words in front of a number that is an address's user are its name.
    """
    number, notes = text, []
    if _DIALLED.fullmatch(text) is None:
        similar = read_look_alikes(text)
        if similar is not None:
            number = similar
            notes.append("letters_read_as_digits")
        else:
            number, notes = _cut(text, 0 if is_user else start_behind_words(text))
    if _DIALLED.fullmatch(number) and not _is_two_numbers(number):
        # The library takes what is behind a tilde for an extension.
        return Dialled(number.replace("~", "-"), "", tuple(notes))
    raise refusal(_what_else(text))


def _cut(text: str, start: int) -> tuple[str, list[str]]:
    """Return the text from ``start`` without words and an extension behind; the notes for that."""
    end = end_before_words(text)
    notes = ["words_dropped"] if start > 0 or end < len(text) else []
    text = text[start:end]
    extension = _EXTENSION.search(text)
    if extension and count_digits(text[: extension.start()]):
        text = text[: extension.start()]
        notes.append("extension_dropped")
    return text, notes


def _what_else(text: str) -> str:
    """Return the reason for which a text is not one plain number."""
    if count_digits(text) == 0:
        return refuse_sender(text) or "not_a_number"
    parts = [part for part in _SEPARATOR.split(text) if count_digits(part)]
    if len(parts) > 1 or _is_two_numbers(text) or len(_WHOLE_NUMBER.findall(text)) > 1:
        return "several_numbers"
    if any(character.isalpha() for character in text):
        return refuse_sender(text) or "letters_in_number"
    return "not_a_number"


def _is_two_numbers(text: str) -> bool:
    """Tell whether a slash or a blank parts two numbers; a slash may follow an area code (030/…).

    Nine digits and nine more are longer than any number with its prefixes.
    """
    if _SIDE_BY_SIDE.fullmatch(text):
        return True
    head, slash, tail = text.partition("/")
    return bool(slash) and count_digits(head) > _MAX_AREA_DIGITS and count_digits(tail) > 0
