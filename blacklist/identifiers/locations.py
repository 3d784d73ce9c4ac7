"""A link's place: whose host, which page. What a listing would cover follows from it.

Brings together what a browser opens (``browser``), who owns it (``suffixes``) and what is shared
(``shared_hosts``). Used by ``link`` only.
"""

from typing import NamedTuple

from blacklist.identifiers import browser, suffixes
from blacklist.identifiers.paths import fold_path
from blacklist.identifiers.reasons import refusal
from blacklist.identifiers.shared_hosts import SUFFIX, PageHost, find_page_host
from blacklist.identifiers.text import MAX_CHARACTERS


class Location(NamedTuple):
    """Where a link leads.

    ``registrable`` is the host's owner's domain: hosts between ``host`` and it have one owner.
    It equals ``host`` where a listing of a shorter host must not count: IP addresses, page hosts,
    leased suffixes. ``www`` is the other name of the same site, where there is one.
    """

    host: str
    path: str
    query: str
    registrable: str
    page_host: PageHost | None = None
    www: str = ""
    is_listed_suffix: bool = True

    @property
    def value(self) -> str:
        """The canonical form: ``host``, ``host/path`` or ``host/path?key=value``."""
        return f"{self.host}{self.path}{'?' if self.query else ''}{self.query}"

    def refuse(self, path: str, query: str = "") -> str | None:
        """Return the reason for which this path here must not be listed, or None."""
        return self.page_host.refuse(path, query) if self.page_host else None


def locate(text: str) -> Location:
    """Return the place a text leads to.

    Raises InvalidIdentifier as :func:`browser.parse` does, and ``public_suffix``: nobody's site is
    a suffix itself, and what others have under it is not what was asked. On a company's suffix a
    path may still be somebody's page (``s3.amazonaws.com/BUCKET``).
    """
    location = _place(browser.parse(text))
    if len(location.value) > MAX_CHARACTERS:
        raise refusal("too_long")  # escapes are longer than what was typed
    return location


def _place(address: browser.Address) -> Location:
    host = address.host
    page_host, is_under_page_host = find_page_host(host)
    if page_host is not None:
        path, query = page_host.locate(host, address.path, address.query)
        return Location(page_host.host, path, query, page_host.host, page_host)
    path = fold_path(address.path)
    if address.is_ip or is_under_page_host:
        return Location(host, path, "", host)
    domain = suffixes.split(host)
    registrable = domain.registrable
    if not registrable or (domain.is_leased and host == registrable and host.startswith("www.")):
        if not path or not domain.is_leased:
            raise refusal("public_suffix")
        return Location(host, path, "", host, SUFFIX)
    www = f"www.{host}" if host == registrable else ""
    return Location(host, path, "", registrable, www=www, is_listed_suffix=domain.is_listed)
