"""Where a domain's owner begins: the public suffix list, private part included.

Called by whatever reads a host. The list is read (``suffix_list``) when the first host is asked
about, not when a command starts.
"""

from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

from blacklist.identifiers.shared_hosts import suffix_like_hosts

if TYPE_CHECKING:
    from tldextract import TLDExtract

_RESERVED: Final = frozenset({"example", "test", "invalid"})
"""RFC 2606: in no list and yet known."""


class Domain(NamedTuple):
    """A host cut at its suffix.

    ``registrable`` is the suffix and one label (``evil.co.uk``), empty for a host that is itself a
    suffix. ``is_listed`` is false for a top-level domain that is in no list: the list's default
    rule ``*`` is followed for it. ``is_leased`` says that the suffix is a company's, not a
    registry's.
    """

    registrable: str
    is_listed: bool
    is_leased: bool


def split(host: str) -> Domain:
    """Cut a host (punycode, at least two labels, no IP address) at its suffix.

    ``tldextract`` decides, once for each suffix: a host that ends in plain rules of its list has
    the longest of them for a suffix. By rules with a ``*``, and in other scripts, it cuts itself.
    """
    rules, wild = _rules()
    owned, tail = "", host
    while tail not in rules:
        if tail in wild or "xn--" in tail:
            return _split_by_library(host)
        if not tail:
            return _split_unlisted(host)
        owned, tail = tail, tail.partition(".")[2]
    if "xn--" in tail:
        return _split_by_library(host)
    return Domain(owned, is_listed=True, is_leased=_is_leased(tail))


def _split_unlisted(host: str) -> Domain:
    top = host[host.rindex(".") + 1 :]
    registrable = ".".join(host.rsplit(".", 2)[-2:])
    return Domain(registrable, is_listed=top in _RESERVED, is_leased=False)


def _split_by_library(host: str) -> Domain:
    found = _extractor()(host)
    if not found.suffix:
        return _split_unlisted(host)
    is_leased = found.is_private or found.suffix in suffix_like_hosts()
    return Domain(found.top_domain_under_public_suffix, is_listed=True, is_leased=is_leased)


@cache
def _is_leased(suffix: str) -> bool:
    """Return what the library says of a suffix; there are some ten thousand."""
    return _split_by_library(f"a.{suffix}").is_leased


@cache
def _rules() -> tuple[frozenset[str], frozenset[str]]:
    """Return the library's plain rules, and what stands behind a ``*`` or a ``!``."""
    rules = _extractor().tlds
    plain = frozenset(rule for rule in rules if rule[0] not in "*!")
    return plain, frozenset(rule.partition(".")[2] for rule in rules if rule[0] in "*!")


@cache
def top_level_domains() -> frozenset[str]:
    """Return every top-level domain that is in the list or reserved, in its own script."""
    return frozenset(name.rpartition(".")[2] for name in _extractor().tlds) | _RESERVED


@cache
def _extractor() -> "TLDExtract":
    # With all it needs a third of the time in which a command starts, and many name no host.
    from blacklist.identifiers.suffix_list import read_list  # noqa: PLC0415

    return read_list()
