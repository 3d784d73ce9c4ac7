"""The headers that every response carries, whoever made it: a view, an error, or the server itself.

What we answer is data: no browser is to guess another type of it, run or frame it, or tell other
sites from where it was asked. A page sets a policy of its own, which is left alone, as is the
``Cache-Control`` of an answer that may be kept. ``Strict-Transport-Security`` is not among them: we
speak no TLS, and only the proxy in front knows that all of its names always will.
"""

from collections.abc import Mapping
from typing import Final

from flask import Flask, Response

HEADERS: Final[Mapping[str, str]] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def install(app: Flask) -> None:
    """Let every response of the application carry them.

    To be installed first: what was installed last is asked first about a response, and it is to be
    seen here whether a cookie was set.
    """
    app.after_request(_complete)


def lines() -> str:
    """As they stand in a response, for one that is written without the application."""
    return "".join(f"{name}: {value}\r\n" for name, value in HEADERS.items())


def _complete(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if "Set-Cookie" in response.headers:  # a cache would give somebody's session to everybody
        response.headers["Cache-Control"] = HEADERS["Cache-Control"]
    return response
