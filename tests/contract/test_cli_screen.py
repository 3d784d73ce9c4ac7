"""``blacklist screen``: a table in, and the same with its verdicts out, also when it is killed."""

import csv
import fcntl
import json
import os
import pty
import signal
import subprocess
import time

import pytest

from blacklist.cli.exits import BAD_INPUT, LISTED, NOTHING_LISTED, UNAVAILABLE

LISTED_NUMBER = "+44 7700 900123"
ROWS = 120_000
STRIDE = 997
NOWHERE = "unix:///nonexistent/store.sock"


@pytest.fixture
def screen(run, store_dir):
    """Screen on the store that all tests here share."""
    return lambda *arguments, **options: run(store_dir, "screen", *map(str, arguments), **options)


@pytest.fixture
def table(tmp_path):
    """Write a table's file."""

    def table(text, name="table.csv"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return table


def rows_of(path):
    """The rows of a table by its header."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def left_of(folder):
    """The names of the files in a folder."""
    return sorted(path.name for path in folder.iterdir())


def test_verdicts_stand_beside_the_rows_in_their_order(screen, table, tmp_path) -> None:
    done = screen(table(f"id,sđt\n1,{LISTED_NUMBER}\n2,0912345678\n3,12\n"))
    assert (done.returncode, done.stderr) == (LISTED, "")
    assert "3 rows = 1 listed + 1 no_record + 1 not understood" in done.stdout
    rows = rows_of(tmp_path / "table.screened.csv")
    assert [row["id"] for row in rows] == ["1", "2", "3"]
    assert [row["verdict"] for row in rows] == ["listed", "no_record", ""]
    assert [row["suspicious"] for row in rows] == ["true", "false", ""]
    assert rows[0]["matches"] == "phone:+447700900123"
    assert rows[2]["error"].startswith("not_a_number: ")
    assert left_of(tmp_path) == ["table.csv", "table.screened.csv"]


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ("0912345678\n", NOTHING_LISTED),
        ("0912345678\n12\n", BAD_INPUT),
        (f"12\n{LISTED_NUMBER}\n", LISTED),
        ("", NOTHING_LISTED),
    ],
)
def test_the_gravest_row_decides_the_exit_code(screen, table, rows, code) -> None:
    done = screen(table("phone\n" + rows), "--json")
    assert done.returncode == code
    assert json.loads(done.stdout)["rows"] == rows.count("\n")


def test_ndjson_is_told_by_the_ending(screen, table, tmp_path) -> None:
    items = [{"value": LISTED_NUMBER, "ref": "a"}, {"value": "known.example"}, {"value": "12"}]
    done = screen(table("\n".join(map(json.dumps, items)), "items.jsonl"))
    assert done.returncode == LISTED
    lines = (tmp_path / "items.screened.ndjson").read_text("utf-8").splitlines()
    assert [json.loads(line)["verdict"] for line in lines] == ["listed", "listed", None]


def test_columns_kind_and_place_are_told(screen, table, tmp_path) -> None:
    told = ("--column", "value=2", "--column", "bank=nh", "--kind", "account")
    out = tmp_path / "out.csv"
    done = screen(table("a;b;nh\n1;0000000000001;VCB\n"), *told, "--out", out)
    assert done.returncode == NOTHING_LISTED
    assert rows_of(tmp_path / "out.csv")
    assert out.read_text("utf-8").count(";no_record;false;none;") == 1


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--column", "value=x"], BAD_INPUT, "unknown_column"),
        (["--column", "x=1"], BAD_INPUT, "FIELD=COLUMN"),
        (["--region", "XX"], BAD_INPUT, "unknown_region"),
        (["--format", "ndjson", "--column", "value=1"], BAD_INPUT, "no_columns"),
        (["--out", "{table}"], BAD_INPUT, "the input's place"),
        (["--out", "/nonexistent/out.csv"], BAD_INPUT, "cannot be written"),
    ],
)
def test_bad_input_is_refused_and_leaves_nothing(
    screen, table, tmp_path, arguments, code, words
) -> None:
    path = table("phone\n1\n")
    done = screen(path, *[one.replace("{table}", str(path)) for one in arguments])
    assert done.returncode == code
    assert words in done.stderr
    assert left_of(tmp_path) == ["table.csv"]


def test_a_file_that_is_not_there_is_unavailable(screen, tmp_path) -> None:
    assert screen(tmp_path / "none.csv").returncode == UNAVAILABLE


def test_a_store_that_is_away_is_unavailable_and_leaves_nothing(screen, table, tmp_path) -> None:
    done = screen(table("phone\n0912345678\n"), BLACKLIST_REDIS_URL=NOWHERE)
    assert done.returncode == UNAVAILABLE
    assert left_of(tmp_path) == ["table.csv"]


def test_two_processes_do_not_write_one_output(screen, table, tmp_path) -> None:
    path = table("phone\n0912345678\n")
    with (tmp_path / "table.screened.csv.partial").open("wb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        done = screen(path)
    assert done.returncode == UNAVAILABLE
    assert "another process" in done.stderr


def test_a_terminal_is_shown_how_far_it_is(command, store_dir, table) -> None:
    ours, theirs = pty.openpty()
    environ = os.environ | {"BLACKLIST_DATA_DIR": str(store_dir), "TERM": "xterm"}
    done = subprocess.run(
        [command, "screen", table("phone\n0912345678\n")],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=theirs,
        check=False,
    )
    os.close(theirs)
    shown = os.read(ours, 1 << 16).decode()
    os.close(ours)
    assert "screening" in shown
    assert "100%" in shown
    assert done.stdout.count(b"\n") == 1


@pytest.fixture
def large(table):
    """A table of many rows, some of them listed."""
    rows = (
        f'{place},"a\r\nb",{LISTED_NUMBER if place % STRIDE == 0 else f"09{place:08d}"}\r\n'
        for place in range(ROWS)
    )
    return table("id,note,phone\r\n" + "".join(rows))


@pytest.fixture
def killed(command, store_dir):
    """Begin to screen, and kill -9 once a part of the output is known to be whole."""

    def killed(*arguments, times=1):
        for _ in range(times):
            process = subprocess.Popen(
                [command, "screen", *map(str, arguments)],
                env=os.environ | {"BLACKLIST_DATA_DIR": str(store_dir)},
                stdout=subprocess.DEVNULL,
            )
            state = arguments[0].with_name("table.screened.csv.partial.state")
            before = state.read_bytes() if state.exists() else b""
            deadline = time.monotonic() + 20
            while not state.exists() or state.read_bytes() == before:
                assert process.poll() is None, "it ended before it was killed"
                assert time.monotonic() < deadline
                time.sleep(0.01)
            time.sleep(0.1)
            process.send_signal(signal.SIGKILL)
            process.wait()

    return killed


@pytest.mark.slow
def test_a_killed_run_goes_on_and_ends_like_an_undisturbed_one(
    screen, large, killed, tmp_path
) -> None:
    """With a last row that was cut, too."""
    whole = tmp_path / "whole.csv"
    undisturbed = screen(large, "--out", whole, "--json")
    killed(large)
    partial = tmp_path / "table.screened.csv.partial"
    state = json.loads(partial.with_name(partial.name + ".state").read_bytes())
    assert 0 < state["end"] < large.stat().st_size
    with partial.open("ab") as file:
        file.write(b'cut,"in the mid')
    done = screen(large, "--json")
    assert done.returncode == undisturbed.returncode == LISTED
    sums = [json.loads(one.stdout) | {"out": ""} for one in (done, undisturbed)]
    assert sums[0] == sums[1]
    assert sums[0]["verdicts"]["listed"] == len(range(0, ROWS, STRIDE))
    assert (tmp_path / "table.screened.csv").read_bytes() == whole.read_bytes()
    assert left_of(tmp_path) == ["table.csv", "table.screened.csv", "whole.csv"]


@pytest.mark.slow
def test_a_run_does_not_go_on_where_the_input_or_the_options_changed(
    screen, large, killed, tmp_path
) -> None:
    """Unless it begins anew."""
    killed(large)
    other = screen(large, "--kind", "phone")
    assert (other.returncode, "other options" in other.stderr) == (BAD_INPUT, True)
    text = large.read_bytes()
    large.write_bytes(text.replace(b"\r\n2,", b"\r\n3,", 1))
    changed = screen(large)
    assert (changed.returncode, "has changed" in changed.stderr) == (BAD_INPUT, True)
    done = screen(large, "--restart")
    assert done.returncode == LISTED
    assert [row["id"] for row in rows_of(tmp_path / "table.screened.csv")][:4] == list("0133")
