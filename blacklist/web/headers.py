"""The headers that every response carries, whoever made it: a view, an error, or the server itself.

What we answer is data: no browser is to guess another type of it, run or frame it, or tell other
sites from where it was asked. A page sets a policy of its own, which is left alone, as is the
``Cache-Control`` of an answer that may be kept. ``Strict-Transport-Security`` is not among them: we
speak no TLS, and only the proxy in front knows that all of its names always will.
"""

from collections.abc import Mapping
from typing import Final

from flask import Response

HEADERS: Final[Mapping[str, str]] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


_BY_LOWER: Final = {name.lower(): (name, value) for name, value in HEADERS.items()}
_COOKIE: Final = "set-cookie"


def complete(response: Response) -> None:
    """Add to a response what it lacks of them; to be called last, when all cookies are set."""
    # One walk over what is there: to ask werkzeug for each name takes ten times as long.
    present = {name.lower() for name, _ in response.headers}
    response.headers.extend([one for name, one in _BY_LOWER.items() if name not in present])
    if _COOKIE in present:  # a cache would give somebody's session to everybody
        response.headers["Cache-Control"] = HEADERS["Cache-Control"]


def lines() -> str:
    """As they stand in a response, for one that is written without the application."""
    return "".join(f"{name}: {value}\r\n" for name, value in HEADERS.items())
