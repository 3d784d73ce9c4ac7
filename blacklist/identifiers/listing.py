"""The way of a feed's row: what it lists, stricter than what may be asked."""

from blacklist.errors import InvalidIdentifier
from blacklist.identifiers import emv_qr, phone
from blacklist.identifiers.account_words import find_written
from blacklist.identifiers.among_words import require_no_account
from blacklist.identifiers.emv_qr import Payment
from blacklist.identifiers.kinds import KINDS, as_card
from blacklist.identifiers.protocol import Hints
from blacklist.identifiers.reasons import refusal
from blacklist.identifiers.text import clean
from blacklist.model import Identifier, Kind


def list_as(
    text: str, *, kind: Kind, bank: str | None = None, region: str = "VN"
) -> tuple[Identifier, ...]:
    """Return what a feed's row lists: the thing itself, then what must be listed along with it.

    An account ``BANK/NUMBER`` also lists the bare ``NUMBER``. Raises InvalidIdentifier, also for
    what may be asked but never listed: a host, suffix or path that everybody shares.
    """
    phone.require_region(region)
    cleaned = clean(text)
    if emv_qr.claims(cleaned):
        cleaned = _listed_payee(emv_qr.read(cleaned), kind)
    hints = Hints(bank, region)
    if (written := find_written(cleaned)) is not None:
        require_no_account(written, kind, hints)
        if kind == Kind.ACCOUNT:
            raise refusal("not_an_account")
    try:
        return KINDS[kind].list_as(cleaned, hints)
    except InvalidIdentifier as refused:
        raise as_card(cleaned, refused) from refused


def guess_kind(text: str) -> Kind | None:
    """Return what a row of a plain list looks like, or None when unclear; never raises."""
    try:
        cleaned = clean(text)
    except InvalidIdentifier:
        return None
    if emv_qr.claims(cleaned):
        return Kind.ACCOUNT
    return next((kind for kind in reversed(KINDS) if KINDS[kind].resembles(cleaned)), None)


def _listed_payee(payment: Payment, kind: Kind) -> str:
    """Return the text to list for a payment code; one that was changed might name anybody."""
    if "damaged_code" in payment.notes:
        raise refusal("damaged_code")
    if kind is Kind.LINK:
        raise refusal("not_a_domain")
    return payment.payee
