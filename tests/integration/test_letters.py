"""Letters of authorities on a real server: one unit each, over entries that several may share."""

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from functools import partial

import pytest

from blacklist import letter_job, letters, marks
from blacklist.errors import ConfigError, Held, Malformed
from blacklist.letter_file import LetterFile
from blacklist.letter_names import Told, first_second
from blacklist.letter_preview import Preview, foresee
from blacklist.letters import Done
from blacklist.load import Load
from blacklist.lookup import Ask, Lookup
from blacklist.marks import Reason
from blacklist.model import Category, Identifier, Kind, MatchView, Outcome, Source, Trust
from blacklist.publish import Publisher
from blacklist.replica import Replica
from blacklist.store import Client, connect, reviews, sources, tallies
from blacklist.store import letters as register
from blacklist.store.embedded import EmbeddedServer
from blacklist.store.letters import State
from blacklist.store.meta import StoreInfo
from blacklist.store.sources import State as SourceState
from blacklist.store.tallies import What
from loaders import letter as files
from loaders import pipeline
from loaders.archive import Archive
from loaders.formats import Options
from loaders.plan import Plan
from loaders.rollback import roll_back

NOW = 1_795_600_000
"""2026-11-25 about noon in Vietnam."""

DAY = 86_400
PHONE = "+447700900123"
NUMBER = "0000000000001"
FIRST = Told(number="386/CAT-ANM", day=date(2026, 2, 17), authority="police", title="Police")
SECOND = Told(number="412/CAT-ANM", day=date(2026, 5, 3), authority="police")
SAYS_FIRST, SAYS_SECOND = "386/CAT-ANM, 17/02/2026", "412/CAT-ANM, 03/05/2026"


@pytest.fixture
def publisher(publisher: Publisher) -> Publisher:
    publisher.wall = lambda: float(NOW)
    return publisher


@pytest.fixture
def lookup(server: EmbeddedServer, info: StoreInfo, publisher: Publisher) -> Lookup:
    client = connect.reader(server.url)
    return Lookup(Replica(client), client, wall=lambda: publisher.wall())  # noqa: PLW0108 - tests change it


class Desk:
    """Reads and applies letters as the command line does."""

    def __init__(self, publisher: Publisher) -> None:
        self.publisher = publisher

    def read(self, told: Told, *lines: str) -> tuple[Source, register.Letter, LetterFile]:
        now = self.publisher.now()
        source = letters.source_of(self.publisher.client, told)
        letter = letters.known_or_new(self.publisher.client, told, source, now=now)
        since = first_second(told.day, now=now)
        plan = Plan(source=source, options=Options(), known_since=since)
        text = "".join(f"{line}\n" for line in lines).encode()
        return source, letter, files.read(self.publisher, [text], plan, letter, name="letter.csv")

    def load(self, told: Told, *lines: str, again: bool = False) -> Done:
        source, letter, read = self.read(told, *lines)
        job = letter_job.foreseen(self.publisher, source, letter, read, again=again)
        return job.run()[0]

    def foresee(self, told: Told, *lines: str, again: bool = False) -> Preview:
        source, letter, read = self.read(told, *lines)
        return foresee(self.publisher, source, letter, read.rows, again=again)

    def withdraw(self, told: Told, *rows: Identifier, reason: str | None = None) -> Done:
        letter = letters.find(self.publisher.client, told)
        return letters.withdraw(self.publisher, letter, rows, reason=reason)


@pytest.fixture
def desk(publisher: Publisher) -> Desk:
    return Desk(publisher)


@pytest.fixture
def shown(lookup: Lookup) -> Callable[..., MatchView | None]:
    """The one listing that flags a value, or None."""

    def shown(value: str, **asked: object) -> MatchView | None:
        matches = lookup.check(Ask(value, **asked)).matches
        assert len(matches) <= 1
        return matches[0] if matches else None

    return shown


def link(value: str) -> Identifier:
    return Identifier(Kind.LINK, value)


def test_every_listing_carries_the_letters_number_and_date(
    desk: Desk, shown, client: Client
) -> None:
    done = desk.load(
        FIRST,
        "domain,since,reference,note,category",
        "a.example,,case 7,a shop,gambling",
        "b.example,2026-01-05,,,",
        "c.example,2026-10-01,,,",
    )
    assert (done.rows, done.added, done.removed) == (3, {Kind.LINK: 3}, {})
    a, b, c = (shown(value) for value in ("a.example", "b.example", "c.example"))
    assert {one.reference for one in (a, b, c)} == {SAYS_FIRST}
    assert (a.note, a.category, a.since) == ("a shop", Category.GAMBLING, "2026-02-17T00:00:00Z")
    assert (b.since, c.since) == ("2026-01-05T00:00:00Z", "2026-02-17T00:00:00Z")
    assert (a.source, a.title, a.trust) == ("police", "Police", Trust.AUTHORITY)
    (letter,) = register.read(client).values()
    assert (letter.state, letter.in_force, letter.unfinished) == (
        State.APPLIED,
        {Kind.LINK: 3},
        False,
    )
    assert [(file.name, file.rows, file.listed) for file in letter.files] == [("letter.csv", 3, 3)]


def test_the_same_letter_again_changes_nothing_and_makes_nothing_newer(
    desk: Desk, shown, publisher: Publisher, client: Client
) -> None:
    rows = (PHONE, "a.example")
    desk.load(FIRST, *rows)
    before = [shown(value) for value in rows], register.read(client), sources.read(client).by_code
    publisher.wall = lambda: NOW + 300.0 * DAY
    assert desk.foresee(FIRST, *rows).changes == 0
    done = desk.load(msgspec_number(FIRST, "số: 386 / cat–anm"), *rows)
    assert (done.rows, done.added) == (0, {})
    after = [shown(value) for value in rows], register.read(client), sources.read(client).by_code
    assert after == before
    publisher.wall = lambda: NOW + 366.0 * DAY
    assert (shown(PHONE), shown("a.example")) == (None, before[0][1])


def msgspec_number(told: Told, number: str) -> Told:
    return Told(number=number, day=told.day, authority=told.authority)


def test_a_phone_ends_a_year_after_the_newest_letter_that_names_it(
    desk: Desk, shown, publisher: Publisher
) -> None:
    desk.load(FIRST, PHONE)
    publisher.wall = lambda: NOW + 300.0 * DAY
    desk.load(SECOND, PHONE)
    publisher.wall = lambda: NOW + 660.0 * DAY
    assert (shown(PHONE).reference, shown(PHONE).since) == (SAYS_FIRST, "2026-02-17T00:00:00Z")
    publisher.wall = lambda: NOW + 666.0 * DAY
    assert shown(PHONE) is None


def test_what_has_ended_and_was_swept_is_not_brought_back_by_a_change_beside_it(
    desk: Desk, publisher: Publisher, client: Client
) -> None:
    desk.load(FIRST, PHONE, "a.example", "b.example")
    publisher.wall = lambda: NOW + 400.0 * DAY
    with publisher.load(letters.source_of(client, FIRST), full=False) as loading:
        loading.sweep()
    desk.withdraw(FIRST, link("a.example"))
    assert sources.read(client).named("police").entries == {Kind.LINK: 1}
    assert desk.load(SECOND, PHONE).added == {Kind.PHONE: 1}


@pytest.mark.parametrize(
    ("order", "stays", "since"),
    [
        ((FIRST, SECOND), SAYS_SECOND, "2026-05-03T00:00:00Z"),
        ((SECOND, FIRST), SAYS_FIRST, "2026-02-17T00:00:00Z"),
    ],
)
@pytest.mark.parametrize("loads", [(FIRST, SECOND), (SECOND, FIRST)])
def test_what_two_letters_list_stays_until_both_are_withdrawn(
    desk: Desk, shown, loads: tuple, order: tuple, stays: str, since: str
) -> None:
    header = "domain,note"
    notes = {FIRST.number: "first", SECOND.number: "second"}
    for told in loads:
        desk.load(told, header, f"both.example,{notes[told.number]}")
    both = shown("both.example")
    assert (both.reference, both.note, both.since) == (SAYS_FIRST, "first", "2026-02-17T00:00:00Z")
    done = desk.withdraw(order[0])
    assert (done.rows, done.removed) == (1, {})
    left = shown("both.example")
    assert (left.reference, left.note, left.since) == (stays, notes[order[1].number], since)
    assert desk.withdraw(order[1]).removed == {Kind.LINK: 1}
    assert shown("both.example") is None


def test_a_shared_entry_ends_with_the_last_letter(desk: Desk, shown) -> None:
    desk.load(FIRST, "domain,expires", "a.example,2026-12-01", "b.example,2026-12-01")
    desk.load(SECOND, "domain,expires", "a.example,2027-03-01", "b.example,")
    assert shown("a.example").expires == "2027-03-01T00:00:00Z"
    assert shown("b.example").expires is None
    desk.withdraw(SECOND)
    assert shown("b.example").expires == "2026-12-01T00:00:00Z"


def test_rows_are_withdrawn_one_by_one_and_stay_so_when_the_letter_is_loaded_again(
    desk: Desk, shown, client: Client
) -> None:
    rows = ("a.example", "b.example", "c.example")
    desk.load(FIRST, *rows)
    done = desk.withdraw(FIRST, link("a.example"), reason="a mistake")
    assert (done.rows, done.letter.in_force) == (1, {Kind.LINK: 2})
    assert desk.withdraw(FIRST, link("a.example")).rows == 0
    assert desk.foresee(FIRST, *rows).withdrawn == 1
    desk.load(FIRST, *rows)
    assert [bool(shown(value)) for value in rows] == [False, True, True]
    row = register.read_rows(client, done.letter.id)[link("a.example")]
    assert (row.withdrawn, row.reason) == (NOW, "a mistake")
    desk.load(FIRST, *rows, again=True)
    assert [bool(shown(value)) for value in rows] == [True, True, True]


def test_a_row_that_is_not_the_letters_withdraws_nothing(desk: Desk, shown) -> None:
    desk.load(FIRST, "a.example")
    with pytest.raises(ConfigError, match="1 of the rows"):
        desk.withdraw(FIRST, link("a.example"), link("b.example"))
    assert shown("a.example")
    with pytest.raises(ConfigError, match="no such letter"):
        desk.withdraw(SECOND)


def test_a_withdrawn_letter_comes_back_only_when_that_is_said(
    desk: Desk, shown, client: Client
) -> None:
    desk.load(FIRST, "a.example")
    desk.withdraw(FIRST, reason="taken back")
    (letter,) = register.read(client, "police").values()
    assert (letter.state, letter.reason, letter.ended) == (State.WITHDRAWN, "taken back", NOW)
    with pytest.raises(Held, match="withdrawn"):
        desk.load(FIRST, "a.example", "b.example")
    assert shown("a.example") is None
    assert desk.load(FIRST, "a.example", again=True).added == {Kind.LINK: 1}
    (letter,) = register.read(client, "police").values()
    assert (letter.state, letter.reason, letter.withdrawn) == (State.APPLIED, None, {})


def test_a_letter_may_come_in_several_files(desk: Desk, shown, client: Client) -> None:
    desk.load(FIRST, "a.example")
    desk.load(FIRST, "b.example")
    assert shown("a.example").reference == shown("b.example").reference == SAYS_FIRST
    (letter,) = register.read(client).values()
    assert (len(letter.files), letter.in_force) == (2, {Kind.LINK: 2})


def test_a_corrected_row_takes_the_place_of_the_one_before(desk: Desk, shown) -> None:
    desk.load(FIRST, "domain,note", "a.example,wrong")
    desk.load(FIRST, "domain,note", "a.example,")
    assert (shown("a.example").note, shown("a.example").reference) == (None, SAYS_FIRST)


def test_accounts_at_two_banks_share_their_number(desk: Desk, shown, lookup: Lookup) -> None:
    header = "account,bank"
    desk.load(FIRST, header, f"{NUMBER},970436", f"{NUMBER},970415")
    desk.load(SECOND, header, f"{NUMBER},970415", f"{NUMBER},")

    def listed() -> list[str]:
        matches = lookup.check(Ask(NUMBER, kind=Kind.ACCOUNT)).matches
        return sorted(match.listed for match in matches)

    at = [f"{bank}/{NUMBER}" for bank in ("970415", "970436")]
    assert listed() == [NUMBER, *at]
    desk.withdraw(SECOND)
    assert listed() == at
    desk.withdraw(FIRST, Identifier(Kind.ACCOUNT, at[1]))
    assert listed() == at[:1]
    desk.withdraw(FIRST)
    assert listed() == []
    assert lookup.check(Ask(NUMBER, kind=Kind.ACCOUNT)).verdict is Outcome.NO_RECORD


def test_the_preview_tells_new_from_known(desk: Desk, list_values) -> None:
    list_values(Source("web", "Web list"), "known.example", "other.example")
    desk.load(FIRST, "known.example", "first.example")
    rows = ("known.example", "first.example", "new.example", PHONE)
    preview = desk.foresee(SECOND, *rows)
    assert (preview.changes, preview.new) == (4, {Kind.LINK: 1, Kind.PHONE: 1})
    assert preview.listed_by == {"web": 1, "police": 2}
    assert preview.letters == {SAYS_FIRST: 2}


def test_a_cleared_row_is_shown_and_stays_masked(
    desk: Desk, lookup: Lookup, publisher: Publisher
) -> None:
    publisher.wall = lambda: float(NOW - 400 * DAY)
    marks.clear(publisher, [link("old.example"), link("site.example")], Reason.SITE_CLEANED)
    publisher.wall = lambda: float(NOW)
    marks.clear(publisher, [link("young.example")], Reason.WRONGLY_LISTED)
    rows = ("old.example", "site.example/page", "young.example", "free.example")
    cleared = {one.identifier: one for one in desk.foresee(FIRST, *rows).cleared}
    assert {one.value: row.may_be_lifted for one, row in cleared.items()} == {
        "old.example": True,
        "site.example/page": False,
        "young.example": False,
    }
    assert cleared[link("site.example/page")].clearance.identifier == link("site.example")
    partner = Told(number="1/X", day=FIRST.day, authority="bank", trust=Trust.PARTNER)
    assert not any(one.may_be_lifted for one in desk.foresee(partner, *rows).cleared)
    desk.load(FIRST, *rows)
    verdicts = [lookup.check(Ask(value)).verdict for value in rows]
    assert verdicts == [*[Outcome.CLEARED] * 3, Outcome.LISTED]


def test_rejected_rows_are_told_by_reason_and_wait_where_a_person_may_decide(
    desk: Desk, client: Client
) -> None:
    desk.load(SECOND, "b.example", "youtube.com.vn", "wikipedia.org")
    _, _, read = desk.read(FIRST, "a.example", "A.example", "10.0.0.1", "vietcombank.com.vn")
    assert (read.file.listed, read.file.duplicate) == (1, 1)
    assert {reason: [row.line for row in rows] for reason, rows in read.rejected.items()} == {
        "private_address": [3],
        "official": [4],
    }
    desk.load(FIRST, "a.example", "vietcombank.com.vn")
    waiting = {row.identifier.value for row in reviews.read_held(client)}
    assert waiting >= {"wikipedia.org", "vietcombank.com.vn"}


def test_a_letter_that_lists_nothing_is_no_letter(desk: Desk, client: Client) -> None:
    with pytest.raises(Malformed):
        desk.load(FIRST, "10.0.0.1")
    assert register.read(client) == {}
    assert sources.read(client).by_code == {}


CUTS = [
    "blacklist.load.Load.put",
    "blacklist.load.Load.commit",
    "blacklist.publish.Publisher.tell",
    "blacklist.load.tally",
]


def cut_off(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("place", CUTS)
@pytest.mark.parametrize("healed_by", [FIRST, SECOND])
def test_a_load_that_was_cut_off_is_made_up_for(
    desk: Desk, shown, client: Client, monkeypatch: pytest.MonkeyPatch, place: str, healed_by: Told
) -> None:
    """By the same command, or by the next letter of the authority."""
    desk.load(SECOND, "both.example", "b.example")
    rows = ("both.example", "a.example")
    with monkeypatch.context() as patched:
        patched.setattr(place, cut_off)
        with pytest.raises(KeyboardInterrupt):
            desk.load(FIRST, *rows)
    assert [one.unfinished for one in register.read(client).values()] == [True, False]
    assert desk.foresee(FIRST, *rows).unfinished
    desk.load(healed_by, *(rows if healed_by is FIRST else ("both.example", "b.example")))
    references = [shown(value).reference for value in ("a.example", "both.example", "b.example")]
    assert references == [SAYS_FIRST, SAYS_FIRST, SAYS_SECOND]
    assert not any(one.unfinished for one in register.read(client).values())
    record = sources.read(client).named("police")
    assert (record.state, record.entries) == (SourceState.CLEAN, {Kind.LINK: 3})


@pytest.mark.parametrize("place", [*CUTS[1:], "blacklist.letters.register.read_rows"])
def test_a_withdrawal_that_was_cut_off_is_made_up_for(
    desk: Desk, shown, monkeypatch: pytest.MonkeyPatch, client: Client, place: str
) -> None:
    desk.load(FIRST, "both.example", "a.example")
    desk.load(SECOND, "both.example")
    with monkeypatch.context() as patched:
        patched.setattr(place, cut_off)
        with pytest.raises(KeyboardInterrupt):
            desk.withdraw(FIRST)
    desk.withdraw(FIRST)
    assert shown("a.example") is None
    assert shown("both.example").reference == SAYS_SECOND
    assert sources.read(client).named("police").entries == {Kind.LINK: 1}


def test_a_first_letter_that_was_cut_off_leaves_nothing_that_answers(
    desk: Desk, shown, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(Load, "commit", cut_off)
        with pytest.raises(KeyboardInterrupt):
            desk.load(FIRST, "a.example")
    assert shown("a.example") is None
    assert sources.read(client).by_code == {}
    desk.load(FIRST, "a.example")
    assert shown("a.example").reference == SAYS_FIRST


def test_letters_are_no_feed_and_feeds_no_letters(
    desk: Desk, publisher: Publisher, list_values, tmp_path
) -> None:
    desk.load(FIRST, "a.example")
    plan = Plan(source=Source("police", "Police"), format="plain")
    with pytest.raises(ConfigError, match="letter withdraw"):
        pipeline.run(publisher, [b"b.example\n"], plan, feed="feed.txt")
    with pytest.raises(ConfigError, match="letter withdraw"):
        roll_back(publisher, Archive(tmp_path), "police")
    list_values(Source("web", "Web list"), "known.example")
    with pytest.raises(ConfigError, match="another name"):
        desk.load(Told(number="1/X", day=FIRST.day, authority="web"), "b.example")


def test_the_day_counts_what_letters_brought_and_took_back(desk: Desk, client: Client) -> None:
    desk.load(FIRST, "a.example", "b.example")
    desk.withdraw(FIRST, link("a.example"))
    day = tallies.day_of(NOW)
    told = {(one.what, one.kind): one.count for one in tallies.read(client, day, day)}
    assert told == {
        (What.ADDED, Kind.LINK): 2,
        (What.WITHDRAWN, Kind.LINK): 1,
        (What.CURRENT, Kind.LINK): 1,
    }


def test_the_letters_of_a_source_that_is_removed_are_forgotten(desk: Desk, client: Client) -> None:
    desk.load(FIRST, "a.example")
    other = Told(number="1/X", day=FIRST.day, authority="other")
    desk.load(other, "a.example")
    assert register.forget(client, "police") == 1
    assert [one.authority for one in register.read(client).values()] == ["other"]
    assert register.read_rows(client, "police:2026-02-17:386%2FCAT-ANM") == {}


def test_letters_survive_a_snapshot(
    desk: Desk, server: EmbeddedServer, publisher: Publisher
) -> None:
    desk.load(FIRST, "a.example", "b.example")
    desk.withdraw(FIRST, link("b.example"))
    publisher.rebuild(Kind.LINK)
    client = connect.reader(server.url)
    replica = Replica(client)
    replica.poll()
    lookup = Lookup(replica, client, wall=lambda: float(NOW))
    verdicts = [lookup.check(Ask(value)).verdict for value in ("a.example", "b.example")]
    assert verdicts == [Outcome.LISTED, Outcome.NO_RECORD]


class Model:
    """What letters are to come to, kept in the plainest way."""

    def __init__(self) -> None:
        self.said: dict[str, dict[str, bool]] = {}

    def load(self, number: str, values: list[str], *, again: bool) -> None:
        rows = self.said.setdefault(number, {})
        for value in values:
            rows[value] = rows.get(value, True) or again

    def withdraw(self, number: str, values: list[str]) -> None:
        rows = self.said[number]
        rows.update(dict.fromkeys(values or rows, False))

    def is_withdrawn(self, number: str) -> bool:
        return number in self.said and not any(self.said[number].values())

    def speaker(self, value: str) -> str | None:
        """The oldest letter in force; numbers go by date."""
        return min((one for one, rows in self.said.items() if rows.get(value)), default=None)


@pytest.mark.parametrize("seed", range(4))
def test_any_order_of_changes_and_crashes_comes_to_what_the_letters_in_force_say(
    desk: Desk, server: EmbeddedServer, client: Client, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Half of the crashes leave no time to tidy up; a replica that follows the journal is asked."""
    chance, model = random.Random(seed), Model()
    reader = connect.reader(server.url)
    replica = Replica(reader)
    lookup = Lookup(replica, reader, wall=lambda: float(NOW))
    told = [
        Told(number=f"{month}/X", day=date(2026, month, 1), authority="police")
        for month in range(1, 5)
    ]
    values = [f"{letter}.example" for letter in "abcde"]
    for _ in range(40):
        one = chance.choice(told)
        some = chance.sample(values, chance.randint(1, 4))
        again = chance.random() < 0.3
        if one.number in model.said and chance.random() < 0.4:
            rows = [value for value in some if value in model.said[one.number]]
            model.withdraw(one.number, rows)
            change = partial(desk.withdraw, one, *map(link, rows))
        elif model.is_withdrawn(one.number) and not again:
            continue
        else:
            model.load(one.number, some, again=again)
            change = partial(desk.load, one, *some, again=again)
        if chance.random() < 0.3:
            with monkeypatch.context() as patched, suppress(KeyboardInterrupt):
                patched.setattr(chance.choice(CUTS), cut_off)
                if chance.random() < 0.5:
                    patched.setattr(Load, "abandon", lambda _load: None)
                change()
        change()
        replica.poll()
        for value in values:
            matches = lookup.check(Ask(value)).matches
            speaker = model.speaker(value)
            assert [match.reference.split(",")[0] for match in matches] == (
                [speaker] if speaker else []
            )
        listed = sum(model.speaker(value) is not None for value in values)
        record = sources.read(client).named("police")
        assert (record.entries if record else {}) == ({Kind.LINK: listed} if listed else {})
