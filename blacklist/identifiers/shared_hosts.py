"""The table of hosts that belong to many: ``data/shared_hosts.toml``, which explains its fields.

Two sorts. Under a *suffix-like* host every sub-host is somebody's own site. On a *page host* every
path is somebody's page: there only the path is an identity, sometimes with a part of the query,
and listing the host would accuse everybody.
"""

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any, Final, NamedTuple

from blacklist.identifiers.paths import fold_path, fold_value, pick_query

_ANY_SEGMENT: Final = "[^/]+"


class Move(NamedTuple):
    """Another address of one page: ``youtu.be/*`` is ``/watch?v=*``."""

    host: str
    prefix: str
    path: str
    key: str


class PageHost(NamedTuple):
    """A host whose paths are many people's pages.

    ``bare`` is the reason for which the host alone cannot be listed. ``queries`` maps a path to the
    query keys that tell its pages apart.
    """

    host: str
    sub_hosts: re.Pattern[str]
    containers: re.Pattern[str]
    queries: dict[str, tuple[str, ...]]
    moves: tuple[Move, ...]
    bare: str = "shared_host"

    def locate(self, host: str, path: str, query: str) -> tuple[str, str]:
        """Return the canonical path and query of a page at ``host`` or one of its aliases."""
        path, host = fold_path(path), host.removeprefix("www.")
        for move in self.moves:
            if move.host in ("", host) and path.startswith(move.prefix):
                rest = path.removeprefix(move.prefix)
                if move.key:
                    return move.path, f"{move.key}={fold_value(rest.partition('/')[0])}"
                return self.locate(self.host, f"{move.path}/{rest}", query)
        keys = self.queries.get(path)
        return path, pick_query(query, keys) if keys else ""

    def refuse(self, path: str, query: str) -> str | None:
        """Return the reason for which this must not be listed, or None."""
        if query:
            return None
        if not path:
            return self.bare
        if path in self.queries:
            return "shared_path"
        return "shared_path" if self.containers.fullmatch(path) else None


SUFFIX: Final = PageHost("", re.compile(""), re.compile("(?!)"), {}, (), bare="public_suffix")
"""How a host is treated that is itself a public suffix: its paths may be many people's pages."""


def find_page_host(host: str) -> tuple[PageHost | None, bool]:
    """Return the page host that a host is or is another name of, and whether it lies under one.

    ``(page, True)`` for ``m.facebook.com``, ``(None, True)`` for a sub-host that the table does not
    know (``mail.google.com``), ``(None, False)`` for everything else.
    """
    pages = _page_hosts()
    if host in pages:
        return pages[host], True
    dot = host.find(".")
    while dot >= 0:
        page = pages.get(host[dot + 1 :])
        if page is not None:
            return (page if page.sub_hosts.fullmatch(host[:dot]) else None), True
        dot = host.find(".", dot + 1)
    return None, False


@cache
def suffix_like_hosts() -> frozenset[str]:
    """Return the hosts under which every sub-host is somebody's own site."""
    return frozenset(_table()["suffix_like"])


@cache
def _table() -> dict[str, Any]:
    text = files(__package__).joinpath("data", "shared_hosts.toml").read_text("utf-8")
    return tomllib.loads(text)


@cache
def _page_hosts() -> dict[str, PageHost]:
    """Return host or alias → page host."""
    table = _table()
    pages = {}
    for row in [{"host": host} for host in table["shorteners"]] + table["page_host"]:
        page = _page_host(row, default_sub_hosts=table["sub_hosts"])
        for host in (page.host, *row.get("also", ())):
            pages[host] = page
    return pages


def _page_host(row: dict[str, Any], *, default_sub_hosts: str) -> PageHost:
    containers = "|".join(
        re.escape(path).replace(r"\*", _ANY_SEGMENT) for path in row.get("containers", ())
    )
    return PageHost(
        host=row["host"],
        sub_hosts=re.compile(row.get("sub_hosts", default_sub_hosts)),
        containers=re.compile(containers or "(?!)"),
        queries={path: tuple(keys) for path, keys in row.get("queries", {}).items()},
        moves=tuple(_move(old, new) for old, new in row.get("moves", {}).items()),
    )


def _move(old: str, new: str) -> Move:
    """Read ``youtu.be/*`` → ``/watch?v=*``, ``/shorts/*`` → ``/watch?v=*`` or ``/s/*`` → ``/*``."""
    host, slash, rest = old.removesuffix("*").partition("/")
    path, _, query = new.removesuffix("*").partition("?")
    return Move(host, slash + rest, path.rstrip("/"), query.removesuffix("="))
