"""Which feeds there are: the catalogue that ships, and the user's own file that adds to it.

A file is TOML with a table ``[feeds.NAME]`` each; the fields are those of :class:`Entry`. The
user's table of a known name changes the fields it has and leaves the others.
"""

import tomllib
from collections.abc import Callable, Mapping
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec.structs import FieldInfo

from blacklist import __version__, source_names
from blacklist.errors import ConfigError, InvalidIdentifier
from blacklist.identifiers import phone
from blacklist.model import Audience, Category, Kind, Source, Trust
from loaders import durations, formats
from loaders.download import Access, Wanted
from loaders.fetch_reasons import unreachable
from loaders.formats import Options
from loaders.pipeline import Mode, Plan

AUTO = "auto"
_SCHEMES: Final = ("https://", "http://")


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A feed of the catalogue: where it is, how it is written, whom it speaks for.

    ``refresh`` is how often it is fetched, ``days`` how long an entry lives after it was last
    seen. ``enabled`` feeds are fetched by themselves, others only when they are named;
    ``why_off`` says why. ``terms`` says what the licence asks for, ``checked`` what address and
    licence rest on. ``{key}`` in ``address`` and ``authorization`` stands for ``key``.
    With ``count_reports`` each row is one report of its identifier.
    ``private`` and ``downgrade`` are those of :class:`~loaders.download.Access`.
    """

    name: str
    title: str
    address: str
    refresh: int | str
    format: str = AUTO
    kind: Kind | None = None
    region: str | None = None
    mode: Mode = "full"
    columns: dict[str, str] = {}
    trust: Trust = Trust.COMMUNITY
    category: Category = Category.OTHER
    audience: Audience = Audience.PUBLIC
    licence: str = ""
    terms: str = ""
    days: int | None = None
    upstream: str | None = None
    homepage: str = ""
    checked: str = ""
    count_reports: bool = False
    enabled: bool = True
    why_off: str = ""
    key: str | None = None
    authorization: str | None = None
    private: bool = False
    downgrade: bool = False
    max_bytes: int = 512 << 20

    @property
    def refresh_seconds(self) -> int:
        """How often it is fetched."""
        return durations.parse(self.refresh)

    @property
    def access(self) -> Access:
        """Where it may come from."""
        return Access(private=self.private, downgrade=self.downgrade)

    def wanted(self) -> Wanted:
        """What to ask for; raises Unreachable ``key_missing``."""
        texts = (self.address, self.authorization)
        if self.key is None and any("{key}" in text for text in texts if text):
            raise unreachable("key_missing")
        address, authorization = (text and text.replace("{key}", self.key or "") for text in texts)
        return Wanted(address or "", authorization)

    def source(self) -> Source:
        """Who says so."""
        return Source(
            name=self.name,
            title=self.title,
            trust=self.trust,
            category=self.category,
            licence=self.licence,
            days=self.days,
            upstream=self.upstream,
            audience=self.audience,
            refresh_seconds=self.refresh_seconds,
        )

    def plan(self, region: str) -> Plan:
        """How it is read and published; ``region`` holds where the entry tells none."""
        return Plan(
            source=self.source(),
            format=None if self.format == AUTO else self.format,
            options=Options(kind=self.kind, columns=self.columns),
            region=self.region or region,
            mode=self.mode,
            rows_are_reports=self.count_reports,
        )

    def fingerprint(self, region: str) -> str:
        """What of this entry and this program decides what a body lists."""
        told = (self.address, self.format, self.kind, self.region or region, self.mode)
        parts = (__version__, *told, self.category, sorted(self.columns.items()))
        return sha256(repr(parts).encode()).hexdigest()[:16]


Catalogue = dict[str, Entry]


def read(own: Path | None) -> Catalogue:
    """Every feed by name, in order; raises ConfigError that names every problem."""
    tables = _decode(files("loaders").joinpath("catalogue.toml").read_text("utf-8"))
    if own is not None:
        for name, table in _read_own(own).items():
            tables[name] = tables.get(name, {}) | table
    problems: list[str] = []
    found = {name: _entry(name, table, problems) for name, table in tables.items()}
    if problems:
        raise ConfigError("the catalogue: " + "; ".join(problems))
    return {name: entry for name, entry in found.items() if entry is not None}


def choose(catalogue: Catalogue, names: tuple[str, ...]) -> list[Entry]:
    """The entries of these names, or all that are enabled; ConfigError names the unknown ones."""
    if not names:
        return [entry for entry in catalogue.values() if entry.enabled]
    unknown = [name for name in names if name not in catalogue]
    if unknown:
        raise ConfigError(f"no feed of this name is in the catalogue: {', '.join(unknown)}")
    return [catalogue[name] for name in dict.fromkeys(names)]


def _read_own(path: Path) -> dict[str, dict[str, Any]]:
    try:
        return _decode(path.read_text("utf-8"))
    except OSError as exc:
        raise ConfigError(f"BLACKLIST_CATALOGUE cannot be read ({exc.strerror})") from exc
    except UnicodeDecodeError as exc:
        raise ConfigError("BLACKLIST_CATALOGUE is not UTF-8") from exc


def _decode(text: str) -> dict[str, dict[str, Any]]:
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as exc:
        raise ConfigError(f"BLACKLIST_CATALOGUE is not TOML ({exc})") from exc
    feeds = document.pop("feeds", {})
    if document or not isinstance(feeds, dict):
        raise ConfigError("BLACKLIST_CATALOGUE has to hold tables [feeds.NAME] and nothing else")
    strange = [name for name, table in feeds.items() if not isinstance(table, dict)]
    if strange:
        raise ConfigError(f"BLACKLIST_CATALOGUE: feeds.{strange[0]} has to be a table")
    return feeds


def _entry(name: str, table: Mapping[str, object], problems: list[str]) -> Entry | None:
    """The entry of a table, or None with what is wrong with each of its fields told."""
    known = {one.name: one for one in msgspec.structs.fields(Entry)}
    told = {"name": name, **table}
    wrong = [f"{field} is not a field" for field in told if field not in known]
    values: dict[str, Any] = {}
    for field, info in known.items():
        if field in told:
            problem = _convert(info, told[field], values)
            wrong += [f"{field} {problem}"] if problem else []
        elif info.required:
            wrong.append(f"{field} is missing")
    problems += [f"{name}: {one}" for one in wrong]
    return None if wrong else Entry(**values)


def _convert(info: FieldInfo, value: object, values: dict[str, Any]) -> str | None:
    """Take a field's value; returns what is wrong with it, without the value: it may be a key."""
    try:
        values[info.name] = msgspec.convert(value, info.type)
        check = _CHECKS.get(info.name)
        if check is not None and values[info.name] is not None:
            check(values[info.name])
    except msgspec.ValidationError:
        return "cannot be understood"
    except ValueError as exc:
        return str(exc)
    return None


def _check_name(name: str) -> None:
    try:
        source_names.require_shape(name)
        source_names.require_free(name)
    except ConfigError as exc:
        raise ValueError(f"must be another: {exc}") from exc


def _check_address(address: str) -> None:
    if not address.startswith(_SCHEMES) or not address.isprintable() or " " in address:
        raise ValueError("must begin with https:// or http://, without blanks")
    if "@" in address.split("/")[2]:
        raise ValueError("must not hold a name or password: tell authorization")


def _check_format(name: str) -> None:
    if name not in {AUTO, *formats.NAMES}:
        raise ValueError(f"must be {AUTO} or one of {', '.join(formats.NAMES)}")


def _check_region(region: str) -> None:
    try:
        phone.require_region(region)
    except InvalidIdentifier as exc:
        raise ValueError("must be a country's two letters") from exc


def _check_trust(trust: Trust) -> None:
    if trust is Trust.OFFICIAL:
        raise ValueError("must be authority, partner or community")


def _check_number(number: int) -> None:
    if number < 1:
        raise ValueError("must be at least 1")


def _check_text(text: str) -> None:
    if not text.strip() or not text.isprintable():
        raise ValueError("must be a line of text")


def _check_header(text: str) -> None:
    if not (text.isascii() and text.isprintable() and text.strip()):
        raise ValueError("must be a line of plain characters")


_CHECKS: Final[Mapping[str, Callable[[Any], object]]] = {
    "name": _check_name,
    "title": _check_text,
    "address": _check_address,
    "refresh": durations.parse,
    "format": _check_format,
    "region": _check_region,
    "trust": _check_trust,
    "days": _check_number,
    "max_bytes": _check_number,
    "key": _check_header,
    "authorization": _check_header,
}
