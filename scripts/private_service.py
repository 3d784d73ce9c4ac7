"""What a private lookup fetches from a service: the description, filters, ranges, shards.

Filters and ranges are kept in a folder and asked for again only when they are older than
``max_age_seconds``; a service that has no newer one says so in a few bytes. Shards are not kept.
The key is sent for phones and accounts only: links are open to all, and a key says who asks. A
service that is closed to the public gets it for links, too (``is_open``).
"""

import http.client
import json
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

TIMEOUT_SECONDS = 10
UNTOLD = "link"
"""The kind that is asked for without a key, and what the description is asked as."""

_ATTEMPTS = 3


class CouldNotLook(Exception):
    """The service could not be asked, or may not be; never to be taken for "not listed"."""


class Kept(NamedTuple):
    """Something that was fetched: up to which row of the journal it is complete, and how old."""

    body: bytes
    position: str
    age_seconds: float


class Shard(NamedTuple):
    """What is told of one shard: suffix of a hash → tags; and what was sent to get it."""

    told: dict[str, set[str]]
    suffix: str
    prefix: str


class PrivateService:
    """One service at an address such as ``http://127.0.0.1:8000``."""

    def __init__(
        self,
        address: str,
        *,
        folder: Path,
        key: str | None = None,
        is_open: bool = True,
        max_age_seconds: float = 300.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        url = urlsplit(address)
        if url.scheme not in {"http", "https"} or not url.hostname:
            raise ValueError("an address begins with http:// or https://")
        self._url = url
        self._key = key
        self._is_open = is_open
        self._max_age = max_age_seconds
        self._clock = clock
        self._folder = folder / sha256(address.encode()).hexdigest()[:16]
        self._kinds: dict[str, Any] | None = None

    def filter(self, kind: str) -> Kept:
        """The filter of a kind."""
        return self._kept(kind, f"/v1/filter/{kind}", f"filter-{kind}")

    def phone_ranges(self) -> dict[str, set[str]]:
        """The listed ranges of phone numbers, each with its tags."""
        kept = self._kept("phone", "/v1/range/phone/ranges", "ranges-phone")
        return _by_name(json.loads(kept.body)["ranges"])

    def shard(self, kind: str, value: str) -> Shard:
        """The shard in which an identifier lies, and where in it to look.

        The number of bits is sent along and looked at: one that has changed would lead elsewhere,
        where nothing is found.
        """
        digest = sha256(f"{kind}:{value}".encode()).hexdigest()
        for _ in range(_ATTEMPTS):
            told = self._told_of(kind)
            bits, digits = told["bits"], told["prefix_digits"]
            prefix = f"{int(digest, 16) >> (256 - bits):0{digits}x}"
            status, _, body = self._get(kind, f"/v1/range/{kind}/{prefix}?bits={bits}")
            document = json.loads(body)
            if status == http.client.OK and document["bits"] == bits:
                start = told["skipped_digits"]
                suffix = digest[start : start + told["suffix_digits"]]
                return Shard(_by_name(document["entries"]), suffix, prefix)
            if status == http.client.OK or document.get("reason") == "other_bits":
                self._kinds = None
                continue
            raise _refused(status, body)
        raise CouldNotLook("the service changes how it is asked faster than it can be asked")

    def _told_of(self, kind: str) -> dict[str, Any]:
        if self._kinds is None:
            status, _, body = self._get(UNTOLD, "/v1/range")
            if status != http.client.OK:
                raise _refused(status, body)
            document = json.loads(body)
            if document["hash"] != "sha256":
                raise CouldNotLook("the service hashes in a way this program does not know")
            digits = {"suffix_digits": document["suffix_digits"]}
            self._kinds = {name: one | digits for name, one in document["kinds"].items()}
        found: dict[str, Any] = self._kinds[kind]
        return found

    def _kept(self, kind: str, path: str, name: str) -> Kept:
        body_file, about_file = self._folder / name, self._folder / f"{name}.json"
        about: dict[str, Any] = {}
        if body_file.is_file() and about_file.is_file():
            about = json.loads(about_file.read_text("utf-8"))
            age = self._clock() - about["fetched"]
            if 0 <= age < self._max_age:
                return Kept(_whole(body_file, about), about["position"], age)
        began = self._clock()
        etag = {"If-None-Match": about["etag"]} if about else {}
        status, headers, body = self._get(kind, path, **etag)
        if status == http.client.NOT_MODIFIED and about:
            body = _whole(body_file, about)
        elif status != http.client.OK:
            raise _refused(status, body)
        about = {
            "etag": headers["etag"],
            "fetched": began - float(headers.get("age", 0)),
            "position": headers["blacklist-position"],
            "digest": sha256(body).hexdigest(),
        }
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write(body_file, body)
        _write(about_file, json.dumps(about).encode())
        return Kept(body, about["position"], max(0.0, self._clock() - about["fetched"]))

    def _get(self, kind: str, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """One request, which follows no redirect: that could take the key elsewhere."""
        if kind != UNTOLD or not self._is_open:
            if self._key is None:
                raise CouldNotLook(
                    "this needs a key: phones and accounts one with the scope 'list'"
                )
            headers["Authorization"] = f"Bearer {self._key}"
        make = http.client.HTTPSConnection
        if self._url.scheme == "http":
            make = http.client.HTTPConnection  # type: ignore[assignment]
        connection = make(self._url.hostname or "", self._url.port, timeout=TIMEOUT_SECONDS)
        try:
            connection.request("GET", self._url.path.rstrip("/") + path, headers=headers)
            response = connection.getresponse()
            fields = {name.lower(): value for name, value in response.getheaders()}
            return response.status, fields, response.read()
        except (OSError, http.client.HTTPException) as exc:
            raise CouldNotLook(f"the service does not answer ({type(exc).__name__})") from exc
        finally:
            connection.close()


def _by_name(entries: list[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for entry in entries:
        name, _, tag = entry.rpartition(":")
        found.setdefault(name, set()).add(tag)
    return found


def _refused(status: int, body: bytes) -> CouldNotLook:
    try:
        return CouldNotLook(f"the service refuses ({status}): {json.loads(body)['detail']}")
    except (ValueError, KeyError, TypeError):
        return CouldNotLook(f"the service refuses ({status})")


def _whole(file: Path, about: dict[str, Any]) -> bytes:
    """The kept bytes; two programs that write at once must not leave half of each."""
    body = file.read_bytes()
    if sha256(body).hexdigest() != about["digest"]:
        raise CouldNotLook(f"what is kept is damaged: remove {file.parent} and ask again")
    return body


def _write(file: Path, data: bytes) -> None:
    part = file.with_suffix(".part")
    part.write_bytes(data)
    part.replace(file)
