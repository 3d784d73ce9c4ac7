"""The way of a question, on a real server."""

import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from blacklist.errors import Mismatch, Unavailable
from blacklist.lookup import Ask, Lookup
from blacklist.model import (
    Audience,
    Category,
    Identifier,
    Kind,
    Level,
    Match,
    Outcome,
    Source,
    Trust,
)
from blacklist.publish import Publisher
from blacklist.replica import Replica
from blacklist.store import Client, connect, journal, keys, listings, members, sources
from blacklist.store.embedded import EmbeddedServer
from blacklist.store.listings import Detail
from blacklist.store.meta import StoreInfo
from blacklist.store.stage import Staged
from servers import MAX_LAG_SECONDS, kill_server

SOURCE = Source("s1", "Source one", category=Category.PHISHING)
POLICE = Source("police", "Police", trust=Trust.AUTHORITY)

Load = Callable[..., None]


@pytest.fixture
def replica(server: EmbeddedServer, info: StoreInfo, clock: Callable) -> Iterator[Replica]:
    client = connect.reader(server.url)
    yield Replica(client, clock=clock)
    client.close()


@pytest.fixture
def lookup(server: EmbeddedServer, replica: Replica, clock: Callable) -> Iterator[Lookup]:
    """A lookup whose replica has read nothing yet."""
    client = connect.reader(server.url)
    yield Lookup(replica, client, clock=clock)
    client.close()


def account(bank: str, number: str = "0000000000001", **detail: object) -> list[Staged]:
    return [
        Staged(Identifier(Kind.ACCOUNT, f"{bank}/{number}"), None, Detail(**detail)),
        Staged(Identifier(Kind.ACCOUNT, number), None, Detail(banks=(bank,))),
    ]


def load(publisher: Publisher, source: Source, rows: list[Staged]) -> None:
    with publisher.load(source, full=False) as loading:
        loading.put(rows)
        loading.commit()


def test_what_the_filter_excludes_asks_no_redis(
    lookup: Lookup, replica: Replica, list_values: Load
) -> None:
    list_values(SOURCE, "evil.example")
    replica.poll()
    asks = [Ask(f"clean-{number}.example") for number in range(100)]
    verdicts = lookup.check_many([*asks, Ask("evil.example")])
    assert [one.verdict for one in verdicts] == [Outcome.NO_RECORD] * 100 + [Outcome.LISTED]
    assert lookup.answered_by["filter"] >= 99
    assert lookup.check(asks[0]).verdict is Outcome.NO_RECORD
    assert lookup.check(Ask("evil.example")).verdict is Outcome.LISTED


def test_a_false_positive_of_the_filter_reaches_nobody(
    lookup: Lookup, replica: Replica, info: StoreInfo
) -> None:
    replica.poll()
    assert replica.view is not None
    replica.view.filters[Kind.LINK].add_many(["innocent.example"])
    verdict = lookup.check(Ask("innocent.example"))
    assert verdict.verdict is Outcome.NO_RECORD
    assert lookup.answered_by == {"store": 1}


def test_without_a_lease_every_candidate_is_asked(
    lookup: Lookup, replica: Replica, clock: Callable, list_values: Load
) -> None:
    replica.poll()
    list_values(SOURCE, "evil.example")
    clock.now += MAX_LAG_SECONDS
    assert lookup.check(Ask("login.evil.example")).matches[0].match is Match.PARENT_DOMAIN
    assert lookup.check(Ask("clean.example")).verdict is Outcome.NO_RECORD
    assert lookup.answered_by == {"store": 2}


def test_the_store_is_asked_only_what_the_filter_does_not_exclude(
    lookup: Lookup,
    replica: Replica,
    clock: Callable,
    list_values: Load,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With a lease; without one the filter has excluded nothing."""
    list_values(SOURCE, "evil.example")
    replica.poll()
    asked: list[set[str]] = []
    confirm = listings.confirm

    def told(
        client: Client, info: StoreInfo, wanted: Iterable[Identifier], *rest: object
    ) -> object:
        wanted = list(wanted)
        asked.append({one.value for one in wanted})
        return confirm(client, info, wanted, *rest)

    monkeypatch.setattr(listings, "confirm", told)
    ask = Ask("login.evil.example/a")
    assert lookup.check(ask).verdict is Outcome.LISTED
    assert lookup.check_many([ask, Ask("clean.example")])[0].verdict is Outcome.LISTED
    clock.now += MAX_LAG_SECONDS
    assert lookup.check(ask).verdict is Outcome.LISTED
    every = {"login.evil.example/a", "login.evil.example", "evil.example"}
    assert asked[:2] == [{"evil.example"}] * 2
    assert every < asked[2]


def test_before_the_first_snapshot_the_store_answers(lookup: Lookup, list_values: Load) -> None:
    list_values(SOURCE, "evil.example")
    assert lookup.check(Ask("evil.example")).verdict is Outcome.LISTED
    assert lookup.check(Ask("clean.example")).verdict is Outcome.NO_RECORD


def test_a_source_that_the_replica_does_not_know_yet_is_seen(
    lookup: Lookup, replica: Replica, clock: Callable, list_values: Load
) -> None:
    list_values(SOURCE, "evil.example")
    replica.poll()
    list_values(POLICE, "evil.example")
    verdict = lookup.check(Ask("evil.example"))
    assert {match.source for match in verdict.matches} == {"s1", "police"}
    assert verdict.level is Level.DANGER


def test_a_store_that_is_gone_makes_maybe_unavailable_and_no_stay_no(
    lookup: Lookup, replica: Replica, clock: Callable, data_dir: Path, list_values: Load
) -> None:
    list_values(SOURCE, "evil.example")
    replica.poll()
    kill_server(data_dir)
    verdict = lookup.check(Ask("evil.example"))
    assert (verdict.verdict, verdict.suspicious, verdict.level) == (Outcome.UNAVAILABLE, None, None)
    assert lookup.check(Ask("clean.example")).verdict is Outcome.NO_RECORD
    clock.now += MAX_LAG_SECONDS
    assert lookup.check(Ask("clean.example")).verdict is Outcome.UNAVAILABLE


def test_an_older_filter_answers_only_for_whom_accepts_its_age(
    lookup: Lookup, replica: Replica, clock: Callable, data_dir: Path, list_values: Load
) -> None:
    list_values(SOURCE, "evil.example")
    replica.poll()
    kill_server(data_dir)
    clock.now += 30
    with pytest.raises(Unavailable):
        replica.poll()
    tolerant = lookup.check(Ask("clean.example", max_age_s=60))
    assert tolerant.verdict is Outcome.NO_RECORD
    assert tolerant.as_of is not None
    assert tolerant.as_of.age_ms == 30_000
    assert "filter_old" in tolerant.notes
    assert lookup.check(Ask("clean.example", max_age_s=20)).verdict is Outcome.UNAVAILABLE
    assert lookup.check(Ask("evil.example", max_age_s=60)).verdict is Outcome.UNAVAILABLE


def test_an_older_filter_is_not_taken_while_the_store_answers(
    lookup: Lookup, replica: Replica, clock: Callable, list_values: Load
) -> None:
    """A process that has not read on for a while knows less than the store."""
    list_values(SOURCE, "evil.example")
    clock.now += 30
    late = lookup.check(Ask("evil.example", max_age_s=60))
    assert late.verdict is Outcome.LISTED
    clean = lookup.check(Ask("clean.example", max_age_s=60))
    assert (clean.verdict, "filter_old" in clean.notes) == (Outcome.NO_RECORD, False)


def test_an_emptied_store_is_answered_from_no_older_filter(
    lookup: Lookup, replica: Replica, client: Client, list_values: Load
) -> None:
    """It is not away: nobody knows what became of it."""
    list_values(SOURCE, "evil.example")
    replica.poll()
    client.flushall()
    with pytest.raises(Mismatch):
        replica.poll()
    for value in ("evil.example", "clean.example"):
        assert lookup.check(Ask(value, max_age_s=3600)).verdict is Outcome.UNAVAILABLE


def test_an_emptied_store_is_never_no_record(
    lookup: Lookup, replica: Replica, client: Client, clock: Callable, list_values: Load
) -> None:
    """Neither in the moment before the replica notices nor after."""
    list_values(SOURCE, "evil.example")
    replica.poll()
    client.flushall()
    assert lookup.check(Ask("evil.example")).verdict is Outcome.UNAVAILABLE
    clock.now += MAX_LAG_SECONDS
    assert lookup.check(Ask("clean.example")).verdict is Outcome.UNAVAILABLE
    with pytest.raises(Exception, match="store"):
        replica.poll()
    assert lookup.check(Ask("evil.example")).verdict is Outcome.UNAVAILABLE


def test_a_lost_shard_is_unavailable_and_the_others_answer(
    lookup: Lookup, client: Client, info: StoreInfo, clock: Callable, list_values: Load
) -> None:
    values = [f"evil-{number}.example" for number in range(40)]
    list_values(SOURCE, *values)
    lost = keys.shard_of(Identifier(Kind.LINK, values[0]), info.bits[Kind.LINK])
    client.delete(keys.entries(Kind.LINK, info.bits[Kind.LINK], lost))
    verdicts = lookup.check_many([Ask(value, kind=Kind.LINK) for value in values])
    outcomes = {one.verdict for one in verdicts}
    assert verdicts[0].verdict is Outcome.UNAVAILABLE
    assert outcomes == {Outcome.UNAVAILABLE, Outcome.LISTED}


def test_what_a_store_set_back_has_lost_is_unavailable_and_the_rest_answers(
    lookup: Lookup, replica: Replica, client: Client, clock: Callable, list_values: Load
) -> None:
    list_values(SOURCE, "kept.example")
    list_values(SOURCE, "lost.example")
    replica.poll()
    _forget(client, "lost.example")
    # Before the replica has noticed …
    assert lookup.check(Ask("lost.example")).verdict is Outcome.UNAVAILABLE
    with pytest.raises(Exception, match="journal"):
        replica.poll()
    # … while it has no view …
    assert lookup.check(Ask("lost.example")).verdict is Outcome.UNAVAILABLE
    replica.poll()
    # … and when it has loaded the store as it is now, with the lease and without.
    for _ in range(2):
        assert lookup.check(Ask("lost.example")).verdict is Outcome.UNAVAILABLE
        assert lookup.check(Ask("kept.example")).verdict is Outcome.LISTED
        assert lookup.check(Ask("never.example")).verdict is Outcome.NO_RECORD
        clock.now += MAX_LAG_SECONDS


def test_at_no_moment_of_loading_anew_is_a_lost_row_answered_no_record(
    lookup: Lookup,
    replica: Replica,
    client: Client,
    list_values: Load,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Asked between any two calls that the replica makes to the store."""
    list_values(SOURCE, "lost.example")
    replica.poll()
    _forget(client, "lost.example")
    outcomes = []

    def ask_around(call: Callable[..., object]) -> Callable[..., object]:
        def asked_around(*args: object) -> object:
            outcomes.append(lookup.check(Ask("lost.example")).verdict)
            answer = call(*args)
            outcomes.append(lookup.check(Ask("lost.example")).verdict)
            return answer

        return asked_around

    monkeypatch.setattr(journal, "read_from", ask_around(journal.read_from))
    monkeypatch.setattr(journal, "has", ask_around(journal.has))
    with pytest.raises(Mismatch):
        replica.poll()
    replica.poll()
    assert replica.doubt is not None
    assert len(outcomes) >= 6
    assert set(outcomes) == {Outcome.UNAVAILABLE}


def test_a_number_in_a_lost_range_is_in_doubt(
    lookup: Lookup, replica: Replica, client: Client, list_values: Load
) -> None:
    list_values(SOURCE, "+8489998*", kind=Kind.PHONE)
    list_values(SOURCE, "+8489999*", kind=Kind.PHONE)
    replica.poll()
    _forget(client, "+8489999*", Kind.PHONE)
    with pytest.raises(Mismatch):
        replica.poll()
    replica.poll()
    asks = [Ask(number, Kind.PHONE) for number in ("0899991234", "0899981234", "0899971234")]
    assert [one.verdict for one in lookup.check_many(asks)] == [
        Outcome.UNAVAILABLE,
        Outcome.LISTED,
        Outcome.NO_RECORD,
    ]


def _forget(client: Client, value: str, kind: Kind = Kind.LINK) -> None:
    """Take a listing and its journal row back, as a store set back would."""
    identifier = Identifier(kind, value)
    shard = keys.entries(kind, 4, keys.shard_of(identifier, 4))
    for member in client.zrange(shard, 0, -1):
        if member != keys.MARKER.encode() and members.value_of(kind, member) == value:
            client.zrem(shard, member)
    last = client.xrevrange("bl:{bl}:changes", count=1)[0][0]
    client.xdel("bl:{bl}:changes", last)


def test_an_account_at_its_bank_at_another_and_at_none(
    lookup: Lookup, publisher: Publisher
) -> None:
    load(publisher, POLICE, account("970436", reference="386/A"))
    exact = lookup.check(Ask("0000000000001", kind=Kind.ACCOUNT, bank="Vietcombank"))
    assert exact.level is Level.DANGER
    assert [(m.match, m.listed) for m in exact.matches] == [(Match.EXACT, "970436/0000000000001")]
    other = lookup.check(Ask("0000000000001", kind=Kind.ACCOUNT, bank="970415"))
    assert (other.level, other.suspicious) == (Level.CAUTION, False)
    assert [(m.match, m.listed, m.reference) for m in other.matches] == [
        (Match.OTHER_BANK, "970436/0000000000001", "386/A")
    ]
    bare = lookup.check(Ask("0000000000001", kind=Kind.ACCOUNT))
    assert (bare.level, bare.suspicious) == (Level.WARNING, True)
    assert bare.matches[0].match is Match.UNKNOWN_BANK
    assert "bank_missing" in bare.notes


def test_a_list_without_banks_is_met_as_unknown_bank(lookup: Lookup, publisher: Publisher) -> None:
    number = Identifier(Kind.ACCOUNT, "0000000000001")
    load(publisher, POLICE, [Staged(number, None, Detail(banks=("",)))])
    verdict = lookup.check(Ask("0000000000001", kind=Kind.ACCOUNT, bank="970415"))
    assert [(m.match, m.listed) for m in verdict.matches] == [(Match.UNKNOWN_BANK, "0000000000001")]
    assert verdict.level is Level.WARNING


def test_a_mobile_that_may_be_an_old_landline_is_asked_as_both_and_accused_as_neither(
    lookup: Lookup, list_values: Load
) -> None:
    """0838250000 is somebody's mobile today, and was 028 3825 0000 before 2017."""
    list_values(POLICE, "+842838250000", kind=Kind.PHONE)
    verdict = lookup.check(Ask("0838250000", kind=Kind.PHONE))
    assert (verdict.verdict, verdict.level) == (Outcome.NO_RECORD, Level.NONE)
    assert [match.listed for match in verdict.related] == ["+842838250000"]
    assert "may_be_old_landline" in verdict.notes
    assert "may_be_old_landline" not in lookup.check(Ask("0838250001", kind=Kind.PHONE)).notes
    assert lookup.check(Ask("028 3825 0000", kind=Kind.PHONE)).level is Level.DANGER


def test_an_imitation_of_an_institution_is_at_caution(lookup: Lookup, info: StoreInfo) -> None:
    verdict = lookup.check(Ask("vietcombank-login.example"))
    assert (verdict.verdict, verdict.level) == (Outcome.NO_RECORD, Level.CAUTION)
    assert verdict.suspicious is False
    assert "looks_like:Vietcombank" in verdict.notes


def test_an_expired_account_does_not_live_on_under_its_bare_number(
    lookup: Lookup, publisher: Publisher
) -> None:
    load(publisher, POLICE, account("970436", expires=1_000))
    for bank in ("970436", "970415", None):
        verdict = lookup.check(Ask("0000000000001", kind=Kind.ACCOUNT, bank=bank))
        assert verdict.verdict is Outcome.NO_RECORD


def test_a_sources_days_end_an_entry(
    lookup: Lookup, publisher: Publisher, list_values: Load
) -> None:
    """Counted from the last load that brought it, not from the first."""
    short = Source("short", "Short", days=10)
    publisher.wall = lambda: 1_000_000_000.0
    list_values(short, "evil.example", full=True)
    assert lookup.check(Ask("evil.example")).verdict is Outcome.NO_RECORD
    publisher.wall = time.time
    list_values(short, "evil.example", full=True)
    verdict = lookup.check(Ask("evil.example"))
    assert verdict.verdict is Outcome.LISTED
    assert verdict.matches[0].since == "2001-09-09T01:46:40Z"
    assert verdict.matches[0].expires is not None


def test_references_for_institutions_are_kept_from_the_public(
    server: EmbeddedServer, replica: Replica, lookup: Lookup, publisher: Publisher
) -> None:
    quiet = Source("quiet", "Quiet", audience=Audience.INSTITUTIONS)
    row = Staged(Identifier(Kind.LINK, "evil.example"), None, Detail(reference="R", note="N"))
    load(publisher, quiet, [row])
    public = lookup.check(Ask("evil.example")).matches[0]
    assert (public.reference, public.note) == (None, None)
    inside = Lookup(replica, connect.reader(server.url), audience=Audience.INSTITUTIONS)
    shown = inside.check(Ask("evil.example")).matches[0]
    assert (shown.reference, shown.note) == ("R", "N")


def test_coverage_is_part_of_every_answer(lookup: Lookup, list_values: Load) -> None:
    empty = lookup.check(Ask("clean.example"))
    assert "no_lists" in empty.notes
    assert empty.as_of is not None
    assert empty.as_of.lists[Kind.LINK].sources == 0
    list_values(Source("sample", "Sample", sample=True), "a.example", full=True)
    assert "no_lists" in lookup.check(Ask("clean.example")).notes
    list_values(Source("real", "Real", refresh_seconds=3600), "b.example", full=True)
    covered = lookup.check(Ask("clean.example"))
    assert covered.notes == ()
    assert covered.as_of is not None
    lists = covered.as_of.lists[Kind.LINK]
    assert (lists.sources, lists.entries) == (2, 2)
    assert lists.oldest_s is not None


def test_an_overdue_list_is_told(lookup: Lookup, publisher: Publisher, list_values: Load) -> None:
    publisher.wall = lambda: 1_000_000_000.0
    list_values(Source("real", "Real", refresh_seconds=3600), "b.example", full=True)
    assert "lists_stale" in lookup.check(Ask("clean.example")).notes


def test_one_bad_item_does_not_spoil_the_others(lookup: Lookup, list_values: Load) -> None:
    list_values(SOURCE, "evil.example")
    good, bad, listed = lookup.check_many(
        [Ask("ok.example"), Ask("???", ref="b"), Ask("evil.example")]
    )
    assert good.verdict is Outcome.NO_RECORD
    assert (bad.verdict, bad.suspicious, bad.ref) == (None, None, "b")
    assert bad.error
    assert listed.verdict is Outcome.LISTED


def test_asking_nothing_answers_nothing(lookup: Lookup, info: StoreInfo) -> None:
    assert lookup.check_many([]) == []


def test_a_number_in_a_listed_range_is_found_from_every_place_a_filter_can_come_from(
    lookup: Lookup, replica: Replica, publisher: Publisher, list_values: Load, clock: Callable
) -> None:
    """By the journal, by a snapshot, and by nobody: then the store is asked for every range."""
    asked, beside = Ask("0899991234", Kind.PHONE), Ask("0899981234", Kind.PHONE)

    def verdicts() -> list[Outcome | None]:
        return [one.verdict for one in lookup.check_many([asked, beside])]

    listed = [Outcome.LISTED, Outcome.NO_RECORD]
    replica.poll()
    list_values(SOURCE, "+8489999*", kind=Kind.PHONE)
    replica.poll()
    assert verdicts() == listed
    publisher.rebuild(Kind.PHONE)
    replica.poll()
    assert verdicts() == listed
    list_values(SOURCE, "+848999812##", kind=Kind.PHONE)
    clock.now += 5
    assert verdicts() == [Outcome.LISTED, Outcome.LISTED]
    replica.poll()
    assert verdicts() == [Outcome.LISTED, Outcome.LISTED]
    answer = lookup.check(asked)
    assert (answer.level, answer.suspicious) == (Level.CAUTION, False)
    (match,) = answer.matches
    assert (match.listed, match.match) == ("+8489999*", Match.RANGE)


def test_a_number_that_was_cleared_inside_a_listed_range_is_cleared(
    lookup: Lookup,
    replica: Replica,
    client: Client,
    info: StoreInfo,
    publisher: Publisher,
    list_values: Load,
) -> None:
    list_values(SOURCE, "+8489999*", kind=Kind.PHONE)
    number = Identifier(Kind.PHONE, "+84899991234")
    bits = info.bits[Kind.PHONE]
    shard = keys.entries(Kind.PHONE, bits, keys.shard_of(number, bits))
    client.zadd(shard, {members.member(sources.CLEARANCE, number): 1})
    publisher.rebuild(Kind.PHONE)
    replica.poll()
    first, second = lookup.check_many(
        [Ask("0899991234", Kind.PHONE), Ask("0899991235", Kind.PHONE)]
    )
    assert (first.verdict, second.verdict) == (Outcome.CLEARED, Outcome.LISTED)


def test_a_withdrawn_range_flags_nobody(
    lookup: Lookup, replica: Replica, list_values: Load
) -> None:
    list_values(SOURCE, "+8489999*", kind=Kind.PHONE)
    replica.poll()
    list_values(SOURCE, "+447700900123", kind=Kind.PHONE, full=True)
    replica.poll()
    assert lookup.check(Ask("0899991234", Kind.PHONE)).verdict is Outcome.NO_RECORD


def test_doubt_that_ends_while_a_question_is_answered_counts_for_it(
    server: EmbeddedServer,
    replica: Replica,
    clock: Callable,
    keep_store: Callable[[], Callable[[], None]],
    list_values: Load,
) -> None:
    """Its filter was asked before the lists were loaded again."""
    list_values(SOURCE, "kept.example", full=True)
    restore = keep_store()
    list_values(SOURCE, "lost.example", full=True)
    replica.poll()
    restore()
    with pytest.raises(Mismatch):
        replica.poll()
    replica.poll()

    def load_again() -> float:
        list_values(SOURCE, "lost.example", full=True)
        replica.poll()
        assert replica.doubt is None
        return clock()

    client = connect.reader(server.url)
    answer = Lookup(replica, client, clock=load_again).check(Ask("lost.example"))
    client.close()
    assert answer.verdict is Outcome.UNAVAILABLE


def test_a_source_of_a_store_that_was_set_back_is_asked(
    replica: Replica,
    lookup: Lookup,
    keep_store: Callable[[], Callable[[], None]],
    list_values: Load,
) -> None:
    """As many changes of the table as were lost do not make it the table that was known."""
    list_values(SOURCE, "kept.example", full=True)
    restore = keep_store()
    list_values(SOURCE, "kept.example", full=True)
    replica.poll()
    restore()
    list_values(POLICE, "listed.example", full=True)
    replica.poll()
    assert lookup.check(Ask("listed.example")).verdict is Outcome.LISTED
