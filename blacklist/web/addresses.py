"""From which address a request comes, as far as that can be believed."""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any, Final

from blacklist.config import Networks

UNKNOWN: Final = "unknown"
_HOST_BITS: Final = 64
"""Of an IPv6 address: one subscriber is given at least a network of that size."""


def who(environ: dict[str, Any], trusted: Networks) -> str:
    """Return the address that a limit counts for: of IPv6 the network of 64 bits.

    ``X-Forwarded-For`` counts only where the connection comes from a trusted proxy (or over a unix
    socket, if any proxy is trusted): the last address in it that is none of theirs.
    """
    address: str = environ.get("REMOTE_ADDR") or ""
    if not trusted:
        return _name_of(address)
    hops = [
        one.strip() for one in environ.get("HTTP_X_FORWARDED_FOR", "").split(",") if one.strip()
    ]
    return _name(_first_untrusted([*hops, address], trusted))


@lru_cache(maxsize=4_096)
def _name_of(address: str) -> str:
    return _name(_read(address))


def _first_untrusted(hops: Sequence[str], trusted: Networks) -> IPv4Address | IPv6Address | None:
    found = None
    for hop in reversed(hops):
        if not hop:
            continue  # a unix socket
        found = _read(hop)
        if found is None or not any(found in network for network in trusted):
            break
    return found


def _read(text: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(text.strip("[]"))
    except ValueError:
        return None
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        return found.ipv4_mapped
    return found


def _name(found: IPv4Address | IPv6Address | None) -> str:
    if found is None:
        return UNKNOWN
    if isinstance(found, IPv4Address):
        return str(found)
    return str(IPv6Address(int(found) >> _HOST_BITS << _HOST_BITS))
