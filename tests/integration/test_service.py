"""Two real gunicorn workers, a writer and askers: what was acknowledged is never missed."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from blacklist.model import Identifier, Kind, Source
from blacklist.publish import Publisher
from blacklist.store import connect, meta
from blacklist.store.embedded import EmbeddedServer
from blacklist.store.meta import StoreInfo
from blacklist.store.stage import Staged
from servers import kill_server
from service import Service, serving

SOURCE = Source("writer", "Writer")
LISTED = [f"listed-{number}.example" for number in range(50)]
ASKERS = 3


@pytest.fixture
def publisher(server: EmbeddedServer, info: StoreInfo) -> Iterator[Publisher]:
    """A publisher that waits for the barrier, on a connection of its own."""
    client = connect.writer(server.url)
    yield Publisher(client, info)
    client.close()


@pytest.fixture
def service(publisher: Publisher, data_dir: Path) -> Iterator[Service]:
    """A service of two workers over the store, which lists LISTED."""
    publish(publisher, *LISTED)
    with serving(data_dir) as service:
        yield service


def publish(publisher: Publisher, *values: str) -> None:
    with publisher.load(SOURCE, full=False) as load:
        load.put(Staged(Identifier(Kind.LINK, value)) for value in values)
        load.commit()


class Askers:
    """Threads that ask all the time for what was acknowledged, and count the answers."""

    def __init__(self, service: Service, acknowledged: list[str]) -> None:
        self._service = service
        self._acknowledged = acknowledged
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run) for _ in range(ASKERS)]
        self.answers: Counter[str | None] = Counter()
        self.failures: list[BaseException] = []

    def __enter__(self) -> "Askers":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        choice = random.Random(threading.get_ident())
        try:
            while not self._stop.is_set():
                known = self._acknowledged[:]
                # The newest are those that a lagging worker would miss.
                asked = [*known[-10:], *choice.sample(known, 5)]
                self.answers.update(self._service.verdicts(*asked))
        except BaseException as exc:  # noqa: BLE001 - told to the test
            self.failures.append(exc)


def test_after_an_acknowledgement_no_worker_answers_no_record(
    service: Service, publisher: Publisher, server: EmbeddedServer, info: StoreInfo
) -> None:
    """While a writer publishes and somebody else builds snapshots in the middle of its writes."""
    builder = Publisher(connect.writer(server.url), info)
    stop = threading.Event()

    def build() -> None:
        while not stop.wait(0.05):
            builder.rebuild(Kind.LINK)

    building = threading.Thread(target=build)
    building.start()
    acknowledged = LISTED[:]
    try:
        with Askers(service, acknowledged) as askers:
            for round_ in range(12):
                values = [f"new-{round_}-{number}.example" for number in range(20)]
                publish(publisher, *values)
                acknowledged.extend(values)
    finally:
        stop.set()
        building.join()
    assert not askers.failures
    assert set(askers.answers) == {"listed"}
    assert askers.answers["listed"] > 500
    assert service.verdicts(*acknowledged) == ["listed"] * len(acknowledged)


def test_a_store_emptied_under_running_workers_is_unavailable(
    service: Service, publisher: Publisher
) -> None:
    with Askers(service, LISTED[:]) as askers:
        while not askers.answers["listed"] and not askers.failures:
            time.sleep(0.01)
        publisher.client.flushall()
        time.sleep(1.0)
    assert not askers.failures
    assert set(askers.answers) == {"listed", "unavailable"}
    assert service.verdicts("clean.example", LISTED[0]) == ["unavailable"] * 2
    assert service.request("GET", "/readyz")[0] == 503


@pytest.mark.slow
def test_a_store_made_anew_in_its_place_is_not_answered_from(
    service: Service, publisher: Publisher
) -> None:
    publisher.client.flushall()
    info = meta.create(publisher.client, bits=dict.fromkeys(Kind, 4))
    publish(Publisher(publisher.client, info), "other.example")
    assert service.verdicts("clean.example", LISTED[0]) == ["unavailable"] * 2


@pytest.mark.slow
def test_a_store_set_back_under_running_workers_never_says_no_record(
    service: Service, publisher: Publisher, keep_store: Callable[[], Callable[[], None]]
) -> None:
    restore = keep_store()
    lost = [f"lost-{number}.example" for number in range(20)]
    publish(publisher, *lost)
    # Both workers have seen them: the barrier has passed.
    with Askers(service, [*LISTED, *lost]) as askers:
        time.sleep(0.3)
        restore()
        time.sleep(1.5)
    assert not askers.failures
    assert set(askers.answers) == {"listed", "unavailable"}
    for _ in range(10):
        assert set(service.verdicts(*lost)) == {"unavailable"}
        assert set(service.verdicts(*LISTED)) == {"listed"}
        assert service.verdicts("clean.example") == ["no_record"]


def test_a_server_that_was_killed_comes_back_and_has_lost_nothing(
    service: Service, publisher: Publisher, data_dir: Path
) -> None:
    publish(publisher, "just-now.example")
    kill_server(data_dir)
    with Askers(service, [*LISTED, "just-now.example"]) as askers:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            if service.verdicts("just-now.example") == ["listed"]:
                break
    assert not askers.failures
    assert set(askers.answers) <= {"listed", "unavailable"}
    assert service.verdicts("just-now.example", "clean.example") == ["listed", "no_record"]
