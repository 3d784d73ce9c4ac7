"""Word letters (.docx), read by python-docx: their tables and their paragraphs.

Tables are read as ``sheet`` says, paragraphs as ``prose`` says. Rows are numbered through the
letter: every paragraph and every row of a table is one. The letter's number and date stand for all
of its rows. The sizes of a document are bounded before it is opened
(``loaders.unpack``), and its XML is parsed without entities.
"""

from collections.abc import Iterator
from itertools import count, takewhile
from typing import IO, TYPE_CHECKING

from blacklist.errors import Malformed
from loaders.formats.base import Options, Personal, Row
from loaders.formats.letterhead import add_letter, read_letterhead
from loaders.formats.prose import announce, as_announced, read_paragraph
from loaders.formats.sheet import read_sheet

if TYPE_CHECKING:
    from loaders.formats.docx_blocks import Block

NAME = "docx"

_MOST_ROWS_OF_A_HEAD = 3
"""The head of a letter is often a table without lines, of so many rows."""


def parse(file: IO[bytes], options: Options) -> Iterator[Row]:
    """Yield the rows of a letter; raises ``Malformed`` if it is none.

    A letter names people, so it always begins with ``Personal``.
    """
    try:
        yield Personal()
        yield from _read_all(file, options)
    except Malformed:
        raise
    except Exception as exc:  # of a hostile file the library raises whatever it meets
        raise Malformed("the letter is damaged, or is none", flaw="damaged") from exc


def _read_all(file: IO[bytes], options: Options) -> Iterator[Row]:
    # The library takes a tenth of a second, which only a letter shall cost.
    import docx  # noqa: PLC0415

    from loaders.formats.docx_blocks import read_blocks  # noqa: PLC0415

    blocks = list(read_blocks(docx.Document(file).element.body))
    letter = read_letterhead(_texts(blocks))
    numbers = count(1)
    announced: str | None = None
    for block in blocks:
        if isinstance(block, str):
            item = as_announced(block, announced) if announced else None
            found = read_paragraph(next(numbers), item or block)
            yield from (add_letter(row, letter) for row in found)
            if item is None and block.strip():
                announced = announce(block)
        else:
            rows = read_sheet([(next(numbers), cells) for cells in block], options, letter)
            yield from (row for row in rows if not isinstance(row, Personal))


def _texts(blocks: "list[Block]") -> Iterator[str]:
    """Yield the texts of a letter's beginning, up to its first table of rows."""
    for block in takewhile(_may_be_head, blocks):
        if isinstance(block, str):
            yield block
        else:
            yield from (cell for cells in block for cell in cells)


def _may_be_head(block: "Block") -> bool:
    return isinstance(block, str) or len(block) <= _MOST_ROWS_OF_A_HEAD
