"""More or fewer shards for a kind, while questions go on: copied aside, verified, switched, left.

    shards in use ──copy──▶ shards aside ──count──▶ switch ──▶ replicas read it ──▶ old ones go

Questions are answered from the shards in use all the time; nobody writes to the store meanwhile,
writers are told Busy. The bits change at one moment. Only when every shard of the old bits is gone
may somebody write again: a reader that still asks an old one finds no marker, reads the bits and
asks again. Cut off anywhere, the store answers right; the same command finishes or begins again,
and a write finishes what was already switched (docs/design.md, "Another number of shards").

Called by the command line.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import msgspec

from blacklist.errors import Busy, ConfigError, StoreError
from blacklist.model import Kind
from blacklist.publish import Publisher
from blacklist.store import Client, durability, fill, layout, listings, meta
from blacklist.store import reshard as shards
from blacklist.store.locks import LEASE_SECONDS, Held, hold
from blacklist.store.reshard import Fence, Progress

WAIT_SECONDS: Final = 60.0
"""How long a reshard waits for loads that are running; new ones are refused meanwhile."""

_LOOK_SECONDS: Final = 0.2


class Plan(msgspec.Struct, frozen=True):
    """What a reshard is to do: a kind, its members, and the bits before and after."""

    kind: Kind
    members: int
    before: int
    after: int
    is_unfinished: bool = False
    """Whether something of a reshard before is left to be done."""

    @property
    def is_needed(self) -> bool:
        """Whether there is anything to do."""
        return self.before != self.after or self.is_unfinished


class Done(msgspec.Struct, frozen=True):
    """What a reshard has done: members and details that were written anew, and how long it took."""

    kind: Kind
    before: int
    after: int
    members: int = 0
    details: int = 0
    seconds: float = 0.0


def plan(client: Client, kind: Kind, bits: int | None) -> Plan:
    """Work out what is to be done; without ``bits`` what the members call for, or what was begun.

    Raises ConfigError where so few bits would make the shards too full.
    """
    info = meta.require(client)
    now = info.bits[kind]
    found = layout.read(client)
    begun = found.copying.get(kind)
    members = listings.count(client, info, kind)
    if bits is None:
        bits = begun.bits if begun is not None else fill.bits_for(members, now)
    if bits != now and members > fill.MOST << bits:
        raise ConfigError(
            f"that would be {members >> bits:,} members a shard, and over {fill.MOST} is too many: "
            f"at least {fill.least_bits(members)} bits"
        )
    return Plan(kind, members, now, bits, begun is not None or kind in found.leaving)


def run(publisher: Publisher, planned: Plan, progress: Progress) -> Done:
    """Do what is planned, and return when it is done and every process has seen it.

    ``progress`` is told how many of the shards in use are copied more. Raises Busy where loads do
    not end in time or somebody wrote in between, Unavailable or Mismatch where the store fails;
    what is listed is answered as before, and running it again is right.
    """
    begun = time.monotonic()
    client, kind = publisher.client, planned.kind
    durability.require(client)
    with _alone(client, kind) as locks:
        fence = Fence(client, *locks)
        publisher.leave_shards(fence)
        before = publisher.info.bits[kind]
        done = Done(kind, before, planned.after)
        _drop_copy(client, kind, before, fence)
        if before != planned.after:
            copied = _copy(publisher, kind, planned.after, fence, progress)
            publisher.leave_shards(fence)
            done = Done(kind, before, planned.after, copied.members, copied.details)
    publisher.tidy()
    return msgspec.structs.replace(done, seconds=time.monotonic() - begun)


def _copy(
    publisher: Publisher, kind: Kind, bits: int, fence: Fence, progress: Progress
) -> shards.Sum:
    """Fill the new shards, count them, and put them in the place of those in use."""
    client, info = publisher.client, publisher.info
    copying = layout.begin_copy(client, kind, bits)
    copied = shards.copy(client, info, kind, bits, fence, progress)
    if shards.count(client, info, kind, bits, fence) != copied:
        raise StoreError("the copy of the shards is not complete: nothing was changed")
    fence.renew()
    publisher.acknowledge()  # no failover may take the copy back that is used from now on
    layout.switch(client, kind, copying, info.bits[kind])
    return copied


def _drop_copy(client: Client, kind: Kind, in_use: int, fence: Fence) -> None:
    """Remove what a copy that was cut off has left."""
    left = layout.read(client).copying.get(kind)
    if left is None:
        return
    left = layout.spoil(client, kind, left)  # whoever made it may stand still and yet go on
    if left.bits != in_use:
        shards.remove(client, kind, left.bits, fence)
    layout.forget_copy(client, kind, left)


@contextmanager
def writers_kept_out(client: Client) -> Iterator[Held]:
    """Keep writers out, and wait for those that have begun; Busy where they do not end in time."""
    with hold(client, layout.LOCK, wait_seconds=LEASE_SECONDS + 5) as lock:
        if lock is None:
            raise Busy("another reshard is running")
        _wait_for_writers(client, lock.extend)
        yield lock


@contextmanager
def _alone(client: Client, kind: Kind) -> Iterator[tuple[Held, Held]]:
    """Keep writers out, and let nobody build the kind's filter."""
    with (
        writers_kept_out(client) as lock,
        hold(client, f"filter:{kind}", wait_seconds=LEASE_SECONDS / 2) as building,
    ):
        if building is None:
            raise Busy("another process is building this filter: try again in a minute")
        lock.extend()
        yield lock, building


def _wait_for_writers(client: Client, still_held: Callable[[], None]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while writers := layout.writers(client):
        if time.monotonic() > deadline:
            raise Busy(f"somebody is writing ({', '.join(writers)}): try again when that is done")
        still_held()
        time.sleep(_LOOK_SECONDS)
