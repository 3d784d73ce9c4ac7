"""Which encoding a feed's bytes are in, told from their beginning; pure.

The rule, in order:

1. a byte order mark says it: UTF-8, UTF-16 or UTF-32;
2. UTF-16 without a mark: at least half of the first code units are plain ASCII (one byte is NUL),
   always the same byte of the two;
3. whatever is UTF-8 is UTF-8;
4. Windows-1252 (of which Latin-1's texts are a part) where the bytes are plainly such a text: no
   control characters and no code that Windows-1252 leaves open, few high bytes, each letter among
   them beside another letter or a word by itself (``à``), never three in a row, and nowhere a
   sequence that UTF-8 would have written: that would be a broken UTF-8 and not another encoding;
5. otherwise it cannot be told, and the first byte that is not UTF-8 is named.

A guess by statistics (charset-normalizer, chardet) is not asked: it takes the Vietnamese of one
code page for the Czech of another, and a wrong letter in a domain is another domain.
"""

import codecs
import re
from contextlib import suppress

from blacklist.errors import ConfigError, Malformed

UTF_8 = "utf-8"
UTF_8_MARKED = "utf-8-sig"
WINDOWS_1252 = "cp1252"

_MARKS = (  # the longer first: that of UTF-32 begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, UTF_8_MARKED),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NO_TEXT = frozenset(
    {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "utf_7"}
)
"""Encodings of Python's that no feed is written in; some of them warn or break in their own way."""

_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f\x81\x8d\x8f\x90\x9d\xff]")
_IN_NO_TEXT = re.compile(rb"[\x00\x02-\x08\x0b\x0c\x0e\x0f\x7f]")
"""What is no byte of a text in UTF-16: NUL and most controls, seen as either half of a letter."""

_HIGH = re.compile(rb"[\x80-\xff]")
_THREE_HIGH = re.compile(rb"[\x80-\xff]{3}")
_UTF_8_SEQUENCE = re.compile(rb"[\xc3-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}")
_LETTER = rb"A-Za-z\x8a\x8c\x8e\x9a\x9c\x9e\x9f\xc0-\xd6\xd8-\xf6\xf8-\xff"
_LONE_LETTER = re.compile(  # but those that are a word by themselves: à, é, í, ó, ô, ö, ø, ù, å …
    rb"(?<!["
    + _LETTER
    + rb"])[\x8a\x8c\x8e\x9a\x9c\x9e\x9f\xc3\xc4\xc6\xc7\xcb\xce-\xd2\xd5\xda-\xdf"
    rb"\xe3\xe4\xe6\xe7\xeb\xee-\xf2\xf5\xfa-\xff](?![" + _LETTER + rb"])"
)
_FEWEST_BYTES_A_HIGH_ONE = 8
_FEWEST_UNITS = 4


def find_encoding(head: bytes, *, whole: bool) -> str:
    """Return the encoding, as Python names it, of a feed that begins with these bytes.

    ``whole`` says that nothing follows them. Raises ``Malformed`` with the offset of the first byte
    that is not UTF-8 where the encoding cannot be told.
    """
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    unmarked = _find_unmarked_utf_16(head)
    if unmarked:
        return unmarked
    bad = _first_not_utf_8(head, whole=whole)
    if bad is None:
        return UTF_8
    if bad < len(head) - _cut_off(head) and _is_windows_1252(head):
        return WINDOWS_1252
    raise no_character(bad)


def named_encoding(name: str) -> str:
    """Return Python's name of an encoding; raises ``ConfigError`` for one that is unknown."""
    try:
        found = codecs.lookup(name).name
        with suppress(UnicodeError):  # what is no text encoding is a LookupError before
            b"00".decode(found)
    except (LookupError, ValueError) as exc:
        raise ConfigError(f"unknown encoding {name!r}") from exc
    if found.replace("-", "_") in _NO_TEXT:
        raise ConfigError(f"no feed is written in the encoding {name!r}")
    return UTF_8_MARKED if found == UTF_8 else found


def no_character(offset: int, encoding: str = UTF_8) -> Malformed:
    """Make the error for a byte that belongs to no character; ``offset`` counts from 0."""
    said = "UTF-8" if encoding in {UTF_8, UTF_8_MARKED} else encoding
    return Malformed(
        f"not {said}: the byte at offset {offset} belongs to no character; if the text is in "
        "another encoding, tell it (--encoding)",
        flaw="encoding",
    )


def _find_unmarked_utf_16(head: bytes) -> str | None:
    low, high = head[0 : len(head) & ~1 : 2], head[1::2]
    if len(high) < _FEWEST_UNITS:
        return None
    for name, zeros, others in (("utf-16-le", high, low), ("utf-16-be", low, high)):
        if zeros.count(0) * 2 >= len(zeros) and not _IN_NO_TEXT.search(others):
            return name
    return None


def _first_not_utf_8(head: bytes, *, whole: bool) -> int | None:
    """Return the offset of the first byte that is not UTF-8; a sequence cut off by the end is."""
    try:
        codecs.getincrementaldecoder(UTF_8)().decode(head, final=whole)
    except UnicodeDecodeError as exc:
        return exc.start
    return None


def _cut_off(head: bytes) -> int:
    """Return the length of a sequence of UTF-8 that has begun at the very end."""
    decoder = codecs.getincrementaldecoder(UTF_8)("replace")
    decoder.decode(head)
    return len(decoder.getstate()[0])


def _is_windows_1252(head: bytes) -> bool:
    high = len(_HIGH.findall(head))
    return (
        high * _FEWEST_BYTES_A_HIGH_ONE <= len(head)
        and not _CONTROLS.search(head)
        and not _THREE_HIGH.search(head)
        and not _UTF_8_SEQUENCE.search(head)
        and not _LONE_LETTER.search(head)
    )
