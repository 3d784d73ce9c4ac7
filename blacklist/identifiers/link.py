"""Links, keyed on host and path as a browser would open them: ``evil.example/login``.

The query is dropped, as are scheme, port, user and fragment: scammers vary them, and the page stays
the same. Only on page hosts (``shared_hosts``) a part of the query is the page and stays.

``www.`` counts: ``www.evil.example`` and ``evil.example`` are two identifiers. But they are one
site in practice, so a question about a registrable domain also asks for its ``www.`` form as an
exact match. The other direction needs nothing: ``evil.example`` is the parent of
``www.evil.example``.

A link for an app stands for addresses on the web (``app_links``): the first is the identifier, the
others are read beside it. A page that is a telephone number's (``number_links``) is found under
each spelling of the number, and the number itself is handed out for another kind to read.
"""

import re
from typing import Final

import idna

from blacklist.errors import InvalidIdentifier
from blacklist.identifiers import browser, number_links
from blacklist.identifiers.app_links import open_app_link
from blacklist.identifiers.expressions import express
from blacklist.identifiers.locations import Location, locate
from blacklist.identifiers.look_alike import NOTE, imitates
from blacklist.identifiers.paths import show_path
from blacklist.identifiers.protocol import Hints
from blacklist.identifiers.reasons import refusal
from blacklist.identifiers.refang import refang
from blacklist.model import Candidate, Identifier, Kind, Reading

_SHAPE: Final = re.compile(
    r"[a-z][a-z0-9+.-]*:[/\\]"  # any scheme and a slash
    r"|(?:https?|mailto|javascript|vbscript|view-source):"
    r"|(?:about|android-app|blob|data|file|intent|itms-services|microsoft-edge|ms-appinstaller):[^\s\d]"
    r"|(?:market:details|tg:(?:join|resolve))\?"
    r"|[/\\]{2}"
    r"|\[[0-9a-f:.]+\]"  # IPv6
    r"|(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?:[/?#\\:]|\Z)"
    r"|[^\s/?#\\:@]+@[^\s/?#\\@]+\Z"  # an e-mail address: a link of sorts, to be refused as such
    r"|(?:[^\s/?#\\:]*@)?"  # user
    r"(?:[^\s/?#\\:@.。．｡]+[.。．｡])+(?:xn--[a-z0-9-]+|[^\W\d_]{2,})[.。．｡]?(?:[/?#\\:]|\Z)",
    re.IGNORECASE,
)
MAX_LISTED_CHARACTERS: Final = 2_000
"""One longer member would cost its whole shard the store's compact encoding; the longest link in
the feeds measured has 1,771."""

_LINK: Final = Kind.LINK
APP_LINK: Final = "app_link"
"""The note of a link that opens an app."""

_APP_STORE: Final = "play.google.com"
_INTENT: Final = re.compile(r"intent:", re.IGNORECASE)
_LINES: Final = str.maketrans("", "", "\t\n\r")


def claims(text: str) -> bool:
    """Tell whether the text has a scheme, an IP address, or a domain that ends in letters."""
    if text.isalnum():
        return False
    return _SHAPE.match(refang(text)[0].translate(_LINES)) is not None


def resembles(text: str) -> bool:
    """Tell whether a row is a link; the same shapes as for a question."""
    return claims(text)


def suggests(text: str, _hints: Hints) -> bool:
    """Tell whether a text asked as something else is also a link."""
    return claims(text)


def read(text: str, _hints: Hints) -> Reading:
    """Understand a URL, a bare host or an app link.

    Raises InvalidIdentifier: ``not_a_domain``, ``private_address``, ``public_suffix``,
    ``unsupported_scheme``, ``email_address``, ``several_links``, ``too_long``.
    """
    locations, notes = _locate(text)
    return _reading(locations[0], notes)


def leads_further(reading: Reading) -> bool:
    """Tell cheaply whether a link may lead to more than its reading says."""
    return APP_LINK in reading.notes or number_links.may_hold_number(reading.identifier.value)


def read_further(text: str, reading: Reading) -> tuple[Reading, ...]:
    """Return the readings of the other addresses that an app link stands for; ``reading`` is its.

    Which of them opens depends on the apps a phone has, so the verdict must speak of all.
    """
    if APP_LINK not in reading.notes:
        return ()
    locations, notes = _locate(text)
    return tuple(_reading(location, notes) for location in locations[1:])


def number_in(reading: Reading) -> str | None:
    """Return the telephone number whose page a link is, as ``+`` and digits, or None."""
    return number_links.number_in(reading.identifier.value)


def list_as(text: str, _hints: Hints) -> tuple[Identifier, ...]:
    """Return the one place a row lists; raises like :func:`read`, and for what everybody shares.

    These are ``shared_host`` and ``shared_path``; and ``too_long`` for links of more than
    :data:`MAX_LISTED_CHARACTERS`, which may only be asked. An intent that names nothing but its app
    lists nothing (``unsupported_scheme``): the app is often an honest browser.
    """
    locations, notes = _locate(text)
    location = locations[0]
    reason = location.refuse(location.path, location.query)
    if reason is not None:
        raise refusal(reason)
    if APP_LINK in notes and location.host == _APP_STORE and _INTENT.search(text):
        raise refusal("unsupported_scheme")
    if len(location.value) > MAX_LISTED_CHARACTERS:
        raise refusal("too_long", "A link of over 2,000 characters cannot be listed.")
    return (Identifier(Kind.LINK, location.value),)


def _locate(text: str) -> tuple[list[Location], list[str]]:
    """Return where a text leads, the main place first, and what had to be done to it."""
    plain, was_refanged = refang(text)
    notes = ["refanged"] if was_refanged else []
    addresses = () if plain.startswith("http") else open_app_link(browser.join_lines(plain))
    if not addresses:
        return [locate(plain)], notes
    return _locate_all(addresses), [*notes, APP_LINK]


def _locate_all(addresses: tuple[str, ...]) -> list[Location]:
    """Return the places of an app link's addresses, each once; raise if none of them is one."""
    found: dict[str, Location] = {}
    refused: InvalidIdentifier | None = None
    for address in addresses:
        try:
            location = locate(refang(address)[0])
        except InvalidIdentifier as exc:
            refused = refused or exc
            continue
        found.setdefault(location.value, location)
    if not found:
        raise refused or refusal("unsupported_scheme")
    return list(found.values())


def _reading(location: Location, done: list[str]) -> Reading:
    """Return the reading of a place, with what flags it and what there is to note."""
    notes = [*done]
    if not location.is_listed_suffix:
        notes.append("unknown_suffix")
    if location.page_host and (reason := location.refuse(location.path, location.query)):
        notes.append(reason)
    imitated = imitates(location.host, location.registrable)
    if imitated is not None:
        notes.append(f"{NOTE}:{imitated}")
    candidates = tuple(
        [Candidate(Identifier(_LINK, value), match) for value, match in express(location)]
    )
    return Reading(candidates[0].identifier, _show(location), candidates, tuple(notes))


def _show(location: Location) -> str:
    """Return the location for people: the host in its own script, the path decoded."""
    host = location.host
    if "xn--" in host:
        host = ".".join(map(_show_label, host.split(".")))
    query = f"?{location.query}" if location.query else ""
    return host + show_path(location.path) + query


def _show_label(label: str) -> str:
    try:
        return idna.ulabel(label)
    except idna.IDNAError:
        return label
