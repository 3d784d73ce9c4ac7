"""Where a domain's owner begins: the public suffix list, private part included.

The list comes with the ``publicsuffixlist`` package, a month old at most when it is released, and
is read by ``tldextract``, which here never fetches anything. Our own suffix-like hosts
(``shared_hosts.toml``) are added to it.
"""

from functools import cache
from importlib.resources import as_file, files
from typing import Final, NamedTuple

import tldextract

from blacklist.identifiers.shared_hosts import suffix_like_hosts

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
    """Cut a host (punycode, at least two labels, no IP address) at its suffix."""
    found = _extractor()(host)
    if not found.suffix:
        top = host[host.rindex(".") + 1 :]
        registrable = ".".join(host.rsplit(".", 2)[-2:])
        return Domain(registrable, is_listed=top in _RESERVED, is_leased=False)
    is_leased = found.is_private or found.suffix in suffix_like_hosts()
    return Domain(found.top_domain_under_public_suffix, is_listed=True, is_leased=is_leased)


@cache
def _extractor() -> tldextract.TLDExtract:
    with as_file(files("publicsuffixlist") / "public_suffix_list.dat") as path:
        extractor = tldextract.TLDExtract(
            cache_dir=None,
            suffix_list_urls=[path.as_uri()],
            fallback_to_snapshot=False,
            include_psl_private_domains=True,
            extra_suffixes=sorted(suffix_like_hosts()),
        )
        extractor("example.com")  # reads the file now, while it is sure to be there
    return extractor
