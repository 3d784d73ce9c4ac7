"""One spelling for a path and for the part of a query that tells one page from another.

Works on what a browser's parser returns (``browser.py``): dot segments are gone and everything
outside ASCII is percent-encoded. RFC 3986, section 6.2.2: escapes of unreserved characters are
decoded, other escapes are upper-case. A ``%`` that begins no escape is one that was not encoded.
"""

import re
from collections.abc import Collection
from typing import Final
from urllib.parse import unquote

_ESCAPE: Final = re.compile(r"%([0-9A-Fa-f]{2})?")
_UNRESERVED: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_RESERVED: Final = re.compile(r"[!-$&-,/:-@\[-^`{-}]")
_SLASHES: Final = re.compile(r"/{2,}")


def fold_path(path: str) -> str:
    """Return the path without empty segments and without the last slash; ``/`` becomes nothing."""
    if "%" in path:
        path = fold_escapes(path)
    if "//" in path:
        path = _SLASHES.sub("/", path)
    return path.rstrip("/")


def fold_escapes(text: str) -> str:
    """Return the text with one spelling for each percent-escape."""
    return _ESCAPE.sub(_fold_escape, text)


def _fold_escape(escape: re.Match[str]) -> str:
    digits = escape[1]
    if digits is None:
        return "%25"
    character = chr(int(digits, 16))
    return character if character in _UNRESERVED else f"%{digits.upper()}"


def pick_query(query: str, keys: Collection[str]) -> str:
    """Return the wanted keys of a query, sorted (``id=1&v=2``); empty without any of them.

    Of a key given twice the last counts, as servers in PHP take it.
    """
    found = {}
    for pair in query.split("&"):
        key, _, value = pair.partition("=")
        key = fold_escapes(key)
        if key in keys and value:
            found[key] = fold_value(value.replace("+", "%20"))
    return "&".join(f"{key}={found[key]}" for key in sorted(found))


def fold_value(value: str) -> str:
    """Return a query's value with every reserved character escaped: none can end it."""
    return _RESERVED.sub(lambda found: f"%{ord(found[0]):02X}", fold_escapes(value))


def show_path(path: str) -> str:
    """Return the path for people to read, or as it is if it does not decode to printable text."""
    if "%" not in path:
        return path
    try:
        shown = unquote(path, errors="strict")
    except UnicodeDecodeError:
        return path
    return shown if shown.isprintable() else path
