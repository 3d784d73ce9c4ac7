"""Links, keyed on host and path as a browser would open them: ``evil.example/login``.

The query is dropped, as are scheme, port, user and fragment: scammers vary them, and the page stays
the same. Only on page hosts (``shared_hosts``) a part of the query is the page and stays.

``www.`` counts: ``www.evil.example`` and ``evil.example`` are two identifiers. But they are one
site in practice, so a question about a registrable domain also asks for its ``www.`` form as an
exact match. The other direction needs nothing: ``evil.example`` is the parent of
``www.evil.example``.
"""

import re
from typing import Final

import idna

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
    r"|(?:https?|mailto):"
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
    """Understand a URL or a bare host.

    Raises InvalidIdentifier: ``not_a_domain``, ``private_address``, ``unsupported_scheme``,
    ``email_address``, ``several_links``, ``too_long``.
    """
    plain, was_refanged = refang(text)
    location = locate(plain)
    notes = ["refanged"] if was_refanged else []
    if not location.is_listed_suffix:
        notes.append("unknown_suffix")
    reason = location.refuse(location.path, location.query)
    if reason is not None:
        notes.append(reason)
    imitated = imitates(location.host, location.registrable)
    if imitated is not None:
        notes.append(f"{NOTE}:{imitated}")
    candidates = tuple(
        Candidate(Identifier(Kind.LINK, value), match) for value, match in express(location)
    )
    return Reading(candidates[0].identifier, _show(location), candidates, tuple(notes))


def list_as(text: str, _hints: Hints) -> tuple[Identifier, ...]:
    """Return the one place a row lists; raises like :func:`read`, and for what everybody shares.

    These are ``public_suffix``, ``shared_host`` and ``shared_path``; and ``too_long`` for links
    of more than :data:`MAX_LISTED_CHARACTERS`, which may only be asked.
    """
    location = locate(refang(text)[0])
    reason = location.refuse(location.path, location.query)
    if reason is not None:
        raise refusal(reason)
    if len(location.value) > MAX_LISTED_CHARACTERS:
        raise refusal("too_long", "A link of over 2,000 characters cannot be listed.")
    return (Identifier(Kind.LINK, location.value),)


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
