"""Word letters (.docx), read by python-docx: their tables and their paragraphs.

Tables are read as ``sheet`` says, paragraphs as ``prose`` says. Rows are numbered through the
letter: every paragraph and every row of a table is one. The letter's number and date stand for all
of its rows. The sizes of a document are bounded before it is opened
(``loaders.unpack``), and its XML is parsed without entities.
"""

from collections.abc import Iterator
from itertools import count
from typing import IO, Any

import docx
from docx.oxml.ns import qn
from docx.table import Table

from blacklist.errors import Malformed
from loaders.formats.base import Options, Personal, Row
from loaders.formats.letterhead import add_letter, read_letterhead
from loaders.formats.prose import read_paragraph
from loaders.formats.sheet import NumberedCells, read_sheet

NAME = "docx"

_MOST_COLUMNS = 63
"""As many as Word has; a letter that claims more is made to fill the memory."""

_MOST_CELL_CHARACTERS = 8192


def parse(file: IO[bytes], options: Options) -> Iterator[Row]:
    """Yield the rows of a letter; raises ``Malformed`` if it is none.

    A letter names people, so it always begins with ``Personal``.
    """
    try:
        yield Personal()
        yield from _read_all(file, options)
    except Malformed:
        raise
    except Exception as exc:
        raise Malformed("the letter is damaged, or is none") from exc


def _read_all(file: IO[bytes], options: Options) -> Iterator[Row]:
    document = docx.Document(file)
    _check_spans(document)
    letter = read_letterhead(_texts(document))
    numbers = count(1)
    for block in document.iter_inner_content():
        if isinstance(block, Table):
            rows = read_sheet(_read_table(block, numbers), options, letter)
            yield from (row for row in rows if not isinstance(row, Personal))
        else:
            found = read_paragraph(next(numbers), block.text)
            yield from (add_letter(row, letter) for row in found)


def _texts(document: Any) -> Iterator[str]:
    """Yield the texts of a letter's beginning: its head is often a table without lines."""
    for block in document.iter_inner_content():
        if not isinstance(block, Table):
            yield block.text
        elif len(block.rows) <= _MOST_ROWS_OF_A_HEAD:
            yield from (cell.text for row in block.rows for cell in row.cells)


_MOST_ROWS_OF_A_HEAD = 3


def _read_table(table: Table, numbers: Iterator[int]) -> Iterator[NumberedCells]:
    for row in table.rows:
        cells = [cell.text[:_MOST_CELL_CHARACTERS] for cell in row.cells]
        yield next(numbers), [" ".join(text.split()) for text in cells]


def _check_spans(document: Any) -> None:
    """Raise ``Malformed`` where cells claim to span more columns than Word has."""
    for tag in (qn("w:gridSpan"), qn("w:gridBefore"), qn("w:gridAfter")):
        for element in document.element.iter(tag):
            spanned = str(element.get(qn("w:val"), ""))
            if not (
                spanned.isascii() and spanned.isdecimal() and int(spanned[:9]) <= _MOST_COLUMNS
            ):
                raise Malformed("a cell of the letter spans more columns than Word has")
