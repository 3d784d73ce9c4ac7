"""The nouns of the project: kinds, identifiers, sources, listings, verdicts.

Pure data, frozen; used by every other module, knows none of them but ``errors``. The field names
of :class:`Verdict` and what hangs from it are the wire format of ``/v1/check`` (README, "API"):
msgspec encodes them as they stand.
"""

from enum import StrEnum

import msgspec


class Kind(StrEnum):
    """What sort of thing an identifier is."""

    PHONE = "phone"
    ACCOUNT = "account"
    LINK = "link"


class Match(StrEnum):
    """How a listed identifier relates to the one that was asked, strongest first."""

    EXACT = "exact"
    PATH = "path"
    PARENT_DOMAIN = "parent_domain"
    RANGE = "range"
    UNKNOWN_BANK = "unknown_bank"
    OTHER_BANK = "other_bank"


class Trust(StrEnum):
    """How far a source is believed; see ``verdict.py`` for what follows from it."""

    AUTHORITY = "authority"
    PARTNER = "partner"
    COMMUNITY = "community"
    OFFICIAL = "official"


class Audience(StrEnum):
    """To whom a source's references and notes may be shown."""

    PUBLIC = "public"
    INSTITUTIONS = "institutions"


class Outcome(StrEnum):
    """The one word of an answer. ``no_record`` does not mean safe."""

    LISTED = "listed"
    OFFICIAL = "official"
    CLEARED = "cleared"
    NO_RECORD = "no_record"
    UNAVAILABLE = "unavailable"


class Level(StrEnum):
    """How much weight a verdict has, strongest first."""

    DANGER = "danger"
    WARNING = "warning"
    CAUTION = "caution"
    NONE = "none"


class Action(StrEnum):
    """What a caller's policy says is to be done, mildest first."""

    ALLOW = "allow"
    INFORM = "inform"
    CONFIRM = "confirm"
    BLOCK = "block"


class Category(StrEnum):
    """What the fraud is, in the words of the provincial directives (docs/design.md)."""

    IMPERSONATION_AUTHORITY = "impersonation_authority"
    IMPERSONATION_BANK = "impersonation_bank"
    ACCOUNT_TAKEOVER = "account_takeover"
    BUSINESS_EMAIL = "business_email"
    PRIZE_GIFT = "prize_gift"
    ROMANCE = "romance"
    INVESTMENT = "investment"
    ECOMMERCE = "ecommerce"
    LABOUR_EXPORT = "labour_export"
    REAL_ESTATE = "real_estate"
    LOAN_SHARK = "loan_shark"
    GAMBLING = "gambling"
    EXTORTION = "extortion"
    CASE_FIXING = "case_fixing"
    MULE_ACCOUNT = "mule_account"
    JUNK_SIM = "junk_sim"
    SPAM_CALL = "spam_call"
    MALWARE_APP = "malware_app"
    PHISHING = "phishing"
    OTHER = "other"


class Identifier(msgspec.Struct, frozen=True, gc=False):
    """One canonical thing of a kind: two spellings of one thing are equal identifiers.

    Values: a phone is E.164 (``+447700900123``) or a short code in its country (``VN:113``); an
    account is ``BANK/NUMBER`` (a BIN, a wallet's key, eight characters of a SWIFT code, or
    ``IBAN``) or, where no bank is known, the bare ``NUMBER``; a link is a host in punycode with an
    optional path (``evil.example``, ``sites.example/view/abc``).
    """

    kind: Kind
    value: str

    def __str__(self) -> str:
        return self.kind + ":" + self.value  # hashed for each row: twice as fast as a format


class Candidate(msgspec.Struct, frozen=True, gc=False):
    """An identifier that, if listed, flags the question, and how it would match."""

    identifier: Identifier
    match: Match


class Reading(msgspec.Struct, frozen=True, gc=False):
    """One way to understand a text.

    ``candidates`` begins with the identifier itself; ``display`` is for people (an IDN in its own
    script); ``notes`` are stable words such as ``refanged`` (docs/reasons.md).
    """

    identifier: Identifier
    display: str
    candidates: tuple[Candidate, ...]
    notes: tuple[str, ...] = ()


class Question(msgspec.Struct, frozen=True, gc=False):
    """What a text asks: the readings the verdict speaks of, and others worth a mention.

    ``related`` is filled only when a kind was named: the account number that is also a phone.
    """

    readings: tuple[Reading, ...]
    related: tuple[Reading, ...] = ()


class Source(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who says so. ``days`` is how long an entry lives after it was last seen in a load.

    ``upstream`` names the list this one copies: sources with one upstream count as one voice.
    ``refresh_seconds`` is how often it should be loaded; past twice that the list is overdue.
    ``sample`` marks what ships with the project, which stands for no real list.
    """

    name: str
    title: str
    trust: Trust = Trust.COMMUNITY
    category: Category = Category.OTHER
    licence: str = ""
    days: int | None = None
    upstream: str | None = None
    audience: Audience = Audience.PUBLIC
    refresh_seconds: int | None = None
    sample: bool = False


class Listing(msgspec.Struct, frozen=True):
    """One source says that one identifier is flagged. Times are Unix seconds, UTC.

    ``last_seen`` is when the feed itself last saw it, or else when it last listed it; ``reports``
    how many reports the feed counts.
    """

    identifier: Identifier
    source: Source
    since: int
    category: Category
    reference: str | None = None
    note: str | None = None
    expires: int | None = None
    last_seen: int | None = None
    reports: int | None = None


class Clearance(msgspec.Struct, frozen=True):
    """A decision that an identifier is not to be flagged; masks every listing until ``until``."""

    identifier: Identifier
    since: int
    reason: str
    until: int | None = None


class Official(msgspec.Struct, frozen=True):
    """An institution's published number, account or domain."""

    identifier: Identifier
    since: int
    name: str


class Flag(msgspec.Struct, frozen=True):
    """Something that is so from one Unix second until another, or until it is taken away."""

    since: int
    until: int | None = None


class Holdings(msgspec.Struct, frozen=True):
    """Everything the store has to say of one identifier.

    ``being_verified``: a partner would list it and nobody has confirmed that; ``disputed``: whoever
    it belongs to says that it is wrongly listed. Neither changes a level.
    """

    listings: tuple[Listing, ...] = ()
    clearance: Clearance | None = None
    official: Official | None = None
    being_verified: Flag | None = None
    disputed: Flag | None = None


class IdentifierView(msgspec.Struct, frozen=True, gc=False):
    """An identifier as an answer shows it."""

    kind: Kind
    value: str
    display: str


class MatchView(msgspec.Struct, frozen=True, gc=False):
    """One listing that flags the question, as an answer shows it; times are RFC 3339 in UTC."""

    kind: Kind
    listed: str
    match: Match
    source: str
    title: str
    trust: Trust
    category: Category
    since: str
    reference: str | None
    note: str | None
    expires: str | None
    last_seen: str | None
    reports: int | None


class Coverage(msgspec.Struct, frozen=True):
    """What stands behind an answer for one kind; ``oldest_s`` is the oldest list's age."""

    sources: int
    entries: int
    oldest_s: int | None


class AsOf(msgspec.Struct, frozen=True):
    """How fresh an answer is: the journal position it includes, its age, the lists behind it."""

    position: str | None
    age_ms: int | None
    lists: dict[Kind, Coverage]


class Advice(msgspec.Struct, frozen=True, gc=False):
    """What is to be done: a word for programs, and what people read in Vietnamese and English."""

    do: Action
    policy: str
    vi: str
    en: str


class ItemError(msgspec.Struct, frozen=True, gc=False):
    """Why one item of a batch has no verdict."""

    reason: str
    detail: str


class Verdict(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The answer to one question: the object that ``/v1/check`` returns.

    ``suspicious`` and ``level`` are None when nothing could be judged (``unavailable`` or
    ``error``): never false, which would read as "not suspicious". ``action`` is there for callers
    with a key, whose policy it is.
    """

    ref: str | None = None
    input: str | None = None
    verdict: Outcome | None = None
    suspicious: bool | None = None
    level: Level | None = None
    identifiers: tuple[IdentifierView, ...] = ()
    matches: tuple[MatchView, ...] = ()
    related: tuple[MatchView, ...] = ()
    notes: tuple[str, ...] = ()
    as_of: AsOf | None = None
    action: Advice | msgspec.UnsetType = msgspec.UNSET
    error: ItemError | msgspec.UnsetType = msgspec.UNSET
