"""Which bank a number in a message is at: the name that stands nearest, before it or behind.

Names and numbers are paired one to one, the nearest first; line ends, full stops and words between
count as distance, words such as "ngân hàng" and "STK" do not. The further numbers of a row share
their first one's bank. Pure; called by ``message``.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence
from typing import Final

from blacklist.errors import InvalidIdentifier
from blacklist.identifiers.bank_words import BankWord
from blacklist.identifiers.banks import find_bank
from blacklist.identifiers.message_labels import Label, Labels
from blacklist.identifiers.message_numbers import Number

_FAR: Final = 90
_BESIDE: Final = 8
_STOPS: Final = {"\n": 15, ".": 25, "!": 25, "?": 25, ",": 3, ";": 3}
"""What parts a name from its number, in letters of a word between."""

_SENTENCE_ENDS: Final = ".!?"
"""These part only where a blank follows: ``vcb.0000…`` is one thing."""

_NEXT_LINE: Final = 6
"""The distance of what stands on the very next line: messages often have a thing a line."""

_MAX_CHARACTERS: Final = 160
_NEIGHBOURS: Final = 4
_LINKING: Final = re.compile(
    "ngan|hang|nh|nhtmcp|tmcp|bank|so|stk|tk|tai|khoan|la|cua|o|vao|qua|vi|dien|tu|account|acc|no"
    "|number|ck|nhe|a|code|swift|bic|thuoc|chuyen"
)
"""Words that lead from a name to its number; they are no distance."""

_PIECE: Final = re.compile(r"[a-z]+|\n\s*\n|\n|[.!?]\s|[0-9\x01]+|[^\s]")


def pair(
    text: str, numbers: Sequence[Number], words: Sequence[BankWord], labels: Labels
) -> dict[int, BankWord]:
    """Return number's index → the bank's name that belongs to it."""
    if not words or not numbers:
        return {}
    reach = [_reach(one, labels) for one in words]
    prefers_before = words[0].start < numbers[0].start
    costs = sorted(
        (cost, is_behind == prefers_before, number, word)
        for number, one in enumerate(numbers)
        for word, cost, is_behind in _around(text, numbers, number, words)
        if cost <= min(reach[word], _limit(text, one, words[word]))
    )
    paired: dict[int, BankWord] = {}
    taken: set[int] = set()
    for _, _, number, word in costs:
        if number not in paired and word not in taken:
            paired[number] = words[word]
            taken.add(word)
    for number, one in enumerate(numbers):
        if one.in_row and number not in paired and number - 1 in paired:
            paired[number] = paired[number - 1]
    return paired


def _reach(word: BankWord, labels: Labels) -> int:
    """Return how far a name may stand from its number."""
    return _BESIDE if word.is_weak and not labels.touch(word.start, word.end) else _FAR


def _limit(text: str, number: Number, word: BankWord) -> int:
    """Return how far a name may stand from this number, -1 where it has none.

    A number said to be a phone's has a bank only where the bank is a wallet.
    """
    if number.label is Label.ACCOUNT:
        return _FAR
    if number.label is Label.PHONE and not _is_wallet(text[word.start : word.end]):
        return -1
    return -1 if number.label in {Label.CODE, Label.IDENTITY} else _BESIDE


def _is_wallet(name: str) -> bool:
    try:
        return find_bank(name).is_wallet
    except InvalidIdentifier:
        return False


def _around(
    text: str, numbers: Sequence[Number], number: int, words: Sequence[BankWord]
) -> list[tuple[int, int, bool]]:
    """Return (name's index, distance, is behind) of the names next to a number."""
    one = numbers[number]
    floor = numbers[number - 1].end if number else 0
    ceiling = numbers[number + 1].start if number + 1 < len(numbers) else len(text)
    place = bisect_left(words, one.start, key=lambda word: word.start)
    found = []
    for at in range(max(0, place - _NEIGHBOURS), min(len(words), place + _NEIGHBOURS)):
        word = words[at]
        is_behind = word.start >= one.end
        gap = (one.end, word.start) if is_behind else (word.end, one.start)
        if word.start < floor or word.end > ceiling or gap[0] > gap[1]:
            continue
        cost = _distance(text, *gap)
        if cost is not None:
            found.append((at, cost, is_behind))
    return found


def _distance(text: str, start: int, end: int) -> int | None:
    """Return how far apart two places are; None where a paragraph lies between."""
    if end - start > _MAX_CHARACTERS:
        return None
    if text[start:end].strip(" :*-") == "\n":
        return _NEXT_LINE
    cost = 0
    for piece in _PIECE.findall(text, start, end):
        if piece[0] == "\n" and len(piece) > 1:
            return None
        cost += _piece_cost(piece)
    return cost


def _piece_cost(piece: str) -> int:
    if piece[0] in _STOPS and (len(piece) > 1 or piece not in _SENTENCE_ENDS):
        return _STOPS[piece[0]]
    if piece.isalpha():
        return 0 if _LINKING.fullmatch(piece) else len(piece) + 1
    return len(piece)
