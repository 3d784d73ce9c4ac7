"""Settings from the environment: read once, at the edges (``cli.py``, ``create_app``).

Every variable begins with ``BLACKLIST_``; one that is not known, or cannot be understood, stops
the start, with all problems named at once. The README's table is held against these fields by a
test.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any

from blacklist.errors import ConfigError

PREFIX = "BLACKLIST_"

MAX_PORT = 65_535
REDIS_SCHEMES = (
    "redis://",
    "rediss://",
    "unix://",
    "redis+cluster://",
    "rediss+cluster://",
    "redis+sentinel://",
    "rediss+sentinel://",
)

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off"}


def _data_home() -> Path:
    home = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(home) / "blacklist"


def _whole_number(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError("must be at least 1")
    return number


def _flag(text: str) -> bool:
    if text.lower() in _TRUE:
        return True
    if text.lower() in _FALSE:
        return False
    raise ValueError("must be yes or no")


def _address(text: str) -> str:
    host, _, port = text.rpartition(":")
    is_port = host and port.isascii() and port.isdigit() and 0 < int(port) <= MAX_PORT
    if not text.startswith("unix:") and not is_port:
        raise ValueError("must be HOST:PORT or unix:PATH")
    return text


def _folder(text: str) -> Path:
    if not text:
        raise ValueError("must be a folder's path")
    return Path(text)


def _file(text: str) -> Path:
    if not text:
        raise ValueError("must be a file's path")
    return Path(text)


def _redis_address(text: str) -> str:
    if not text.startswith(REDIS_SCHEMES):
        raise ValueError(f"must begin with one of {', '.join(REDIS_SCHEMES)}")
    return text


def _region(text: str) -> str:
    if not (len(text) == 2 and text.isascii() and text.isalpha()):  # noqa: PLR2004 - ISO 3166
        raise ValueError("must be a country's two letters")
    return text.upper()


Networks = tuple[IPv4Network | IPv6Network, ...]


def _networks(text: str) -> Networks:
    try:
        return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())
    except ValueError as exc:
        raise ValueError("must be addresses or networks with commas between") from exc


def _read_by(parse: Callable[[str], object], help_: str) -> dict[str, Any]:
    """A field's metadata: how its text is read (ValueError "must …"), and the README's words."""
    return {"parse": parse, "help": help_}


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings; each field is ``BLACKLIST_`` and its name in capitals."""

    bind: str = field(
        default="127.0.0.1:8000",
        metadata=_read_by(_address, "where the service listens: `HOST:PORT` or `unix:PATH`"),
    )
    data_dir: Path = field(
        default_factory=_data_home,
        metadata=_read_by(_folder, "where the embedded store keeps its files"),
    )
    redis_url: str | None = field(
        default=None,
        metadata=_read_by(
            _redis_address,
            "a Redis or Valkey server to use instead of the embedded one (`redis://`, `rediss://`, "
            "`unix://`), a cluster (`redis+cluster://`) or the primary of Sentinels "
            "(`redis+sentinel://`)",
        ),
    )
    region: str = field(
        default="VN",
        metadata=_read_by(_region, "country of phone numbers written without one, in two letters"),
    )
    workers: int = field(
        default=2, metadata=_read_by(_whole_number, "worker processes of the service")
    )
    threads: int = field(default=16, metadata=_read_by(_whole_number, "threads of each worker"))
    catalogue: Path | None = field(
        default=None,
        metadata=_read_by(_file, "a file of feeds of your own, beside those of the catalogue"),
    )
    allow_private_feeds: bool = field(
        default=False,
        metadata=_read_by(_flag, "whether feeds may be fetched from addresses of private networks"),
    )
    account_get: bool = field(
        default=True,
        metadata=_read_by(
            _flag, "whether accounts may be asked by `GET`, where they stand in addresses"
        ),
    )
    public: bool = field(
        default=True,
        metadata=_read_by(_flag, "whether questions are answered that bring no key"),
    )
    public_per_minute: int = field(
        default=1_200,
        metadata=_read_by(
            _whole_number,
            "things that one address may ask a minute without a key; many citizens share one",
        ),
    )
    trusted_proxies: Networks = field(
        default=(),
        metadata=_read_by(
            _networks,
            "addresses and networks of proxies whose `X-Forwarded-For` is believed, with commas",
        ),
    )
    policies: Path | None = field(
        default=None,
        metadata=_read_by(_folder, "a folder of policies of your own (`*.toml`)"),
    )
    secret_file: Path | None = field(
        default=None,
        metadata=_read_by(
            _file,
            "the file of the secret that signs, the same on every machine; without it `secret` in "
            "the data directory",
        ),
    )
    session_minutes: int = field(
        default=15,
        metadata=_read_by(_whole_number, "minutes after which a session left alone is over"),
    )
    access_log: bool = field(
        default=False,
        metadata=_read_by(_flag, "whether each request is logged (never its query or body)"),
    )

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """Settings from environment variables; ConfigError names every problem."""
        known = {PREFIX + one.name.upper(): one for one in fields(cls)}
        values: dict[str, Any] = {}
        problems = []
        for name, text in sorted(environ.items()):
            if not name.startswith(PREFIX):
                continue
            if name not in known:
                problems.append(f"{name} is not a setting")
                continue
            try:
                values[known[name].name] = known[name].metadata["parse"](text)
            except ValueError as exc:
                problems.append(f"{name} {exc if 'must' in str(exc) else 'cannot be understood'}")
        if problems:
            raise ConfigError("; ".join(problems))
        return cls(**values)
