"""A store in a temporary folder and a real service over it, both gone afterwards.

Used by ``check_feeds``. The user's own store and ``BLACKLIST_`` settings are never touched.
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import requests

from blacklist.config import PREFIX
from blacklist.errors import Unavailable
from blacklist.publish import Publisher
from blacklist.store import meta
from blacklist.store.place import Place

READY_SECONDS = 60
ANSWER_SECONDS = 60
STOP_SECONDS = 15
ITEMS_A_BATCH = 1_000

Ask = Callable[[Sequence[dict[str, str]]], list[dict[str, Any]]]
"""Items of ``POST /v1/check`` to their results, in order."""


class HastyPublisher(Publisher):
    """Does not wait after each load; :func:`acknowledge` once after the last is enough.

    The service starts only then, so that no replica can have missed anything.
    """

    def acknowledge(self) -> None:
        """Leave the wait out."""


def acknowledge(publisher: Publisher) -> None:
    """Wait once for all loads of a hasty publisher."""
    Publisher(publisher.client, publisher.info).acknowledge()


@contextmanager
def temporary_store() -> Iterator[tuple[Path, Publisher]]:
    """Yield a data directory with an empty store in it, and its publisher."""
    with tempfile.TemporaryDirectory(prefix="blacklist-feeds-") as folder:
        place = Place(None, Path(folder))
        place.use()
        try:
            client = place.writer()
            yield Path(folder), HastyPublisher(client, meta.create(client))
            client.close()
        finally:
            place.leave()


@contextmanager
def serving(data_dir: Path) -> Iterator[Ask]:
    """Run ``blacklist serve`` over a data directory; yields how to ask it.

    Raises Unavailable when it does not get ready in time.
    """
    address = f"127.0.0.1:{_free_port()}"
    log = data_dir / "service.log"
    with log.open("wb") as output:
        # In a session of its own: Ctrl-C reaches it from here only, and once.
        service = subprocess.Popen(
            [Path(sys.executable).with_name("blacklist"), "serve"],
            env=_environment(data_dir, address),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        with requests.Session() as session:
            session.trust_env = False
            _wait_until_ready(session, service, address, log)
            yield lambda items: _ask(session, address, items)
    finally:
        _end(service)


def _environment(data_dir: Path, address: str) -> dict[str, str]:
    others = {name: text for name, text in os.environ.items() if not name.startswith(PREFIX)}
    return {**others, f"{PREFIX}DATA_DIR": str(data_dir), f"{PREFIX}BIND": address}


def _free_port() -> int:
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


def _ask(
    session: requests.Session, address: str, items: Sequence[dict[str, str]]
) -> list[dict[str, Any]]:
    """One result an item. A refused batch (400, 503) carries its results, too."""
    results: list[dict[str, Any]] = []
    for start in range(0, len(items), ITEMS_A_BATCH):
        batch = items[start : start + ITEMS_A_BATCH]
        response = session.post(
            f"http://{address}/v1/check", json={"items": batch}, timeout=ANSWER_SECONDS
        )
        answers = response.json().get("results", [])
        if len(answers) != len(batch):
            raise Unavailable(f"a batch was answered with {response.status_code}, not with results")
        results += answers
    return results


def _end(service: subprocess.Popen[bytes]) -> None:
    """End the service and its workers, gently first."""
    service.send_signal(signal.SIGINT)
    try:
        service.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(service.pid, signal.SIGKILL)
        service.wait()
