"""Where a domain's owner begins: the public suffix list, private part included.

The list comes with the ``publicsuffixlist`` package, a month old at most when it is released, and
is read by ``tldextract``, which here never fetches anything. Our own suffix-like hosts
(``shared_hosts.toml``) are added to it.
"""

from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Any, Final, NamedTuple

import requests
import tldextract

from blacklist.identifiers.shared_hosts import suffix_like_hosts

_LIST: Final = "public_suffix_list.dat"
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


class _PackagedList(requests.Session):
    """The session that ``tldextract`` gets: the package's list is all it can ever fetch."""

    def get(self, url: str | bytes, **_: Any) -> requests.Response:
        """Answer any address with the list."""
        response = requests.Response()
        response.url = str(url)
        response.status_code = requests.codes.ok
        response.encoding = "utf-8"
        response.raw = BytesIO(files("publicsuffixlist").joinpath(_LIST).read_bytes())
        return response


@cache
def _extractor() -> tldextract.TLDExtract:
    extractor = tldextract.TLDExtract(
        cache_dir=None,
        suffix_list_urls=[_LIST],
        fallback_to_snapshot=False,
        include_psl_private_domains=True,
        extra_suffixes=sorted(suffix_like_hosts()),
    )
    with _PackagedList() as session:
        extractor("example.com", session=session)  # reads the list now; it is not read again
    return extractor
