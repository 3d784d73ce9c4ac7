"""A Word document's paragraphs and tables, in their order, wherever they stand.

Used by ``docx``. python-docx's own lists leave out what stands in content controls, in text boxes,
in tables within tables and in text that was inserted under review; a listing may stand in any of
them. What was deleted or moved away under review is left out, as Word shows it.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from docx.oxml.ns import qn

from blacklist.errors import Malformed

_MOST_COLUMNS = 63
"""As many as Word has; a letter that claims more is made to fill the memory."""

_MOST_CELL_CHARACTERS = 8192

_PARAGRAPH, _TABLE, _ROW, _CELL = qn("w:p"), qn("w:tbl"), qn("w:tr"), qn("w:tc")
_TEXT, _BOX = qn("w:t"), qn("w:txbxContent")
_BLANKS = frozenset({qn("w:tab"), qn("w:br"), qn("w:cr")})
_SECOND_COPY = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_LEFT_OUT = frozenset({qn("w:moveFrom"), qn("w:del"), _SECOND_COPY})

Block = str | list[list[str]]
"""A paragraph's text, or the cells of a table's rows."""


def read_blocks(element: Any) -> Iterator[Block]:
    """Yield the paragraphs and tables in an element, each before those within it.

    Raises ``Malformed`` for a cell that spans more columns than Word has.
    """
    for child in element:
        if child.tag == _PARAGRAPH:
            yield _read_text(child)
            for box in child.iter(_BOX):
                if not any(above.tag == _SECOND_COPY for above in box.iterancestors()):
                    yield from read_blocks(box)
        elif child.tag == _TABLE:
            yield _read_table(child)
            for cell in _find(child, _CELL, within=(_ROW,)):
                yield from _read_inner_tables(cell)
        elif child.tag not in _LEFT_OUT:
            yield from read_blocks(child)


def _read_inner_tables(cell: Any) -> Iterator[Block]:
    for table in _find(cell, _TABLE):
        yield _read_table(table)
        for inner in _find(table, _CELL, within=(_ROW,)):
            yield from _read_inner_tables(inner)


def _find(element: Any, tag: str, within: Sequence[str] = ()) -> Iterator[Any]:
    """Yield the elements of a tag, not looking into those found nor into other cells and tables."""
    closed = {_PARAGRAPH, _TABLE, _ROW, _CELL}.difference(within)
    for child in element:
        if child.tag == tag:
            yield child
        elif child.tag not in closed and child.tag not in _LEFT_OUT:
            yield from _find(child, tag, within)


def _read_table(table: Any) -> list[list[str]]:
    """Return the cells of a table; one that is merged has its text in each of its places."""
    rows: list[list[str]] = []
    for row in _find(table, _ROW):
        above = rows[-1] if rows else []
        cells = [""] * _span(row, "w:trPr/w:gridBefore")
        for cell in _find(row, _CELL):
            merged = cell.find(qn("w:tcPr") + "/" + qn("w:vMerge"))
            if merged is not None and merged.get(qn("w:val"), "continue") == "continue":
                text = above[len(cells)] if len(cells) < len(above) else ""
            else:
                lines = (" ".join(_read_text(one).split()) for one in _find(cell, _PARAGRAPH))
                text = "\n".join(filter(None, lines))[:_MOST_CELL_CHARACTERS]
            cells += [text] * (_span(cell, "w:tcPr/w:gridSpan") or 1)
            if len(cells) > _MOST_COLUMNS:
                raise Malformed("a row of the letter has more columns than Word has")
        rows.append(cells)
    return rows


def _span(element: Any, path: str) -> int:
    """Return how many columns an element says that it takes; 0 if it says nothing."""
    found = element.find("/".join(map(qn, path.split("/"))))
    told = "" if found is None else str(found.get(qn("w:val"), ""))
    if not (told.isascii() and told.isdecimal()):
        return 0
    if len(told) > len(str(_MOST_COLUMNS)) or int(told) > _MOST_COLUMNS:
        raise Malformed("a cell of the letter spans more columns than Word has")
    return int(told)


def _read_text(paragraph: Any) -> str:
    """Return the text of a paragraph, without that of boxes in it."""
    parts: list[str] = []
    for child in paragraph:
        if child.tag == _TEXT:
            parts.append(child.text or "")
        elif child.tag in _BLANKS:
            parts.append(" ")
        elif child.tag != _BOX and child.tag not in _LEFT_OUT:
            parts.append(_read_text(child))
    return "".join(parts)
