"""What a paragraph of an authority's letter accuses: what stands behind the word that names it.

Read are ``STK 0011… tại ngân hàng …``, ``số thuê bao 09…``, each also as a list with commas, and
addresses (``https://…``, or a domain after ``website``, ``tên miền``, ``đường link``). A letter
also names the sender's own telephone and the victims': a paragraph with words for them is for a
person to read, and so is a number of which no word says what it is. Such rows are rejected without
their text.
"""

import re
import unicodedata
from collections.abc import Iterator

from blacklist.errors import InvalidIdentifier
from blacklist.identifiers.banks import find_bank
from blacklist.model import Kind
from loaders.formats.base import Record, Row, reject

_MOST_IN_A_LIST = 1_000

_LEAD = r"(?: (?:sau day|duoi day|sau|nhu sau|gom|la|tren)){0,3}"
"""What stands between the word for numbers and a list of them: ``các số thuê bao sau:``."""

_NUMBER = r"\+?[0-9](?:[ .-]?[0-9]){5,18}"
_NEXT = re.compile(rf"\s{{0,3}}(?:,|;|/|va\b|hoac\b)\s{{0,3}}(?P<number>{_NUMBER})(?![0-9])")
_ACCOUNT = re.compile(
    r"\b(?:stk|so tai khoan|so tk|tai khoan(?: ngan hang)?(?: so)?|tk(?: so)?)(?: ngan hang)?"
    rf"{_LEAD}\s{{0,3}}[:.]?\s{{0,3}}(?P<number>{_NUMBER})(?![0-9])"
)
_PHONE = re.compile(
    r"\b(?:thue bao(?: so| di dong)?|so dien thoai|dien thoai(?: so)?|sdt|so may|so di dong)"
    rf"{_LEAD}\s{{0,3}}[:.]?\s{{0,3}}(?P<number>{_NUMBER})(?![0-9])"
)
_ANNOUNCED = tuple(
    (re.compile(rf"\b(?:{words})\b[^0-9:]{{0,80}}:\Z"), word)
    for words, word in (
        ("stk|so tai khoan|so tk|tai khoan|tk", "STK"),
        ("thue bao|so dien thoai|dien thoai|sdt|so may|so di dong", "thuê bao"),
    )
)
"""Sentences that end in a colon, of which the next paragraphs are the list."""

_ITEM = re.compile(rf"(?:[-+*•–]|[0-9]{{1,3}}[.)/])?\s{{0,9}}(?={_NUMBER}(?![0-9]))")
_ADDRESS = re.compile(r"\b(?:https?|hxxps?)(?:://|\[:\]//)[^\s\"'<>“”]{3,2000}")
_DOMAIN = re.compile(
    r"\b(?:website|trang web|trang mang|ten mien|duong link|duong dan|link|dia chi web)"
    r"\s{0,3}[:.]?\s{0,3}[\"'“]?(?P<host>[a-z0-9-]{1,63}(?:\[?\.\]?[a-z0-9-]{1,63}){1,8}(?:/[^\s\"'<>“”]{0,500})?)"
)
_LOOSE = re.compile(r"(?<![0-9/.-])[0-9](?:[ .]?[0-9]){7,18}(?![0-9/])")
_CLOSING = ".,;:)]}\"'”"
_AT = re.compile(r"[\s,;:(-]{0,4}(?:(?:mo|duoc mo)\s)?(?:(?:tai|cua|thuoc|o)\s)?\s?")
_BANK_WORD = re.compile(r"(?:ngan hang|nh)\s")
_BANK_NAME = re.compile(r"[^,;:.()\n]{1,80}")
_MOST_WORDS_OF_A_BANK = 8

_ACCUSES = re.compile(
    r"\b(?:lua dao|gia mao|gia danh|mao danh|vi pham|doc hai|ma doc|danh bac|co bac|ca do|chan"
    r"|thu hoi|go bo|dinh chi|phong toa|khoa|chiem doat|tin dung den|website|ten mien|link"
    r"|duong dan|trang web|trang mang)\b"
)
"""Words of which a paragraph must have one for its addresses to be accused.

One that is nothing but an address needs none. Letters also name the pages where people can read on.
"""

_OTHERS_NUMBER = re.compile(
    r"\b(?:lien he|duong day nong|hotline|truc ban|fax|dong chi|d/c|can bo|dieu tra vien|noi nhan"
    r"|nan nhan|bi hai|nguoi bi hai|trinh bao|to giac|canhbao|tra cuu|phan anh|cong thong tin"
    r"|cmnd|cccd|can cuoc|ho chieu)\b"
)
"""Words of a paragraph whose numbers may be the sender's, a victim's or a person's own."""

_PRETENDED = re.compile(
    r"\b(?:gia danh|mao danh|gia mao|dong gia|tu xung|xung la|tu nhan)\b[^,.;:]{0,80}?"
    r"(?=\b(?:goi|dung|su dung|qua|bang|tu so|so dien thoai|so thue bao|thue bao|sdt|stk"
    r"|so tai khoan)\b|[,.;:]|$)"
)
"""Whom a fraudster pretends to be, up to what he did: no officer and no sender of the letter."""


def announce(text: str) -> str | None:
    """Return the word for what the next paragraphs list (``STK``, ``thuê bao``), or None.

    ``Đề nghị thu hồi các số thuê bao sau:`` announces numbers, one a paragraph.
    """
    folded = "".join(map(_fold_letter, unicodedata.normalize("NFC", text.strip())))
    if _OTHERS_NUMBER.search(_PRETENDED.sub("", folded)):
        return None
    return next((word for pattern, word in _ANNOUNCED if pattern.search(folded)), None)


def as_announced(text: str, word: str) -> str | None:
    """Return a paragraph of an announced list with its word, or None if it is none of it."""
    item = _ITEM.match(text.strip())
    return f"{word} {text.strip()[item.end() :]}" if item else None


def read_paragraph(number: int, text: str) -> Iterator[Row]:
    """Yield a row for every identifier of a paragraph, and none for mere words."""
    original = unicodedata.normalize("NFC", text)
    folded = "".join(map(_fold_letter, original))
    rows: list[tuple[int, Row]] = []
    taken: list[tuple[int, int]] = []
    for record, span in _find(number, original, folded):
        doubtful = record.kind is Kind.LINK and not _is_accused(folded, span)
        row = reject(number, "whose_number", "") if doubtful else record
        rows.append((span[0], row))
        taken.append(span)
    left = _without(folded, taken)
    loose = [found.start() for found in _LOOSE.finditer(left)]
    if _OTHERS_NUMBER.search(_PRETENDED.sub("", folded)):
        yield from (reject(number, "whose_number", "") for _ in (*rows, *loose))
        return
    rows += [(at, reject(number, "unnamed_number", "")) for at in loose]
    yield from (row for _, row in sorted(rows, key=lambda one: one[0]))


def _find(number: int, original: str, folded: str) -> Iterator[tuple[Record, tuple[int, int]]]:
    for found in _ADDRESS.finditer(folded):
        value = original[found.start() : found.end()].rstrip(_CLOSING)
        yield Record(line=number, value=value, kind=Kind.LINK), found.span()
    left = _without(folded, [found.span() for found in _ADDRESS.finditer(folded)])
    for found in _DOMAIN.finditer(left):
        value = original[slice(*found.span("host"))].rstrip(_CLOSING)
        yield Record(line=number, value=value, kind=Kind.LINK), found.span("host")
    for pattern, kind in ((_ACCOUNT, Kind.ACCOUNT), (_PHONE, Kind.PHONE)):
        for found in pattern.finditer(left):
            spans = _list_of_numbers(left, found)
            bank = _find_bank(original, left, spans[-1][1]) if kind is Kind.ACCOUNT else None
            for span in spans:
                value = re.sub(r"[ .-]", "", original[slice(*span)])
                yield Record(line=number, value=value, kind=kind, bank=bank), span


def _is_accused(folded: str, span: tuple[int, int]) -> bool:
    beside = folded[: span[0]] + folded[span[1] :]
    return not any(map(str.isalpha, beside)) or _ACCUSES.search(beside) is not None


def _list_of_numbers(text: str, first: re.Match[str]) -> list[tuple[int, int]]:
    """Return where the number of a match stands, and those behind it with commas between."""
    spans = [first.span("number")]
    while len(spans) < _MOST_IN_A_LIST and (found := _NEXT.match(text, spans[-1][1])):
        spans.append(found.span("number"))
    return spans


def _find_bank(original: str, folded: str, at: int) -> str | None:
    """Return the bank named right behind an account: any words behind "ngân hàng", else a known."""
    between = _AT.match(folded, at)
    start = between.end() if between else at
    word = _BANK_WORD.match(folded, start)
    start = word.end() if word else start
    named = _BANK_NAME.match(original, start)
    if named is None:
        return None
    words = named[0].split()[:_MOST_WORDS_OF_A_BANK]
    for length in range(len(words), 0, -1):
        name = " ".join(words[:length])
        if _is_bank(name):
            return name
    return " ".join(words) or None if word else None


def _is_bank(name: str) -> bool:
    try:
        return not find_bank(name).is_foreign
    except InvalidIdentifier as exc:
        return exc.reason == "ambiguous_bank"


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    """Return a text with blanks in place of what stands at the spans."""
    letters = list(text)
    for start, end in spans:
        letters[start:end] = "|" * (end - start)
    return "".join(letters)


def _fold_letter(letter: str) -> str:
    """Return one letter for one: lower-case, without its accents."""
    if letter.isascii():
        return letter.lower()
    if letter in "đĐ":
        return "d"
    base = unicodedata.normalize("NFD", letter)[0].lower()
    return base if len(base) == 1 else letter
