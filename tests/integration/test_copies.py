"""Whoever exports the lists and follows their changes holds what the store holds."""

import random
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from blacklist import copies, marks
from blacklist.copies import Told
from blacklist.errors import Busy, Forgotten, Mismatch
from blacklist.load import Load
from blacklist.model import Audience, Category, Identifier, Kind, Source, Trust
from blacklist.publish import Publisher
from blacklist.store import Client, connect, journal, meta
from blacklist.store.embedded import EmbeddedServer
from blacklist.store.journal import Position
from blacklist.store.listings import Detail
from blacklist.store.stage import Staged, Withdrawal

INSTITUTIONS = Audience.INSTITUTIONS
S1 = Source("s1", "Source one", category=Category.PHISHING)
S2 = Source("s2", "Source two", trust=Trust.AUTHORITY, audience=INSTITUTIONS)


class Copy:
    """What a follower holds, made of answers alone."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.held: dict[tuple[str, str], Any] = {}
        self.exports = 0
        self.load()

    def load(self) -> None:
        self.exports += 1
        self.held = {}
        self.position = copies.begin(self._client)
        for rows in copies.export(self._client, self.position, audience=INSTITUTIONS):
            for row in rows:
                said, cleared = self.held.get((row.kind, row.value), (frozenset(), None))
                if row.what == "cleared":
                    cleared = row.since
                else:
                    said |= {(row.source, row.category, row.reference)}
                self.held[row.kind, row.value] = said, cleared

    def follow(self) -> None:
        """Read on to the end, from an export where the journal tells it no more."""
        while True:
            try:
                told = copies.changes(self._client, self.position, audience=INSTITUTIONS)
            except Forgotten:
                self.load()
                continue
            for one in told.changes:
                said = {(by.source, by.category, by.reference) for by in one.listings}
                cleared = one.since if one.change is Told.CLEARED else None
                self.held.pop((one.kind, one.value), None)
                if said or cleared:
                    self.held[one.kind, one.value] = frozenset(said), cleared
            self.position = Position.from_text(told.next)
            if not told.more:
                return


@pytest.fixture
def reader(server: EmbeddedServer) -> Iterator[Client]:
    client = connect.reader(server.url)
    yield client
    client.close()


def link(number: int, **detail: Any) -> Staged:
    return Staged(Identifier(Kind.LINK, f"n{number}.example"), None, Detail(**detail))


def load(publisher: Publisher, source: Source, *rows: Staged, full: bool = False) -> None:
    with publisher.load(source, full=full) as loading:
        loading.put(rows)
        loading.commit()


def words(told: copies.ChangesView) -> list[tuple[str, str]]:
    return [(one.change, one.value) for one in told.changes]


def test_what_came_went_and_was_cleared_is_told_in_order(
    publisher: Publisher, reader: Client
) -> None:
    start = copies.begin(reader)
    load(publisher, S1, link(1), link(2))
    load(publisher, S2, link(1, reference="12/2026"))
    load(publisher, S1, link(3), full=True)
    marks.clear(publisher, [Identifier(Kind.LINK, "n3.example")], marks.Reason.OTHER)
    told = copies.changes(reader, start, audience=INSTITUTIONS)
    assert not told.more
    assert set(words(told)) == {
        ("added", "n1.example"),
        ("removed", "n2.example"),
        ("cleared", "n3.example"),
    }
    assert words(told)[-1] == ("cleared", "n3.example")
    (first,) = [one for one in told.changes if one.value == "n1.example"]
    assert [(one.source, one.reference) for one in first.listings] == [("s2", "12/2026")]
    end = Position.from_text(told.next)
    assert copies.changes(reader, end, audience=INSTITUTIONS).changes == ()
    marks.lift(publisher, [Identifier(Kind.LINK, "n3.example")])
    after = copies.changes(reader, end, audience=INSTITUTIONS)
    assert words(after) == [("added", "n3.example")]


def test_the_public_is_not_shown_an_institutions_reference(
    publisher: Publisher, reader: Client
) -> None:
    start = copies.begin(reader)
    load(publisher, S2, link(1, reference="12/2026"))
    for audience, reference in ((Audience.PUBLIC, None), (INSTITUTIONS, "12/2026")):
        (told,) = copies.changes(reader, start, audience=audience).changes
        assert told.listings[0].reference == reference
        rows = [row for part in copies.export(reader, start, audience=audience) for row in part]
        assert [row.reference for row in rows] == [reference]


def test_a_bare_number_that_becomes_listed_itself_is_told(
    publisher: Publisher, reader: Client
) -> None:
    """And so is one that is no more: the filter holds it all along, a copy does not."""
    bare = Identifier(Kind.ACCOUNT, "0000000000001")
    at_bank = Staged(Identifier(Kind.ACCOUNT, "970436/0000000000001"))
    pointer = Staged(bare, None, Detail(banks=("970436",)))
    load(publisher, S1, at_bank, pointer)
    copy = Copy(reader)
    assert ("account", bare.value) not in copy.held
    load(publisher, S1, Staged(bare, None, Detail(banks=("",))))
    copy.follow()
    assert ("account", bare.value) in copy.held
    with publisher.load(S1, full=False) as loading:
        loading.withdraw([Withdrawal(bare, "")])
        loading.commit()
    copy.follow()
    assert ("account", bare.value) not in copy.held
    assert ("account", "970436/0000000000001") in copy.held
    assert copy.exports == 1


def test_another_category_or_letter_is_told_and_another_last_sight_is_not(
    publisher: Publisher, reader: Client
) -> None:
    load(publisher, S1, link(1), link(2), link(3))
    start = copies.begin(reader)
    load(
        publisher,
        S1,
        link(1, category=Category.ROMANCE),
        link(2, reference="1"),
        link(3, last=1_700_000_000),
    )
    told = copies.changes(reader, start, audience=INSTITUTIONS)
    assert sorted(words(told)) == [("added", "n1.example"), ("added", "n2.example")]


def test_answers_are_bounded_and_follow_each_other(publisher: Publisher, reader: Client) -> None:
    start = position = copies.begin(reader)
    load(publisher, S1, *(link(number) for number in range(9_000)))
    seen: list[str] = []
    while True:
        told = copies.changes(reader, position, audience=INSTITUTIONS)
        assert len(told.changes) <= copies.CHANGES_AT_ONCE
        seen += [one.value for one in told.changes]
        position = Position.from_text(told.next)
        if not told.more:
            break
    assert len(seen) == len(set(seen)) == 9_000
    assert start != position


def test_a_large_load_is_forgotten_at_once(
    publisher: Publisher, reader: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It told no rows but one snapshot, which holds what nobody can tell."""
    monkeypatch.setattr("blacklist.load.SNAPSHOT_CHANGES", 10)
    start = copies.begin(reader)
    load(publisher, S1, *(link(number) for number in range(20)))
    with pytest.raises(Forgotten):
        copies.changes(reader, start, audience=INSTITUTIONS)
    copy = Copy(reader)
    assert len(copy.held) == 20
    load(publisher, S1, link(99))
    copy.follow()
    assert (len(copy.held), copy.exports) == (21, 1)


def test_a_snapshot_of_what_rows_told_is_no_reason_to_load_anew(
    publisher: Publisher, reader: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = Copy(reader)
    load(publisher, S1, link(1))
    monkeypatch.setattr("blacklist.publish.JOURNAL_VALUES", 0)
    publisher.tidy()
    load(publisher, S1, link(2))
    copy.follow()
    assert (len(copy.held), copy.exports) == (2, 1)


def test_a_load_that_was_cut_off_is_made_up_for(
    publisher: Publisher, reader: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sets hold what no row told: the next load tells a snapshot, and the copy loads anew."""
    copy = Copy(reader)
    with monkeypatch.context() as patch:
        patch.setattr(Publisher, "tell", lambda *_: (_ for _ in ()).throw(OSError))
        with pytest.raises(OSError):
            load(publisher, S1, link(1))
    copy.follow()
    assert copy.held == {}
    load(publisher, S1, link(1))
    copy.follow()
    assert (len(copy.held), copy.exports) == (1, 2)


@pytest.mark.parametrize("of", ["another_id", "another_nonce"])
def test_a_position_that_was_never_given_out_is_forgotten(
    publisher: Publisher, reader: Client, of: str
) -> None:
    here = copies.begin(reader)
    wrong = Position("1-1", here.nonce) if of == "another_id" else Position(here.id, "0" * 16)
    with pytest.raises(Forgotten):
        copies.changes(reader, wrong, audience=INSTITUTIONS)


def test_a_trimmed_position_is_forgotten(publisher: Publisher, reader: Client) -> None:
    start = copies.begin(reader)
    load(publisher, S1, link(1))
    last = journal.last(publisher.client)
    publisher.client.xtrim("bl:{bl}:changes", minid=last.id, approximate=False)
    with pytest.raises(Forgotten):
        copies.changes(reader, start, audience=INSTITUTIONS)


def test_an_export_of_a_store_that_is_set_back_does_not_end_well(
    publisher: Publisher, reader: Client
) -> None:
    load(publisher, S1, link(1))
    position = copies.begin(reader)
    rows = copies.export(reader, position, audience=INSTITUTIONS)
    next(rows)
    publisher.client.xdel("bl:{bl}:changes", position.id)
    with pytest.raises(Mismatch):
        list(rows)


def test_an_export_never_holds_more_than_some_shards(client: Client) -> None:
    info = meta.create(client, bits=dict.fromkeys(Kind, 8), max_lag_seconds=0.2)
    load(Publisher(client, info, sleep=lambda _: None), S1, *map(link, range(5_000)))
    parts = list(copies.export(client, copies.begin(client), audience=INSTITUTIONS))
    assert sum(map(len, parts)) == 5_000
    assert max(map(len, parts)) < 1_000


class Writing:
    """Three writers at once, the first of which is cut off now and then."""

    def __init__(self, url: str, seed: int, patch: pytest.MonkeyPatch) -> None:
        self._url = url
        self._seed = seed
        self._dying = threading.local()
        self.failures: list[BaseException] = []
        self._threads = [threading.Thread(target=self._run, args=(one,)) for one in range(3)]
        finish = Load._finish

        def cut_off(load: Load, *args: Any, **named: Any) -> Any:
            if self._dying.now:
                raise OSError
            return finish(load, *args, **named)

        patch.setattr(Load, "_finish", cut_off)

    def __enter__(self) -> "Writing":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        for thread in self._threads:
            thread.join()
        assert not self.failures, self.failures

    def goes_on(self) -> bool:
        return any(thread.is_alive() for thread in self._threads)

    def _run(self, number: int) -> None:
        rng = random.Random(self._seed * 10 + number)
        client = connect.writer(self._url)
        own = Publisher(client, meta.require(client), sleep=lambda _: None)
        source = Source(f"w{number}", f"Writer {number}")
        try:
            for _ in range(25):
                self._dying.now = number == 0 and rng.random() < 0.2
                with suppress(OSError, Busy):
                    _write(own, source, rng)
            self._dying.now = False
            load(own, source, link(0), full=True)
        except BaseException as exc:  # noqa: BLE001 - told to the test
            self.failures.append(exc)
        finally:
            client.close()


@pytest.mark.parametrize("seed", range(4))
def test_a_copy_equals_the_store_whatever_is_written_meanwhile(
    server: EmbeddedServer,
    publisher: Publisher,
    reader: Client,
    seed: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Exports begin at any moment; large and cut-off loads and rebuilds are among the writes."""
    monkeypatch.setattr("blacklist.load.SNAPSHOT_CHANGES", 60)
    monkeypatch.setattr("blacklist.publish.JOURNAL_VALUES", 200)
    load(publisher, S1, link(100))
    rng = random.Random(seed)
    followers = [Copy(reader)]
    with Writing(server.url, seed, monkeypatch) as writing:
        while writing.goes_on():
            if rng.random() < 0.3 and len(followers) < 6:
                followers.append(Copy(reader))
            rng.choice(followers).follow()
    whole = Copy(reader).held
    assert whole
    for one in followers:
        one.follow()
        assert one.held == whole


def _write(publisher: Publisher, source: Source, rng: random.Random) -> None:
    some = [rng.randrange(60) for _ in range(rng.choice([1, 5, 30, 80]))]
    sort = rng.random()
    if sort < 0.15:
        chosen = [Identifier(Kind.LINK, f"n{number}.example") for number in some[:5]]
        if rng.random() < 0.5:
            marks.clear(publisher, chosen, marks.Reason.OTHER)
        else:
            marks.lift(publisher, chosen)
    elif sort < 0.25:
        publisher.tidy()
    else:
        with publisher.load(source, full=rng.random() < 0.5) as loading:
            category = rng.choice([None, Category.ROMANCE, Category.INVESTMENT])
            loading.put(link(number, category=category) for number in some)
            gone = [Identifier(Kind.LINK, f"n{rng.randrange(60)}.example") for _ in range(5)]
            loading.withdraw(Withdrawal(one) for one in gone)
            loading.commit()
