"""The headers that every response carries, whoever made it: a view, an error, or the server itself.

What we answer is data: no browser is to guess another type of it, run or frame it, or tell other
sites from where it was asked. A page sets a policy of its own, which is left alone, as is the
``Cache-Control`` of an answer that may be kept. ``Strict-Transport-Security`` is not among them: we
speak no TLS, and only the proxy in front knows that all of its names always will.
"""

from collections.abc import Mapping
from typing import Final

HEADERS: Final[Mapping[str, str]] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


_BY_LOWER: Final = {name.lower(): (name, value) for name, value in HEADERS.items()}
_CACHE: Final = "cache-control"
_COOKIE: Final = "set-cookie"


def complete(fields: list[tuple[str, str]]) -> None:
    """Add to a response's fields what they lack of them; to be called when all cookies are set."""
    present = {name.lower() for name, _ in fields}
    if _COOKIE in present and _CACHE in present:  # a cache would give one's session to everybody
        fields[:] = [one for one in fields if one[0].lower() != _CACHE]
        present.remove(_CACHE)
    fields += [one for name, one in _BY_LOWER.items() if name not in present]


def lines() -> str:
    """As they stand in a response, for one that is written without the application."""
    return "".join(f"{name}: {value}\r\n" for name, value in HEADERS.items())
