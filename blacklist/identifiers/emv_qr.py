"""Payment codes: the text of an EMV merchant-presented QR code → whom it pays.

The way: ``tlv`` reads the fields, the scheme whose GUID a template begins with tells the payee
(``qr_*``, one file a scheme), the checksum and the lengths tell whether the code is damaged. Called
by ``asking`` and ``listing``, and by the scan of free text. A damaged code whose
payee can still be read is answered and marked; holders' names are never looked at.
"""

import re
from collections.abc import Iterable
from typing import Final

import msgspec

from blacklist.errors import InvalidIdentifier
from blacklist.identifiers import qr_paynow, qr_promptpay, qr_vietqr, qr_vnpay, tlv
from blacklist.identifiers.qr_payee import Payee, Scheme
from blacklist.identifiers.reasons import refusal
from blacklist.identifiers.text import drop_hidden
from blacklist.identifiers.tlv import Fields
from blacklist.model import Kind

_SCHEMES: Final[tuple[Scheme, ...]] = (qr_vietqr, qr_paynow, qr_promptpay, qr_vnpay)
_BY_GUID: Final = {guid: scheme for scheme in _SCHEMES for guid in scheme.GUIDS}
_TEMPLATE: Final = re.compile(
    "|".join(f"00{len(guid):02}{re.escape(guid)}" for guid in _BY_GUID), re.IGNORECASE
)
_START: Final = re.compile(r"00020[12]")
_DIGITS: Final = re.compile(r"[0-9]{4}")
_SHORTEST: Final = 35
"""One more than an IBAN has; a code with a payee is longer still."""

_TEMPLATES: Final = range(26, 52)
_AFTER_TEMPLATES: Final = range(52, 65)
_DAMAGES: Final = frozenset({"bad_checksum", "no_checksum", "bad_length"})
_SENSITIVE: Final = frozenset({"card_number", "identity_number"})
_CHECKSUM: Final = re.compile(r"6304([0-9A-Fa-f]{0,4})\Z")
_CHECKSUM_CHARACTERS: Final = 4
_POLYNOMIAL: Final = 0x1021
_AMOUNT: Final = re.compile(r"[0-9]{1,13}(?:\.[0-9]{0,4})?")
_CURRENCIES: Final = {"116": "KHR", "418": "LAK", "702": "SGD", "704": "VND", "764": "THB"}
_LINES: Final = str.maketrans("", "", "\t\n\r")


class Payment(msgspec.Struct, frozen=True):
    """Whom a code pays: an account (``bank`` is its key) or a phone in E.164.

    ``notes`` are words of ``reasons``: always ``qr_code``, ``damaged_code`` with the kinds of
    damage, and what is to be paid behind a colon (``amount:1000 VND``, ``purpose:Chuyen tien``).
    """

    bank: str | None = None
    number: str | None = None
    phone: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def kind(self) -> Kind:
        """What the payee is."""
        return Kind.PHONE if self.phone is not None else Kind.ACCOUNT

    @property
    def payee(self) -> str:
        """The payee as a text that its kind understands."""
        number = self.phone or self.number or ""
        return f"{self.bank}/{number}" if self.bank is not None else number


def claims(text: str) -> bool:
    """Tell whether the text is a payment code: longer than an IBAN, with its beginning or GUID."""
    if len(text) < _SHORTEST or _DIGITS.match(text) is None:
        return False
    return _START.match(text) is not None or _TEMPLATE.search(text) is not None


def read(text: str) -> Payment:
    """Return what a payment code says.

    Raises InvalidIdentifier: ``unreadable_code``, ``merchant_without_account``, ``several_payees``,
    ``card_number``, ``identity_number``, ``business_number``, and those of an account.
    """
    code = drop_hidden(text).strip().translate(_LINES)
    if not claims(code):
        raise refusal("unreadable_code")
    fields = _parse(code)
    payee = _find_payee(_templates(code, fields))
    lengths = () if fields.is_whole else ("bad_length",)
    damage = tuple(dict.fromkeys((*_check(code), *lengths, *payee.notes)))
    marks = () if _DAMAGES.isdisjoint(damage) else ("damaged_code",)
    return Payment(
        bank=payee.bank.key if payee.bank else None,
        number=payee.number,
        phone=payee.phone,
        notes=("qr_code", *marks, *damage, *_order(fields)),
    )


def _order(fields: Fields) -> tuple[str, ...]:
    """Return what is to be paid, and for what, as notes: ``amount:1000 VND``, ``purpose:…``."""
    told = {}
    amount = _AMOUNT.fullmatch(fields.get("54") or "")
    if amount:
        currency = fields.get("53") or ""
        told["amount"] = f"{amount[0]} {_CURRENCIES.get(currency, currency)}".rstrip()
    purpose = tlv.parse(fields.get("62") or "").get("08")
    if purpose and purpose.isprintable():
        told["purpose"] = purpose
    return tuple(f"{note}:{text}" for note, text in told.items())


def _parse(code: str) -> Fields:
    """Return the fields before the checksum, whose own length is wrong where it is cut."""
    written = _CHECKSUM.search(code)
    fields = tlv.parse(code[: written.start()] if written else code)
    if written is None or fields.is_whole:
        return fields
    whole = tlv.parse(code)  # another field may end like a checksum
    return whole if whole.is_whole else fields


def _find_payee(templates: Iterable[tuple[Scheme, Fields]]) -> Payee:
    """Return the one payee of all templates; a card or an identity number beside it is refused."""
    payees: list[Payee] = []
    refusals: list[InvalidIdentifier] = []
    for scheme, template in templates:
        try:
            payee = scheme.payee(template)
        except InvalidIdentifier as refused:
            refusals.append(refused)
        else:
            notes = payee.notes if template.is_whole else (*payee.notes, "bad_length")
            payees.append(msgspec.structs.replace(payee, notes=notes))
    sensitive = [refused for refused in refusals if refused.reason in _SENSITIVE]
    if sensitive:
        raise sensitive[0]
    if len({(payee.bank, payee.number, payee.phone) for payee in payees}) > 1:
        raise refusal("several_payees")
    if payees:
        return payees[0]
    raise refusals[0] if refusals else refusal("unreadable_code")


def _templates(code: str, fields: Fields) -> list[tuple[Scheme, Fields]]:
    """Return each whole template of a scheme we know; where there is none, what can be rescued."""
    has_checksum = _CHECKSUM.search(code) is not None
    found: list[tuple[Scheme, Fields]] = []
    for place, (field_id, value) in enumerate(fields.items, 1):
        template = tlv.parse(value) if int(field_id) in _TEMPLATES else None
        scheme = _BY_GUID.get((template.get("00") or "").upper()) if template else None
        if template is None or scheme is None:
            continue
        is_ended = place < len(fields.items) or (has_checksum and fields.is_whole)
        if is_ended and template.is_whole and template.get("01") is not None:
            found.append((scheme, template))
    return found or [_rescue(code[at.start() :]) for at in _TEMPLATE.finditer(code)]


def _rescue(rest: str) -> tuple[Scheme, Fields]:
    """Return a template that was found by its GUID, since lengths before it are wrong.

    Its end is not known: the code's other fields follow in the same row. Where none does, the code
    is cut, maybe inside the account: InvalidIdentifier ``unreadable_code``.
    """
    template = tlv.parse(rest)
    if not any(int(field_id) in _AFTER_TEMPLATES for field_id, _ in template.items):
        raise refusal("unreadable_code")
    scheme = _BY_GUID[(template.get("00") or "").upper()]
    return scheme, Fields(template.items, is_whole=False)


def _check(code: str) -> tuple[str, ...]:
    """Return what is wrong with the checksum: at most one word."""
    written = _CHECKSUM.search(code)
    if written is None or not written[1]:
        return ("no_checksum",)
    if int(written[1], 16) != crc16(code[: written.start(1)].encode("utf-8", "replace")):
        return ("bad_checksum",)
    is_usual = len(written[1]) == _CHECKSUM_CHARACTERS and written[1] == written[1].upper()
    return () if is_usual else ("odd_checksum",)


def crc16(data: bytes) -> int:
    """Return the checksum of ISO/IEC 13239 as payment codes use it: CRC-16/CCITT-FALSE."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ _POLYNOMIAL if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc
