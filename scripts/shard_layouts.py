"""The layouts that are compared, as the commands that write them.

**A** keeps a sorted set for each source and shard (``bl:{phone:02a1}:<source>``,
member = identifier); **B** keeps one for each shard (``bl:{phone:02a1}:e``, member = source code
and identifier, and a marker with the store's id). In both the score is a Unix second. **C**, for
comparison, is a hash for each shard: field = identifier, value = source code and second.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import redis
from invented_listings import Listings
from measured_server import ask

Layout = Literal["plain", "A", "B", "C"]
Item = TypeVar("Item")

FIRST_SECOND = 1_780_000_000
"""A score as real ones are: a Unix second of 2026, which a compact entry holds in 32 bits."""

MARKER = b"\x00"
STORE_ID = (1 << 47) | 12345
"""48 bits: a sorted set's scores are doubles, exact up to 53."""

SHIPPED_LIMITS = (128, 64)
"""zset-max-listpack-entries and -value as the servers ship them."""

WRITE_COMMANDS: dict[Layout, str] = {"plain": "sadd", "A": "zadd", "B": "zadd", "C": "hset"}


@dataclass(frozen=True, slots=True)
class Case:
    """One way to lay out one list. ``limits`` are compact entries a set and bytes a member."""

    name: str
    layout: Layout
    rows: int
    bits: int = 0
    limits: tuple[int, int] = SHIPPED_LIMITS
    kind: str = "phone"
    sources: int = 1
    copies: int = 1
    """How many sources list each identifier; ``rows`` counts listings, not identifiers."""
    batch: int = 50_000
    everywhere: bool = False
    """Whether to measure it on the servers for comparison too."""


def make_commands(case: Case, batch: Listings, second: int) -> list[list[Any]]:
    """Return one command for each key the batch touches."""
    values: list[bytes] = batch.values.tolist()
    if case.layout == "plain":
        return [["SADD", "bl:phone", *part] for part in cut(values, 1000)]
    codes, shards = batch.codes.tolist(), batch.shards(case.bits).tolist()
    verb = WRITE_COMMANDS[case.layout].upper()
    commands: dict[tuple[int, int], list[Any]] = {}
    for shard, code, value in zip(shards, codes, values, strict=True):
        place = (shard, code if case.layout == "A" else 0)
        if place not in commands:
            commands[place] = [verb, name_key(case, *place)]
        commands[place] += make_entry(case.layout, code, value, second)
    return list(commands.values())


def make_entry(layout: Layout, code: int, value: bytes, second: int) -> tuple[object, object]:
    """Return the two words that a row adds to its command."""
    if layout == "A":
        return second, value
    if layout == "B":
        return second, chr(code).encode() + value
    return value, chr(code).encode() + second.to_bytes(4)


def name_key(case: Case, shard: int, code: int) -> str:
    """Return the key of a shard (code 0) or of a source's part of it; braces hold the hash tag."""
    tag = f"{case.kind}:{shard:0{-(-case.bits // 4)}x}"
    return f"bl:{{{tag}}}:" + (f"source-{code:02}" if code else "e")


def store_markers(client: redis.Redis, case: Case) -> None:
    """Put the marker into every shard of a kind."""
    verb = WRITE_COMMANDS[case.layout].upper()
    marker = (MARKER, STORE_ID) if case.layout == "C" else (STORE_ID, MARKER)
    send(client, [[verb, name_key(case, shard, 0), *marker] for shard in range(1 << case.bits)])


def send(client: redis.Redis, commands: Sequence[Sequence[Any]]) -> None:
    """Run commands in pipelines of a thousand."""
    for part in cut(commands, 1000):
        with client.pipeline(transaction=False) as pipe:
            for command in part:
                ask(pipe, *command)
            pipe.execute()


def cut(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    """Yield the items in order, ``size`` at a time."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
