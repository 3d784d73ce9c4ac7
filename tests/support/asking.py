"""Askers: threads that ask a service all the time over HTTP, and judge every answer.

Wrong is: a verdict that contradicts what was acknowledged, a listing of what nobody listed, an
error that is no problem document or no 503 with ``Retry-After``, and an answer that took too long.
``unavailable`` is never wrong by itself: a test says how much of it there may be.
"""

import http.client
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from service import Service

ASKERS = 4
ANSWER_SECONDS = 3.5
"""No answer may take longer, whatever happens to the store."""

ITEMS_A_BATCH = 20
QUESTIONS_A_CONNECTION = 4
"""A connection stays with one worker; a new one may reach another."""

PAUSE_SECONDS = 0.005

Thing = tuple[str, str]
"""A kind and a text of it."""


class Known:
    """What has to be answered about each thing, as far as a write on its way leaves that open."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._right: dict[Thing, tuple[str, int]] = {}
        self._all: list[Thing] = []
        self._writes = 0

    def become(self, things: Iterable[Thing], verdict: str | None) -> None:
        """Note an acknowledgement; None: a write of the things begins, either answer is right."""
        with self._lock:
            self._writes += 1
            for thing in things:
                if verdict is None:
                    self._right.pop(thing, None)
                else:
                    self._right[thing] = verdict, self._writes
            self._all = list(self._right)

    def of(self, things: Iterable[Thing]) -> dict[Thing, tuple[str, int]]:
        """The verdict that is right for each thing, and the write that it rests on."""
        with self._lock:
            return {thing: self._right[thing] for thing in things if thing in self._right}

    def some(self, rng: random.Random, count: int) -> list[Thing]:
        """Some things; a third of them were written last, since those are missed soonest."""
        every = self._all
        newest = every[-3 * count :]
        return [rng.choice(newest if rng.random() < 1 / 3 else every) for _ in range(count)]

    def all(self) -> list[Thing]:
        """Everything of which one verdict is right."""
        return self._all


@dataclass
class Told:
    """What a time of asking came to."""

    judged: int = 0
    said: Counter[str | None] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    broken: int = 0
    """Connections that ended without an answer."""
    slowest_seconds: float = 0.0

    def __str__(self) -> str:
        return (
            f"judged {self.judged}, wrong {sum(self.wrong.values())} {dict(self.wrong)}, "
            f"said {dict(self.said)}, broken {self.broken}, slowest {self.slowest_seconds:.2f} s"
        )


class Askers:
    """Threads that ask one service for as long as the block lasts."""

    def __init__(self, service: Service, known: Known, *, max_age_s: float = 0.0) -> None:
        self._service = service
        self._known = known
        self._max_age_s = max_age_s
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._run, args=(n,)) for n in range(ASKERS)]
        self._failures: list[BaseException] = []
        self.told = Told()

    def __enter__(self) -> "Askers":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        assert not self._failures, self._failures

    def since(self) -> Told:
        """What was told so far; from now on it is counted anew."""
        with self._lock:
            told, self.told = self.told, Told()
        return told

    def _run(self, number: int) -> None:
        rng = random.Random(number)
        try:
            while not self._stop.is_set():
                connection = http.client.HTTPConnection(
                    "127.0.0.1", self._service.port, timeout=3 * ANSWER_SECONDS
                )
                try:
                    for _ in range(QUESTIONS_A_CONNECTION):
                        self._ask(connection, rng)
                        self._stop.wait(PAUSE_SECONDS)
                except TimeoutError:
                    self._note_wrong("no answer")
                except (OSError, http.client.HTTPException):
                    with self._lock:
                        self.told.broken += 1
                    self._stop.wait(4 * PAUSE_SECONDS)
                finally:
                    connection.close()
        except BaseException as exc:  # noqa: BLE001 - told to the test
            self._failures.append(exc)

    def _ask(self, connection: http.client.HTTPConnection, rng: random.Random) -> None:
        things = self._known.some(rng, 1 if rng.random() < 0.5 else ITEMS_A_BATCH)
        before = self._known.of(things)
        begun = time.monotonic()
        if len(things) == 1:
            results = self._get(connection, things[0])
        else:
            results = self._post(connection, things)
        seconds = time.monotonic() - begun
        after = self._known.of(things)
        with self._lock:
            self.told.slowest_seconds = max(self.told.slowest_seconds, seconds)
        if seconds > ANSWER_SECONDS:
            self._note_wrong("slow")
        for thing, result in zip(things, results, strict=True):
            if thing in before and before[thing] == after.get(thing):
                self._judge(thing, result, before[thing][0])

    def _get(self, connection: http.client.HTTPConnection, thing: Thing) -> list[dict[str, Any]]:
        kind, text = thing
        more = f"&max_age_s={self._max_age_s}" if self._max_age_s else ""
        connection.request("GET", f"/v1/check?kind={kind}&value={quote(text)}{more}")
        status, document = self._read(connection)
        if status == 200 and document["verdict"] == "unavailable":
            self._note_wrong("unavailable as 200")
        return [document]

    def _post(
        self, connection: http.client.HTTPConnection, things: Sequence[Thing]
    ) -> list[dict[str, Any]]:
        items = [
            {"kind": kind, "value": text, "max_age_s": self._max_age_s} for kind, text in things
        ]
        body = json.dumps({"items": items}).encode()
        connection.request("POST", "/v1/check", body, {"Content-Type": "application/json"})
        _, document = self._read(connection)
        results: list[dict[str, Any]] = document.get("results", [])
        return results or [document] * len(things)

    def _read(self, connection: http.client.HTTPConnection) -> tuple[int, dict[str, Any]]:
        response = connection.getresponse()
        document = json.loads(response.read())
        if response.status not in (200, 503):
            self._note_wrong(f"status {response.status}")
        if response.status != 200:
            form = response.getheader("Content-Type"), response.getheader("Retry-After")
            if form[0] != "application/problem+json" or not form[1] or int(form[1]) <= 0:
                self._note_wrong("not a problem document with Retry-After")
        return response.status, document

    def _judge(self, thing: Thing, result: dict[str, Any], right: str) -> None:
        said = result.get("verdict")
        with self._lock:
            self.told.judged += 1
            self.told.said[said] += 1
        if said == "unavailable":
            if result["suspicious"] is not None or not result["notes"]:
                self._note_wrong("an unavailable that judges")
        elif said != right:
            self._note_wrong(f"{thing[0]}: {said} and not {right}")

    def _note_wrong(self, reason: str) -> None:
        with self._lock:
            self.told.wrong[reason] += 1
