"""The way of a feed on a real server: held generations, the guard, the quarantine, the way back."""

from pathlib import Path

import msgspec
import pytest

from blacklist.errors import ConfigError, Malformed
from blacklist.lookup import Ask, Lookup
from blacklist.model import Identifier, Kind, Outcome, Source, Trust
from blacklist.publish import Publisher
from blacklist.replica import Replica
from blacklist.store import Client, connect, reviews, sources
from blacklist.store.embedded import EmbeddedServer
from blacklist.store.meta import StoreInfo
from blacklist.store.reviews import Decision
from loaders import pipeline
from loaders.archive import DAYS, GENERATIONS, MAX_REJECTED, Archive
from loaders.formats import Options, Personal, Record
from loaders.pipeline import Plan, Report
from loaders.rollback import roll_back

NOW = 1_795_600_000
TEN = [f"h{number}.example" for number in range(10)]
POLICE = Source("police", "Police", trust=Trust.AUTHORITY)


@pytest.fixture
def publisher(publisher: Publisher) -> Publisher:
    publisher.wall = lambda: float(NOW)
    return publisher


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path)


@pytest.fixture
def lookup(server: EmbeddedServer, info: StoreInfo) -> Lookup:
    client = connect.reader(server.url)
    return Lookup(Replica(client), client, wall=lambda: float(NOW))


@pytest.fixture
def load(publisher: Publisher, archive: Archive):
    def load(*lines: str, **plan: object) -> Report:
        text = "".join(f"{line}\n" for line in lines).encode()
        whole = {"source": Source("s1", "Source one"), "format": "plain"} | plan
        return pipeline.run(publisher, [text], Plan(**whole), feed="feed.txt", archive=archive)

    return load


def outcomes(lookup: Lookup, *values: str) -> list[Outcome | None]:
    return [one.verdict for one in lookup.check_many([Ask(value) for value in values])]


@pytest.mark.parametrize(
    ("lines", "doubts"),
    [
        (TEN[:6], ["shrinks"]),
        (["10.0.0.2", "10.0.0.1"], ["empty", "rejected_share"]),
        ([*TEN, *(f"10.0.0.{number}" for number in range(3))], ["rejected_share"]),
        ([*TEN[:6], *(f"10.0.0.{number}" for number in range(9))], ["shrinks", "rejected_share"]),
    ],
)
def test_a_generation_in_doubt_changes_nothing_until_it_is_accepted(
    load, lookup: Lookup, lines: list[str], doubts: list[str]
) -> None:
    load(*TEN)
    tried = load(*lines, dry_run=True)
    held = load(*lines)
    assert (held.held, held.doubts) == (True, doubts)
    assert (tried.doubts, tried.removed, tried.entries) == (doubts, held.removed, held.entries)
    assert outcomes(lookup, *TEN) == [Outcome.LISTED] * 10
    done = load(*lines, accept=True)
    assert (done.held, done.removed) == (False, held.removed)
    kept = [value for value in TEN if value in lines]
    assert outcomes(lookup, *TEN).count(Outcome.LISTED) == len(kept)


@pytest.mark.parametrize("lines", [TEN[:7], [*TEN, "10.0.0.1"], [*TEN[2:], "new.example"]])
def test_a_usual_change_is_not_held(load, lines: list[str]) -> None:
    load(*TEN)
    assert not load(*lines).doubts


def test_an_increment_is_never_held(load) -> None:
    load(*TEN)
    assert not load("10.0.0.1", mode="add").held


def test_a_share_of_rejected_rows_that_stays_is_no_news(load) -> None:
    rows = [*TEN, *(f"10.0.0.{number}" for number in range(8))]
    load(*rows)
    assert not load(*rows).doubts


def test_a_first_feed_of_nothing_leaves_no_source(load, client: Client) -> None:
    with pytest.raises(Malformed):
        load("10.0.0.1")
    assert sources.read(client).by_code == {}


def test_the_guard_holds_rows_back_until_a_person_decides(
    load, lookup: Lookup, client: Client
) -> None:
    rows = ["wikipedia.org", "evil.example", "vietcombank.com.vn", "wikipedia.org/wiki/A"]
    report = load(*rows)
    assert (report.listed, report.reasons) == (2, {"popular_host": 1, "official": 1})
    asked = ("wikipedia.org", "evil.example", "vietcombank.com.vn", "wikipedia.org/wiki/A")
    nothing, listed = Outcome.NO_RECORD, Outcome.LISTED
    assert outcomes(lookup, *asked) == [nothing, listed, nothing, listed]
    popular = Identifier(Kind.LINK, "wikipedia.org")
    assert {(row.identifier.value, row.reason) for row in reviews.read_held(client)} == {
        ("wikipedia.org", "popular_host"),
        ("vietcombank.com.vn", "official"),
    }
    reviews.decide(client, Decision(popular, may_be_listed=True, reason="a real hit", since=NOW))
    assert load(*rows).listed == 3
    assert outcomes(lookup, *asked) == [listed, listed, nothing, listed]
    assert [row.identifier.value for row in reviews.read_held(client)] == ["vietcombank.com.vn"]
    reviews.decide(client, Decision(popular, may_be_listed=False, reason="no", since=NOW))
    assert load(*rows).reasons == {"kept_out": 1, "official": 1}


def test_an_authority_lists_a_page_and_not_the_site_of_an_institution(load, lookup: Lookup) -> None:
    report = load("vietcombank.com.vn", "xa.bacgiang.gov.vn/gambling", source=POLICE)
    assert report.reasons == {"official": 1}
    assert outcomes(lookup, "xa.bacgiang.gov.vn/gambling/1") == [Outcome.LISTED]


def test_rejected_rows_are_kept_with_line_and_reason(load, archive: Archive) -> None:
    load(*TEN, "10.0.0.1", "google.com", "4111111111111111", options=Options(kind=Kind.LINK))
    (kept,) = archive.generations("s1")
    rows = [(row.line, row.reason, row.text) for row in archive.find_rejected(kept)]
    assert (11, "private_address", "10.0.0.1") in rows
    assert (12, "shared_host", "google.com") in rows
    assert not any("4111" in text for *_, text in rows)


def test_the_quarantine_is_bounded(load, archive: Archive) -> None:
    load(*TEN, *(f"10.0.{n // 250}.{n % 250}" for n in range(MAX_REJECTED + 5)))
    (kept,) = archive.generations("s1")
    assert len(list(archive.find_rejected(kept))) == MAX_REJECTED
    assert kept.report.rejected == MAX_REJECTED + 5


def test_the_archive_keeps_the_last_generations_readable_by_their_owner_only(
    load, archive: Archive, tmp_path: Path
) -> None:
    for number in range(GENERATIONS + 2):
        load(*TEN, f"n{number}.example")
    kept = archive.generations("s1")
    assert len(kept) == GENERATIONS
    assert all(one.state == "applied" for one in kept)
    assert b"".join(archive.chunks(kept[0])).endswith(b"n6.example\n")
    assert kept[0].bytes == len(b"".join(archive.chunks(kept[0])))
    (folder,) = {path.parent for path in tmp_path.glob("feeds/s1/*")}
    assert {path.stat().st_mode & 0o077 for path in folder.iterdir()} == {0}
    assert not list(tmp_path.glob("feeds/s1/.*"))


def test_what_is_too_old_goes(load, archive: Archive, publisher: Publisher, tmp_path: Path) -> None:
    publisher.wall = lambda: NOW - (DAYS + 400.0) * 86_400
    load(*TEN)
    publisher.wall = lambda: float(NOW)
    load(*TEN)
    assert [one.time for one in archive.generations("s1")] == [NOW]


def test_a_rollback_goes_to_the_generation_before_and_a_second_one_further(
    load, lookup: Lookup, publisher: Publisher, archive: Archive
) -> None:
    load(*TEN, "one.example")
    load(*TEN, "two.example")
    load(*TEN, "three.example")
    asked = ("one.example", "two.example", "three.example")
    nothing, listed = Outcome.NO_RECORD, Outcome.LISTED
    roll_back(publisher, archive, "s1")
    assert outcomes(lookup, *asked) == [nothing, listed, nothing]
    roll_back(publisher, archive, "s1")
    assert outcomes(lookup, *asked) == [listed, nothing, nothing]
    with pytest.raises(ConfigError):
        roll_back(publisher, archive, "s1")
    load(*TEN, "four.example")
    roll_back(publisher, archive, "s1")
    assert outcomes(lookup, *asked) == [listed, nothing, nothing]


def test_what_comes_back_keeps_the_date_of_its_generation(
    load, lookup: Lookup, publisher: Publisher, archive: Archive
) -> None:
    publisher.wall = lambda: NOW - 1000.0
    load(*TEN, "one.example")
    publisher.wall = lambda: float(NOW)
    load(*TEN)
    roll_back(publisher, archive, "s1")
    (match,) = lookup.check(Ask("one.example")).matches
    assert match.since == "2026-11-25T09:30:00Z"


def test_increments_cannot_be_rolled_back(load, publisher: Publisher, archive: Archive) -> None:
    load(*TEN)
    load("one.example", mode="add")
    with pytest.raises(ConfigError, match="increments"):
        roll_back(publisher, archive, "s1")


def test_a_dry_run_and_a_feed_that_fails_leave_nothing_in_the_archive(
    load, archive: Archive, tmp_path: Path
) -> None:
    load(*TEN, dry_run=True)
    with pytest.raises(Malformed):
        load("\0")
    assert archive.generations("s1") == []
    assert not list(tmp_path.glob("feeds/s1/*"))


def test_records_in_place_of_bytes_are_loaded_again(
    publisher: Publisher, archive: Archive, lookup: Lookup
) -> None:
    """What a feed with columns about people leaves in the archive."""
    plan = Plan(source=Source("people", "People"), format="plain")
    report = Report(source="people", feed="feed.txt")
    record = Record(line=1, value="evil.example", kind=Kind.LINK, since=NOW - 500)
    with archive.draft("people") as draft:
        list(draft.tee([b"evil.example,A Name\n"]))
        list(draft.watch([Personal(), record]))
        draft.keep(plan, report, NOW)
    (kept,) = archive.generations("people")
    assert archive.has_records(kept)
    assert list(archive.records(kept)) == [record]
    pipeline.run_records(publisher, archive.records(kept), plan, feed="feed.txt")
    assert outcomes(lookup, "evil.example") == [Outcome.LISTED]
    assert msgspec.json.encode(kept).find(b"A Name") < 0


SIMO = "SoTaiKhoan,TenKhachHang,NghiNgo,MaNganHang\n"


def test_what_an_increment_takes_back_is_listed_no_longer(
    publisher: Publisher, archive: Archive, lookup: Lookup
) -> None:
    """NghiNgo 0 of the State Bank's reports; the account at another bank stays."""

    def load(*rows: str) -> Report:
        text = SIMO + "".join(f"{row}\n" for row in rows)
        plan = Plan(source=POLICE, mode="add")
        return pipeline.run(publisher, [text.encode()], plan, feed="simo.csv", archive=archive)

    load("0000000000001,Không Ai,5,970436", "0000000000001,Không Ai,5,970415")
    assert outcomes(lookup, "970436/0000000000001") == [Outcome.LISTED]
    report = load("0000000000001,Không Ai,0,970436", "0000000000009,Không Ai,0,970436")
    assert (report.reasons, report.removed) == ({"not_suspected": 2}, {Kind.ACCOUNT: 1})
    (at_one,) = lookup.check_many([Ask("970436/0000000000001")])
    assert [(match.listed, match.match) for match in at_one.matches] == [
        ("970415/0000000000001", "other_bank")
    ]
    assert all(archive.has_records(kept) for kept in archive.generations("police"))
    assert load("0000000000001,Không Ai,0,970415").removed == {Kind.ACCOUNT: 1}
    assert outcomes(lookup, "0000000000001") == [Outcome.NO_RECORD]


def test_rows_that_are_reports_are_counted(load, lookup: Lookup) -> None:
    number = "+447700900123"
    options = Options(kind=Kind.PHONE)
    load(number, number, "+447700900124", options=options, rows_are_reports=True, mode="add")
    load(number, options=options, rows_are_reports=True, mode="add")
    (match,) = lookup.check(Ask(number)).matches
    assert match.reports == 3


def test_a_feed_says_when_it_last_saw_a_thing_and_how_often(
    publisher: Publisher, lookup: Lookup
) -> None:
    text = "url,first_seen,last_seen,reports\nevil.example,2026-01-02,2026-11-20,7\n"
    pipeline.run(publisher, [text.encode()], Plan(source=POLICE), feed="a.csv")
    (match,) = lookup.check(Ask("evil.example")).matches
    assert (match.since, match.last_seen, match.reports) == (
        "2026-01-02T00:00:00Z",
        "2026-11-20T00:00:00Z",
        7,
    )
