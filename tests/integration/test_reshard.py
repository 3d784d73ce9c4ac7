"""More and fewer shards on a real server: nothing is lost and nobody is told wrong."""

import threading
from collections.abc import Callable, Iterator

import pytest

from blacklist import marks, reshard
from blacklist.errors import Busy, ConfigError, StoreError, Unavailable
from blacklist.lookup import Ask, Lookup
from blacklist.marks import Reason
from blacklist.model import Identifier, Kind, Match, Outcome, Source
from blacklist.publish import Publisher
from blacklist.replica import Replica
from blacklist.store import Client, connect, fill, journal, keys, layout, listings, meta, snapshot
from blacklist.store import reshard as shards
from blacklist.store.embedded import EmbeddedServer
from blacklist.store.listings import Detail
from blacklist.store.locks import hold
from blacklist.store.marks import Mark
from blacklist.store.members import member
from blacklist.store.meta import StoreInfo
from blacklist.store.stage import Staged
from servers import MAX_LAG_SECONDS

pytestmark = pytest.mark.usefixtures("identified_once")

SOURCE = Source("s1", "Source one")
OTHER = Source("s2", "Source two")
PHONES = [f"+447700900{number:03}" for number in range(120)]
ACCOUNTS = [f"970436/00000000{number:05}" for number in range(60)]

Load = Callable[..., None]


def change(publisher: Publisher, kind: Kind, bits: int | None = None) -> reshard.Done:
    return reshard.run(publisher, reshard.plan(publisher.client, kind, bits), lambda _more: None)


def contents(client: Client, kind: Kind) -> dict[bytes, tuple[float, bytes | None]]:
    """Every member of a kind with its score and details, whatever the shards."""
    bits = meta.require(client).bits[kind]
    found = {}
    for shard in range(1 << bits):
        details = client.hgetall(keys.details(kind, bits, shard))
        for one, score in client.zrange(keys.entries(kind, bits, shard), 0, -1, withscores=True):
            if one != keys.MARKER.encode():
                found[one] = (score, details.pop(one, None))
        assert details == {}
    return found


def shard_keys(client: Client, kind: Kind, bits: int) -> list[bytes]:
    """Keys of the shards of so many bits, stages included; no traces, which end by themselves."""
    found = client.scan_iter(match=f"bl:{{{kind}:{bits}:*}}:*", count=10_000)
    return sorted(key for key in found if not key.endswith(b":sync"))


@pytest.fixture
def listed(publisher: Publisher, list_values: Load) -> dict[Kind, dict]:
    """Listings of two sources with details, a range, marks of both sorts: as they are stored."""
    list_values(SOURCE, *PHONES, "+8489999*", kind=Kind.PHONE)
    with publisher.load(OTHER, full=False) as load:
        load.put(
            Staged(Identifier(Kind.PHONE, one), 1_700_000_000 + at, Detail(reference=f"case {at}"))
            for at, one in enumerate(PHONES[:50])
        )
        load.put(Staged(Identifier(Kind.ACCOUNT, one), 1, Detail(note="x")) for one in ACCOUNTS)
        load.commit()
    cleared = [Identifier(Kind.PHONE, PHONES[7])]
    marks.clear(publisher, cleared, Reason.OTHER)
    entry = Mark(Identifier(Kind.PHONE, "+12025550123"), 1_700_000_000, "A bank")
    marks.replace_official(publisher, [entry])
    return {kind: contents(publisher.client, kind) for kind in Kind}


@pytest.fixture
def replica(server: EmbeddedServer, info: StoreInfo, clock: Callable) -> Iterator[Replica]:
    client = connect.reader(server.url)
    replica = Replica(client, clock=clock)
    replica.poll()
    yield replica
    client.close()


class Asking:
    """A process that asks; its clock stands, so that its lease lasts."""

    def __init__(self, replica: Replica, client: Client, clock: Callable) -> None:
        self.replica = replica
        self.lookup = Lookup(replica, client, clock=clock, wall=lambda: 1_800_000_000)
        self.clock = clock

    @property
    def bits(self) -> int:
        """The bits for phones that it knows."""
        assert self.replica.view is not None
        return self.replica.view.info.bits[Kind.PHONE]

    def verdict(self, value: str) -> Outcome | None:
        return self.lookup.check(Ask(value, kind=Kind.PHONE)).verdict

    def require_right(self) -> None:
        """Every question of each sort is answered as before."""
        asks = [*PHONES, "+8489999123", "+12025550123"]
        answers = self.lookup.check_many([Ask(one, kind=Kind.PHONE) for one in asks])
        outcomes = [answer.verdict for answer in answers]
        assert outcomes[7] is Outcome.CLEARED
        assert outcomes[-1] is Outcome.OFFICIAL
        assert set(outcomes[:7] + outcomes[8:-1]) == {Outcome.LISTED}
        assert [match.match for match in answers[-2].matches] == [Match.RANGE]
        assert {match.source for match in answers[3].matches} == {"s1", "s2"}
        assert "case 3" in {match.reference for match in answers[3].matches}
        assert self.verdict("+447700900999") is Outcome.NO_RECORD


@pytest.fixture
def asking(
    replica: Replica, server: EmbeddedServer, clock: Callable, listed: dict
) -> Iterator[Asking]:
    client = connect.reader(server.url)
    replica.poll()
    yield Asking(replica, client, clock)
    client.close()


@pytest.mark.parametrize("bits", [3, 5, 7])
def test_everything_is_found_again_and_nothing_is_left_of_the_old_shards(
    publisher: Publisher, client: Client, listed: dict, bits: int
) -> None:
    done = change(publisher, Kind.PHONE, bits)
    assert (done.before, done.after, done.members) == (4, bits, len(listed[Kind.PHONE]))
    assert meta.require(client).bits == {Kind.PHONE: bits, Kind.ACCOUNT: 4, Kind.LINK: 4}
    assert {kind: contents(client, kind) for kind in Kind} == listed
    assert shard_keys(client, Kind.PHONE, 4) == []
    assert layout.read(client) == layout.Layout({}, {})
    for shard in range(1 << bits):
        names = keys.entries(Kind.PHONE, bits, shard)
        assert client.zscore(names, keys.MARKER) == publisher.info.marker


def test_what_is_told_of_a_whole_shard_holds_for_all_that_come_from_it(
    publisher: Publisher, client: Client, listed: dict
) -> None:
    """The highest number, where several become one."""
    for shard in range(16):
        client.hset(keys.details(Kind.PHONE, 4, shard), "\x00\x10", shard)
    for bits in (6, 3):
        change(publisher, Kind.PHONE, bits)
        told = [
            client.hget(keys.details(Kind.PHONE, bits, shard), "\x00\x10")
            for shard in range(1 << bits)
        ]
        highest = {6: lambda shard: shard >> 2, 3: lambda shard: 2 * shard + 1}[bits]
        assert told == [str(highest(shard)).encode() for shard in range(1 << bits)]


def test_there_and_back_is_the_same(publisher: Publisher, client: Client, listed: dict) -> None:
    for bits in (6, 3, 4):
        change(publisher, Kind.ACCOUNT, bits)
    assert {kind: contents(client, kind) for kind in Kind} == listed


def test_a_replica_learns_the_bits_with_its_next_poll(publisher: Publisher, asking: Asking) -> None:
    change(publisher, Kind.PHONE, 6)
    assert asking.bits == 4
    asking.require_right()  # under lease, and the shards that it knows are gone
    asking.replica.poll()
    assert asking.bits == 6
    assert asking.replica.doubt is None
    asking.require_right()


def test_a_replica_that_loads_while_the_bits_change_takes_the_new_ones(
    server: EmbeddedServer, publisher: Publisher, listed: dict, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The row that tells of them would be read like any other."""
    load, loads = snapshot.load, []

    def change_in_between(client: Client, kind: Kind) -> snapshot.Snapshot:
        loads.append(kind)
        if len(loads) == 1:
            change(publisher, Kind.PHONE, 6)
        return load(client, kind)

    monkeypatch.setattr("blacklist.store.snapshot.load", change_in_between)
    replica = Replica(connect.reader(server.url))
    replica.poll()
    assert replica.view is not None
    assert replica.view.info.bits[Kind.PHONE] == 6


def test_a_question_on_its_way_while_the_old_shards_go_is_asked_again(
    publisher: Publisher, asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    confirm, asked = listings.confirm, []

    def change_in_between(client: Client, info: StoreInfo, *rest):
        asked.append(info.bits[Kind.PHONE])
        if len(asked) == 1:
            change(publisher, Kind.PHONE, 6)
        return confirm(client, info, *rest)

    monkeypatch.setattr("blacklist.store.listings.confirm", change_in_between)
    assert asking.verdict(PHONES[0]) is Outcome.LISTED
    assert (asked[0], asked[-1]) == (4, 6)


def test_a_writer_that_began_with_other_bits_writes_into_the_new_shards(
    publisher: Publisher, server: EmbeddedServer, listed: dict, list_values: Load
) -> None:
    """A process that lives on, like ``update --watch``."""
    other = connect.writer(server.url)
    change(Publisher(other, meta.require(other), sleep=lambda _: None), Kind.PHONE, 6)
    publisher.rebuild(Kind.PHONE)
    list_values(OTHER, "+447700900998", kind=Kind.PHONE)
    marks.clear(publisher, [Identifier(Kind.PHONE, PHONES[9])], Reason.OTHER)
    found = contents(other, Kind.PHONE)
    assert {member for member in found if member not in listed[Kind.PHONE]} == {
        member(17, Identifier(Kind.PHONE, "+447700900998")),
        member(1, Identifier(Kind.PHONE, PHONES[9])),
    }
    assert shard_keys(other, Kind.PHONE, 4) == []
    other.close()


@pytest.fixture
def halfway(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], None]], None]:
    """Do something once after the first shards were copied."""

    def arrange(action: Callable[[], None]) -> None:
        done = []

        class Watched(shards.Fence):
            def renew(self) -> int:
                until = super().renew()
                done.append(1)
                if len(done) == 2:
                    action()
                return until

        monkeypatch.setattr("blacklist.reshard.Fence", Watched)
        monkeypatch.setattr("blacklist.store.reshard.SHARDS_A_READ", 4)

    return arrange


def test_writers_are_refused_meanwhile_and_questions_are_answered(
    server: EmbeddedServer,
    publisher: Publisher,
    asking: Asking,
    listed: dict,
    halfway: Callable,
) -> None:
    other = connect.writer(server.url)
    late = Publisher(other, meta.require(other), sleep=lambda _: None)
    told = []

    def write() -> None:
        asking.replica.poll()
        asking.require_right()
        for attempt in (
            lambda: late.load(OTHER, full=False).__enter__(),
            lambda: marks.lift(late, [Identifier(Kind.PHONE, PHONES[7])]),
            late.tidy,
        ):
            try:
                attempt()
            except Busy as exc:
                told.append(str(exc))

    halfway(write)
    change(publisher, Kind.PHONE, 6)
    assert len(told) == 2
    assert all("blacklist reshard" in text for text in told)
    assert contents(publisher.client, Kind.PHONE) == listed[Kind.PHONE]
    with late.load(OTHER, full=False) as load:
        load.put([Staged(Identifier(Kind.PHONE, "+447700900998"))])
        load.commit()
    asking.replica.poll()
    asking.require_right()
    other.close()


def test_a_load_that_has_begun_is_waited_for(
    server: EmbeddedServer, publisher: Publisher, client: Client, listed: dict
) -> None:
    """What it has staged is committed, and copied."""
    other = connect.writer(server.url)
    writer = Publisher(other, meta.require(other), sleep=lambda _: None)
    with writer.load(OTHER, full=False) as load:
        load.put([Staged(Identifier(Kind.PHONE, "+447700900998"))])
        thread = threading.Thread(target=change, args=(publisher, Kind.PHONE, 6))
        thread.start()
        while not layout.is_resharding(other):
            pass
        load.commit()
    thread.join()
    assert meta.require(other).bits[Kind.PHONE] == 6
    assert member(17, Identifier(Kind.PHONE, "+447700900998")) in contents(other, Kind.PHONE)
    other.close()


def test_a_load_that_does_not_end_stays_and_the_reshard_gives_up(
    server: EmbeddedServer, publisher: Publisher, listed: dict, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("blacklist.reshard.WAIT_SECONDS", 0.1)
    other = connect.writer(server.url)
    writer = Publisher(other, meta.require(other), sleep=lambda _: None)
    with writer.load(OTHER, full=False) as load:
        load.put([Staged(Identifier(Kind.PHONE, "+447700900998"))])
        with pytest.raises(Busy, match=r"source:s2"):
            change(publisher, Kind.PHONE, 6)
        load.commit()
    assert meta.require(other).bits[Kind.PHONE] == 4
    assert member(17, Identifier(Kind.PHONE, "+447700900998")) in contents(other, Kind.PHONE)
    other.close()


class Cut(Exception):
    """The process ends here."""


def cut_at(
    publisher: Publisher, client: Client, monkeypatch: pytest.MonkeyPatch, place: int
) -> bool:
    """Begin a reshard that ends before its ``place``-th call of the store; whether it got there.

    Locks of a process that was killed run out; here they are taken away.
    """
    calls = []
    single, pipeline = type(client), type(client.pipeline())

    def counted(call: Callable) -> Callable:
        def stop_or_go(*arguments, **options):
            calls.append(call)
            if len(calls) > place:
                raise Cut
            return call(*arguments, **options)

        return stop_or_go

    with monkeypatch.context() as patch:
        patch.setattr("blacklist.store.reshard.SHARDS_A_READ", 8)
        patch.setattr(single, "execute_command", counted(single.execute_command))
        patch.setattr(pipeline, "execute", counted(pipeline.execute))
        try:
            change(publisher, Kind.PHONE, 6)
        except Cut:
            was_cut = True
        else:
            was_cut = False
    for name in ("reshard", "filter:phone"):
        client.delete(keys.lock(name))
    return was_cut


@pytest.mark.slow
def test_cut_off_anywhere_it_answers_right_and_is_finished_by_the_same_command(
    publisher: Publisher,
    client: Client,
    asking: Asking,
    listed: dict,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place = 0
    while cut_at(publisher, client, monkeypatch, place):
        asking.require_right()
        asking.replica.poll()
        asking.require_right()
        assert contents(client, Kind.PHONE) == listed[Kind.PHONE]
        if place % 3 == 0:
            change(publisher, Kind.PHONE)
        change(publisher, Kind.PHONE, 4)  # undoes what was begun or done
        assert meta.require(client).bits[Kind.PHONE] == 4
        assert layout.read(client) == layout.Layout({}, {})
        assert shard_keys(client, Kind.PHONE, 6) == []
        assert contents(client, Kind.PHONE) == listed[Kind.PHONE]
        asking.replica.poll()
        asking.require_right()
        place += 1
    assert place > 20


def test_a_write_finishes_what_was_switched_and_not_left(
    publisher: Publisher,
    client: Client,
    asking: Asking,
    list_values: Load,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A question to an old shard must not miss what is written into the new ones."""
    monkeypatch.setattr("blacklist.store.reshard.leave", _cut)
    with pytest.raises(Cut):
        change(publisher, Kind.PHONE, 6)
    monkeypatch.undo()
    assert shard_keys(client, Kind.PHONE, 4) != []
    asking.require_right()
    list_values(OTHER, "+447700900998", kind=Kind.PHONE)
    assert shard_keys(client, Kind.PHONE, 4) == []
    asking.clock.now += MAX_LAG_SECONDS
    assert asking.verdict("+447700900998") is Outcome.LISTED
    asking.replica.poll()
    assert asking.bits == 6
    assert asking.verdict("+447700900998") is Outcome.LISTED
    asking.require_right()


def _cut(*_arguments, **_options) -> None:
    raise Cut


def test_a_view_without_lease_reads_the_bits_before_it_asks(
    publisher: Publisher,
    asking: Asking,
    list_values: Load,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Copies with the bits that it knows may lie about: nobody keeps them up to date."""
    change(publisher, Kind.PHONE, 6)
    monkeypatch.setattr("blacklist.store.layout.switch", _cut)
    with pytest.raises(Cut):
        change(publisher, Kind.PHONE, 4)
    monkeypatch.undo()
    list_values(OTHER, "+447700900998", kind=Kind.PHONE)
    asking.clock.now += MAX_LAG_SECONDS
    assert asking.bits == 4
    assert asking.verdict("+447700900998") is Outcome.LISTED


def test_what_was_written_while_a_copy_lay_about_spoils_it(
    server: EmbeddedServer, publisher: Publisher, listed: dict, halfway: Callable
) -> None:
    """A reshard that stood still for longer than its lock lasts, and then goes on."""
    other = connect.writer(server.url)
    writer = Publisher(other, meta.require(other), sleep=lambda _: None)

    def stand_still() -> None:
        locks = other.mget(keys.lock("reshard"), keys.lock("filter:phone"))
        other.delete(keys.lock("reshard"))
        marks.clear(writer, [Identifier(Kind.PHONE, PHONES[9])], Reason.OTHER)
        other.set(keys.lock("reshard"), locks[0], px=30_000)  # as if it never knew

    halfway(stand_still)
    with pytest.raises(Busy, match="somebody wrote"):
        change(publisher, Kind.PHONE, 6)
    assert meta.require(other).bits[Kind.PHONE] == 4
    assert member(1, Identifier(Kind.PHONE, PHONES[9])) in contents(other, Kind.PHONE)
    change(publisher, Kind.PHONE)
    assert meta.require(other).bits[Kind.PHONE] == 6
    assert member(1, Identifier(Kind.PHONE, PHONES[9])) in contents(other, Kind.PHONE)
    other.close()


def test_a_copy_that_is_removed_can_no_longer_be_switched_to(
    publisher: Publisher, client: Client, listed: dict, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process made it, stood still, and goes on while the next one clears up."""
    with monkeypatch.context() as patch:
        patch.setattr("blacklist.store.layout.switch", _cut)
        with pytest.raises(Cut):
            change(publisher, Kind.PHONE, 6)
    left = layout.read(client).copying[Kind.PHONE]
    remove, refused = shards.remove, []

    def go_on_first(*arguments) -> None:
        if not refused:
            with pytest.raises(Busy) as why:
                layout.switch(client, Kind.PHONE, left, 4)
            refused.append(why)
        remove(*arguments)

    monkeypatch.setattr("blacklist.store.reshard.remove", go_on_first)
    change(publisher, Kind.PHONE)
    assert refused
    assert meta.require(client).bits[Kind.PHONE] == 6
    assert contents(client, Kind.PHONE) == listed[Kind.PHONE]


def test_what_comes_too_late_is_refused_by_the_shards(
    publisher: Publisher, client: Client, listed: dict, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("blacklist.store.reshard._FENCE_SECONDS", -1)
    with pytest.raises(Busy, match="too slow"):
        change(publisher, Kind.PHONE, 6)
    assert shard_keys(client, Kind.PHONE, 6) == []
    with hold(client, "again") as lock, pytest.raises(Busy, match="too slow"):
        assert lock is not None
        shards.remove(client, Kind.PHONE, 4, shards.Fence(client, lock))
    assert contents(client, Kind.PHONE) == listed[Kind.PHONE]


def test_a_lost_shard_is_not_copied_as_an_empty_one(
    publisher: Publisher, client: Client, listed: dict
) -> None:
    client.delete(keys.entries(Kind.PHONE, 4, 9))
    with pytest.raises(Unavailable):
        change(publisher, Kind.PHONE, 6)
    assert meta.require(client).bits[Kind.PHONE] == 4


def test_a_copy_that_lacks_something_is_not_used(
    publisher: Publisher, client: Client, listed: dict, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = shards.count

    def lose_one_first(*arguments) -> shards.Sum:
        for shard in range(64):
            if client.zremrangebyrank(keys.entries(Kind.PHONE, 6, shard), -1, -1):
                break
        return count(*arguments)

    monkeypatch.setattr("blacklist.store.reshard.count", lose_one_first)
    with pytest.raises(StoreError, match="not complete"):
        change(publisher, Kind.PHONE, 6)
    assert meta.require(client).bits[Kind.PHONE] == 4


def test_what_a_cut_off_load_had_staged_does_not_come_back_with_the_bits(
    publisher: Publisher, client: Client, listed: dict, list_values: Load
) -> None:
    """It would be listed by the next load, as if that had brought it."""
    record = meta.require(client)
    with pytest.raises(Cut), publisher.load(SOURCE, full=True) as load:
        load.put([Staged(Identifier(Kind.PHONE, "+447700900997"))])
        load._open = False  # nothing is cleared up by a process that was killed
        raise Cut
    assert any(b":s:" in name for name in shard_keys(client, Kind.PHONE, record.bits[Kind.PHONE]))
    change(publisher, Kind.PHONE, 6)
    assert shard_keys(client, Kind.PHONE, 4) == []
    list_values(SOURCE, *PHONES, "+8489999*", kind=Kind.PHONE, full=True)
    change(publisher, Kind.PHONE, 4)
    list_values(SOURCE, *PHONES, "+8489999*", kind=Kind.PHONE, full=True)
    assert contents(client, Kind.PHONE).keys() == listed[Kind.PHONE].keys()


def test_two_at_once_are_one(
    server: EmbeddedServer, publisher: Publisher, listed: dict, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("blacklist.reshard.LEASE_SECONDS", -4.9)
    other = connect.writer(server.url)
    with hold(other, "reshard"), pytest.raises(Busy, match="another reshard"):
        change(publisher, Kind.PHONE, 6)
    other.close()


def test_the_journal_tells_one_row_and_no_snapshot_is_built(
    publisher: Publisher, client: Client, listed: dict
) -> None:
    publisher.tidy()
    builds = {kind: state.build for kind, state in snapshot.states(client).items()}
    at = journal.last(client).id
    change(publisher, Kind.PHONE, 6)
    rows = journal.read_from(client, at, 10)[1:]
    assert [(row.change.what, row.change.kind) for row in rows] == [
        (journal.What.SNAPSHOT, Kind.PHONE)
    ]
    assert {kind: state.build for kind, state in snapshot.states(client).items()} == builds


def test_so_few_shards_that_they_would_be_too_full_are_refused(
    publisher: Publisher, client: Client, listed: dict, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("blacklist.store.fill.MOST", 20)
    with pytest.raises(ConfigError, match="too many"):
        reshard.plan(client, Kind.PHONE, 3)


@pytest.mark.parametrize(("members", "least"), [(0, 4), (640 << 5, 5), ((640 << 5) + 1, 6)])
def test_the_fewest_bits_are_those_that_hold_all(members: int, least: int) -> None:
    assert fill.least_bits(members) == least


@pytest.mark.parametrize(
    ("members", "bits", "wanted"),
    [
        (0, 14, 14),
        (256 << 14, 14, 14),
        ((256 << 14) + 1, 14, 16),
        (10_000_000, 14, 16),
        (10_000_000, 12, 16),
        (1_000_000, 16, 16),
        (10**12, 12, fill.MAX_BITS),
    ],
)
def test_bits_grow_by_two_and_never_by_themselves_fewer(
    members: int, bits: int, wanted: int
) -> None:
    assert fill.bits_for(members, bits) == wanted


def test_the_fill_is_the_mean_without_the_marker(
    publisher: Publisher, client: Client, listed: dict, info: StoreInfo
) -> None:
    assert fill.look(client, info, Kind.PHONE).mean == len(listed[Kind.PHONE]) / 16
    assert fill.look(client, info, Kind.LINK).mean == 0
    assert not fill.look(client, info, Kind.PHONE).is_due
