"""The guard: what a feed must not list whole without a person's word.

Lessons of other lists (docs/design.md, "The guard"): one row too many flags everybody's site or an
institution's own line. Held back for review are

* ``official``: what an institution published as its own, whoever lists it; under an official domain
  a page may still be listed;
* ``popular_host``: the most visited hosts in the world and the sites of banks, whole. Some are real
  hits, so a person decides, once; an authority may list a page on them.

What everybody shares (public suffixes, shared hosts, short codes, wide ranges) never gets so far:
``identifiers.list_as`` refuses it. Called by the loaders' pipeline, once a row, and by ``hand``;
pure but for :func:`guard_of` and the package's own lists, which are read at first use.
"""

from collections.abc import Collection, Mapping
from functools import cache
from importlib.resources import files
from typing import Final

import msgspec

from blacklist.identifiers.brand_index import STATE
from blacklist.identifiers.institutions import institutions, own_domains
from blacklist.model import Identifier, Kind
from blacklist.store import Client, marks, reviews
from blacklist.store.marks import Sort

REASONS: Final = {
    "official": "what an institution published as its own: no feed lists it",
    "popular_host": "one of the most visited hosts, whole: a person decides (`blacklist review`)",
    "kept_out": "a person decided that it is not to be listed (`blacklist review`)",
}

_LISTS: Final = ("tranco10k", "bank-website")
"""Lists of ``pymispwarninglists`` (code BSD-3-Clause, lists CC0): hosts, some with a dot before."""


class Guard:
    """Decides row by row. ``official`` are the store's official entries."""

    def __init__(
        self, official: Collection[Identifier], decisions: Mapping[Identifier, bool]
    ) -> None:
        self._official = frozenset(official) | published_numbers()
        self._decisions = decisions

    def hold(self, identifier: Identifier) -> str | None:
        """Return the word for which an identifier is held back, or None."""
        decided = self._decided(identifier)
        if decided is False:
            return "kept_out"
        if identifier in self._official:
            return "official"
        if identifier.kind is not Kind.LINK or "/" in identifier.value:
            return None
        if self._is_official_host(identifier.value):
            return "official"
        is_popular = identifier.value.removeprefix("www.") in popular_hosts()
        return "popular_host" if is_popular and not decided else None

    def _decided(self, identifier: Identifier) -> bool | None:
        """What a person decided; of a host and its ``www.`` form one decision holds for both."""
        decided = self._decisions.get(identifier)
        if decided is None and self._decisions and identifier.kind is Kind.LINK:
            value = identifier.value
            twin = value.removeprefix("www.") if value.startswith("www.") else f"www.{value}"
            decided = self._decisions.get(Identifier(Kind.LINK, twin))
        return decided

    def _is_official_host(self, host: str) -> bool:
        """Whether a host is an institution's or lies under one, or under the state's suffix."""
        own = own_domains()
        while True:
            if host == STATE or host in own or Identifier(Kind.LINK, host) in self._official:
                return True
            _, dot, host = host.partition(".")
            if not dot:
                return False


def guard_of(client: Client) -> Guard:
    """The guard as a store's official entries and decisions make it."""
    decisions = reviews.read_decisions(client)
    return Guard(
        marks.read(client, Sort.OFFICIAL),
        {identifier: one.may_be_listed for identifier, one in decisions.items()},
    )


@cache
def popular_hosts() -> frozenset[str]:
    """Return the most visited hosts and the banks' sites, without ``www.``."""
    folder = files("pymispwarninglists").joinpath("data", "misp-warninglists", "lists")
    hosts: set[str] = set()
    for name in _LISTS:
        text = folder.joinpath(name, "list.json").read_bytes()
        listed = msgspec.json.decode(text, type=_WarningList).list
        hosts.update(host.strip(".").lower().removeprefix("www.") for host in listed)
    return frozenset(hosts)


class _WarningList(msgspec.Struct):
    list: list[str]


@cache
def published_numbers() -> frozenset[Identifier]:
    """Return the hotlines and numbers of institutions that the project knows of itself."""
    return frozenset(
        Identifier(Kind.PHONE, number) for one in institutions() for number in one.numbers
    )
