"""Which addresses of the network a feed may be fetched from.

A feed's publisher, or whoever can change a redirect or a name of his, must not make this program
ask the machines that only it can reach: metadata services, consoles, the store itself. So a name
is resolved once, *every* address it has must be public, and one of those very addresses is then
connected to: a name that means something else a moment later is not asked again.
"""

import ipaddress
import socket
from collections.abc import Sequence
from typing import Final

from loaders.fetch_reasons import unreachable

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")
"""Addresses that stand for IPv4 ones in networks without IPv4 (RFC 6052)."""


def is_public(text: str) -> bool:
    """Whether a numeric address belongs to the public network, also the one it stands for."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return all(one.is_global and not one.is_multicast for one in _meant(address))


def resolve(host: str, port: int, *, private: bool) -> Sequence[str]:
    """The numeric addresses of a host; raises Unreachable where one may not be fetched from."""
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as exc:
        raise unreachable("no_answer", "the name is not known", passing=True) from exc
    addresses = list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))
    if not private and not all(map(is_public, addresses)):
        raise unreachable("address_refused")
    return addresses


def _meant(address: Address) -> list[Address]:
    """The address and those inside it: IPv4 within IPv6, 6to4, Teredo, NAT64."""
    if isinstance(address, ipaddress.IPv4Address):
        return [address]
    if address.ipv4_mapped is not None:
        return [address.ipv4_mapped]
    if address in _NAT64:
        return [ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)]
    inside: list[Address | None] = [address, address.sixtofour, *(address.teredo or ())]
    return [one for one in inside if one is not None]
