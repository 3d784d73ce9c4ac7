"""A service that answers over a server that is about to fail, and everybody around it."""

import logging
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from asking import Askers, Known, Thing, Told
from blacklist.model import Kind, Source
from blacklist.publish import Publisher
from blacklist.store import connect, meta
from blacklist.store.stage import Staged
from own_server import OwnServer
from proxy import Proxy
from servers import MAX_LAG_SECONDS
from service import Service, serving
from writing import Writer, identifiers_of

log = logging.getLogger(__name__)

HEAL_SECONDS = 5.0
ITEMS = 200

LISTED: list[Thing] = [
    *(("link", f"listed-{number}.example") for number in range(60)),
    *(("phone", f"+1202555{number:04d}") for number in range(100, 160)),
    *(("account", f"970436/{number:013d}") for number in range(1, 60)),
]
CLEAN: list[Thing] = [
    *(("link", f"clean-{number}.example") for number in range(60)),
    *(("phone", f"+1202555{number:04d}") for number in range(160, 200)),
    *(("account", f"970436/{number:013d}") for number in range(100, 160)),
]


@dataclass
class Around:
    """A service and what is known of it."""

    service: Service
    url: str
    known: Known

    def ask(self, *, max_age_s: float = 0.0) -> Askers:
        """Ask all the time, inside the block."""
        return Askers(self.service, self.known, max_age_s=max_age_s)

    def write(self, url: str | None = None) -> Writer:
        """Write all the time, inside the block; to another address than the service's if given."""
        return Writer(url or self.url, self.known)

    def heal(self, seconds: float = HEAL_SECONDS) -> float:
        """Return when everything is answered rightly, and how many seconds that took.

        What is acknowledged and missing, or listed by nobody, fails at once: only what could not
        be looked at may be asked again.
        """
        begun = time.monotonic()
        while True:
            before = self.known.of(self.known.all())
            said = self._ask_for(list(before))
            after = self.known.of(before)
            wrong = {
                thing: said[thing]
                for thing, right in before.items()
                if right == after.get(thing) and said[thing] != right[0]
            }
            assert set(wrong.values()) <= {"unavailable", None}, wrong
            if not wrong:
                return time.monotonic() - begun
            assert time.monotonic() < begun + seconds, f"not healed: {len(wrong)} unavailable"
            time.sleep(0.05)

    def _ask_for(self, things: list[Thing]) -> dict[Thing, str | None]:
        said: dict[Thing, str | None] = {}
        for kind in Kind:
            some = [thing for thing in things if thing[0] == kind]
            for start in range(0, len(some), ITEMS):
                part = some[start : start + ITEMS]
                results = self.service.ask(*(text for _, text in part), kind=kind.value)
                said |= {
                    thing: result["verdict"] for thing, result in zip(part, results, strict=True)
                }
        return said


@dataclass
class World(Around):
    """A service whose server belongs to somebody else, with a line between that can fail."""

    server: OwnServer
    proxy: Proxy
    folder: Path


def fill(url: str) -> Known:
    """Make a small store with a short barrier that lists LISTED; what is known of it."""
    client = connect.writer(url)
    info = meta.create(client, bits=dict.fromkeys(Kind, 4), max_lag_seconds=MAX_LAG_SECONDS)
    publisher = Publisher(client, info, sleep=lambda _seconds: None)
    with publisher.load(Source("standing", "Standing"), full=False) as load:
        load.put(Staged(identifier) for identifier in identifiers_of(LISTED))
        load.commit()
    client.close()
    known = Known()
    known.become(LISTED, "listed")
    known.become(CLEAN, "no_record")
    return known


@contextmanager
def faulted(folder: Path) -> Iterator[World]:
    """A service over a server of the tests' own; everything is ended at the end."""
    with ExitStack() as stack:
        server = OwnServer(folder / "own")
        server.start()
        stack.callback(server.kill)
        known = fill(server.url)
        proxy = Proxy(folder / "line.sock", server.socket)
        stack.callback(proxy.close)
        service = stack.enter_context(serving(folder / "data", BLACKLIST_REDIS_URL=proxy.url))
        world = World(service, proxy.url, known, server, proxy, folder)
        world.heal()
        yield world


def assert_right(told: Told, *, judged: int = 300) -> None:
    """Nothing was wrong, and enough was asked that it would have been seen."""
    log.info("%s", told)
    assert not told.wrong, told
    assert told.judged >= judged, told
