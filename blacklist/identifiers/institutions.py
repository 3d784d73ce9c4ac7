"""The institutions that swindlers pose as: whose domains, telephone lines and brands they are.

``data/institutions.tsv`` holds what the institutions themselves publish, as far as look-alikes need
it. Fields, several values parted by a blank:

``name``     the name that a note shows
``kind``     ``bank``, ``wallet``, ``carrier``, ``state``, ``utility``, ``post``, ``market``; or
             ``namesake``: a rightful bearer of a like name, never imitated and never accused
``domains``  registrable domains; whatever lies under them is the institution's own
``numbers``  published lines in E.164
``labels``   brands as they stand in domains, without hyphens. A bare one is nobody else's word.
             ``?``: short, or a word that others use too, so it needs a sign beside it.
             ``!``: a company of the whole world with more domains than are listed here, so only a
             sign of Vietnam beside it counts. ``-``: everybody's word (``cake``), no brand at all

Every domain also gives a brand of its own (``sbv`` of ``sbv.gov.vn``) unless ``labels`` has it: as
``!`` for a company of the whole world, else as ``?``. Used by ``look_alike``; the lines of
banks are shown by the pages, too.
"""

import csv
from enum import Enum
from functools import cache
from importlib.resources import files
from typing import Final

import msgspec

_NAMESAKE: Final = "namesake"
_MONEY: Final = frozenset({"bank", "wallet"})


class Need(Enum):
    """What must stand beside a brand before it is taken for an imitation."""

    NOTHING = ""
    SIGN = "?"
    SIGN_OF_VIETNAM = "!"
    WHOLE_DOMAIN = "-"


class Brand(msgspec.Struct, frozen=True, gc=False):
    """A brand as it stands in a domain; ``suffixes`` are those of the institution's domains."""

    label: str
    owner: str
    need: Need
    suffixes: frozenset[str]


class Institution(msgspec.Struct, frozen=True, gc=False):
    """A row of the table."""

    name: str
    domains: tuple[str, ...]
    numbers: tuple[str, ...]
    brands: tuple[Brand, ...]


@cache
def institutions() -> tuple[Institution, ...]:
    """Return those that may be imitated."""
    return tuple(_institution(row) for row in _rows() if row["kind"] != _NAMESAKE)


@cache
def money_lines() -> dict[str, str]:
    """Return banks and wallets with the first line that each publishes, if any."""
    rows = [row for row in _rows() if row["kind"] in _MONEY and row["numbers"]]
    return {row["name"]: row["numbers"].split()[0] for row in rows}


@cache
def own_domains() -> frozenset[str]:
    """Return every domain of the table, those of namesakes too."""
    return frozenset(domain for row in _rows() for domain in row["domains"].split())


def _rows() -> list[dict[str, str]]:
    text = files(__package__).joinpath("data", "institutions.tsv").read_text("utf-8")
    return list(csv.DictReader(text.splitlines(), delimiter="\t", restval=""))


def _institution(row: dict[str, str]) -> Institution:
    domains = tuple(row["domains"].split())
    given = row["labels"].split()
    default = Need.SIGN_OF_VIETNAM if any("!" in text for text in given) else Need.SIGN
    needs = {domain.partition(".")[0].replace("-", ""): default for domain in domains}
    for text in given:
        label = text.rstrip("?!-")
        needs[label] = Need(text[len(label) :])
    suffixes = frozenset(domain.partition(".")[2] for domain in domains)
    brands = tuple(
        Brand(label, row["name"], need, suffixes)
        for label, need in needs.items()
        if need is not Need.WHOLE_DOMAIN
    )
    return Institution(row["name"], domains, tuple(row["numbers"].split()), brands)
