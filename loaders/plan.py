"""How a feed is to be read and published."""

from typing import Literal

import msgspec

from blacklist.model import Source
from loaders.formats import Options

Mode = Literal["full", "add"]


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How a feed is to be read and published. ``format`` None: recognised from the content.

    ``accept`` publishes a generation that would be held for a person to look at. ``known_since``
    (a Unix second) is the date of rows that tell none; else it is the moment of the load. With
    ``rows_are_reports`` each row is one report of its identifier, and they are counted.
    """

    source: Source
    format: str | None = None
    options: Options = Options()
    region: str = "VN"
    mode: Mode = "full"
    dry_run: bool = False
    accept: bool = False
    known_since: int | None = None
    rows_are_reports: bool = False
