"""Whatever is done to a trail is found: tampering of every sort, over days that a trail wrote."""

import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audited import DAYS, KEYS, write_days
from blacklist.audit.keys import AuditKeys
from blacklist.audit.proof import PROBLEMS, Proof, prove

TODAY = DAYS[-1]
DONE = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("written") / "audit"
    write_days(folder)
    return folder


@pytest.fixture
def trail(written, tmp_path) -> Path:
    """A copy of the trail, to be changed."""
    return copy(written, tmp_path)


def copy(written: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "audit"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(written, folder)
    return folder


def look(folder: Path, **days: str) -> Proof:
    return prove(folder, KEYS, today=TODAY, **days)


def words(folder: Path) -> set[str]:
    return {one.problem for one in look(folder).problems}


def files(folder: Path, *days: str) -> list[Path]:
    return [one for day in days or DAYS for one in sorted((folder / day).iterdir())]


def lines_of(path: Path) -> list[bytes]:
    return path.read_bytes().splitlines(keepends=True)


def write(path: Path, lines: list[bytes]) -> None:
    path.write_bytes(b"".join(lines))


def test_what_nobody_touched_is_right(trail) -> None:
    found = look(trail)
    assert found.problems == ()
    assert (found.days, found.files, found.requests, found.lost) == (3, 6, 73, 0)
    assert len(list(trail.glob("*.digest"))) == 2
    assert len(found.cut_off) == 1  # the worker that was killed today


@DONE
@given(data=st.data())
def test_one_changed_byte_is_found(written, tmp_path, data) -> None:
    folder = copy(written, tmp_path)
    path = data.draw(st.sampled_from(files(folder) + sorted(folder.glob("*.digest"))))
    content = bytearray(path.read_bytes())
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)
    assert words(folder) or (not at + 1 < len(content) and path.parent.name == TODAY)


@DONE
@given(data=st.data())
def test_a_removed_moved_or_doubled_line_is_found(written, tmp_path, data) -> None:
    folder = copy(written, tmp_path)
    path = data.draw(st.sampled_from(files(folder)))
    lines = lines_of(path)
    taken = data.draw(st.integers(0, len(lines) - 2))
    match data.draw(st.sampled_from(["removed", "moved", "doubled"])):
        case "removed":
            del lines[taken]
        case "moved":
            others = [n for n in range(len(lines)) if n != taken]
            lines.insert(data.draw(st.sampled_from(others)), lines.pop(taken))
        case _:
            lines.insert(data.draw(st.integers(0, len(lines))), lines[taken])
    write(path, lines)
    assert "changed" in words(folder)


@DONE
@given(data=st.data())
def test_whatever_is_cut_off_a_day_that_is_over_is_found(written, tmp_path, data) -> None:
    folder = copy(written, tmp_path)
    path = data.draw(st.sampled_from(files(folder, *DAYS[:2])))
    content = path.read_bytes()
    path.write_bytes(content[: data.draw(st.integers(0, len(content) - 1))])
    assert "cut" in words(folder) | ({"cut"} if "changed" in words(folder) else set())


@DONE
@given(data=st.data())
def test_a_line_of_another_file_does_not_pass(written, tmp_path, data) -> None:
    folder = copy(written, tmp_path)
    path, other = data.draw(st.permutations(files(folder)).map(lambda all_: all_[:2]))
    lines = lines_of(path)
    lines.insert(data.draw(st.integers(0, len(lines))), data.draw(st.sampled_from(lines_of(other))))
    write(path, lines)
    assert "changed" in words(folder)


@pytest.mark.parametrize("day", DAYS)
def test_a_file_that_is_gone_is_found(trail, day) -> None:
    """Today's first, too: the file beside it saw it."""
    files(trail, day)[0].unlink()
    assert words(trail) == {"missing_file"}


def test_a_file_that_was_slipped_in_is_found(trail) -> None:
    """As it is, and under another day or name."""
    path = files(trail, DAYS[1])[0]
    shutil.copy(path, path.with_name("000000-1-00000000.ndjson"))
    assert words(trail) == {"added_file"}
    shutil.copy(path, trail / TODAY / path.name)
    assert words(trail) == {"added_file", "changed"}


def test_a_day_that_is_gone_is_found(trail) -> None:
    shutil.rmtree(trail / DAYS[0])
    assert words(trail) == {"missing_day"}


@pytest.mark.parametrize("day", DAYS[:2])
def test_a_digest_that_is_gone_is_found(trail, day) -> None:
    """By the next digest, by the lines that saw it, and because its day has files."""
    (trail / f"{day}.digest").unlink()
    assert words(trail) >= {"missing_digest", "no_digest"}


@pytest.mark.parametrize("day", DAYS[:2])
def test_a_whole_day_that_is_gone_with_its_digest_is_found(trail, day) -> None:
    shutil.rmtree(trail / day)
    (trail / f"{day}.digest").unlink()
    assert words(trail) == {"missing_digest"}


def test_a_digest_of_another_day_does_not_pass(trail) -> None:
    first, second = (trail / f"{day}.digest" for day in DAYS[:2])
    shutil.copy(first, second)
    assert "bad_digest" in words(trail)


def test_without_the_secret_nothing_passes(trail) -> None:
    found = prove(trail, AuditKeys.of(b"t" * 32), today=TODAY)
    assert {one.problem for one in found.problems} >= {"bad_digest", "changed"}


def test_only_the_days_told_are_read(trail) -> None:
    lines = lines_of(path := files(trail, DAYS[0])[0])
    write(path, lines[1:])
    assert look(trail, first=DAYS[1]).problems == ()
    found = look(trail, last=DAYS[0])
    assert [(one.day, one.file, one.line) for one in found.problems] == [(DAYS[0], path.name, 1)]


def test_every_word_is_explained() -> None:
    """And used: what is told stands in the code as it stands here."""
    source = Path(prove.__code__.co_filename).read_text("utf-8").split('"""Every word')[1]
    assert all(f'"{word}"' in source for word in PROBLEMS)
