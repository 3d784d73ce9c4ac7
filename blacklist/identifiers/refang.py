"""Links that were written so that nobody clicks them: ``hxxp://evil[.]example``.

Analysts, mail programs and feeds write links so. Brackets inside the path of a link that is
otherwise plain belong to the path and stay.
"""

import re
from typing import Final

_BRACKET: Final = re.compile(r"[\[({]\s{0,3}(?:\.|dot\b|:)", re.IGNORECASE)
_SCHEME: Final = re.compile(
    r"(?:h(?:tt|xx|\*\*|tx|xt)p(?P<secure>s?)|f[tx]p)\s{0,3}(?:\[:\][/\\]*|\[://\]|:[/\\]*)",
    re.IGNORECASE,
)
_DOT: Final = re.compile(
    r"\s{0,3}(?:\[\s{0,3}(?:\.|dot)\s{0,3}\]|\(\s{0,3}(?:\.|dot)\s{0,3}\)|\{\s{0,3}(?:\.|dot)\s{0,3}\})"
    r"\s{0,3}",
    re.IGNORECASE,
)
_COLON: Final = re.compile(r"\[:\]")
_PLAIN_SCHEMES: Final = frozenset({"http:", "https:", "ftp:"})
_WHOLE: Final = ("https://", "http://")
_AUTHORITY: Final = re.compile(r"(?:[a-z]+:)?[/\\]*([^/?#\\]*)", re.IGNORECASE)


def refang(text: str) -> tuple[str, bool]:
    """Return the link as it was before, and whether anything had to be put back."""
    if text.startswith(_WHOLE) and not ("[" in text or "(" in text or "{" in text):
        return text, False
    restored = _restore_scheme(text)
    if restored == text and _BRACKET.search(text) is None:
        return text, False
    authority = _AUTHORITY.match(restored)
    host = authority[1] if authority else ""
    if restored == text and _DOT.search(host) is None and _COLON.search(host) is None:
        return text, False
    return _COLON.sub(":", _DOT.sub(".", restored)), True


def _restore_scheme(text: str) -> str:
    """Return the text with ``http://``, ``https://`` or ``ftp://`` for what stands in its place."""
    scheme = _SCHEME.match(text)
    if scheme is None or scheme[0].rstrip("/\\").lower() in _PLAIN_SCHEMES:
        return text
    name = "ftp" if scheme["secure"] is None else f"http{scheme['secure'].lower()}"
    return f"{name}://{text[scheme.end() :]}"
