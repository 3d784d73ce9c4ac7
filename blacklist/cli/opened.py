"""The store as commands use it: opened, used and left again."""

from collections.abc import Iterator
from contextlib import contextmanager

from blacklist.config import Settings
from blacklist.publish import Publisher
from blacklist.replica import Replica
from blacklist.store import Client, meta
from blacklist.store.place import Place


@contextmanager
def used(settings: Settings) -> Iterator[Place]:
    """The store's place, used inside the block."""
    place = Place(settings.redis_url, settings.data_dir)
    place.use()
    try:
        yield place
    finally:
        place.leave()


@contextmanager
def for_writing(settings: Settings) -> Iterator[Publisher]:
    """A publisher to the store, which is made where there is none yet."""
    with used(settings) as place:
        client = place.writer()
        try:
            if meta.read(client) is None:
                meta.create(client)
            yield Publisher(client, meta.require(client))
        finally:
            client.close()


@contextmanager
def for_reading(settings: Settings) -> Iterator[Client]:
    """A reading client of a store that is there."""
    with used(settings) as place:
        client = place.reader()
        try:
            meta.require(client)
            yield client
        finally:
            client.close()


@contextmanager
def followed(settings: Settings) -> Iterator[tuple[Replica, Client]]:
    """A replica that follows a store, and a client for questions; for many questions at once.

    Raises StoreError where the lists cannot be read in the beginning.
    """
    with used(settings) as place:
        client, follower = place.reader(), place.reader()
        replica = Replica(follower)
        replica.on_disconnect = place.revive
        try:
            replica.poll()
            replica.start()
            yield replica, client
        finally:
            replica.stop()
            follower.close()
            client.close()
