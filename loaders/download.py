"""One feed from its address into a temporary file, or not at all.

Called by ``fetch.py`` and ``update.py``; knows nothing of formats and sources. Whatever the
server does ends in one of three ways: the whole body lies in a file, the server said that nothing
changed, or Unreachable is raised with a word of ``fetch_reasons.py``.
"""

import random
import tempfile
import time
from collections.abc import Callable, Iterator
from email.utils import parsedate_to_datetime
from hashlib import sha256
from pathlib import Path
from typing import IO, Final
from urllib.parse import urljoin

import msgspec
import urllib3
from urllib3.exceptions import HTTPError, LocationParseError, ProtocolError, SSLError
from urllib3.exceptions import TimeoutError as OutOfTime
from urllib3.response import BaseHTTPResponse
from urllib3.util import Url, parse_url

from blacklist import __version__
from blacklist.errors import Unreachable
from loaders import content_encoding
from loaders.connections import Gate, open_pool
from loaders.deadline import Deadline
from loaders.fetch_reasons import unreachable

READ_BYTES = 1 << 16
FIRST_PAUSE_SECONDS = 2.0
MAX_PAUSE_SECONDS = 60.0
"""The longest pause between two attempts, also when the server asks for more."""

MARK_CHARACTERS = 512
"""The longest ETag that is kept."""

_OK: Final = 200
_NOT_MODIFIED: Final = 304
_SERVER_ERROR: Final = 500
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_PASSING: Final = frozenset({408, 425, 429})
_PORTS: Final = {"http": 80, "https": 443}


class Limits(msgspec.Struct, frozen=True):
    """How much and how long. ``max_bytes`` holds for the body as sent and as unpacked."""

    max_bytes: int = 1 << 30
    connect_seconds: float = 10.0
    read_seconds: float = 20.0
    total_seconds: float = 1_800.0
    attempts: int = 3
    redirects: int = 5


DEFAULT_LIMITS = Limits()


class Access(msgspec.Struct, frozen=True):
    """Where a feed may come from.

    ``private``: from private networks; ``private_start``: only the address itself, which a person
    typed, and no redirect. ``downgrade``: from http after a redirect from https.
    """

    private: bool = False
    private_start: bool = False
    downgrade: bool = False


class Wanted(msgspec.Struct, frozen=True):
    """What to ask for. ``authorization`` goes to the address's own server only.

    ``etag`` and ``last_modified`` are those of what we have: the server may say "unchanged".
    """

    address: str
    authorization: str | None = None
    etag: str | None = None
    last_modified: str | None = None


class Downloaded(msgspec.Struct, frozen=True):
    """A body in a file that is open at its beginning, and has no name: it goes when it is closed.

    ``digest`` is the SHA-256 of the ``size_bytes`` in it, as hexadecimal digits.
    """

    file: IO[bytes]
    size_bytes: int
    digest: str
    etag: str | None
    last_modified: str | None


class Downloader:
    """Fetches into a folder. ``tick`` is called with every piece and may raise to end it."""

    def __init__(
        self,
        folder: Path,
        limits: Limits = DEFAULT_LIMITS,
        *,
        sleep: Callable[[float], object] = time.sleep,
        tick: Callable[[], None] = lambda: None,
    ) -> None:
        self._folder = folder
        self._limits = limits
        self._sleep = sleep
        self._tick = tick

    def fetch(self, wanted: Wanted, access: Access) -> Downloaded | None:
        """The body, or None for "unchanged"; raises Unreachable.

        What may pass by itself (no answer, a cut, an error of the server's) is tried again, after
        a pause that doubles.
        """
        for attempt in range(1, self._limits.attempts):
            try:
                return self._exchange(wanted, access)
            except Unreachable as exc:
                if not exc.passing:
                    raise
                self._tick()
                self._sleep(_pause_seconds(attempt, exc))
        return self._exchange(wanted, access)

    def _exchange(self, wanted: Wanted, access: Access) -> Downloaded | None:
        """One attempt, with all its redirects, within the time."""
        with Deadline(self._limits.total_seconds) as deadline:
            try:
                return self._follow(wanted, access, deadline)
            except HTTPError as exc:
                raise _told(exc, deadline) from exc
            except Unreachable as exc:
                if deadline.passed:
                    raise unreachable("timeout") from exc
                raise

    def _follow(self, wanted: Wanted, access: Access, deadline: Deadline) -> Downloaded | None:
        start = url = _parse(wanted.address)
        for hop in range(self._limits.redirects + 1):
            private = access.private or (access.private_start and hop == 0)
            gate = Gate(deadline, private=private)
            with open_pool(url, gate, self._timeout()) as pool:
                headers = _headers(wanted, at_home=_origin(url) == _origin(start))
                response = pool.request(
                    "GET",
                    url.url,
                    headers=headers,
                    redirect=False,
                    preload_content=False,
                    decode_content=False,
                )
                try:
                    if response.status not in _REDIRECTS:
                        return self._receive(response, wanted, gate, deadline)
                    url = _next(url, response.headers.get("Location"), access)
                finally:
                    response.close()
        raise unreachable("bad_redirect")

    def _timeout(self) -> urllib3.Timeout:
        return urllib3.Timeout(connect=self._limits.connect_seconds, read=self._limits.read_seconds)

    def _receive(
        self, response: BaseHTTPResponse, wanted: Wanted, gate: Gate, deadline: Deadline
    ) -> Downloaded | None:
        if response.status == _NOT_MODIFIED and (wanted.etag or wanted.last_modified):
            return None
        if response.status != _OK:
            raise _refused(response)
        length = _length(response)
        if length is not None and length > self._limits.max_bytes:
            raise unreachable("too_large")
        file = self._make_file()
        try:
            size_bytes, digest = self._write(response, file)
            response.close()
            _require_whole(gate, deadline)
            file.seek(0)
        except BaseException:
            file.close()
            raise
        etag, modified = _mark(response, "ETag"), _mark(response, "Last-Modified")
        return Downloaded(file, size_bytes, digest, etag, modified)

    def _make_file(self) -> IO[bytes]:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            # Without a name: nothing is left behind whatever ends the process.
            return tempfile.TemporaryFile(dir=self._folder)
        except OSError as exc:
            raise unreachable("no_room", exc.strerror or "") from exc

    def _write(self, response: BaseHTTPResponse, file: IO[bytes]) -> tuple[int, str]:
        digest, size = sha256(), 0
        for piece in self._pieces(response):
            size += len(piece)
            if size > self._limits.max_bytes:
                raise unreachable("too_large")
            digest.update(piece)
            try:
                file.write(piece)
            except OSError as exc:
                raise unreachable("no_room", exc.strerror or "") from exc
        return size, digest.hexdigest()

    def _pieces(self, response: BaseHTTPResponse) -> Iterator[bytes]:
        unpack = content_encoding.decoder(response.headers.get("Content-Encoding"))
        received = 0
        while data := response.read1(READ_BYTES):
            self._tick()
            received += len(data)
            if received > self._limits.max_bytes:
                raise unreachable("too_large")
            yield from unpack.decode(data)
        unpack.finish()


def _parse(address: str) -> Url:
    try:
        url = parse_url(address)
    except LocationParseError as exc:
        raise unreachable("bad_address") from exc
    if url.scheme not in _PORTS or not url.host or url.auth:
        raise unreachable("bad_address")
    return url


def _next(url: Url, location: str | None, access: Access) -> Url:
    """Where a redirect leads; raises Unreachable where it may not."""
    if not location:
        raise unreachable("bad_redirect")
    try:
        found = _parse(urljoin(url.url, location))
    except ValueError as exc:
        raise unreachable("bad_redirect") from exc
    if url.scheme == "https" and found.scheme == "http" and not access.downgrade:
        raise unreachable("bad_redirect")
    return found


def _origin(url: Url) -> tuple[str | None, str | None, int]:
    return url.scheme, url.host, url.port or _PORTS[url.scheme or "http"]


def _headers(wanted: Wanted, *, at_home: bool) -> dict[str, str]:
    headers = {
        "User-Agent": f"blacklist/{__version__}",
        "Accept-Encoding": content_encoding.ACCEPTED,
        "Connection": "close",
    }
    if wanted.authorization and at_home:
        headers["Authorization"] = wanted.authorization
    if wanted.etag:
        headers["If-None-Match"] = wanted.etag
    if wanted.last_modified:
        headers["If-Modified-Since"] = wanted.last_modified
    return headers


def _length(response: BaseHTTPResponse) -> int | None:
    """The announced length; raises Unreachable where the body's end cannot be told from a cut."""
    if "chunked" in response.headers.get("Transfer-Encoding", "").lower():
        return None
    length = response.headers.get("Content-Length", "")
    if not (length.isascii() and length.isdigit()):
        raise unreachable("no_length")
    return int(length)


def _require_whole(gate: Gate, deadline: Deadline) -> None:
    """Raise Unreachable where a body that ended well did not end by itself."""
    if deadline.passed:
        raise unreachable("timeout")
    if gate.excess:
        raise unreachable("wrong_length")


def _mark(response: BaseHTTPResponse, name: str) -> str | None:
    """A header that is sent back next time, if it is one that can be."""
    text = response.headers.get(name)
    fits = text is not None and text.isascii() and text.isprintable()
    return text if fits and text is not None and len(text) <= MARK_CHARACTERS else None


def _refused(response: BaseHTTPResponse) -> Unreachable:
    status = response.status
    passing = status >= _SERVER_ERROR or status in _PASSING
    wait = _wait_seconds(response.headers.get("Retry-After"))
    return unreachable("status", str(status), passing=passing, wait_seconds=wait)


def _wait_seconds(text: str | None) -> float | None:
    """What ``Retry-After`` asks for: seconds or a date (RFC 9110, 10.2.3)."""
    if not text:
        return None
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        return parsedate_to_datetime(text).timestamp() - time.time()
    except (ValueError, OverflowError):
        return None


def _pause_seconds(attempt: int, exc: Unreachable) -> float:
    """How long to wait after an attempt, 1 the first: doubling, and not all at one moment."""
    pause = FIRST_PAUSE_SECONDS * (1 << attempt - 1) * random.uniform(0.5, 1.0)  # noqa: S311
    return min(max(pause, exc.wait_seconds or 0.0), MAX_PAUSE_SECONDS)


def _told(exc: HTTPError, deadline: Deadline) -> Unreachable:
    """The driver's error as ours, without its message, which holds the address."""
    if deadline.passed:
        return unreachable("timeout")
    if isinstance(exc, OutOfTime):
        return unreachable("timeout", passing=True)
    if isinstance(exc, SSLError):
        return unreachable("bad_certificate")
    if isinstance(exc, LocationParseError):
        return unreachable("bad_address")
    return unreachable("cut_off" if isinstance(exc, ProtocolError) else "no_answer", passing=True)
