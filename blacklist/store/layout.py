"""How many bits a kind has, and how writers and a reshard keep out of each other's way.

A writer takes its lock, writes the lock's name down (:func:`enter`) and only then looks whether a
reshard is running; a reshard takes its own lock first and looks at the writers' locks then. So one
of two always sees the other. What a reshard has begun stands in the store's hash:

* ``copying:KIND``: shards of that many bits are being filled; nobody reads them. A writer that
  comes while no reshard holds its lock spoils the copy, and :func:`switch` refuses it then.
* ``leaving:KIND``: the bits were switched, and shards of the old ones may still lie there. Nobody
  writes until they are gone: a reader that still asks them must find no marker rather than less
  than there is.
"""

import secrets
from contextlib import suppress
from importlib.resources import files
from typing import Any, Final

import msgspec
import redis

from blacklist.errors import Busy, Mismatch
from blacklist.model import Kind
from blacklist.store import keys
from blacklist.store.connect import run, store_errors

LOCK: Final = "reshard"
_SPOILT: Final = "-"
_SWAP: Final = files(__package__).joinpath("swap.lua").read_text()


class Aside(msgspec.Struct, frozen=True):
    """Shards that are not in use: of how many bits, and by which reshard they came about."""

    bits: int
    nonce: str

    def __str__(self) -> str:
        return f"{self.bits} {self.nonce}"


class Layout(msgspec.Struct, frozen=True):
    """What reshards have begun and not ended, by kind."""

    copying: dict[Kind, Aside]
    leaving: dict[Kind, Aside]


def read(client: redis.Redis) -> Layout:
    """What stands in the store of reshards; Mismatch where it cannot be understood."""
    with store_errors():
        raw: Any = client.hgetall(keys.STORE)
    return _decode(raw)


def is_resharding(client: redis.Redis) -> bool:
    """Whether a reshard is running, or was cut off a moment ago."""
    with store_errors():
        return bool(client.exists(keys.lock(LOCK)))


def enter(client: redis.Redis, lock_name: str) -> Layout:
    """Begin to write under a lock that is held; Busy while a reshard is running.

    What the caller knows of the store's bits must be read after this.
    """
    with store_errors():
        pipe = client.pipeline(transaction=True)
        pipe.sadd(keys.WRITERS, lock_name)
        pipe.exists(keys.lock(LOCK))
        pipe.hgetall(keys.STORE)
        _, is_locked, raw = run(pipe)
    if is_locked:
        raise Busy("the shards are being rearranged (blacklist reshard): try again when it is done")
    layout = _decode(raw)
    unspoilt = {kind: one for kind, one in layout.copying.items() if one.nonce != _SPOILT}
    for kind, aside in unspoilt.items():
        with suppress(Busy):  # it was switched at this very moment: read below
            spoil(client, kind, aside)
    return read(client) if unspoilt else layout


def writers(client: redis.Redis) -> list[str]:
    """The names of the locks under which somebody writes at this moment."""
    with store_errors():
        known: Any = client.smembers(keys.WRITERS)
        names = sorted(name.decode() for name in known)
        return [name for name in names if client.exists(keys.lock(name))]


def begin_copy(client: redis.Redis, kind: Kind, bits: int) -> Aside:
    """Write down that shards of so many bits are being filled."""
    copying = Aside(bits, secrets.token_hex(8))
    with store_errors():
        client.hset(keys.STORE, f"copying:{kind}", str(copying))
    return copying


def spoil(client: redis.Redis, kind: Kind, copying: Aside) -> Aside:
    """Let nobody switch to a copy, whoever made it; Busy where it is no longer the one there."""
    spoilt = Aside(copying.bits, _SPOILT)
    if not _swap(client, f"copying:{kind}", str(copying), {f"copying:{kind}": str(spoilt)}):
        raise Busy("another reshard is running")
    return spoilt


def switch(client: redis.Redis, kind: Kind, copying: Aside, old_bits: int) -> Aside:
    """Put the copy in the place of the shards in use, at one moment; returns those.

    Busy where a writer came in between, which the copy may lack.
    """
    leaving = Aside(old_bits, copying.nonce)
    changes = {
        f"copying:{kind}": "",
        f"bits:{kind}": str(copying.bits),
        f"leaving:{kind}": str(leaving),
    }
    if not _swap(client, f"copying:{kind}", str(copying), changes):
        raise Busy("somebody wrote while the shards were copied: nothing was changed; run it again")
    return leaving


def forget_copy(client: redis.Redis, kind: Kind, copying: Aside) -> None:
    """Nothing is left of a copy that was cut off."""
    _swap(client, f"copying:{kind}", str(copying), {f"copying:{kind}": ""})


def forget_left(client: redis.Redis, kind: Kind, leaving: Aside) -> None:
    """Nothing is left of the shards that were in use before."""
    _swap(client, f"leaving:{kind}", str(leaving), {f"leaving:{kind}": ""})


def _swap(client: redis.Redis, field: str, seen: str, changes: dict[str, str]) -> bool:
    arguments = [text for change in changes.items() for text in change]
    with store_errors():
        script = client.register_script(_SWAP)
        return bool(script(keys=[keys.STORE], args=[field, seen, *arguments]))


def _decode(raw: dict[bytes, bytes]) -> Layout:
    return Layout(_asides(raw, "copying"), _asides(raw, "leaving"))


def _asides(raw: dict[bytes, bytes], what: str) -> dict[Kind, Aside]:
    found = {}
    for kind in Kind:
        text = raw.get(f"{what}:{kind}".encode())
        if text is None:
            continue
        bits, _, nonce = text.decode().partition(" ")
        if not (bits.isdigit() and nonce):
            raise Mismatch("the store tells of a reshard in a way this program does not know")
        found[kind] = Aside(int(bits), nonce)
    return found
