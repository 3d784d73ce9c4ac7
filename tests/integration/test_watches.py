"""What is watched for and listed later is told, once, whatever happens in between."""

from collections.abc import Iterator

import pytest

from blacklist import identifiers, marks, watches
from blacklist.errors import Unavailable
from blacklist.model import Identifier, Kind, Match, Source
from blacklist.publish import Publisher
from blacklist.store import Client, connect
from blacklist.store import watches as kept
from blacklist.store.embedded import EmbeddedServer
from blacklist.store.listings import Detail
from blacklist.store.stage import Staged
from blacklist.store.watches import Hit
from blacklist.watches import Hashes

S1 = Source("s1", "Source one")
NOW = 1_795_600_000
NUMBER = "0000000000001"
HASHES = Hashes(bytes(32))


class Watching:
    """One caller's watches, and a follower that is called by hand."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.now = NOW
        self._since = "-"
        self.follow()

    def leave(
        self, text: str, *, caller: str = "bank", days: int = 7, **hints: str
    ) -> watches.Left:
        question = identifiers.ask(text, **hints)  # type: ignore[arg-type]
        until = self.now + days * 86_400
        return watches.watch(
            self.client, HASHES, question, caller=caller, until=until, now=self.now
        )

    def follow(self) -> None:
        while watches.follow(self.client, HASHES, wall=lambda: float(self.now)):
            pass

    def hits(self, caller: str = "bank") -> list[Hit]:
        """What was not told before."""
        self.follow()
        found = kept.read_hits(self.client, caller, self._since)
        self._since = found[-1][0] if found else self._since
        return [hit for _, hit in found]


@pytest.fixture
def watching(server: EmbeddedServer, publisher: Publisher) -> Iterator[Watching]:
    publisher.wall = lambda: float(NOW)
    client = connect.reader(server.url)
    yield Watching(client)
    client.close()


def account(value: str) -> list[Staged]:
    """An account as a feed stages it, with its bare number."""
    bank, _, number = value.rpartition("/")
    bare = Staged(Identifier(Kind.ACCOUNT, number), None, Detail(banks=(bank,)))
    return [Staged(Identifier(Kind.ACCOUNT, value)), bare] if bank else [bare]


def load(publisher: Publisher, kind: Kind, *values: str, source: Source = S1) -> None:
    rows = [Staged(Identifier(kind, value)) for value in values]
    if kind is Kind.ACCOUNT:
        rows = [row for value in values for row in account(value)]
    with publisher.load(source, full=False) as loading:
        loading.put(rows)
        loading.commit()


@pytest.mark.parametrize(
    ("asked", "kind", "listed", "match"),
    [
        ("970436/" + NUMBER, Kind.ACCOUNT, "970436/" + NUMBER, Match.EXACT),
        ("970436/" + NUMBER, Kind.ACCOUNT, NUMBER, Match.UNKNOWN_BANK),
        (NUMBER, Kind.ACCOUNT, "970436/" + NUMBER, Match.UNKNOWN_BANK),
        ("+447700900123", Kind.PHONE, "+447700900123", Match.EXACT),
        ("+447700900123", Kind.PHONE, "+4477009001*", Match.RANGE),
        ("a.evil.example/x", Kind.LINK, "evil.example", Match.PARENT_DOMAIN),
        ("a.evil.example/x", Kind.LINK, "a.evil.example/x", Match.EXACT),
    ],
)
def test_whatever_would_flag_it_is_a_hit(
    watching: Watching, publisher: Publisher, asked: str, kind: Kind, listed: str, match: Match
) -> None:
    left = watching.leave(asked, kind=kind)
    assert not left.is_listed
    assert watching.hits() == []
    load(publisher, kind, listed)
    (hit,) = watching.hits()
    assert (hit.watch, hit.kind, hit.match, hit.source) == (left.id, kind, match, "s1")
    assert watching.hits() == []


@pytest.mark.parametrize(
    ("asked", "kind", "listed"),
    [
        ("970436/" + NUMBER, Kind.ACCOUNT, "970415/" + NUMBER),
        ("+447700900123", Kind.PHONE, "+447700900124"),
        ("evil.example", Kind.LINK, "a.evil.example"),
    ],
)
def test_what_would_not_flag_it_is_none(
    watching: Watching, publisher: Publisher, asked: str, kind: Kind, listed: str
) -> None:
    watching.leave(asked, kind=kind)
    load(publisher, kind, listed)
    assert watching.hits() == []


def test_a_second_bank_of_a_number_known_already_is_a_hit(
    watching: Watching, publisher: Publisher
) -> None:
    """No row names the bare number again."""
    load(publisher, Kind.ACCOUNT, "970436/" + NUMBER)
    assert watching.leave(NUMBER, kind=Kind.ACCOUNT).is_listed
    assert len(watching.hits()) == 1
    load(publisher, Kind.ACCOUNT, "970415/" + NUMBER)
    assert len(watching.hits()) == 1


def test_what_is_listed_already_is_a_hit_at_once(watching: Watching, publisher: Publisher) -> None:
    load(publisher, Kind.LINK, "evil.example")
    watching.follow()
    left = watching.leave("a.evil.example")
    assert left.is_listed
    assert [hit.watch for hit in watching.hits()] == [left.id]
    assert watching.leave("a.evil.example").id == left.id
    assert watching.hits() == []


def test_each_source_is_a_hit_and_each_caller_is_told_its_own(
    watching: Watching, publisher: Publisher
) -> None:
    mine, others = watching.leave("evil.example"), watching.leave("evil.example", caller="telco")
    assert mine.id != others.id
    load(publisher, Kind.LINK, "evil.example")
    load(publisher, Kind.LINK, "evil.example", source=Source("s2", "Source two"))
    assert [hit.source for hit in watching.hits()] == ["s1", "s2"]
    told = kept.read_hits(watching.client, "telco", "-")
    assert [hit.watch for _, hit in told] == [others.id] * 2
    assert kept.read_hits(watching.client, "somebody", "-") == []


def test_only_hashes_are_kept(watching: Watching, publisher: Publisher, client: Client) -> None:
    watching.leave("970436/" + NUMBER)
    watching.leave("secret-place.example")
    every = client.scan_iter(match="bl:{bl}:watches*")
    names = [key for key in every if client.type(key) != b"string"]
    held = [client.dump(key) for key in names]
    assert len(held) >= 4
    assert not any(NUMBER.encode() in one or b"secret" in one for one in held)


def test_an_ended_watch_and_one_taken_back_are_hit_no_more(
    watching: Watching, publisher: Publisher
) -> None:
    ended, gone, kept_on = (
        watching.leave(f"n{number}.example", days=number) for number in (1, 2, 3)
    )
    assert kept.remove(watching.client, [gone.id], caller="telco") == 0
    assert kept.remove(watching.client, [gone.id], caller="bank") == 1
    watching.now += 86_400
    load(publisher, Kind.LINK, "n1.example", "n2.example", "n3.example")
    assert [hit.watch for hit in watching.hits()] == [kept_on.id]
    kept.remove_ended(watching.client, watching.now)
    assert kept.names_of(watching.client, "bank") == [kept_on.id]
    kept.remove(watching.client, [kept_on.id])
    assert kept.are_none(watching.client)
    assert ended.id not in kept.read(watching.client, [ended.id])


def test_the_same_watch_never_ends_earlier(watching: Watching) -> None:
    first = watching.leave("evil.example", days=9)
    again = watching.leave("evil.example", days=2)
    assert (again.id, again.until) == (first.id, first.until)


def test_what_was_cleared_is_no_hit_until_that_is_lifted(
    watching: Watching, publisher: Publisher
) -> None:
    thing = [Identifier(Kind.LINK, "evil.example")]
    marks.clear(publisher, thing, marks.Reason.OTHER)
    watching.leave("evil.example")
    load(publisher, Kind.LINK, "evil.example")
    assert watching.hits() == []
    marks.lift(publisher, thing)
    assert len(watching.hits()) == 1


def test_a_large_load_is_compared_as_a_whole(
    watching: Watching, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No row tells what it brought."""
    monkeypatch.setattr("blacklist.load.SNAPSHOT_CHANGES", 10)
    left = watching.leave("n7.example")
    load(publisher, Kind.LINK, *(f"n{number}.example" for number in range(40)))
    assert [hit.watch for hit in watching.hits()] == [left.id]


def test_a_journal_that_was_trimmed_meanwhile_loses_nothing(
    watching: Watching, publisher: Publisher
) -> None:
    left = watching.leave("evil.example")
    load(publisher, Kind.LINK, "evil.example")
    load(publisher, Kind.LINK, "other.example")
    publisher.client.xtrim("bl:{bl}:changes", maxlen=1, approximate=False)
    assert [hit.watch for hit in watching.hits()] == [left.id]


@pytest.mark.parametrize(
    "call", ["find", "read", "tell", "set_position", "position", "are_none", "told_in_part"]
)
def test_a_follower_that_is_cut_off_anywhere_is_made_up_for(
    watching: Watching, publisher: Publisher, call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before it was told, after it, and between; and nobody is told twice."""
    names = [watching.leave(f"n{number}.example").id for number in range(5)]
    load(publisher, Kind.LINK, *(f"n{number}.example" for number in range(5)))
    whole = kept.tell

    def cut_off(*_: object, **__: object) -> None:
        raise Unavailable("cut off")

    def told_in_part(client: Client, hits: list) -> None:
        whole(client, hits[:2])
        raise Unavailable("cut off")

    with monkeypatch.context() as patch:
        if call == "told_in_part":
            patch.setattr(kept, "tell", told_in_part)
        else:
            patch.setattr(kept, call, cut_off)
        with pytest.raises(Unavailable):
            watching.follow()
    assert sorted(hit.watch for hit in watching.hits()) == sorted(names)


def test_while_another_follows_nobody_else_does(watching: Watching, publisher: Publisher) -> None:
    left = watching.leave("evil.example")
    load(publisher, Kind.LINK, "evil.example")
    lock = publisher.client.lock("bl:{bl}:lock:watches", timeout=30)
    assert lock.acquire(blocking=False)
    assert watching.hits() == []
    lock.release()
    assert [hit.watch for hit in watching.hits()] == [left.id]
