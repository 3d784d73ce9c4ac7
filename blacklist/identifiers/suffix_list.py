"""The public suffix list as ``tldextract`` reads it.

The list comes with the ``publicsuffixlist`` package, a month old at most when it is released, and
is read by ``tldextract``, which here never fetches anything. Our own suffix-like hosts
(``shared_hosts.toml``) are added to it.
Imported by ``suffixes`` when the first host is asked about.
"""

from importlib.resources import files
from io import BytesIO
from typing import Any, Final

import requests
import tldextract

from blacklist.identifiers.shared_hosts import suffix_like_hosts

_LIST: Final = "public_suffix_list.dat"


def read_list() -> tldextract.TLDExtract:
    """Read the list, private part included: it cuts hosts, and its ``tlds`` are the rules."""
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
