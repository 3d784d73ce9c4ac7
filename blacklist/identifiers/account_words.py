"""An account's number among words: ``VCB 0011…``, ``STK: 0011… NH Á Châu``, ``0011… NGUYEN VAN A``.

Called by ``asking`` and ``listing``. What stands beside the one number of a text is cut into parts,
and each part is a bank's name, a label (``STK``, ``số tài khoản``), or other words. The first two
say that the number is an account; other words alone do not, and are dropped only where the caller
says so. A holder's name is among the words: it is kept in nothing, not even a cache. A text that
may hold an address, a path or a second number is left alone.
"""

import re
import unicodedata
from typing import Final

import msgspec

from blacklist.errors import InvalidIdentifier
from blacklist.identifiers.banks import is_bank
from blacklist.identifiers.iban import find_iban
from blacklist.identifiers.look_alike_digits import may_be_digits
from blacklist.identifiers.text import drop_hidden

_MAX_CHARACTERS: Final = 250
_MIN_DIGITS: Final = 6
"""Fewer are an amount, a house or a year far more often."""

_USUAL_DIGITS: Final = 9
"""Banks' own numbers nearly always have so many, ids that begin with letters fewer."""

_MAX_MARKS: Final = 12
"""Commas, brackets and dashes of a text that is still one account's and no message."""

_LETTER: Final = re.compile(r"[^\W\d_]")
_DIGIT: Final = re.compile(r"[0-9]")
_NUMBER: Final = re.compile(
    r"\+?(?:[0-9]+(?: [0-9]+)*|[0-9]+(?:\.[0-9]+)*|[0-9]+(?:-[0-9]+)*)|[0-9A-Za-z]+"
)
"""In groups with one sort of mark: with two it may be a date and a number."""

_WORD_TO_END: Final = re.compile(r"[+\w]*\Z")
_WORD: Final = re.compile(r"\w*")
_NEVER: Final = re.compile(
    r"[@/\\#*%&=<>_\t\n\r]|[^\W\d_]\.\w|\w\.[^\W\d_]|\bIBAN\b|[0-9]{9} \+?[0-9]{9}", re.IGNORECASE
)
"""Marks of addresses and codes, a dot inside a word, what ``iban`` reads, and two numbers."""

_GLUED: Final = re.compile(r"[^\W\d_]-\Z|\A-[^\W\d_]")
"""A hyphen without a blank makes a number one with the letters beside it."""

_WORDS: Final = re.compile(r"[^\W\d_]+")
_PARTS: Final = re.compile(r"[,;:|()\[\]]|\s[-\u2013\u2014]\s|\A\s*[-\u2013]|[-\u2013]\s*\Z")
_EDGES: Final = " .,;:|-\u2013\u2014()[]\"'"
_BLANKS: Final = re.compile(r"\s+")
_ACCOUNT_LABELS: Final = (
    "(?:số|so) ?(?:tài khoản|tai khoan|tk|ví|vi)(?: (?:ngân hàng|ngan hang|nh))?"
    "|stk|tài khoản|tai khoan|tk|tknh|account(?: (?:number|no))?|acc(?: no)?|acct"
)
_LABEL: Final = re.compile(f"(?:{_ACCOUNT_LABELS})", re.IGNORECASE)
_BEFORE_BANK: Final = re.compile(
    rf"(?:(?:{_ACCOUNT_LABELS}|tại|tai|ở|mở tại|mo tai|của|cua|thuộc|thuoc|at|bank|với|voi)\b\W*)+",
    re.IGNORECASE,
)
_BEHIND_BANK: Final = re.compile(rf"\W+(?:{_ACCOUNT_LABELS})\Z", re.IGNORECASE)
_BANK_ALONE: Final = re.compile(r"ngân hàng|ngan hang|nh|bank", re.IGNORECASE)
_PHONE_WORD: Final = re.compile(
    r"\b(?:s[đd]t|[đd]t(?:d[đd])?|[đd]i[eệ]n tho[aạ]i|tel|phone|mobile|hotline|g[oọ]i|call|callto"
    r"|sms|zalo|viber|whatsapp|telegram|li[eê]n h[eệ]|lh|t[oổ]ng [đd][aà]i)\b",
    re.IGNORECASE,
)


class Written(msgspec.Struct, frozen=True, gc=False):
    """A number that was found among words.

    ``text`` is ``NUMBER`` or ``BANK/NUMBER`` for ``account``, the bank's name as written.
    ``is_named``: a bank or a label by itself says that it is an account, and no word that it is a
    phone. ``was_cut``: other words were there. ``may_be_whole``: the letters may also be a
    part of the number: they are one word, where a person's name has two, or the digits are few.
    """

    text: str
    is_named: bool
    was_cut: bool
    may_be_whole: bool

    @property
    def names_bank(self) -> bool:
        """Whether a bank's name is beside the number."""
        return "/" in self.text

    @property
    def number(self) -> str:
        """The number without the bank."""
        return self.text.rpartition("/")[2]


def find_written(text: str) -> Written | None:
    """Return the one number among words of a text, or None; never raises.

    A bank's name that stands for several is left in ``text``, for its reader to refuse.
    """
    if text.isalnum() or text.removeprefix("+").isdigit():
        return None  # nearly every row and question
    if "/" in text or len(text) > _MAX_CHARACTERS or _LETTER.search(text) is None:
        return None
    if not text.isascii():
        text = drop_hidden(unicodedata.normalize("NFKC", text))
    pieces = _cut(text)
    if pieces is None:
        return None
    before, number, behind = pieces
    banks, has_label, words = _sort(before, behind)
    is_named = bool(banks or has_label) and not any(map(_PHONE_WORD.search, words))
    if any(map(_may_be_digits, words)) or (not is_named and _is_like_iban(text)):
        return None
    banks += [name for part in words if (name := _find_name_at_edge(part))]
    return Written(
        f"{' ('.join(banks)}/{number}" if banks else number,
        is_named,
        was_cut=bool(words),
        may_be_whole=len(_WORDS.findall(before + behind)) == 1
        or len(_DIGIT.findall(number)) < _USUAL_DIGITS,
    )


def _cut(text: str) -> tuple[str, str, str] | None:
    """Return what is before the one number of a text, the number, and what is behind it."""
    if _NEVER.search(text) or len(_PARTS.findall(text)) > _MAX_MARKS:
        return None
    span = _find_number(text)
    if span is None:
        return None
    before, behind = text[: span[0]], text[span[1] :]
    if _GLUED.search(before) or _GLUED.search(behind) or not _LETTER.search(before + behind):
        return None
    return before, text[slice(*span)], behind


def _may_be_digits(part: str) -> bool:
    return any(map(may_be_digits, _WORDS.findall(part)))


def _is_like_iban(text: str) -> bool:
    """Tell whether the text is an IBAN in groups, or one with wrong check digits."""
    try:
        return find_iban(text) is not None
    except InvalidIdentifier:
        return True


def _find_number(text: str) -> tuple[int, int] | None:
    """Return where the one number of a text lies, with the letters that are one word with it."""
    places = [found.start() for found in _DIGIT.finditer(text)]
    if len(places) < _MIN_DIGITS:
        return None
    before, behind = _WORD_TO_END.search(text, 0, places[0]), _WORD.match(text, places[-1])
    if before is None or behind is None:
        return None
    start, end = before.start(), behind.end()
    return (start, end) if _NUMBER.fullmatch(text, start, end) else None


def _sort(*sides: str) -> tuple[list[str], bool, list[str]]:
    """Return the names of banks beside a number, whether a label is there, and other words."""
    banks: list[str] = []
    words: list[str] = []
    has_label = False
    for part in (part for side in sides for part in _parts(side)):
        if name := _find_name(part):
            banks.append(name)
        elif _LABEL.fullmatch(part):
            has_label = True
        elif not _BANK_ALONE.fullmatch(part):
            words.append(part)
    return banks, has_label, words


def _parts(side: str) -> list[str]:
    """Return what stands on one side of a number: one bank's name, or the parts between marks."""
    parts = [_trim(part) for part in _PARTS.split(side)]
    parts = [part for part in parts if _LETTER.search(part)]
    whole = _trim(side)
    return [whole] if len(parts) > 1 and _find_name(whole) else parts


def _trim(text: str) -> str:
    return _BLANKS.sub(" ", text).strip(_EDGES)


def _find_name_at_edge(part: str) -> str | None:
    """Return the word that begins or ends a part and is a bank's name: ``VCB NGUYEN VAN A``."""
    first, blank, rest = part.partition(" ")
    ends = (first, rest.rpartition(" ")[2]) if blank else ()
    return next(filter(None, map(_find_name, ends)), None)


def _find_name(part: str) -> str | None:
    """Return the bank's name that a part is, freed of labels, or None."""
    if not part:
        return None
    label = _BEFORE_BANK.match(part)
    name = _BEHIND_BANK.sub("", part[label.end() :] if label else part).strip(_EDGES)
    return next(filter(is_bank, dict.fromkeys((part, name))), None)
