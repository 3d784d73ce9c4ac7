"""The words of answers in plain language: a table for each set that the pages show.

Keys are the words of ``model.py`` and docs/reasons.md; the texts are English, and templates show
``_(text)``. Why a text is refused and what is noted about it are the sentences of the code itself
(``REASONS``, ``NOTES``), translated like all others; a test holds that nothing is missing.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Final

from flask_babel import (
    format_date,
    format_datetime,
    format_decimal,
    format_timedelta,
    gettext,
    to_user_timezone,
)

from blacklist import identifiers
from blacklist.errors import InvalidIdentifier
from blacklist.identifiers.banks import find_bank
from blacklist.identifiers.reasons import NOTES as READING_NOTES
from blacklist.identifiers.reasons import REASONS
from blacklist.marks import Reason
from blacklist.model import Category, Kind, Match, Trust
from blacklist.scan import NOTES as MESSAGE_NOTES
from blacklist.verdict import rfc3339


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for it, by which texts are collected
    """Return the text: it is translated where it is shown."""
    return text


KINDS: Final = {
    Kind.PHONE: N_("Phone number"),
    Kind.ACCOUNT: N_("Account"),
    Kind.LINK: N_("Link"),
}

TRUST: Final = {
    Trust.AUTHORITY: N_("an authority"),
    Trust.PARTNER: N_("a bank, a carrier or another partner"),
    Trust.COMMUNITY: N_("a community list"),
    Trust.OFFICIAL: N_("the institution itself"),
}

MATCHES: Final = {
    Match.EXACT: N_("exactly this"),
    Match.PATH: N_("this page, or what it lies under"),
    Match.PARENT_DOMAIN: N_("the domain it belongs to"),
    Match.RANGE: N_("a whole range of numbers that it lies in"),
    Match.UNKNOWN_BANK: N_("this account number; the bank was not told"),
    Match.OTHER_BANK: N_("the same account number at another bank"),
}

CATEGORIES: Final = {
    Category.IMPERSONATION_AUTHORITY: N_("Posing as police, court or another authority"),
    Category.IMPERSONATION_BANK: N_("Posing as a bank"),
    Category.ACCOUNT_TAKEOVER: N_("Taking over somebody's account"),
    Category.BUSINESS_EMAIL: N_("Forged business e-mail"),
    Category.PRIZE_GIFT: N_("Prize or gift that costs a fee"),
    Category.ROMANCE: N_("Friendship or love as a pretext"),
    Category.INVESTMENT: N_("Fraudulent investment"),
    Category.ECOMMERCE: N_("Fraud in buying and selling"),
    Category.LABOUR_EXPORT: N_("Fraud with work abroad"),
    Category.REAL_ESTATE: N_("Fraud with land and houses"),
    Category.LOAN_SHARK: N_("Loan shark"),
    Category.GAMBLING: N_("Gambling"),
    Category.EXTORTION: N_("Extortion"),
    Category.CASE_FIXING: N_("Promise to settle a case for money"),
    Category.MULE_ACCOUNT: N_("Account that takes in money from fraud"),
    Category.JUNK_SIM: N_("Junk SIM"),
    Category.SPAM_CALL: N_("Unwanted calls"),
    Category.MALWARE_APP: N_("Harmful app"),
    Category.PHISHING: N_("Theft of passwords and codes"),
    Category.OTHER: N_("Other fraud"),
}

CLEARED: Final = {
    Reason.NUMBER_REASSIGNED: N_("The number was given to a new owner."),
    Reason.WRONGLY_LISTED: N_("It had been listed by mistake."),
    Reason.OWNER_VERIFIED: N_("The owner was looked into and is not the swindler."),
    Reason.CASE_CLOSED: N_("The case was closed."),
    Reason.COURT_DECISION: N_("A court decided so."),
    Reason.SITE_CLEANED: N_("The site had been broken into and is its owner's again."),
    Reason.OTHER: N_("A person decided so."),
}

CLAIMS: Final = {
    Reason.WRONGLY_LISTED: N_("It was listed by mistake."),
    Reason.NUMBER_REASSIGNED: N_("I got this number from somebody else."),
    Reason.OWNER_VERIFIED: N_("It is mine, and I deceived nobody."),
    Reason.SITE_CLEANED: N_("My site had been broken into; it is clean again."),
    Reason.CASE_CLOSED: N_("The case was closed."),
    Reason.COURT_DECISION: N_("A court decided for me."),
    Reason.OTHER: N_("Something else; I write it below."),
}
"""Why somebody says that he is wrongly listed, in his own words."""

SORTS: Final = {
    "report": N_("Report"),
    "dispute": N_("Objection"),
    "pending": N_("To be confirmed"),
}
"""What waits for a reviewer."""

DUES: Final = {
    "dispute": N_("due"),
    "pending": N_("lapses"),
}
"""What comes at a case's deadline; reports have none."""

EVENTS: Final = {
    "listed": N_("Listed"),
    "withdrawn": N_("Withdrawn"),
    "cleared": N_("Cleared"),
    "lifted": N_("Clearance lifted"),
    "letter_loaded": N_("Named in a letter"),
    "letter_withdrawn": N_("Letter taken back"),
}
"""What happened to a thing (``blacklist/history.py``)."""

COVERAGE: Final = {
    "no_lists": N_("No real list of this kind is loaded here yet."),
    "lists_stale": N_("A list of this kind is overdue: newer cases may be missing."),
    "filter_old": N_("The lists are away; only an older copy was looked at."),
    "store_unavailable": N_("The lists do not answer at this moment."),
    "store_rolled_back": N_("A part of the lists was lost and is being loaded again."),
    "store_lost_a_shard": N_("The part of the lists where it would stand is gone."),
}
"""Why an answer is worth less, or could not be given."""

DECISIONS: Final = {
    "disputed": N_("Whoever it belongs to says that it is wrongly listed; nothing is decided yet."),
    "being_verified": N_("A partner would list it; nobody has confirmed that yet."),
}

NOTES: Final[Mapping[str, str]] = {
    **READING_NOTES,
    **MESSAGE_NOTES,
    **COVERAGE,
    **DECISIONS,
}
_UNTOLD: Final = frozenset(
    {"refanged", "plus_added", "bank_missing", "related_listed", "qr_code", "nothing_found"}
)
"""Notes that tell a person nothing he could use, or that the page shows in another way."""

_TOLD_APART: Final = frozenset(
    {"amount", "purpose", "looks_like", "official_of", "cleared_since", "cleared_because"}
)
"""Notes with something behind a colon, for which templates have sentences."""

NO_DATA: Final = N_("no data kept")
"""In place of a number that nobody has: it is not zero."""

REFUSALS: Final[Mapping[str, str]] = REASONS
"""Why a text cannot be looked up."""


def day(moment: str) -> str:
    """The day of an answer's time (RFC 3339, in UTC), as it is in Vietnam and written there."""
    return format_date(to_user_timezone(datetime.fromisoformat(moment)), "long", rebase=False)  # type: ignore[no-any-return]


def number(value: int | None) -> str:
    """A number as it is written in the reader's language; None is what no data were kept of."""
    return str(gettext(NO_DATA) if value is None else format_decimal(value))


def change(now: int | None, before: int | None) -> str:
    """By how much a number differs from the one before, with its sign; a dash where one lacks."""
    if now is None or before is None:
        return "–"
    return ("+" if now > before else "") + str(format_decimal(now - before))


def short(day: date) -> str:
    """A calendar day in digits."""
    return format_date(day, "dd/MM/yyyy", rebase=False)  # type: ignore[no-any-return]


def ago(seconds: int) -> str:
    """How long ago something was, in the largest unit."""
    return format_timedelta(-seconds, granularity="minute", add_direction=True)  # type: ignore[no-any-return]


def moment(second: int) -> str:
    """A Unix second as day and time in Vietnam, to the second."""
    at = datetime.fromtimestamp(second, UTC).replace(tzinfo=None)  # flask-babel's own form
    return format_datetime(at, "HH:mm:ss, d/M/y")  # type: ignore[no-any-return]


def last_day(second: int) -> str:
    """The last day of a deadline, which is the second when that day is over."""
    return day(rfc3339(second - 1))


def day_of_second(second: int) -> str:
    """The day of a Unix second, as it is in Vietnam and written there."""
    return day(rfc3339(second))


def display(kind: Kind, value: str) -> str:
    """A listed thing as people read it: an account with its bank's name, a domain in its script."""
    try:
        return identifiers.ask(value, kind=kind).readings[0].display
    except InvalidIdentifier:
        return value


def bank_key(bank: str) -> str:
    """The name by which a form knows a bank of a canonical account; empty where there is none."""
    try:
        return find_bank(bank).key if bank else ""
    except InvalidIdentifier:
        return ""


def note(text: str) -> str | None:
    """The sentence of a note; None where it needs none."""
    word = text.partition(":")[0]
    return None if word in _UNTOLD | _TOLD_APART else NOTES.get(word)


def refusal(reason: str) -> str:
    """The sentence of why a text cannot be looked up."""
    return REFUSALS.get(reason, REFUSALS["not_understood"])
