"""What would flag a link if it were listed, strongest first.

The model is Safe Browsing's host-suffix and path-prefix expressions, stopped at the registrable
domain: https://developers.google.com/safe-browsing/reference/URLs.and.Hashing. For
``a.evil.example/x/y``::

    exact           a.evil.example/x/y
    path            a.evil.example/x  a.evil.example  evil.example/x/y  evil.example/x
    parent_domain   evil.example
"""

from collections.abc import Iterator
from itertools import islice
from typing import Final

from blacklist.identifiers.locations import Location
from blacklist.model import Match

_MAX_PREFIX_SEGMENTS: Final = 16
"""Paths are cut after each of the first 16 segments; deeper ones only count whole."""


_MAX_PARENT_LABELS: Final = 10
"""A listed host flags what lies under it if it has at most so many labels; deeper ones only
themselves. Bounds the candidates of one link to some two hundred."""


def express(location: Location) -> Iterator[tuple[str, Match]]:
    """Yield each value that flags the location, and how; its own value first, none twice."""
    yield location.value, Match.EXACT
    if location.www:
        yield location.www + location.path, Match.EXACT
    prefixes = list(_path_prefixes(location.path))
    for host in filter(None, (location.host, location.www)):
        for prefix in prefixes:
            if location.refuse(prefix) is None:
                yield host + prefix, Match.PATH
    parents = list(_parents(location))
    for host in parents:
        if location.path:
            yield host + location.path, Match.PATH
        for prefix in filter(None, prefixes):
            yield host + prefix, Match.PATH
    for host in parents:
        yield host, Match.PARENT_DOMAIN


def _path_prefixes(path: str) -> Iterator[str]:
    """Yield the shorter paths that hold this one, longest first, at last the empty one."""
    if not path:
        return
    ends = [index for index, character in enumerate(path) if character == "/"]
    for end in reversed(list(islice(ends, _MAX_PREFIX_SEGMENTS + 1))):
        yield path[:end]


def _parents(location: Location) -> Iterator[str]:
    """Yield the hosts above this one that have the same owner, nearest first."""
    host = location.host
    while host != location.registrable:
        host = host[host.index(".") + 1 :]
        if host.count(".") < _MAX_PARENT_LABELS or host == location.registrable:
            yield host
