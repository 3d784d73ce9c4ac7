"""Which column of a feed says what: found by its name, or told by the user.

Used for the header of a CSV file and for the keys of JSON objects. A row carries one identifier
for every column of values that it has:

* every column of phones and of accounts, and the best one of hosts beside them. An address
  (``url``, ``link``) beside a number is where somebody reported it, so it is the reference: to
  list it would accuse the one who warned. In a row with nothing else it is the value;
* otherwise the one column that says "the indicator";
* otherwise the best column of links: the address before its host, since listing the host of a
  listed address would accuse a shared site;
* otherwise a column of a vague name, such as ``number``.

A column that the user told to be the value is the only one.
"""

from collections.abc import Iterable, Sequence

import msgspec

from blacklist.errors import Malformed
from blacklist.model import Kind
from loaders.formats.base import Options
from loaders.formats.words import (
    ACCOUNTS,
    ADDRESSES,
    ANY_KIND,
    ANY_KIND_WEAKLY,
    DOMAINS,
    FIELD_WORDS,
    PEOPLE,
    PHONES,
    find_kind,
    fold,
)

_NOT_TOLD = frozenset({"suspected", "suspicion", "withdrawn"})
FIELDS = ("value", *(field for field in FIELD_WORDS if field not in _NOT_TOLD))
"""What ``Options.columns`` may tell."""

_ALL_WORDS = frozenset(
    {*PHONES, *ACCOUNTS, *ADDRESSES, *DOMAINS, *ANY_KIND, *ANY_KIND_WEAKLY}.union(
        *FIELD_WORDS.values()
    )
)
_COUNTER = "0123456789"
"""What a second column of phones ends with: ``SĐT 1``, ``SĐT 2``."""


class Columns(msgspec.Struct, frozen=True):
    """Positions in a row, counted from 0: of each field the columns to try, best first.

    ``values`` are positions with the kind their names say, ``otherwise`` those of rows with no
    value there; ``people`` are never read or shown; ``told_kind`` is the user's word for rows that
    do not say their kind.
    """

    values: tuple[tuple[int, Kind | None], ...]
    otherwise: tuple[tuple[int, Kind | None], ...] = ()
    people: frozenset[int] = frozenset()
    told_kind: Kind | None = None
    kind: tuple[int, ...] = ()
    bank: tuple[int, ...] = ()
    category: tuple[int, ...] = ()
    since: tuple[int, ...] = ()
    reference: tuple[int, ...] = ()
    note: tuple[int, ...] = ()
    expires: tuple[int, ...] = ()
    last_seen: tuple[int, ...] = ()
    reports: tuple[int, ...] = ()
    withdrawn: tuple[int, ...] = ()
    suspected: tuple[int, ...] = ()
    suspicion: tuple[int, ...] = ()


def is_known(name: str, options: Options) -> bool:
    """Say whether a column of this name would be read, or must not be."""
    word = fold(name)
    told = {fold(column) for column in options.columns.values()}
    return word in _ALL_WORDS or word.rstrip(_COUNTER) in _ALL_WORDS or word in PEOPLE | told


def resolve(names: Sequence[str], options: Options, *, numbered: bool = False) -> Columns:
    """Find the columns of a table by their names; ``values`` is empty if none names a value.

    With ``numbered`` a column may be told by its number, counted from 1, too. Raises
    ``Malformed`` if a told column does not exist or is one of people's names.
    """
    words = [fold(name) for name in names]
    told = {
        field: _find_told(field, column, words, numbered=numbered)
        for field, column in options.columns.items()
    }
    fields = {field: _positions(words, known) for field, known in FIELD_WORDS.items()}
    values = _find_values(words)
    otherwise: list[tuple[int, Kind | None]] = []
    if any(kind in {Kind.PHONE, Kind.ACCOUNT} for _, kind in values):
        otherwise = _first(words, ADDRESSES, Kind.LINK)
    if any(kind is not Kind.LINK for _, kind in values):
        fields["reference"] += _positions(words, ADDRESSES)
    if "value" in told:
        at = told.pop("value")
        values, otherwise = [(at, options.kind or find_kind(words[at]))], []
    return Columns(
        values=tuple(values),
        otherwise=tuple(otherwise),
        people=frozenset(at for at, word in enumerate(words) if word in PEOPLE),
        told_kind=options.kind,
        **fields | {field: (at,) for field, at in told.items()},
    )


def _find_values(words: Sequence[str]) -> list[tuple[int, Kind | None]]:
    """Return where a table's identifiers stand; see the module's docstring for the order."""
    numbers = [(at, kind) for at, kind in enumerate(map(_number_kind, words)) if kind is not None]
    if numbers:
        return [*numbers, *_first(words, DOMAINS, Kind.LINK)]
    return (
        _first(words, ANY_KIND, None)
        or _first(words, (*ADDRESSES, *DOMAINS), Kind.LINK)
        or _first(words, ANY_KIND_WEAKLY, None)
    )


def _number_kind(word: str) -> Kind | None:
    stem = word.rstrip(_COUNTER)
    if stem in PHONES:
        return Kind.PHONE
    return Kind.ACCOUNT if stem in ACCOUNTS else None


def _first(
    words: Sequence[str], known: Iterable[str], kind: Kind | None
) -> list[tuple[int, Kind | None]]:
    return [(at, kind) for at in _positions(words, known)[:1]]


def _positions(words: Sequence[str], known: Iterable[str]) -> tuple[int, ...]:
    """Return where the known words stand, in the order of the known."""
    where = {word: at for at, word in reversed(list(enumerate(words)))}
    return tuple(where[word] for word in known if word in where)


def _find_told(field: str, column: str, words: Sequence[str], *, numbered: bool) -> int:
    """Return the position of a column the user named or numbered."""
    if field not in FIELDS:
        raise Malformed(f"there is no field {field!r}: the fields are {', '.join(FIELDS)}")
    word = fold(column)
    if word and word in words:
        at = words.index(word)
    elif numbered and column.isdecimal() and 1 <= int(column) <= len(words):
        at = int(column) - 1
    else:
        raise Malformed(f"the feed has no column {column!r}, which was told to be the {field}")
    if words[at] in PEOPLE:
        raise Malformed(f"column {column!r} is about people and is never read")
    return at
