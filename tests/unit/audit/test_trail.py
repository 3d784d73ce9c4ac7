"""What the thread of a worker writes, and when; and what becomes of it on a disk that fails."""

import logging
import os
import stat

import pytest

from audited import DAY_SECONDS, FIRST_DAY, KEYS, Clock, note_of, numbered, trail_at, verdict_on
from blacklist.audit import queue, search
from blacklist.audit.lines import Lost, Request, decode
from blacklist.audit.proof import prove
from blacklist.audit.reading import End, Reading
from blacklist.audit.trail import Trail
from blacklist.model import IdentifierView, Kind, Outcome, Verdict


@pytest.fixture
def clock() -> Clock:
    return Clock(FIRST_DAY)


def files(folder):
    return sorted(folder.glob("*/*.ndjson"))


def lines_of(folder, kind=Request):
    return [
        line
        for path in files(folder)
        for line in Reading(path, KEYS).lines()
        if isinstance(line, kind)
    ]


def test_nothing_is_written_where_nothing_was_asked(tmp_path, clock) -> None:
    trail = trail_at(tmp_path / "audit", clock)
    trail.turn()
    trail.end()
    assert files(tmp_path) == []


def test_a_request_is_one_line_with_pseudonyms(tmp_path, clock) -> None:
    """Of every reading; the same for one thing, others for another, none that shows the thing."""
    trail = trail_at(tmp_path, clock)
    one, other = numbered(2)
    two_ways = Verdict(
        verdict=Outcome.LISTED,
        identifiers=(
            IdentifierView(Kind.PHONE, one, one),
            IdentifierView(Kind.ACCOUNT, "0000000000001", ""),
        ),
    )
    trail.put(note_of(FIRST_DAY, two_ways, verdict_on(other), Verdict()))
    trail.put(note_of(FIRST_DAY + 1, verdict_on(one), caller="abc"))
    trail.end()
    first, second = lines_of(tmp_path)
    assert first.counts == {"listed": 1, "no_record": 1, "error": 1}
    assert [(len(item), item[0]) for item in first.items] == [(3, "listed"), (2, "no_record")]
    assert (first.caller, first.endpoint, first.status) == ("public", "POST /v1/check", 200)
    assert (first.purpose, first.time) == ("transfer", "2026-11-25T08:00:00.000Z")
    assert second.items[0][1] == first.items[0][1] == KEYS.pseudonym(Kind.PHONE, one)
    assert (second.caller, second.address) == ("abc", None)
    assert len({pseudonym for item in first.items for pseudonym in item[1:]}) == 3


def test_an_address_has_another_pseudonym_every_day(tmp_path, clock) -> None:
    trail = trail_at(tmp_path, clock)
    for _ in range(2):
        trail.put(note_of(clock.second))
        trail.put(note_of(clock.second))
        trail.turn()
        clock.second += DAY_SECONDS
    trail.end()
    addresses = [line.address for line in lines_of(tmp_path)]
    assert (addresses[0], addresses[2]) == (addresses[1], addresses[3])
    assert addresses[0] != addresses[2]


def test_of_a_table_a_thousand_rows_are_written_and_all_counted(tmp_path, clock) -> None:
    trail = trail_at(tmp_path, clock)
    note = note_of(FIRST_DAY)
    for _ in range(3):
        note.asked.take([verdict_on(one) for one in numbered(700)])
    trail.put(note)
    trail.end()
    (line,) = lines_of(tmp_path)
    assert (len(line.items), line.counts) == (1_000, {"no_record": 2_100})


def test_files_are_their_owners_alone(tmp_path, clock) -> None:
    trail = trail_at(tmp_path / "audit", clock)
    trail.put(note_of(FIRST_DAY))
    trail.turn()
    clock.second += DAY_SECONDS
    trail.turn()
    trail.end()
    found = [tmp_path / "audit", *(tmp_path / "audit").rglob("*")]
    assert len(found) == 7  # the folder, two days, a file each, a digest, the lock
    for path in found:
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o700 if path.is_dir() else 0o600), path


def test_a_note_is_synced_within_a_second(tmp_path, clock, monkeypatch) -> None:
    """However the turns of the thread fall."""
    synced: list[int] = []
    sync = os.fdatasync
    monkeypatch.setattr(os, "fdatasync", lambda file: (synced.append(1), sync(file)))
    trail = trail_at(tmp_path, clock)
    trail.put(note_of(clock.second))
    trail.turn()
    begun = len(synced)  # the first line of a file is synced at once
    trail.put(note_of(clock.second))
    came = clock.second
    while len(synced) == begun:
        clock.second += 0.2
        trail.turn()
    assert clock.second - came <= 1.0


def test_a_day_ends_at_midnight_and_is_summed_up(tmp_path, clock) -> None:
    trail = trail_at(tmp_path, clock)
    trail.put(note_of(clock.second))
    trail.turn()
    clock.second += DAY_SECONDS
    trail.turn()
    trail.put(note_of(clock.second))
    trail.end()
    first, second = files(tmp_path)
    assert (first.parent.name, second.parent.name) == ("2026-11-25", "2026-11-26")
    assert (tmp_path / "2026-11-25.digest").exists()
    assert prove(tmp_path, KEYS, today="2026-11-26").problems == ()


def test_a_clock_that_is_set_back_adds_nothing_to_a_day_that_is_over(tmp_path, clock) -> None:
    trail = trail_at(tmp_path, clock)
    for step in (DAY_SECONDS, -DAY_SECONDS, DAY_SECONDS):
        trail.put(note_of(clock.second))
        trail.turn()
        clock.second += step
    trail.end()
    assert len(files(tmp_path)) == 2
    assert prove(tmp_path, KEYS, today="2026-11-26").problems == ()


def test_a_day_waits_for_the_worker_that_still_writes_it(tmp_path, clock) -> None:
    slow, quick = trail_at(tmp_path, clock), trail_at(tmp_path, clock)
    for trail in (slow, quick):
        trail.put(note_of(clock.second))
        trail.turn()
    clock.second += DAY_SECONDS
    quick.turn()
    assert list(tmp_path.glob("*.digest")) == []
    slow.turn()
    assert len(list(tmp_path.glob("*.digest"))) == 1
    assert prove(tmp_path, KEYS, today="2026-11-26").problems == ()


def test_old_days_go_whole_and_their_going_is_noted(tmp_path, clock) -> None:
    trail = trail_at(tmp_path, clock, keep_days=2)
    for _ in range(5):
        trail.put(note_of(clock.second))
        trail.turn()
        clock.second += DAY_SECONDS
    trail.turn()
    trail.end()
    days = sorted(one.name for one in tmp_path.iterdir() if one.is_dir())
    assert days == ["2026-11-28", "2026-11-29", "2026-11-30"]
    assert len(list(tmp_path.glob("*.digest"))) == 5
    assert prove(tmp_path, KEYS, today="2026-11-30").problems == ()


def test_what_a_killed_worker_wrote_is_kept_and_said_to_be_cut_off(tmp_path, clock) -> None:
    killed = trail_at(tmp_path, clock)
    killed.put(note_of(clock.second))
    killed.turn()
    path = files(tmp_path)[0]
    path.write_bytes(path.read_bytes() + b"5a1c6206 half a li")
    os.close(killed._file._file)  # the kernel does so for a process that is killed
    clock.second += DAY_SECONDS
    trail = trail_at(tmp_path, clock)
    trail.turn()
    trail.end()
    found = prove(tmp_path, KEYS, today="2026-11-26")
    assert (found.problems, found.requests) == ((), 1)
    assert found.cut_off == (f"2026-11-25/{path.name}",)


def test_a_failing_disk_loses_nothing_that_fits_and_counts_the_rest(
    tmp_path, clock, monkeypatch, caplog
) -> None:
    """What was not synced is written again when the disk is back, in a new file, once."""
    caplog.set_level(logging.ERROR)
    monkeypatch.setattr(queue, "MAX_WEIGHT", 10)
    trail = trail_at(tmp_path, clock)
    trail.put(note_of(clock.second, number=1))
    trail.turn()

    def fail(_file: int, _data: bytes) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(os, "write", fail)
        for number in range(2, 15):
            trail.put(note_of(clock.second, number=number))
            trail.turn()
            clock.second += 1
    assert trail.lost == 4
    trail.turn()
    clock.second += 1
    trail.turn()
    trail.put(note_of(clock.second, number=99))
    trail.end()
    assert [line.id for line in lines_of(tmp_path)] == [
        *(f"r{number}" for number in range(1, 11)),
        "r99",
    ]
    (lost,) = lines_of(tmp_path, Lost)
    assert (lost.records, lost.why) == (4, "disk")
    found = prove(tmp_path, KEYS, today="2026-11-25")
    assert (found.problems, found.lost) == ((), 4)
    assert len([one for one in caplog.messages if "requests go on" in one]) == 1


def test_a_disk_that_takes_half_a_line_leaves_none(tmp_path, clock, monkeypatch) -> None:
    trail = trail_at(tmp_path, clock)
    trail.put(note_of(clock.second, number=1))
    trail.turn()
    clock.second += 1
    trail.turn()
    real, calls = os.write, []

    def half(file: int, data: bytes) -> int:
        calls.append(1)
        if len(calls) > 1:
            raise OSError(28, "No space left on device")
        return real(file, bytes(data)[: len(data) // 2])

    with monkeypatch.context() as broken:
        broken.setattr(os, "write", half)
        trail.put(note_of(clock.second, number=2))
        trail.turn()
    clock.second += 2
    trail.turn()
    trail.end()
    assert [line.id for line in lines_of(tmp_path)] == ["r1", "r2"]
    assert Reading(files(tmp_path)[0], KEYS).sum.end is End.CUT_OFF


def test_a_full_queue_is_told_of(tmp_path, clock, monkeypatch) -> None:
    """Weighed by what is held: a batch weighs as much as its verdicts."""
    monkeypatch.setattr(queue, "MAX_WEIGHT", 10)
    trail = trail_at(tmp_path, clock)
    trail.put(note_of(clock.second, *map(verdict_on, numbered(8))))
    trail.put(note_of(clock.second))
    trail.put(note_of(clock.second))
    trail.turn()
    (lost,) = lines_of(tmp_path, Lost)
    assert (lost.records, lost.why, trail.lost) == (1, "queue_full", 1)
    clock.second += 1
    trail.turn()
    trail.put(note_of(clock.second, *map(verdict_on, numbered(8))))
    assert trail.lost == 1
    trail.end()


def test_a_period_of_one_caller_is_found(tmp_path, clock) -> None:
    trail = trail_at(tmp_path, clock)
    for number in range(4):
        trail.put(note_of(clock.second, caller=f"key{number % 2}", number=number))
        trail.turn()
        clock.second += DAY_SECONDS
    trail.end()
    days = [search.date(2026, 11, day) for day in (25, 26, 27, 28)]

    def ids(first, last, **told):
        return [line.id for line in search.find(tmp_path, KEYS, first, last, **told)]

    assert ids(days[0], days[3]) == ["r0", "r1", "r2", "r3"]
    assert ids(days[1], days[2]) == ["r1", "r2"]
    assert ids(days[0], days[3], caller="key1") == ["r1", "r3"]
    assert ids(days[2], days[2], caller="key1") == []


def test_a_line_that_no_program_knows_is_none() -> None:
    assert decode(b'{"type":"other"}') is None
    assert decode(b"{") is None


def test_a_request_that_cannot_be_written_is_counted_as_lost(tmp_path, clock) -> None:
    """And loses none of those beside it."""

    def fail(_whence: object) -> str:
        raise ValueError

    trail = Trail(tmp_path, KEYS, keep_days=730, address_of=fail, wall=clock, clock=clock)
    trail.put(note_of(clock.second, caller="bank", number=1))
    trail.put(note_of(clock.second, number=2))
    trail.put(note_of(clock.second, caller="bank", number=3))
    trail.end()
    assert [line.id for line in lines_of(tmp_path)] == ["r1", "r3"]
    (lost,) = lines_of(tmp_path, Lost)
    assert (lost.records, lost.why, trail.lost) == (1, "unforeseen", 1)
