"""From a feed's bytes to its rows: unpack, decode, recognise, parse.

    bytes ──unpack──▶ text ──decode──▶ lines ──┐
                  └──▶ document (xlsx, docx) ──┴──parse──▶ rows

The one way in for the pipeline and for scripts. Which format it is, is told by the content or by
the user, never by a file's name.
"""

from collections.abc import Iterable, Iterator
from itertools import chain

import msgspec

from blacklist.errors import ConfigError, Malformed
from loaders import formats
from loaders.formats import DOCUMENTS, NAMES, Options, Row
from loaders.text import decode_lines
from loaders.unpack import unpack

HEAD_CHARACTERS = 64 << 10
"""What is looked at to recognise a format."""


SNIFFED_CHARACTERS = 1 << 20
"""No more than this is looked at where a single line is longer."""


class RowReading(msgspec.Struct, frozen=True):
    """The rows of a feed, and the format they are read in."""

    format: str
    rows: Iterator[Row]


def read_rows(
    chunks: Iterable[bytes],
    *,
    format: str | None = None,  # noqa: A002 - the word that users and reports have for it
    options: Options | None = None,
) -> RowReading:
    """Return the rows of a feed; ``format`` None recognises it from the content.

    Text is read as it comes, a JSON document and a sheet or letter as a whole. Raises FeedError,
    here or while the rows are read, and ConfigError for a format or encoding that is not known.
    """
    if format is not None and format not in NAMES:
        raise ConfigError(f"unknown format {format!r}: known are {', '.join(NAMES)}")
    told = options or Options()
    unpacked = unpack(chunks)
    if unpacked.document is not None and unpacked.file is not None:
        if format not in {None, unpacked.document}:
            raise Malformed(f"it is a document of Office ({unpacked.document}), not {format}")
        form = DOCUMENTS[unpacked.document]
        return RowReading(form.NAME, form.parse(unpacked.file, told))
    if format in DOCUMENTS:
        raise Malformed(f"it is a text and no document of Office ({format})")
    lines = decode_lines(unpacked.chunks, encoding=told.encoding)
    head = list(_take_head(lines))
    text = "\n".join(head)[:SNIFFED_CHARACTERS]
    text_form = formats.get(format) if format else formats.detect(text, told)
    return RowReading(text_form.NAME, text_form.parse(chain(head, lines), told))


def _take_head(lines: Iterator[str]) -> Iterator[str]:
    characters = 0
    for line in lines:
        yield line
        characters += len(line) + 1
        if characters >= HEAD_CHARACTERS:
            return
