"""NDJSON: an item of ``POST /v1/check`` a line; a result a line comes out. Blank lines are left."""

from collections.abc import Iterator

import msgspec

from blacklist.items import read_line
from blacklist.lookup import Ask
from blacklist.model import ItemError, Verdict
from blacklist.screening.cells import encode_line
from blacklist.screening.form import Row, Told
from blacklist.screening.lines import Lines
from blacklist.screening.reasons import refusal, row_error

_BOM = b"\xef\xbb\xbf"


class Objects:
    """Lines of items; raises BadTable ``no_columns`` where columns are told."""

    def __init__(self, told: Told) -> None:
        if told.columns:
            raise refusal("no_columns")
        self._told = told
        self.head = b""
        self.end = 0

    def rows(self, lines: Lines) -> Iterator[Row]:
        """One row a line that is not blank."""
        for text, end in lines:
            if text is None:
                yield Row(Verdict(error=row_error("line_too_long")), "", end)
            elif text and not text.isspace():
                yield Row(self._read(text.removeprefix(_BOM)), "", end)

    def write(self, _row: Row, verdict: Verdict | None) -> bytes:
        """The result as JSON."""
        return b"" if verdict is None else encode_line(verdict)

    def tail(self, error: ItemError) -> bytes:
        """A last line that is no result."""
        return msgspec.json.encode({"incomplete": error}) + b"\n"

    def _read(self, text: bytes) -> Ask | Verdict:
        asked = read_line(text, region=self._told.region)
        if isinstance(asked, Verdict):
            return asked
        if asked.kind is None and self._told.kind is not None:
            asked = msgspec.structs.replace(asked, kind=self._told.kind)
        if asked.bank is None and self._told.bank is not None:
            asked = msgspec.structs.replace(asked, bank=self._told.bank)
        return asked
