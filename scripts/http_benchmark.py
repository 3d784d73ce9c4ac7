#!/usr/bin/env python3
"""Measure what a question costs over HTTP, against a bare Flask route.

Run as ``scripts/benchmark http [--json] [--rounds 5] [--seconds 3]``; figures stand in
docs/measurements.md. Two services run side by side under the same gunicorn settings: ours over a
store with 200,000 numbers, and a Flask application with one route that returns a constant. A client
of this program keeps some connections busy with one sort of request after the other, in turn; the
ratio of the medians counts, since both share the machine with the client. The batches are of 1,000
clean numbers; their rate is in identifiers a second.
"""

import argparse
import json
import platform
import selectors
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from flask import Flask
from gunicorn.app.base import BaseApplication
from throwaway_service import HastyPublisher, free_port, started_service, temporary_store

from blacklist.config import Settings
from blacklist.model import Identifier, Kind, Source
from blacklist.publish import Publisher
from blacklist.store.stage import Staged
from blacklist.web.server import gunicorn_settings

CONNECTIONS: Final = 8
BATCH: Final = 1_000
ENTRIES: Final = 200_000
READY_SECONDS: Final = 20
BARS: Final = {"clean number": 0.75, "listed number": 0.45, "clean link": None}
BATCH_BAR: Final = 60_000
END_OF_HEAD: Final = b"\r\n\r\n"
LENGTH: Final = b"Content-Length: "


class Bare(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """A Flask application of one route, under the settings of ours."""

    def __init__(self, address: str) -> None:
        self._address = address
        super().__init__()

    def load_config(self) -> None:
        """Take the service's own settings."""
        for name, value in gunicorn_settings(Settings(bind=self._address)).items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Return the application."""
        app = Flask(__name__, static_folder=None)
        app.add_url_rule("/v1/check", view_func=lambda: {"verdict": "no_record"})
        return app


class Connection:
    """One connection that always has a request under way."""

    def __init__(self, port: int, request: bytes) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self._request = request
        self._received = b""
        self.socket.sendall(request)

    def receive(self) -> int:
        """Take what came; returns 1 when an answer was whole, and asks again."""
        self._received += self.socket.recv(1 << 20)
        head, end, body = self._received.partition(END_OF_HEAD)
        if not end or len(body) < int(head.partition(LENGTH)[2].partition(b"\r\n")[0]):
            return 0
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"not answered: {head[:80]!r}")
        self._received = b""
        self.socket.sendall(self._request)
        return 1


def ask(port: int, request: bytes, seconds: float) -> float:
    """Return how many requests a second a service answers."""
    connections = [Connection(port, request) for _ in range(CONNECTIONS)]
    answered = 0
    with selectors.DefaultSelector() as selector:
        for one in connections:
            selector.register(one.socket, selectors.EVENT_READ, one)
        begun = time.perf_counter()
        while time.perf_counter() - begun < seconds:
            for key, _ in selector.select(1):
                answered += key.data.receive()
        taken = time.perf_counter() - begun
    for one in connections:
        one.socket.close()
    return answered / taken


def get(query: str) -> bytes:
    """Return a request for one answer."""
    return f"GET /v1/check?{query} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()


def post_batch() -> bytes:
    """Return a request for a batch of clean numbers."""
    items = [{"value": f"091{number:07d}", "kind": "phone"} for number in range(BATCH)]
    body = json.dumps({"items": items}).encode()
    head = "POST /v1/check HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


REQUESTS: Final = {
    "clean number": get("value=0912345678&kind=phone"),
    "listed number": get("value=0900000001&kind=phone"),
    "clean link": get("value=https://clean.example/a&kind=link"),
}


def fill(publisher: Publisher) -> None:
    """List numbers and some links."""
    rows = [
        *(Identifier(Kind.PHONE, f"+84900{number:06d}") for number in range(ENTRIES)),
        *(Identifier(Kind.LINK, f"h{number}.evil.example") for number in range(1_000)),
    ]
    with publisher.load(Source("measured", "Measured"), full=True) as load:
        load.put(map(Staged, rows))
        load.commit()


@contextmanager
def bare_service() -> Iterator[int]:
    """Run the bare route; yields its port."""
    port = free_port()
    process = subprocess.Popen([sys.executable, __file__, "--bare", f"127.0.0.1:{port}"])
    try:
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait()


def measure(rounds: int, seconds: float) -> list[dict[str, Any]]:
    """Return a row for each sort of request: medians, and the ratio to the bare route."""
    rates: dict[str, list[float]] = {}
    with temporary_store(small=False) as (folder, publisher):
        fill(HastyPublisher(publisher.client, publisher.info))
        with started_service(Path(folder)) as (_, address), bare_service() as bare:
            port = int(address.rpartition(":")[2])
            sorts = {"bare route": (bare, REQUESTS["clean number"])}
            sorts |= {name: (port, request) for name, request in REQUESTS.items()}
            sorts["batch"] = (port, post_batch())
            for name, (where, request) in sorts.items():
                ask(where, request, 0.5)
                rates[name] = []
            for _ in range(rounds):
                for name, (where, request) in sorts.items():
                    rates[name].append(ask(where, request, seconds))
    medians = {name: statistics.median(taken) for name, taken in rates.items()}
    rows: list[dict[str, Any]] = [
        {
            "request": name,
            "per second": round(medians[name]),
            "ratio": round(medians[name] / medians["bare route"], 2),
            "bar": BARS.get(name),
        }
        for name in ("bare route", *REQUESTS)
    ]
    batch = round(medians["batch"] * BATCH, -2)
    rows.append({"request": "batch", "per second": int(batch), "ratio": None, "bar": BATCH_BAR})
    return rows


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure what a question costs over HTTP.")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0, help="of each sort and round")
    parser.add_argument("--bare", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.bare:
        Bare(chosen.bare).run()
        return 0
    rows = measure(chosen.rounds, chosen.seconds)
    if chosen.json:
        machine = {"python": platform.python_version(), "system": platform.platform()}
        print(json.dumps({"machine": machine, "http": rows}, indent=1))
        return 0
    columns = list(rows[0])
    print(f"| {' | '.join(columns)} |")
    print(f"|{'---|' * len(columns)}")
    for row in rows:
        cells = (f"{cell:,}" if isinstance(cell, int) else cell for cell in row.values())
        print(f"| {' | '.join('' if cell is None else str(cell) for cell in cells)} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
