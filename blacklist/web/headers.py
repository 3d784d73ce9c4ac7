"""The headers that every response carries, whoever made it: a view, an error, or the server itself.

What we answer is data: no browser is to guess another type of it, run or frame it, or tell other
sites from where it was asked. A page sets a policy of its own, which is left alone, as is the
``Cache-Control`` of an answer that may be kept. ``Strict-Transport-Security`` is not among them: we
speak no TLS, and only the proxy in front knows that all of its names always will.
"""

from collections.abc import Mapping
from functools import lru_cache
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
    must_not_be_kept, more = _missing(tuple([name for name, _ in fields]))
    if must_not_be_kept:
        fields[:] = [one for one in fields if one[0].lower() != _CACHE]
    fields += more


@lru_cache(maxsize=256)
def _missing(names: tuple[str, ...]) -> tuple[bool, tuple[tuple[str, str], ...]]:
    """Whether ``Cache-Control`` has to go, and what lacks then; all answers of a view are alike."""
    present = {name.lower() for name in names}
    # A cache would give one's session to everybody.
    must_not_be_kept = _COOKIE in present and _CACHE in present
    if must_not_be_kept:
        present.remove(_CACHE)
    return must_not_be_kept, tuple(one for name, one in _BY_LOWER.items() if name not in present)


def lines() -> str:
    """As they stand in a response, for one that is written without the application."""
    return "".join(f"{name}: {value}\r\n" for name, value in HEADERS.items())
