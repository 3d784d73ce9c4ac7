"""Whom a payment code pays: what the handlers of its schemes return."""

from typing import Protocol

import msgspec

from blacklist.identifiers.banks import Bank
from blacklist.identifiers.tlv import Fields


class Payee(msgspec.Struct, frozen=True):
    """An account, or a phone number in E.164 (``+66812345678``); notes are words of ``reasons``."""

    bank: Bank | None = None
    number: str | None = None
    phone: str | None = None
    notes: tuple[str, ...] = ()


class Scheme(Protocol):
    """A scheme of payment codes."""

    @property
    def GUIDS(self) -> tuple[str, ...]:  # noqa: N802 - a constant of each module
        """What its templates begin with, in upper case."""

    def payee(self, fields: Fields, /) -> Payee:
        """Return whom a template pays, or raise InvalidIdentifier."""
