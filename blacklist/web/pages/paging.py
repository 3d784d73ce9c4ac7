"""Rows of a page shown some at a time. Called by the pages that have many.

The number of the page stands in the address, in a parameter of its own for each list; whatever else
stands there stays.
"""

from collections.abc import Sequence
from typing import Generic, TypeVar

import msgspec
from flask import request, url_for

T = TypeVar("T")

_MOST_DIGITS = 6


class Paged(msgspec.Struct, Generic[T], frozen=True):
    """One page of rows: ``number`` of ``last``, from 1; ``first`` is its first row's number."""

    rows: Sequence[T]
    number: int
    last: int
    first: int
    total: int
    before: str | None
    after: str | None


def pages_of(rows: Sequence[T], size: int, parameter: str) -> Paged[T]:
    """Return the page of rows that the request asks for; the nearest one where there is none."""
    last = max(1, -(-len(rows) // size))
    asked = request.args.get(parameter, "")
    is_number = asked.isascii() and asked.isdecimal() and len(asked) <= _MOST_DIGITS
    number = min(max(1, int(asked) if is_number else 1), last)
    start = (number - 1) * size
    return Paged(
        rows=rows[start : start + size],
        number=number,
        last=last,
        first=start + 1,
        total=len(rows),
        before=_address(parameter, number - 1) if number > 1 else None,
        after=_address(parameter, number + 1) if number < last else None,
    )


def _address(parameter: str, number: int) -> str:
    """The address of this page with another number."""
    kept = {**(request.view_args or {}), **request.args.to_dict(), parameter: number}
    return url_for(request.endpoint or "", **kept)
