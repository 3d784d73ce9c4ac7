"""The answers that stand in the counter's form, read and changed as a browser's owner could."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import msgspec

from blacklist.model import Verdict
from blacklist.web.pages.counter_rows import Row


def first_result(field: str) -> Verdict:
    """The newest answer of a form."""
    return _rows(field)[0].result


def changed(field: str, **what: Any) -> str:
    """A form's answers with something else in the newest."""
    row, *rest = _rows(field)
    row = msgspec.structs.replace(row, result=msgspec.structs.replace(row.result, **what))
    return urlsafe_b64encode(msgspec.msgpack.encode([row, *rest])).decode()


def _rows(field: str) -> list[Row]:
    return msgspec.msgpack.decode(urlsafe_b64decode(field), type=list[Row])
