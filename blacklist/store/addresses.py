"""``BLACKLIST_REDIS_URL`` taken apart: one server, a cluster, or a service of Sentinels; pure.

    redis://[[USER]:PASSWORD@]HOST[:PORT][/DB]                          also rediss:// and unix://
    redis+cluster://[[USER]:PASSWORD@]HOST[:PORT][,HOST[:PORT]…]        also rediss+cluster://
    redis+sentinel://[[USER]:PASSWORD@]HOST[:PORT][,…]/SERVICE[/DB]     also rediss+sentinel://

The forms are those of limits, docket and Redis-Sentinel-Url, so that one address serves several
programs. User and password are those of the data servers; Sentinels that ask for their own are
told ``?sentinel_username=…&sentinel_password=…``. With TLS redis-py's ``ssl_…`` options may follow.

No message repeats any part of an address: it may hold a password.
"""

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlencode

import msgspec
from redis.connection import parse_url

from blacklist.errors import ConfigError

NODE_PORT: Final = 6379
SENTINEL_PORT: Final = 26379
_MAX_PORT: Final = 65_535

_MANY = re.compile(
    r"(rediss?)\+(cluster|sentinel)://(?:([^@/?#]*)@)?([^@/?#]*)((?:/[^@?#]*)?)(?:\?(.*))?"
)
_PLACE = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^:\[\]\s]+)(?::([0-9]{1,5}))?")

Place = tuple[str, int]
"""Host and port."""


class Single(msgspec.Struct, frozen=True):
    """One server, as redis-py reads its address."""

    url: str


class Cluster(msgspec.Struct, frozen=True):
    """Some nodes of a cluster, and redis-py's options for a connection to any of them."""

    nodes: tuple[Place, ...]
    options: Mapping[str, Any]


class Sentinels(msgspec.Struct, frozen=True):
    """Sentinels, the name of the primary they watch, and options for either sort of connection."""

    places: tuple[Place, ...]
    service: str
    options: Mapping[str, Any]
    sentinel_options: Mapping[str, Any]


def parse(url: str) -> Single | Cluster | Sentinels:
    """Take an address apart; ConfigError says what is wrong with it."""
    scheme, separator, _ = url.partition("://")
    if not separator or "+" not in scheme:
        return Single(url)
    found = _MANY.fullmatch(url)
    if found is None:
        raise _wrong("cannot be understood (in a password, write @ / ? # in per cent form)")
    tls, sort, user, places, path, query = found.groups(default="")
    asked = dict(parse_qsl(query, keep_blank_values=True))
    is_sentinel = sort == "sentinel"
    own = {"sentinel_username", "sentinel_password"} if is_sentinel else set()
    if unknown := [name for name in asked if name not in own and not name.startswith("ssl_")]:
        raise _wrong(f"has {len(unknown)} options that are not known: only ssl_… may follow '?'")
    tls_options = {name: text for name, text in asked.items() if name.startswith("ssl_")}
    if is_sentinel:
        service, database = _service(path)
        return Sentinels(
            _places(places, SENTINEL_PORT),
            service,
            _options(tls, user, tls_options) | {"db": database},
            _options(tls, "", tls_options)
            | {name.removeprefix("sentinel_"): asked[name] for name in own & asked.keys()},
        )
    if path.strip("/") not in {"", "0"}:
        raise _wrong("names a database: a cluster has only database 0")
    return Cluster(_places(places, NODE_PORT), _options(tls, user, tls_options))


def _places(text: str, port: int) -> tuple[Place, ...]:
    """Return hosts and ports; the brackets of an IPv6 address go."""
    found = [_PLACE.fullmatch(part) for part in text.split(",")]
    places = [(one[1].strip("[]"), int(one[2] or port)) for one in found if one is not None]
    if len(places) < len(found) or any(not 0 < number <= _MAX_PORT for _, number in places):
        raise _wrong("needs HOST:PORT after '://', several with commas between them")
    return tuple(places)


def _service(path: str) -> tuple[str, int]:
    """Return the watched primary's name and the database."""
    service, _, database = path.strip("/").partition("/")
    if not service:
        raise _wrong("needs the service that the Sentinels watch: /SERVICE at the end")
    if not re.fullmatch(r"[0-9]{0,4}", database):
        raise _wrong("has something else than a database's number behind the service")
    return unquote(service), int(database or 0)


def _options(tls: str, user: str, asked: Mapping[str, str]) -> dict[str, Any]:
    """Return redis-py's options for a connection, its types as redis-py reads them."""
    place = f"{user}@host" if user else "host"
    try:
        options: dict[str, Any] = dict(
            parse_url(f"{tls}://{place}?{urlencode(asked)}")  # type: ignore[no-untyped-call]
        )
    except ValueError as exc:
        raise _wrong("has an option with a value that does not fit it") from exc
    return {name: value for name, value in options.items() if name not in {"host", "port", "db"}}


def _wrong(what: str) -> ConfigError:
    return ConfigError(f"BLACKLIST_REDIS_URL {what}")
