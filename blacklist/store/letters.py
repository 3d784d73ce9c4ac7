"""The register of letters: what each said, what of it was withdrawn, and what it brought.

One hash tells all letters, and one hash a letter its rows, by identifier. The shards hold what
follows from it (``blacklist/letters.py``), and the shards are what answers. A letter and its rows
are written at one moment, marked as unfinished until the shards have followed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Any, Final, TypeVar

import msgspec
import redis

from blacklist.errors import Mismatch
from blacklist.model import Category, Identifier, Kind
from blacklist.store import keys
from blacklist.store.connect import run, store_errors
from blacklist.store.listings import Detail

_FIELDS_A_COMMAND: Final = 5_000
_BANKS: Final = "banks:"
"""Before an account's number: the field of the banks at which a letter ever listed it."""


class State(StrEnum):
    """Whether anything of a letter is in force."""

    APPLIED = "applied"
    WITHDRAWN = "withdrawn"


class File(msgspec.Struct, frozen=True):
    """One file of a letter, with the sums of its rows.

    ``rows = listed + duplicate + rejected + skipped``; ``digest`` is SHA-256 of the bytes;
    ``loaded`` is the second it was applied.
    """

    name: str
    digest: str
    loaded: int
    rows: int = 0
    listed: int = 0
    duplicate: int = 0
    rejected: int = 0
    skipped: int = 0


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """One authority's document. ``id`` is safe in keys and addresses; times are Unix seconds.

    ``category`` is that of rows that tell none; ``loaded`` the second it was first applied.
    ``in_force`` and ``withdrawn`` count its listings by kind, without the bare numbers that
    accounts bring along; ``ended`` and ``reason`` are those of its last withdrawal as a whole.
    ``unfinished``: the shards may not hold what is written here; any change to a letter of the
    authority makes up for it.
    """

    id: str
    number: str
    day: date
    authority: str
    title: str
    category: Category
    loaded: int
    state: State = State.APPLIED
    files: tuple[File, ...] = ()
    in_force: dict[Kind, int] = {}
    withdrawn: dict[Kind, int] = {}
    ended: int | None = None
    reason: str | None = None
    unfinished: bool = False


class Row(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a letter says of one identifier; its number and date are the letter's.

    ``detail`` always has a category and never a reference or banks; ``loaded`` is the second it was
    first brought, ``withdrawn`` the one it was taken back, if it was.
    """

    since: int
    loaded: int
    detail: Detail
    withdrawn: int | None = None
    reason: str | None = None


_Shape = TypeVar("_Shape")
_Asked = TypeVar("_Asked")
_encode = msgspec.json.Encoder().encode


def read(client: redis.Redis, authority: str | None = None) -> dict[str, Letter]:
    """All letters, or those of one authority, by id, oldest first."""
    with store_errors():
        raw: Any = client.hgetall(keys.LETTERS)
    found = [_decode(text, Letter) for text in raw.values()]
    ordered = sorted(found, key=lambda one: (one.day, one.number, one.authority))
    return {one.id: one for one in ordered if authority in {None, one.authority}}


def read_rows(client: redis.Redis, letter_id: str) -> dict[Identifier, Row]:
    """Everything a letter brought, what was withdrawn too."""
    with store_errors():
        raw: Any = client.hgetall(keys.letter(letter_id))
    fields = {field.decode(): text for field, text in raw.items()}
    return {
        _identifier(field): _decode(text, Row)
        for field, text in fields.items()
        if not field.startswith(_BANKS)
    }


def find_rows(
    client: redis.Redis, letter_ids: Sequence[str], identifiers: Iterable[Identifier]
) -> dict[Identifier, list[tuple[str, Row]]]:
    """What letters say of some identifiers, in the order of the letters; keys are all of them."""
    found: dict[Identifier, list[tuple[str, Row]]] = {one: [] for one in identifiers}
    texts = _find(client, letter_ids, {str(one): one for one in found})
    for letter_id, identifier, text in texts:
        found[identifier].append((letter_id, _decode(text, Row)))
    return found


def find_banks(
    client: redis.Redis, letter_ids: Sequence[str], numbers: Iterable[str]
) -> dict[str, set[str]]:
    """The banks at which letters ever listed accounts of these numbers; keys are all of them."""
    found: dict[str, set[str]] = {one: set() for one in numbers}
    for _, number, text in _find(client, letter_ids, {_BANKS + one: one for one in found}):
        found[number].update(_decode(text, list[str]))
    return found


def write(
    client: redis.Redis,
    letter: Letter,
    rows: Mapping[Identifier, Row],
    banks: Mapping[str, Iterable[str]],
) -> None:
    """Write a letter and some of its rows at one moment; its other rows stay.

    ``banks`` gives, for some account numbers, all banks at which the letter ever listed them.
    """
    fields = {str(one): _encode(row) for one, row in rows.items()}
    fields |= {_BANKS + number: _encode(sorted(places)) for number, places in banks.items()}
    with store_errors():
        pipe = client.pipeline(transaction=True)
        pipe.hset(keys.LETTERS, letter.id, _encode(letter))
        for part in _parts(list(fields)):
            mapping: dict[Any, Any] = {field: fields[field] for field in part}
            pipe.hset(keys.letter(letter.id), mapping=mapping)
        run(pipe)


def forget(client: redis.Redis, authority: str) -> int:
    """Remove all letters of an authority that lists nothing any more; returns how many."""
    gone = read(client, authority)
    with store_errors():
        pipe = client.pipeline(transaction=True)
        for letter_id in gone:
            pipe.hdel(keys.LETTERS, letter_id)
            pipe.unlink(keys.letter(letter_id))
        run(pipe)
    return len(gone)


def _find(
    client: redis.Redis, letter_ids: Sequence[str], wanted: Mapping[str, _Asked]
) -> Iterator[tuple[str, _Asked, bytes]]:
    """Yield what letters hold in some fields: the letter, whose field it is, and the text."""
    for part in _parts(list(wanted)):
        with store_errors():
            pipe = client.pipeline(transaction=False)
            for letter_id in letter_ids:
                pipe.hmget(keys.letter(letter_id), part)
            answers = run(pipe)
        for letter_id, texts in zip(letter_ids, answers, strict=True):
            for field, text in zip(part, texts, strict=True):
                if text is not None:
                    yield letter_id, wanted[field], text


def _parts(fields: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(fields), _FIELDS_A_COMMAND):
        yield list(fields[start : start + _FIELDS_A_COMMAND])


def _identifier(field: str) -> Identifier:
    kind, _, value = field.partition(":")
    return Identifier(Kind(kind), value)


def _decode(text: bytes, shape: type[_Shape]) -> _Shape:
    try:
        return msgspec.json.decode(text, type=shape)
    except msgspec.MsgspecError as exc:
        raise Mismatch("the store holds a letter this program does not know") from exc
