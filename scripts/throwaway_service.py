"""A store in a temporary folder and a real service over it, both gone afterwards.

Used by ``check_feeds``, ``soak`` and the benchmarks. The user's own store and ``BLACKLIST_``
settings are never touched.
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec
import requests

from blacklist.config import PREFIX
from blacklist.errors import Unavailable
from blacklist.model import Kind
from blacklist.publish import Publisher
from blacklist.store import meta
from blacklist.store.place import Place

READY_SECONDS = 60
ANSWER_SECONDS = 60
STOP_SECONDS = 15
SMALL_BITS = 4
"""For a store of little: few shards."""

ITEMS_A_BATCH = 1_000
NO_LIMIT = str(10**9)
"""Of what one address may ask a minute: all questions come from this one."""

ASKERS = 4
"""Batches under way at once: enough that each worker of the service has one to answer."""

Ask = Callable[[Sequence[dict[str, str]]], Iterator[dict[str, Any]]]
"""Items of ``POST /v1/check`` to their results, in order; asked at once, read when wanted."""


class HastyPublisher(Publisher):
    """Does not wait for replicas after a load: there are none before the service starts."""

    def acknowledge(self) -> None:
        """Leave the wait out."""


@contextmanager
def temporary_store(*, bits: int | None = None) -> Iterator[tuple[Path, Publisher]]:
    """Yield a data directory with an empty store in it, and its publisher.

    ``bits`` of a shard's number, of every kind; None: as in a user's store. A full load of a feed
    goes over all shards.
    """
    layout = meta.DEFAULT_BITS if bits is None else dict.fromkeys(Kind, bits)
    with tempfile.TemporaryDirectory(prefix="blacklist-feeds-") as folder:
        place = Place(None, Path(folder))
        place.use()
        try:
            client = place.writer()
            yield Path(folder), HastyPublisher(client, meta.create(client, bits=layout))
            client.close()
        finally:
            place.leave()


@contextmanager
def serving(data_dir: Path) -> Iterator[Ask]:
    """Run ``blacklist serve`` over a data directory; yields how to ask it.

    Raises Unavailable when it does not get ready in time.
    """
    with started_service(data_dir) as (session, address), _askers() as askers:
        ask_batch = partial(_ask_batch, session, address)
        yield lambda items: chain.from_iterable(askers.map(ask_batch, _in_batches(items)))


@contextmanager
def scanning(data_dir: Path) -> Iterator[Callable[[str], bytes]]:
    """Run ``blacklist serve`` as :func:`serving` does; yields how to have a message scanned."""
    with started_service(data_dir) as (session, address):
        yield lambda text: post(session, f"http://{address}/v1/scan", {"text": text}).content


@contextmanager
def started_service(data_dir: Path, **settings: str) -> Iterator[tuple[requests.Session, str]]:
    """Run ``blacklist serve`` over a data directory; yields a session and the address to ask.

    ``settings`` are named without their prefix.
    """
    address = f"127.0.0.1:{free_port()}"
    log = data_dir / "service.log"
    with log.open("wb") as output:
        # In a session of its own: Ctrl-C reaches it from here only, and once.
        service = subprocess.Popen(
            [Path(sys.executable).with_name("blacklist"), "serve"],
            env=_environment(data_dir, address, settings),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        with requests.Session() as session:
            session.trust_env = False
            _wait_until_ready(session, service, address, log)
            yield session, address
    finally:
        _end(service)


def _environment(data_dir: Path, address: str, settings: dict[str, str]) -> dict[str, str]:
    others = {name: text for name, text in os.environ.items() if not name.startswith(PREFIX)}
    own = {"DATA_DIR": str(data_dir), "BIND": address, "PUBLIC_PER_MINUTE": NO_LIMIT, **settings}
    return others | {f"{PREFIX}{name}": text for name, text in own.items()}


def free_port() -> int:
    """Return a loopback port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_ready(
    session: requests.Session, service: subprocess.Popen[bytes], address: str, log: Path
) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while service.poll() is None and time.monotonic() < deadline:
        with suppress(requests.ConnectionError):
            if session.get(f"http://{address}/readyz", timeout=ANSWER_SECONDS).ok:
                return
        time.sleep(0.05)
    said = log.read_text("utf-8", errors="replace").strip().splitlines()[-5:]
    raise Unavailable(f"the service does not get ready; it said: {' | '.join(said) or 'nothing'}")


@contextmanager
def _askers() -> Iterator[ThreadPoolExecutor]:
    askers = ThreadPoolExecutor(ASKERS)
    try:
        yield askers
    finally:
        askers.shutdown(cancel_futures=True)


def _in_batches(items: Sequence[dict[str, str]]) -> Iterator[Sequence[dict[str, str]]]:
    for start in range(0, len(items), ITEMS_A_BATCH):
        yield items[start : start + ITEMS_A_BATCH]


def _ask_batch(
    session: requests.Session, address: str, batch: Sequence[dict[str, str]]
) -> list[dict[str, Any]]:
    """One result an item. A refused batch (400, 503) carries its results, too."""
    try:
        response = post(session, f"http://{address}/v1/check", {"items": batch})
        body = msgspec.json.decode(response.content)
    except (requests.RequestException, msgspec.DecodeError) as exc:
        raise Unavailable(f"a batch was not answered ({type(exc).__name__})") from exc
    results: list[dict[str, Any]] = body.get("results", [])
    if len(results) != len(batch):
        raise Unavailable(f"a batch was answered with {response.status_code}, not with results")
    return results


def post(session: requests.Session, url: str, document: object) -> requests.Response:
    """Send one JSON document and return the answer, of whatever status."""
    return session.post(
        url,
        data=msgspec.json.encode(document),
        headers={"Content-Type": "application/json"},
        timeout=ANSWER_SECONDS,
    )


def _end(service: subprocess.Popen[bytes]) -> None:
    """End the service and its workers, gently first."""
    service.send_signal(signal.SIGINT)
    try:
        service.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(service.pid, signal.SIGKILL)
        service.wait()
