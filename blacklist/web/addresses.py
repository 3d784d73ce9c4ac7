"""From which address a request comes, as far as that can be believed."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any, Final

from blacklist.audit.notes import AddressOf, Whence
from blacklist.config import Networks

UNKNOWN: Final = "unknown"
_FORWARDED: Final = frozenset(
    f"HTTP_{name}" for name in ("FORWARDED", "VIA", "X_FORWARDED_FOR", "X_REAL_IP")
)
"""What proxies add to a request."""

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
    return _name(_first_untrusted([*_hops(environ), address], trusted))


def whence_of(environ: Mapping[str, Any]) -> Whence:
    """Return what :func:`who` reads of a request, for whoever wants to know later."""
    return environ.get("REMOTE_ADDR"), environ.get("HTTP_X_FORWARDED_FOR")


def finder(trusted: Networks) -> AddressOf:
    """Return what :func:`who` is for what :func:`whence_of` returned."""
    return lambda whence: who(
        {"REMOTE_ADDR": whence[0], "HTTP_X_FORWARDED_FOR": whence[1]}, trusted
    )


def client_of(environ: dict[str, Any], trusted: Networks) -> IPv4Address | IPv6Address | None:
    """Return the address that somebody is believed to be near by; None where nothing proves it.

    A proxy that nobody declared trusted shows its own address and not its client's, so what came
    through one is near nobody. Nor is what comes over a unix socket.
    """
    address = environ.get("REMOTE_ADDR") or ""
    if not trusted:
        return None if _FORWARDED & environ.keys() else _read(address)
    return _first_untrusted([*_hops(environ), address], trusted)


def _hops(environ: dict[str, Any]) -> list[str]:
    forwarded = environ.get("HTTP_X_FORWARDED_FOR") or ""
    return [one.strip() for one in forwarded.split(",") if one.strip()]


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
