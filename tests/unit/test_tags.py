"""What is told of each identifier to those who ask by hash."""

import pytest

from blacklist.model import (
    Category,
    Clearance,
    Holdings,
    Identifier,
    Kind,
    Listing,
    Official,
    Source,
    Trust,
)
from blacklist.prefixes import Tag
from blacklist.store.listings import Detail, Entry
from blacklist.tags import places_at_banks, tags_of

NOW = 1_800_000_000
ONE = Identifier(Kind.LINK, "evil.example")


def listing(name: str = "s", trust: Trust = Trust.COMMUNITY, expires: int | None = None) -> Listing:
    source = Source(name, name, trust)
    return Listing(ONE, source, NOW - 9, Category.PHISHING, expires=expires)


CLEARED = Clearance(ONE, NOW - 5, "other")
ENDED = Clearance(ONE, NOW - 5, "other", until=NOW)
OFFICIAL = Official(ONE, NOW - 5, "A bank")


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        (Holdings((listing(),)), "w"),
        (Holdings((listing("s"), listing("t"))), "d"),
        (Holdings((listing(trust=Trust.PARTNER),)), "d"),
        (Holdings((listing(), listing("t", Trust.AUTHORITY))), "a"),
        (Holdings((listing(expires=NOW + 1),)), "w"),
        (Holdings((listing(expires=NOW),)), ""),
        (Holdings((listing(trust=Trust.AUTHORITY, expires=NOW), listing("t"))), "w"),
        (Holdings((listing(),), CLEARED), "c"),
        (Holdings((listing(),), ENDED), "w"),
        (Holdings((listing(trust=Trust.AUTHORITY),), None, OFFICIAL), "o"),
        (Holdings((listing(),), CLEARED, OFFICIAL), "oc"),
        (Holdings(), ""),
    ],
)
def test_an_identifier_is_told_as_it_is_judged_alone(held: Holdings, expected: str) -> None:
    assert "".join(tags_of(ONE, held, now=NOW)) == expected


def test_bare_numbers_stand_for_accounts_at_banks() -> None:
    """A bank that is told twice is one, and an account at a bank stands for itself."""
    number, account = Identifier(Kind.ACCOUNT, "0001"), Identifier(Kind.ACCOUNT, "970436/0001")
    entries = {
        number: [
            Entry(16, 1, Detail(banks=("970436",))),
            Entry(17, 1, Detail(banks=("", "970436", "970407"))),
        ],
        account: [Entry(16, 1, Detail())],
        Identifier(Kind.ACCOUNT, "0002"): [Entry(17, 1, Detail(banks=("",)))],
    }
    assert places_at_banks(entries) == {number: [account, Identifier(Kind.ACCOUNT, "970407/0001")]}
    assert set(Tag) >= {"a", "b", "c", "d", "o", "w"}
