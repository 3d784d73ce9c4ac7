"""What was known of a thing when: what went leaves a trace, and what did not go leaves none."""

from datetime import date

import pytest

from blacklist import history, identifiers, letters, marks, reshard
from blacklist.history import HistoryView
from blacklist.letter_names import Told
from blacklist.model import Audience, Category, Identifier, Kind, Source, Trust
from blacklist.publish import Publisher
from blacklist.store import Client, sources
from blacklist.store import history as kept
from blacklist.store.letters import File, Row
from blacklist.store.listings import Detail
from blacklist.store.stage import Staged, Withdrawal
from blacklist.verdict import rfc3339

S1 = Source("s1", "Source one", category=Category.PHISHING)
POLICE = Source("police", "Police", trust=Trust.AUTHORITY, audience=Audience.INSTITUTIONS)
NOON = 1_795_600_000
DAY = 86_400
NUMBER = "0000000000001"


@pytest.fixture
def publisher(publisher: Publisher) -> Publisher:
    publisher.wall = lambda: float(NOON)
    return publisher


def at(publisher: Publisher, second: int) -> None:
    publisher.wall = lambda: float(second)


def link(value: str, since: int | None = None, **detail: object) -> Staged:
    return Staged(Identifier(Kind.LINK, value), since, Detail(**detail))  # type: ignore[arg-type]


def load(publisher: Publisher, source: Source, *rows: Staged, full: bool = False) -> None:
    with publisher.load(source, full=full) as loading:
        loading.put(rows)
        loading.commit()


def told(
    client: Client, text: str, *, audience: Audience = Audience.INSTITUTIONS, now: int = NOON
) -> HistoryView:
    return history.tell(client, identifiers.ask(text), audience=audience, now=now)


def words(view: HistoryView) -> list[tuple[str, str, str | None]]:
    return [(one.what, one.at, one.source) for one in view.events]


def day(number: int) -> str:
    return rfc3339(NOON + number * DAY)


@pytest.mark.parametrize("way", ["full", "withdrawn", "swept"])
def test_whichever_way_a_listing_goes_it_is_remembered(
    publisher: Publisher, client: Client, way: str
) -> None:
    ends = NOON + DAY if way == "swept" else None
    detail = {"reference": "12", "category": Category.ROMANCE, "expires": ends}
    load(publisher, S1, link("a.example", NOON - 5 * DAY, **detail), link("b.example"))
    at(publisher, NOON + 2 * DAY)
    if way == "swept":
        with publisher.load(S1, full=False) as loading:
            loading.sweep()
    elif way == "full":
        load(publisher, S1, link("b.example"), full=True)
    else:
        with publisher.load(S1, full=False) as loading:
            loading.withdraw([Withdrawal(Identifier(Kind.LINK, "a.example"))])
            loading.commit()
    (event,) = told(client, "x.a.example", now=NOON + 2 * DAY).events
    assert (event.what, event.at, event.since, event.source) == ("withdrawn", day(2), day(-5), "s1")
    assert (event.match, event.category, event.reference) == (
        "parent_domain",
        Category.ROMANCE,
        "12",
    )
    assert words(told(client, "b.example")) == [("listed", day(0), "s1")]


def test_what_was_only_compared_or_abandoned_leaves_no_trace(
    publisher: Publisher, client: Client
) -> None:
    load(publisher, S1, link("a.example"))
    with publisher.load(S1, full=True) as loading:
        loading.put([link("b.example")])
        loading.withdraw([Withdrawal(Identifier(Kind.LINK, "a.example"))])
        loading.compare()
    marks.lift(publisher, [Identifier(Kind.LINK, "a.example")])
    assert words(told(client, "a.example")) == [("listed", day(0), "s1")]


def test_it_went_and_came_again_and_was_cleared_and_lifted(
    publisher: Publisher, client: Client
) -> None:
    thing = [Identifier(Kind.LINK, "a.example")]
    for number in (0, 2):
        at(publisher, NOON + number * DAY)
        load(publisher, S1, link("a.example"))
        at(publisher, NOON + (number + 1) * DAY)
        load(publisher, S1, full=True)
    at(publisher, NOON + 4 * DAY)
    marks.clear(publisher, thing, marks.Reason.WRONGLY_LISTED, until=NOON + 9 * DAY)
    at(publisher, NOON + 5 * DAY)
    marks.lift(publisher, thing)
    at(publisher, NOON + 6 * DAY)
    marks.clear(publisher, thing, marks.Reason.COURT_DECISION)
    load(publisher, S1, link("a.example"))
    view = told(client, "a.example", now=NOON + 6 * DAY)
    assert words(view) == [
        ("withdrawn", day(1), "s1"),
        ("withdrawn", day(3), "s1"),
        ("cleared", day(4), None),
        ("lifted", day(5), None),
        ("cleared", day(6), None),
        ("listed", day(6), "s1"),
    ]
    assert [view.events[at].since for at in (0, 1)] == [day(0), day(2)]
    assert (view.events[2].reason, view.events[2].until) == ("wrongly_listed", day(9))
    assert view.events[4].reason == "court_decision"


def test_letters_are_told_with_their_withdrawals(publisher: Publisher, client: Client) -> None:
    number = Told(number="386/CAT-ANM", day=date(2026, 11, 1), authority=POLICE.name)
    letter = letters.known_or_new(client, number, POLICE, now=NOON)
    row = Row(NOON - DAY, NOON, Detail(category=Category.MULE_ACCOUNT))
    thing = Identifier(Kind.LINK, "a.example")
    file = File("letter.docx", "0" * 64, NOON)
    letters.apply(publisher, POLICE, letter, {thing: row}, file=file)
    at(publisher, NOON + DAY)
    letters.withdraw(publisher, letters.find(client, number), reason="a mistake")
    view = told(client, "a.example", now=NOON + DAY)
    assert words(view) == [
        ("letter_loaded", day(0), "police"),
        ("withdrawn", day(1), "police"),
        ("letter_withdrawn", day(1), "police"),
    ]
    assert view.events[0].reference == "386/CAT-ANM, 01/11/2026"
    assert view.events[2].reason == "a mistake"
    public = told(client, "a.example", audience=Audience.PUBLIC, now=NOON + DAY)
    assert {one.reference for one in public.events} == {None}
    assert {one.reason for one in public.events} == {None}


def test_accounts_are_remembered_at_their_bank_and_bare(
    publisher: Publisher, client: Client
) -> None:
    """A bare number that only pointed to a bank was never listed itself."""
    here = Identifier(Kind.ACCOUNT, f"970436/{NUMBER}")
    bare = Identifier(Kind.ACCOUNT, NUMBER)
    load(publisher, S1, Staged(here), Staged(bare, None, Detail(banks=("970436",))))
    load(publisher, S1, full=True)
    view = told(client, f"970436/{NUMBER}")
    assert [(one.what, one.value) for one in view.events] == [("withdrawn", here.value)]
    load(publisher, S1, Staged(bare, None, Detail(banks=("",))))
    load(publisher, S1, full=True)
    view = told(client, f"970436/{NUMBER}")
    assert [one.value for one in view.events] == [here.value, bare.value]


def test_a_source_that_was_removed_keeps_its_name(publisher: Publisher, client: Client) -> None:
    load(publisher, S1, link("a.example", reference="12"))
    load(publisher, S1, full=True)
    record = sources.read(client).named("s1")
    assert record is not None
    kept.name(client, record.code, "s1")
    sources.forget(client, "s1")
    load(publisher, Source("s2", "Source two"), link("b.example"))
    assert words(told(client, "a.example")) == [("withdrawn", day(0), "s1")]
    (event,) = told(client, "a.example", audience=Audience.PUBLIC).events
    assert event.reference is None


def test_it_says_from_when_on_it_is_whole(publisher: Publisher, client: Client) -> None:
    load(publisher, S1, link("a.example"))
    at(publisher, NOON + DAY)
    load(publisher, S1, link("b.example"))
    assert told(client, "a.example", now=NOON + DAY).complete_from == day(0)
    later = NOON + 500 * DAY
    since = told(client, "a.example", now=later).complete_from
    assert since == rfc3339(later - kept.KEPT_SECONDS)


def test_a_full_shard_forgets_the_oldest_and_says_so(publisher: Publisher, client: Client) -> None:
    """Told per shard, so that a reshard does not lose it."""
    for number in range(3):
        at(publisher, NOON + number * DAY)
        load(publisher, S1, *(link(f"n{number}-{one}.example") for one in range(6_000)))
        load(publisher, S1, full=True)
    key = "bl:{link:4:0000}:h"
    assert client.llen(key) == kept.KEPT_EVENTS
    view = told(client, "a.example", now=NOON + 2 * DAY)
    assert view.complete_from > day(0)
    plan = reshard.plan(client, Kind.LINK, 6)
    reshard.run(publisher, plan, lambda _: None)
    assert told(client, "a.example", now=NOON + 2 * DAY).complete_from == view.complete_from


@pytest.mark.parametrize("bits", [6, 2])
def test_a_reshard_takes_history_along(publisher: Publisher, client: Client, bits: int) -> None:
    names = [f"n{number}.example" for number in range(50)]
    load(publisher, S1, *map(link, names))
    load(publisher, S1, full=True)
    before = [told(client, one) for one in names]
    assert all(len(one.events) == 1 for one in before)
    reshard.run(publisher, reshard.plan(client, Kind.LINK, bits), lambda _: None)
    assert [told(client, one) for one in names] == before
    assert not list(client.scan_iter(match="bl:{link:4:*}:[edh]"))


def test_old_events_go_when_new_ones_come(publisher: Publisher, client: Client) -> None:
    load(publisher, S1, link("a.example"))
    load(publisher, S1, full=True)
    at(publisher, NOON + kept.KEPT_SECONDS + DAY)
    with publisher.load(S1, full=False) as loading:
        loading.sweep()
    load(publisher, S1, link("a.example"))
    with publisher.load(S1, full=False) as loading:
        loading.sweep()
    lists = [client.lrange(key, 0, -1) for key in client.scan_iter(match="bl:{link:4:*}:h")]
    assert [event for one in lists for event in one] == []
