"""A host and all below it, one a line: ``*.evil.example``, ``.evil.example``, ``*://*.evil.example/*``.

Written for DNS filters, proxies (squid's ``dstdomain``) and uBlacklist. A placeholder anywhere else
names no one host and is skipped.
"""

import re
from collections.abc import Iterable, Iterator

from blacklist.model import Kind
from loaders.formats.base import Options, Record, Row, Skipped
from loaders.formats.head import data_lines, most

NAME = "wildcards"

_COMMENTS = ("#", "!", ";", "//")
_ANY_SCHEME = re.compile(r"(?:\*|https?)://(?:\*\.)?(?P<host>[^/*\s]+)/\*")
_TRAILING_COMMENT = re.compile(r"\s#.*", re.DOTALL)


def sniff(head: str) -> bool:
    """Say whether most lines begin with ``*.``, ``.`` or ``*://``."""
    return most(data_lines(head, _COMMENTS), lambda line: _find_host(line) not in {None, line})


def parse(lines: Iterable[str], options: Options) -> Iterator[Row]:  # noqa: ARG001 - one protocol
    """Yield a row for every line that is neither blank nor a comment; the kind is always a link."""
    for number, line in enumerate(lines, 1):
        value = line.strip()
        if not value or value.startswith(_COMMENTS):
            continue
        value = _TRAILING_COMMENT.sub("", value).rstrip()
        host = _find_host(value)
        if value.startswith("@"):
            yield Skipped(line=number, reason="exception_rule")  # uBlacklist's "not this one"
        elif host is None:
            yield Skipped(line=number, reason="wildcard_rule")
        else:
            yield Record(line=number, value=host, kind=Kind.LINK)


def _find_host(value: str) -> str | None:
    """Return the host of a line, or the line itself if it has no placeholder; else None."""
    found = _ANY_SCHEME.fullmatch(value)
    if found:
        return found["host"]
    host = value.removeprefix("*." if value.startswith("*.") else ".").lstrip()
    return None if "*" in host or not host else host
