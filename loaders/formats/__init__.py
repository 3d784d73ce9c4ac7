"""The ways a feed may be written: one module each, with ``NAME``, ``sniff`` and ``parse``.

Called by ``loaders.pipeline``. Adding a format is a module, its line in ``FORMATS`` and a test.
"""

from blacklist.errors import ConfigError, Malformed
from loaders.formats import adblock, csv, hosts, json, plain
from loaders.formats.base import Format, Options, Record, Rejected, Row, Skipped

__all__ = [
    "FORMATS",
    "Format",
    "Options",
    "Record",
    "Rejected",
    "Row",
    "Skipped",
    "detect",
    "get",
]

FORMATS: dict[str, Format] = {
    json.NAME: json,
    hosts.NAME: hosts,
    adblock.NAME: adblock,
    csv.NAME: csv,
    plain.NAME: plain,
}
"""The formats by name, in the order in which they are asked whether a feed is theirs."""


def detect(head: str) -> Format:
    """Return the format of a feed from its first 64 KiB of text, and from nothing else.

    Raises ``Malformed`` if it is empty, a web page, binary, or like none of the formats.
    """
    text = head.removeprefix("\ufeff").lstrip()
    if not text:
        raise Malformed("empty: there is nothing in the feed")
    if text.startswith("<"):
        raise Malformed("looks like a web page, not like a feed")
    if "\0" in text:
        raise Malformed("looks binary, not like a text")
    for form in FORMATS.values():
        if form.sniff(text):
            return form
    raise Malformed(f"looks like none of the formats {', '.join(FORMATS)}")


def get(name: str) -> Format:
    """Return the format of this name; raises ``ConfigError`` that names the known ones."""
    try:
        return FORMATS[name]
    except KeyError as exc:
        raise ConfigError(f"unknown format {name!r}: known are {', '.join(FORMATS)}") from exc
