"""What would flag a link if it were listed, strongest first.

The model is Safe Browsing's host-suffix and path-prefix expressions, stopped at the registrable
domain: https://developers.google.com/safe-browsing/reference/URLs.and.Hashing. For
``a.evil.example/x/y``::

    exact           a.evil.example/x/y
    path            a.evil.example/x  a.evil.example  evil.example/x/y  evil.example/x
    parent_domain   evil.example
"""

from collections.abc import Iterator
from typing import Final

from blacklist.identifiers.locations import Location
from blacklist.identifiers.number_links import other_spellings
from blacklist.model import Match

_EXACT: Final = Match.EXACT
_PATH: Final = Match.PATH
_PARENT_DOMAIN: Final = Match.PARENT_DOMAIN
_MAX_PREFIX_SEGMENTS: Final = 16
"""Paths are cut after each of the first 16 segments; deeper ones only count whole."""

_MAX_PARENT_LABELS: Final = 10
"""A listed host flags what lies under it if it has at most so many labels; deeper ones only
themselves. Bounds the candidates of one link to some two hundred."""


def express(location: Location) -> list[tuple[str, Match]]:
    """Return each value that flags the location, and how; its own value first, none twice."""
    path, sites = location.path, _same_site(location)
    found = [(location.value, _EXACT)]
    found += [(site + path, _EXACT) for site in sites[1:]]
    if location.page_host:
        found += [(value, _EXACT) for value in other_spellings(location.value)]
    prefixes = _path_prefixes(path) if path else []
    for site in sites:
        for prefix in prefixes:
            if location.page_host is None or location.refuse(prefix) is None:
                found.append((site + prefix, _PATH))
    if location.host != location.registrable:
        parents = list(_parents(location))
        paths = [path, *prefixes[:-1]] if path else []
        found += [(parent + below, _PATH) for parent in parents for below in paths]
        found += [(parent, _PARENT_DOMAIN) for parent in parents]
    return found


def _same_site(location: Location) -> tuple[str, ...]:
    return (location.host, location.www) if location.www else (location.host,)


def _path_prefixes(path: str) -> list[str]:
    """Return the shorter paths that hold this one, longest first, at last the empty one."""
    prefixes: list[str] = []
    end = path.find("/")
    while end >= 0 and len(prefixes) <= _MAX_PREFIX_SEGMENTS:
        prefixes.append(path[:end])
        end = path.find("/", end + 1)
    prefixes.reverse()
    return prefixes


def _parents(location: Location) -> Iterator[str]:
    """Yield the hosts above this one that have the same owner, nearest first."""
    host = location.host
    while host != location.registrable:
        host = host[host.index(".") + 1 :]
        if host.count(".") < _MAX_PARENT_LABELS or host == location.registrable:
            yield host
