"""From a feed's rows to the questions that ``check_feeds`` asks, and what a right answer is; pure.

A listed row is asked in its original spelling. Its *neighbour* is made up: another name, page or
number that looks alike and that nobody lists.
"""

from collections.abc import Collection, Iterable
from hashlib import sha256
from ipaddress import ip_address
from typing import Any

import msgspec

from blacklist import identifiers
from blacklist.errors import InvalidIdentifier
from blacklist.guard import Guard
from blacklist.identifiers import suffixes
from blacklist.identifiers.number_ranges import every_range
from blacklist.model import Identifier, Kind
from loaders.formats import Options, Record
from loaders.rows import read_rows

ATTEMPTS = 5
"""How many neighbours are made up before one is found that nobody lists."""

PAGE_ATTEMPTS = 3
"""Of these, how many are other pages of a listed page's host, before other hosts are tried."""

_GUARD = Guard((), {})
"""As it stands in a store without official entries and without decisions."""

_LABEL_CHARACTERS = 56
"""A label has at most 63 characters; 7 are added."""


class Listed(msgspec.Struct, frozen=True):
    """A row that lists something. ``told``: its kind was not guessed from its shape."""

    line: int
    value: str
    kind: Kind
    told: bool
    bank: str | None
    identifiers: tuple[Identifier, ...]


class Query(msgspec.Struct, frozen=True):
    """One question; ``expected`` is what must be found listed, None that nothing may be."""

    line: int
    value: str
    kind: Kind | None
    bank: str | None
    region: str
    expected: Identifier | None

    def as_item(self) -> dict[str, str]:
        """The question as an item of ``POST /v1/check``."""
        item = {"value": self.value, "region": self.region}
        if self.kind:
            item["kind"] = self.kind.value
        if self.bank:
            item["bank"] = self.bank
        return item


def read_listed(content: bytes, form: str, kind: Kind | None, region: str) -> list[Listed]:
    """Return the rows of a feed that list something, read anew and not by the pipeline."""
    rows = read_rows([content], format=form, options=Options(kind=kind)).rows
    found = (_listed(row, kind, region) for row in rows if isinstance(row, Record))
    return [row for row in found if row is not None]


def _listed(row: Record, kind: Kind | None, region: str) -> Listed | None:
    told = row.kind or kind
    shape = told or identifiers.guess_kind(row.value)
    if shape is None:
        return None
    try:
        places = identifiers.list_as(row.value, kind=shape, bank=row.bank, region=region)
    except InvalidIdentifier:
        return None
    if _GUARD.hold(places[0]) is not None:
        return None
    return Listed(row.line, row.value, shape, told is not None, row.bank, places)


def ask_back(rows: Iterable[Listed], region: str) -> list[Query]:
    """Return every spelling of the listed rows once with its kind and once without.

    A row that names its bank is an account and only asked as such.
    """
    queries: dict[tuple[object, ...], Query] = {}
    for row in rows:
        for kind in (row.kind,) if row.bank else (row.kind, None):
            query = Query(row.line, row.value, kind, row.bank, region, row.identifiers[0])
            queries.setdefault((query.value, query.kind, query.bank), query)
    return list(queries.values())


def make_neighbour(row: Listed, region: str, salt: int) -> Query:
    """Return a question about a neighbour of what a row lists; another one for each ``salt``.

    It may be no question at all, or rightly listed: :func:`is_unlisted` tells.
    """
    kind = row.kind if row.told else None
    return Query(row.line, _make_up(row.identifiers[0], salt), kind, None, region, None)


def is_unlisted(query: Query, known: Collection[Identifier]) -> bool:
    """Tell whether it can be asked and nothing of what any feed lists (``known``) would flag it."""
    try:
        question = identifiers.ask(query.value, kind=query.kind, region=query.region)
    except InvalidIdentifier:
        return False
    asked = [
        candidate.identifier for reading in question.readings for candidate in reading.candidates
    ]
    return not any(
        one in known or any(wide in known for wide in _ranges_around(one)) for one in asked
    )


def find_fault(query: Query, answer: dict[str, Any], source: str) -> str | None:
    """Return in a word what is wrong with the answer to a question, or None.

    A listed row must be found as what ``source`` listed, and not only by what others list.
    """
    verdict = answer.get("verdict") or answer.get("error", {}).get("reason", "no_answer")
    if query.expected is None:
        return None if verdict == "no_record" else str(verdict)
    if verdict != "listed":
        return str(verdict)
    own = {(one["source"], one["kind"], one["listed"]) for one in answer["matches"]}
    wanted = (source, query.expected.kind.value, query.expected.value)
    return None if wanted in own else "listed_by_others_only"


def _ranges_around(identifier: Identifier) -> list[Identifier]:
    """Return every range that a number lies in, listed or not."""
    if identifier.kind is not Kind.PHONE:
        return []
    return [Identifier(Kind.PHONE, one) for one in every_range(identifier.value)]


def _make_up(identifier: Identifier, salt: int) -> str:
    """Return a neighbour: always the same one for an identifier and a salt."""
    digest = sha256(f"{salt}:{identifier}".encode()).hexdigest()
    if identifier.kind is Kind.LINK:
        host, _, page = identifier.value.partition("/")
        if page and salt < PAGE_ATTEMPTS:
            return f"{host}/{_other_page(page, digest)}"
        return _other_address(host, digest) or _other_domain(host, digest)
    return _other_number(identifier.value, digest, 4 if identifier.kind is Kind.PHONE else 6)


def _other_number(value: str, digest: str, count: int) -> str:
    digits = f"{int(digest, 16) % 10**count:0{count}}"
    return value[:-count] + digits


def _other_page(page: str, digest: str) -> str:
    """Return a path and query that end in another way, in the same folder or under the same key."""
    start = max(page.rfind("/"), page.rfind("=")) + 1
    return f"{page[: max(start, len(page) - 6)]}{digest[:6]}"


def _other_address(host: str, digest: str) -> str | None:
    """Return an IP address of the same network, or None for a name."""
    try:
        address = ip_address(host.strip("[]"))
    except ValueError:
        return None
    other = type(address)(int(address) ^ (int(digest[:2], 16) or 1))
    return f"[{other}]" if other.version == 6 else str(other)  # noqa: PLR2004


def _other_domain(host: str, digest: str) -> str:
    """Return the host under another registrable domain: ``www.evil-1a2b3c.example``."""
    registrable = suffixes.split(host).registrable or host  # none: a suffix, whose pages are listed
    label, dot, suffix = registrable.partition(".")
    # A changed xn-- label would be no valid encoding of anything.
    plain = label.removeprefix("xn--").strip("-")[:_LABEL_CHARACTERS]
    return f"{host.removesuffix(registrable)}{plain}-{digest[:6]}{dot}{suffix}"
