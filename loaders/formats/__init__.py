"""The ways a feed may be written: one module each, with ``NAME``, ``sniff`` and ``parse``.

Called by ``loaders.rows``. Adding a format is a module, its line in ``FORMATS`` and a test. Sheets
and letters (``DOCUMENTS``) are read from a file and not from lines; what they are stands in it.
"""

from blacklist.errors import ConfigError, Malformed
from blacklist.rejected import Rejected
from loaders.formats import (
    adblock,
    bank_columns,
    csv,
    docx,
    hosts,
    json,
    misp,
    ndjson,
    plain,
    rpz,
    stix,
    surge,
    wildcards,
    xlsx,
)
from loaders.formats.base import (
    NOTHING_TOLD,
    Document,
    Format,
    Options,
    Personal,
    Record,
    Row,
    Skipped,
    Withdrawn,
)

__all__ = [
    "DOCUMENTS",
    "FORMATS",
    "NAMES",
    "Document",
    "Format",
    "Options",
    "Personal",
    "Record",
    "Rejected",
    "Row",
    "Skipped",
    "Withdrawn",
    "detect",
    "get",
]

FORMATS: dict[str, Format] = {
    stix.NAME: stix,
    misp.NAME: misp,
    ndjson.NAME: ndjson,
    json.NAME: json,
    hosts.NAME: hosts,
    adblock.NAME: adblock,
    rpz.NAME: rpz,
    wildcards.NAME: wildcards,
    surge.NAME: surge,
    bank_columns.NAME: bank_columns,
    csv.NAME: csv,
    plain.NAME: plain,
}
"""The formats by name, in the order in which they are asked whether a feed is theirs."""

DOCUMENTS: dict[str, Document] = {xlsx.NAME: xlsx, docx.NAME: docx}
"""The documents by name."""

NAMES = (*FORMATS, *DOCUMENTS)
"""The names of all formats."""


def detect(head: str, options: Options = NOTHING_TOLD) -> Format:
    """Return the format of a feed from its first 64 KiB of text.

    Whoever tells columns has a table, whatever its header calls them, if it is nothing else.
    Raises ``Malformed`` if it is empty, a web page, binary, or like none of the formats.
    """
    text = head.removeprefix("\ufeff").lstrip()
    if not text:
        raise Malformed("empty: there is nothing in the feed", flaw="empty")
    if text.startswith("<"):
        raise Malformed("looks like a web page, not like a feed", flaw="web_page")
    if "\0" in text:
        raise Malformed("looks binary, not like a text", flaw="picture")
    for form in FORMATS.values():
        if form.sniff(text):
            return form
        if form is csv and options.columns and csv.sniff(text, options):
            return csv
    raise Malformed(
        csv.explain_header(text) or f"looks like none of the formats {', '.join(NAMES)}",
        flaw="no_column",
    )


def get(name: str) -> Format:
    """Return the format of this name; raises ``ConfigError`` that names the known ones."""
    try:
        return FORMATS[name]
    except KeyError as exc:
        raise ConfigError(f"unknown format {name!r}: known are {', '.join(NAMES)}") from exc
