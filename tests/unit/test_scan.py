"""The verdict on a message, by table, and which questions a message asks."""

import msgspec
import pytest

from blacklist.errors import InvalidIdentifier
from blacklist.lookup import Ask
from blacklist.model import AsOf, Coverage, ItemError, Kind, Level, MatchView, Outcome, Verdict
from blacklist.scan import MAX_CHARACTERS, Found, judge, scan

AS_OF = AsOf("1-0", 5, {Kind.LINK: Coverage(1, 2, 3)})
OLDER = AsOf("0-9", 900, {Kind.ACCOUNT: Coverage(4, 5, 6)})
MATCH = MatchView(
    kind=Kind.PHONE,
    listed="+447700900123",
    match="exact",
    source="s",
    title="t",
    trust="community",
    category="other",
    since="",
    last_seen=None,
    reports=None,
    reference=None,
    note=None,
    expires=None,
)


def answer(outcome, level=None, **more):
    """A result with a verdict."""
    suspicious = None if level is None else level in {Level.DANGER, Level.WARNING}
    return Verdict(input="x", verdict=outcome, level=level, suspicious=suspicious, **more)


DANGER = answer(Outcome.LISTED, Level.DANGER)
WARNING = answer(Outcome.LISTED, Level.WARNING)
WEAK = answer(Outcome.LISTED, Level.CAUTION)
IMITATION = answer(Outcome.NO_RECORD, Level.CAUTION)
UNKNOWN = answer(Outcome.NO_RECORD, Level.NONE)
CLEARED = answer(Outcome.CLEARED, Level.NONE)
OFFICIAL = answer(Outcome.OFFICIAL, Level.NONE)
AWAY = answer(Outcome.UNAVAILABLE)
WRONG = Verdict(error=ItemError("card_number", "…"))


@pytest.mark.parametrize(
    ("results", "verdict", "suspicious", "level", "notes"),
    [
        ((), None, None, None, ("nothing_found",)),
        ((WRONG,), None, None, None, ("nothing_understood",)),
        ((UNKNOWN,), "no_record", False, "none", ()),
        ((UNKNOWN, WRONG), "no_record", False, "none", ("some_not_understood",)),
        ((UNKNOWN, IMITATION), "no_record", False, "caution", ()),
        ((WARNING, DANGER, UNKNOWN), "listed", True, "danger", ()),
        ((WEAK, UNKNOWN), "listed", False, "caution", ()),
        ((AWAY, WARNING), "listed", True, "warning", ("some_unavailable",)),
        ((AWAY, IMITATION, OFFICIAL), "unavailable", None, None, ("some_unavailable",)),
        ((AWAY,), "unavailable", None, None, ("some_unavailable",)),
        ((OFFICIAL, OFFICIAL), "official", False, "none", ()),
        ((OFFICIAL, CLEARED), "cleared", False, "none", ()),
        ((OFFICIAL, CLEARED, UNKNOWN), "no_record", False, "none", ()),
    ],
)
def test_the_whole_follows_from_the_things_found(results, verdict, suspicious, level, notes):
    found = [Found(at, at + 1, "x", result) for at, result in enumerate(results)]
    whole = judge(found, ref="r")
    assert (whole.verdict, whole.suspicious, whole.level) == (verdict, suspicious, level)
    assert (whole.notes, whole.ref, whole.found) == (notes, "r", tuple(found))


def test_a_hit_of_another_kind_is_noted_and_leaves_the_verdict_alone():
    result = msgspec.structs.replace(UNKNOWN, related=(MATCH,))
    whole = judge([Found(0, 1, "x", result)])
    assert (whole.verdict, whole.notes) == ("no_record", ("related_listed",))


def test_the_whole_is_as_old_as_its_oldest_part_and_rests_on_all_lists():
    results = [msgspec.structs.replace(UNKNOWN, as_of=one) for one in (AS_OF, OLDER)]
    whole = judge([Found(at, at + 1, "x", one) for at, one in enumerate(results)])
    assert whole.as_of == AsOf("0-9", 900, AS_OF.lists | OLDER.lists)


class Asked:
    """Stands in for a lookup: knows nothing, and remembers what it was asked."""

    def __init__(self):
        self.batches = []

    def check_many(self, asks):
        self.batches.append(asks)
        return [Verdict(input=ask.value, verdict=Outcome.NO_RECORD) for ask in asks]


def test_a_thing_is_asked_once_and_told_at_each_place():
    lookup = Asked()
    text = "STK 0000000000001 VCB, nhac lai STK 0000000000001 VCB, goi 0912345678"
    whole = scan(lookup, text)
    account = Ask("0000000000001", kind=Kind.ACCOUNT, bank="VCB")
    assert lookup.batches == [[account, Ask("0912345678", kind=Kind.PHONE)]]
    assert [text[one.start : one.end] for one in whole.found] == [one.text for one in whole.found]
    assert [one.result.input for one in whole.found] == ["0000000000001"] * 2 + ["0912345678"]


def test_an_identity_number_is_never_asked_nor_repeated():
    lookup = Asked()
    (found,) = scan(lookup, "CCCD 001000000001").found
    assert lookup.batches == [[]]
    assert (found.start, found.end, found.text) == (5, 17, None)
    assert found.result.error.reason == "identity_number"
    assert found.result.input is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        (" \n", "empty"),
        ("\ud800", "not_text"),
        ("x" * (MAX_CHARACTERS + 1), "too_long"),
    ],
)
def test_what_is_no_message_is_refused(text, reason):
    with pytest.raises(InvalidIdentifier) as refused:
        scan(Asked(), text)
    assert refused.value.reason == reason


def test_an_unknown_region_is_refused_whatever_the_message_holds():
    with pytest.raises(InvalidIdentifier, match="unknown_region"):
        scan(Asked(), "hello", region="XX")
