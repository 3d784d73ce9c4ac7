"""What a kind is to the rest of the package: a module with the verbs of :class:`KindModule`.

Adding a kind is one such module, one line in the registry of ``kinds`` and its tests. Kinds do
not know each other: a text that may be two things is asked of both by ``asking``.
"""

from typing import Protocol

import msgspec

from blacklist.model import Identifier, Reading


class Hints(msgspec.Struct, frozen=True, gc=False):
    """What was said along with a text: a bank's name, and the region a number was written in."""

    bank: str | None = None
    region: str = "VN"


class KindModule(Protocol):
    """The verbs of a kind. Every text they get has passed :func:`text.clean`."""

    def claims(self, text: str, /) -> bool:
        """Tell cheaply whether a text that came without a kind may be of this one."""

    def resembles(self, text: str, /) -> bool:
        """Tell cheaply whether a row of a plain list, kind unsaid, is surely meant as this one."""

    def suggests(self, text: str, hints: Hints, /) -> bool:
        """Tell cheaply whether a text asked as another kind is plainly also of this one."""

    def read(self, text: str, hints: Hints, /) -> Reading:
        """Understand a text as this kind, or raise InvalidIdentifier."""

    def list_as(self, text: str, hints: Hints, /) -> tuple[Identifier, ...]:
        """Return what a feed's row lists, the thing itself first, or raise InvalidIdentifier."""
