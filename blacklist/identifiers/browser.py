"""A link's text as a browser's address bar reads it (WHATWG URL Standard, by ``ada_url``).

Backslashes, missing slashes, tabs, full-width letters, percent-escapes in the host, octal and
hexadecimal addresses: what a browser would open is what is looked up. Knows no lists.
"""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final, NamedTuple

import ada_url

from blacklist.identifiers.reasons import refusal

_LINE: Final = re.compile(r"[\t\n\r]+")
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_PORT: Final = re.compile(r"[0-9]*(?:[/?#\\].*)?", re.DOTALL)
_OPENED: Final = frozenset({"http", "https", "ftp", "ws", "wss"})
_EMAIL: Final = re.compile(r"[^\s/?#\\@:]+@[^\s/?#\\@]+")
_STANDS_ALONE: Final = re.compile(
    r"\s{0,9}(?:[a-z]+://)?(?:[^\s/?#\\:@.]+\.)+(?:[^\W\d_]{2,}|[0-9]{1,3})(?:[/?#\\:\s]|\Z)",
    re.IGNORECASE,
)
"""A whole host, with or without a scheme."""

PLAIN: Final = re.compile(
    r"(?:https?://)?((?:(?!xn--)[a-z0-9_-]{1,63}\.)+(?!xn--)[a-z][a-z0-9-]{1,62})"
    r"((?:/(?:[A-Za-z0-9_~-][A-Za-z0-9_~.,;:=@&+-]*)?)*)"
    r"(?:\?([!$-&(-;=?-~]*))?"
)
"""What a browser opens as it stands, nearly every link: spares the parser. A property test holds
it equal. No punycode, no port or user, no escapes, no segment that begins with a dot, no fragment,
and a last label that cannot be a number."""

_DOMAIN: Final = re.compile(r"(?:[a-z0-9_-]{1,63}\.)+[a-z0-9_-]{1,63}")
_MAX_DOMAIN_CHARACTERS: Final = 253
_PRIVATE_NAMES: Final = frozenset({"localhost", "local", "internal"})
"""RFC 6761, RFC 6762 and ICANN's resolution of 29 July 2024."""

_DOCUMENTATION: Final = tuple(
    ip_network(block)
    for block in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20")
)
"""RFC 5737, 3849, 9637: addresses for examples, allowed as the domain ``.example`` is."""


class Address(NamedTuple):
    """What a browser would open: host in punycode, IPv6 in ``[…]``; path and query as parsed."""

    host: str
    path: str
    query: str
    is_ip: bool


def parse(text: str) -> Address:
    """Return what a browser opens for the text.

    Raises InvalidIdentifier: ``several_links``, ``email_address``, ``unsupported_scheme``,
    ``not_a_domain``, ``private_address``.
    """
    plain = PLAIN.fullmatch(text)
    if plain is not None:
        host, path, query = plain.groups("")
        return Address(_require_domain(host), path or "/", query, is_ip=False)
    try:
        parts = ada_url.parse_url(
            _complete(join_lines(text)),
            ("protocol", "hostname", "pathname", "search", "host_type"),
        )
    except ValueError:
        raise refusal("not_a_domain") from None
    host = parts["hostname"]
    is_ip = parts["host_type"] is not ada_url.HostType.DEFAULT
    host = _require_public_ip(host) if is_ip else _require_domain(host)
    return Address(host, parts["pathname"], parts["search"][1:], is_ip)


def join_lines(text: str) -> str:
    """Return the text without tabs and line ends, as browsers do, unless they part two links."""
    if text.isprintable() or _LINE.search(text) is None:
        return text
    pieces = _LINE.split(text)
    whole = [_STANDS_ALONE.match(piece) is not None for piece in pieces]
    joined = "".join(pieces)
    scheme = _SCHEME.match(joined)
    is_cut_scheme = scheme is not None and scheme[1].lower() in _OPENED
    is_cut_link = whole[0] or is_cut_scheme or _SCHEME.match(pieces[0])
    if sum(whole) > (1 if is_cut_link else 0):
        raise refusal("several_links")
    return joined


def _complete(text: str) -> str:
    """Return the text with a scheme, or raise for one that is not looked up."""
    scheme = _SCHEME.match(text)
    if scheme is None:
        if _EMAIL.fullmatch(text):
            raise refusal("email_address")
        return f"http:{text}" if text[0] in "/\\" else f"http://{text}"
    name, rest = scheme[1].lower(), text[scheme.end() :]
    if name in _OPENED:
        return text
    if "." in name and not rest.startswith("//"):
        return f"http://{text}"
    if name == "localhost" and _PORT.fullmatch(rest):
        raise refusal("private_address")
    raise refusal("email_address" if name == "mailto" else "unsupported_scheme")


def _require_domain(host: str) -> str:
    host = host.removesuffix(".")
    if len(host) > _MAX_DOMAIN_CHARACTERS or _DOMAIN.fullmatch(host) is None:
        raise refusal("not_a_domain")
    if host[host.rindex(".") + 1 :] in _PRIVATE_NAMES:
        raise refusal("private_address")
    if "xn--" in host:
        _require_decodable(host)
    return host


def _require_decodable(host: str) -> None:
    """Raise for punycode that no browser would have made (``xn--kr``)."""
    decoded = ada_url.idna_to_unicode(host)
    stuck = any(label.startswith("xn--") for label in decoded.split("."))
    if stuck or ada_url.idna_to_ascii(decoded) != host.encode():
        raise refusal("not_a_domain")


def _require_public_ip(host: str) -> str:
    """Return the address; one of IPv4 inside IPv6 (RFC 4291, 2.5.5.2) as IPv4."""
    address = ip_address(host.strip("[]"))
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if not _is_public(address):
        raise refusal("private_address")
    return str(address) if isinstance(address, IPv4Address) else f"[{address}]"


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if any(address in block for block in _DOCUMENTATION):
        return True
    return address.is_global and not address.is_multicast
