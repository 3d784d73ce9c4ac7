"""A row of a feed or letter that a person should look at; pure."""

import msgspec


class Rejected(msgspec.Struct, frozen=True, gc=False):
    """A row that could not be understood; ``text`` is its beginning, without people's names."""

    line: int
    reason: str
    text: str
