"""Payment codes in a message: where each begins and ends, whole or damaged.

A code is walked field by field (``tlv``): chats break its lines, and holders' names hold blanks, so
neither ends it. Where the walk fails the code is cut or miscopied, and ends with its word. What the
code says is read by ``emv_qr``. Pure; called by ``message``.
"""

import re
from collections.abc import Sequence
from typing import Final

from blacklist.identifiers import emv_qr

_TEMPLATE: Final = r"00(?:10A0000007(?:27|75)|09SG\.PAYNOW|16A00000067701011[0-9])"
_START: Final = re.compile(
    rf"00020[12]|(?<![0-9])[0-9]{{4,40}}{_TEMPLATE}|[0-9]{{4}}{_TEMPLATE}", re.IGNORECASE
)
"""A code's beginning, or what is left of it before the template that names the payee."""

_MAX_CHARACTERS: Final = 1_024
"""Twice what a code may have (EMV QRCPS, 512), for its broken lines."""

_LINE_ENDS: Final = frozenset("\t\n\r")
_HEAD: Final = re.compile(r"([0-9]{2})([0-9]{2})")
_CHECKSUM_ID: Final = "63"
_CHECKSUM: Final = re.compile(r"6304[0-9A-Fa-f]{4}")
_SHORT_CHECKSUM: Final = re.compile(r"6304[0-9A-Fa-f]{0,3}(?![0-9A-Za-z])")
_FREE_TEXTS: Final = frozenset(("59", "60", "61", "62", "64", *map(str, range(80, 100))))
"""Fields for people: only these hold blanks."""

_REST: Final = re.compile(r"\S*")
_LATER_END: Final = re.compile(r"[^\x01]{0,120}?6304[0-9A-Fa-f]{4}(?![0-9A-Za-z])")
_PARAGRAPH: Final = re.compile(r"\n[ \t\r]*\n")
_BLANK: Final = re.compile(r"\s")


def find_codes(text: str) -> list[tuple[int, int]]:
    """Return the places (start, end) of payment codes, in order."""
    found: list[tuple[int, int]] = []
    at = 0
    while (begun := _START.search(text, at)) is not None:
        end = _end_of(text, begun.start())
        if emv_qr.claims(_join(text, begun.start(), end)[0]):
            found.append((begun.start(), end))
            at = end
        else:
            at = begun.start() + 1
    return found


def _join(text: str, start: int, stop: int) -> tuple[str, Sequence[int]]:
    """Return a part of a paragraph without line ends, and where each of its characters stands."""
    stop = min(stop, start + _MAX_CHARACTERS, len(text))
    paragraph = _PARAGRAPH.search(text, start, stop)
    stop = paragraph.start() if paragraph else stop
    part = text[start:stop]
    if _LINE_ENDS.isdisjoint(part):
        return part, range(start, stop)
    places = [at for at in range(start, stop) if text[at] not in _LINE_ENDS]
    return "".join(text[at] for at in places), places


def _end_of(text: str, start: int) -> int:
    code, places = _join(text, start, len(text))
    end, is_whole = _walk(code, places)
    if not is_whole:
        end = _end_of_damaged(text, code, places, end)
    return places[end - 1] + 1


def _walk(code: str, places: Sequence[int]) -> tuple[int, bool]:
    """Return where the fields end, and whether the last one is the checksum."""
    at = 0
    while (head := _HEAD.match(code, at)) is not None:
        if head[1] == _CHECKSUM_ID:
            ended = _CHECKSUM.match(code, at) or _SHORT_CHECKSUM.match(code, at)
            return (ended.end(), True) if ended else (at, False)
        end = head.end() + int(head[2])
        if end > len(code) or not _is_believable(code, places, head, end):
            break
        at = end
    return at, False


def _is_believable(code: str, places: Sequence[int], head: re.Match[str], end: int) -> bool:
    """Tell whether a field is as long as it says.

    Where a blank or a line end stands in it, another field must follow: a code that was cut would
    take what stands behind it for its own.
    """
    start = head.start()
    has_blank = _BLANK.search(code, head.end(), end) is not None
    has_line_end = places[end - 1] - places[start] != end - 1 - start
    if not has_blank and not has_line_end:
        return True
    return (not has_blank or head[1] in _FREE_TEXTS) and _HEAD.match(code, end) is not None


def _end_of_damaged(text: str, code: str, places: Sequence[int], end: int) -> int:
    """Return the end of a code whose fields do not add up.

    It is the next checksum, or the end of the word on its line: what stands on the next line may
    be another thing.
    """
    later = _LATER_END.match(code, end)
    if later is not None and _BLANK.search(code, end, later.end()) is None:
        return later.end()
    if later is not None and "5802" in later[0]:
        return later.end()
    first = places[end] if end < len(places) else len(text)
    rest = _REST.match(text, first)
    stop = rest.end() if rest else first
    while end < len(places) and places[end] < stop:
        end += 1
    return max(end, 1)
