"""The command line, run as users run it: exit codes, what is printed where, what a load does."""

import http.server
import json
import os
import pty
import re
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

import pytest
from click.testing import CliRunner

from blacklist.cli import cli as program
from blacklist.lookup import Ask, Lookup
from blacklist.model import Source
from blacklist.publish import Publisher
from blacklist.replica import Replica
from blacklist.store import connect, meta
from blacklist.store import sources as stored
from blacklist.store.embedded import EmbeddedServer

COMMANDS = [
    *(
        "check",
        "scan",
        "screen",
        "load",
        "feeds",
        "update",
        "sources",
        "status",
        "serve",
        "migrate",
        "letter",
        "letters",
    ),
    *("rejected", "rollback", "sweep", "reshard"),
    *("remove", "tallies", "report", "clear", "clearances", "official", "review", "decide"),
    *("keys", "reports", "disputes", "pending"),
    *("audit", "subject", "forget", "backup", "restore", "doctor"),
]
NOWHERE = "unix:///nonexistent/store.sock"


@pytest.fixture
def cli(run, store_dir):
    """Run a command on the store that all tests here share; each uses a source of its own."""

    def cli(*arguments, **options):
        return run(store_dir, *map(str, arguments), **options)

    return cli


@pytest.fixture
def feed(tmp_path):
    """Write a feed's file."""

    def feed(text, name="feed.txt"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return feed


def assert_adds_up(report) -> None:
    """Every row of a load's report is accounted for."""
    parts = ("listed", "duplicate", "rejected", "skipped")
    assert report["rows"] == sum(report[part] for part in parts)
    assert sum(report["reasons"].values()) == report["rejected"] + report["skipped"]


def run_all(cli, calls) -> list:
    """Run commands that do not depend on each other, two at a time."""
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda call: cli(*call), calls))


@pytest.fixture
def outcomes(store_dir):
    """Ask in this process for the verdicts on some values."""
    client = connect.reader(EmbeddedServer(store_dir).url)

    def outcomes(*values) -> list[str | None]:
        lookup = Lookup(Replica(client), client)
        return [result.verdict for result in lookup.check_many([Ask(one) for one in values])]

    yield outcomes
    client.close()


@pytest.fixture
def entries(store_dir):
    """Look in this process up what a source lists, by kind; None where it is not there."""
    client = connect.reader(EmbeddedServer(store_dir).url)

    def entries(name) -> dict[str, int] | None:
        record = stored.read(client).named(name)
        return None if record is None else record.entries

    yield entries
    client.close()


# check


def test_checking_ends_with_the_gravest_code(cli) -> None:
    """0 nothing listed, 10 something listed, 2 bad input; what is listed goes before the rest."""
    cases = {
        ("ok.example",): 0,
        ("known.example",): 10,
        ("???",): 2,
        ("ok.example", "???"): 2,
        ("ok.example", "known.example", "???"): 10,
        ("+447700900123", "--kind", "phone"): 10,
        ("07700900123", "--kind", "phone", "--region", "GB"): 10,
        ("0000000000001", "--bank", "Nowhere"): 2,
    }
    done = dict(zip(cases, run_all(cli, [("check", *case) for case in cases]), strict=True))
    assert {case: one.returncode for case, one in done.items()} == cases
    assert "LISTED" in done["known.example",].stdout
    assert "known.example" in done["known.example",].stdout
    assert "A known list" in done["known.example",].stdout
    nothing = done["ok.example",].stdout
    assert "nothing known" in nothing
    assert re.search(r"\bsafe\b", nothing.replace("does not mean safe", "")) is None
    assert "not_understood" in done["???",].stdout
    assert "unknown_bank" in done["0000000000001", "--bank", "Nowhere"].stdout


def test_a_check_as_json_is_one_document(cli) -> None:
    """One result a value, in order; nothing else is printed anywhere."""
    done = cli("check", "known.example", "???", "ok.example", "--json")
    assert (done.returncode, done.stderr) == (10, "")
    results = json.loads(done.stdout)["results"]
    assert [result["verdict"] for result in results] == ["listed", None, "no_record"]
    assert [result["suspicious"] for result in results] == [True, None, False]


@pytest.mark.parametrize("arguments", [["check", "ok.example"], ["sources"], ["status"]])
def test_a_store_that_does_not_answer_ends_with_3(cli, arguments) -> None:
    """One line says so; nothing reads like an answer."""
    done = cli(*arguments, BLACKLIST_REDIS_URL=NOWHERE)
    assert (done.returncode, done.stdout) == (3, "")
    assert re.fullmatch(r"blacklist: .*store.*\n", done.stderr)


def test_bad_settings_are_all_told_at_once(cli) -> None:
    """Whatever the command; nothing is done."""
    done = cli("check", "ok.example", BLACKLIST_WORKERS="none", BLACKLIST_REGON="VN")
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r"blacklist: .*BLACKLIST_REGON.*BLACKLIST_WORKERS.*\n", done.stderr)


def test_an_address_of_a_store_without_its_scheme_is_refused(cli) -> None:
    """By its variable's name, without repeating it."""
    done = cli("check", "ok.example", BLACKLIST_REDIS_URL="user:secret7@localhost:6379")
    assert (done.returncode, done.stdout) == (2, "")
    assert "BLACKLIST_REDIS_URL" in done.stderr
    assert "secret7" not in done.stderr


# scan


def test_scanning_ends_with_the_code_of_the_whole(cli, feed) -> None:
    """A file, standard input or an option; nothing found is no fault."""
    cases = {
        ("--text", "xem ok.example"): 0,
        ("--text", "xem ok.example va known.example"): 10,
        ("--text", "so the 4111111111111111"): 0,
        ("--text", "goi 07700900123", "--region", "GB"): 10,
        ("--text", "x", "--region", "XX"): 2,
        ("--text", ""): 2,
        ("--text", "x" * 20_001): 2,
        ("--text", "x", "y"): 2,
        (str(feed("known.example")),): 10,
        (str(feed(b"\xef\xbb\xbfknown.example", "bom.txt")),): 10,
        (str(feed(b"\xff\xfe", "utf-16.txt")),): 2,
        (str(feed("đ" * 20_001, "long.txt")),): 2,
        (str(feed(b"\xff" * 200_000, "longer.txt")),): 2,
        (str(feed("", "empty.txt")),): 2,
        ("/nonexistent/message.txt",): 3,
    }
    done = dict(zip(cases, run_all(cli, [("scan", *case) for case in cases]), strict=True))
    assert {case: one.returncode for case, one in done.items()} == cases
    assert not any(done[case].stdout for case, code in cases.items() if code == 2)
    assert "4111" not in done["--text", "so the 4111111111111111"].stdout


@pytest.mark.parametrize("arguments", [("scan",), ("scan", "-")])
def test_a_message_from_standard_input_is_told_line_by_line(cli, arguments) -> None:
    """Each place with its line, then one word on the whole."""
    done = cli(*arguments, stdin="Chào bạn,\nxem known.example\nhoặc ok.example\n")
    assert done.returncode == 10
    assert "line 2: known.example\n  as link: known.example\n  LISTED" in done.stdout
    assert "line 3: ok.example\n  as link: ok.example\n  nothing known" in done.stdout
    assert "\nmessage: LISTED, level warning\n" in done.stdout


def test_nothing_found_is_said_in_a_sentence(cli) -> None:
    """And not as an answer about the message."""
    done = cli("scan", "--text", "Chào bạn")
    assert done.returncode == 0
    assert done.stdout == (
        "The message holds no phone number, account, link or payment code.\n"
        "That does not mean that it is safe.\n"
    )


def test_a_scan_as_json_is_one_document(cli) -> None:
    """As ``/v1/scan`` answers."""
    document = json.loads(cli("scan", "--json", "--text", "xem known.example").stdout)
    assert document["verdict"] == "listed"
    assert [one["text"] for one in document["found"]] == ["known.example"]


def test_a_message_without_a_store_is_unavailable(cli) -> None:
    """Not "nothing found"."""
    done = cli("scan", "--text", "xem known.example", BLACKLIST_REDIS_URL=NOWHERE)
    assert (done.returncode, done.stdout) == (3, "")


# load


def test_a_load_prints_what_adds_up(cli, feed) -> None:
    """Rows listed, duplicate, rejected and skipped; why, and which lines."""
    path = feed("# a comment\na1.example\n\nA1.example.\nhttp://a2.example/x\n???\n10.0.0.1\n")
    done = cli("load", path, "--source", "adds")
    assert (done.returncode, done.stderr) == (0, "")
    found = re.search(
        r"(\d+) rows = (\d+) listed \+ (\d+) duplicate \+ (\d+) rejected \+ (\d+) skipped",
        done.stdout,
    )
    assert found is not None
    rows, *parts = map(int, found.groups())
    assert rows == sum(parts)
    assert parts[:3] == [2, 1, 2]
    assert "line 6" in done.stdout
    assert "link: +2 -0, 2 entries" in done.stdout


def test_a_load_as_json_is_one_document(cli, feed) -> None:
    """On standard output, with nothing on standard error."""
    path = feed("number,note\n+447700900201,x\n+447700900201,y\nnobody,z\n", "numbers.csv")
    done = cli("load", path, "--source", "json", "--kind", "phone", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    report = json.loads(done.stdout)
    assert_adds_up(report)
    assert (report["source"], report["feed"], report["format"]) == ("json", "numbers.csv", "csv")
    assert (report["listed"], report["duplicate"], report["rejected"]) == (1, 1, 1)
    assert report["added"] == report["entries"] == {"phone": 1}


@pytest.mark.slow
def test_full_replaces_and_add_adds(cli, feed, outcomes) -> None:
    """A full load is all that the source lists from then on; other sources stay."""
    load = ("load", "--source", "modes", "--json")
    assert cli(*load, feed("m1.example\nm2.example\n")).returncode == 0
    added = json.loads(cli(*load, feed("m3.example\nm1.example\n"), "--mode", "add").stdout)
    assert_adds_up(added)
    assert (added["added"], added["removed"]) == ({"link": 1}, {})
    assert outcomes("m1.example", "m2.example", "m3.example") == ["listed"] * 3
    replacement = feed("m3.example\nm4.example\n")
    held = cli(*load, replacement)
    assert (held.returncode, json.loads(held.stdout)["doubts"]) == (4, ["shrinks"])
    assert outcomes("m1.example", "m4.example") == ["listed", "no_record"]
    full = json.loads(cli(*load, replacement, "--accept").stdout)
    assert (full["added"], full["removed"], full["entries"]) == (
        {"link": 1},
        {"link": 2},
        {"link": 2},
    )
    found = outcomes("m1.example", "m2.example", "m3.example", "m4.example", "known.example")
    assert found == ["no_record", "no_record", "listed", "listed", "listed"]


@pytest.mark.slow
def test_a_dry_run_changes_nothing(cli, feed, outcomes, entries) -> None:
    """It says what would change, of a source that is there and of one that is not."""
    cli("load", feed("d1.example\n"), "--source", "dry")
    before = entries("dry")
    path = feed("d2.example\nd3.example\n")
    done = cli("load", path, "--source", "dry", "--dry-run", "--json")
    report = json.loads(done.stdout)
    assert (done.returncode, report["dry_run"]) == (0, True)
    assert (report["added"], report["removed"]) == ({"link": 2}, {"link": 1})
    assert "would load" in cli("load", path, "--source", "dry-new", "--dry-run").stdout
    assert entries("dry") == before
    assert entries("dry-new") is None
    assert outcomes("d1.example", "d2.example") == ["listed", "no_record"]


def test_standard_input_is_loaded(cli, outcomes) -> None:
    """``-`` stands for it."""
    done = cli("load", "-", "--source", "stdin", "--json", stdin="s1.example\ns2.example\n")
    assert (done.returncode, json.loads(done.stdout)["listed"]) == (0, 2)
    assert outcomes("s1.example", "s2.example") == ["listed", "listed"]


@contextmanager
def publish(content: bytes):
    """An HTTP server that gives one document at ``/feed`` and knows nothing else."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            found = self.path == "/feed"
            self.send_response(200 if found else 404)
            self.send_header("Content-Length", str(len(content) if found else 0))
            self.end_headers()
            self.wfile.write(content if found else b"")

        def log_message(self, *_arguments):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def test_an_address_is_loaded(cli, entries) -> None:
    """Over HTTP; one that is not there is unavailable, and nothing is listed."""
    with publish(b"h1.example\n") as base:
        done = cli("load", f"{base}/feed", "--source", "http", "--json")
        lost = cli("load", f"{base}/other", "--source", "http-lost")
    assert (done.returncode, json.loads(done.stdout)["added"]) == (0, {"link": 1})
    assert (lost.returncode, lost.stdout) == (3, "")
    assert "404" in lost.stderr
    assert entries("http-lost") is None


BAD_FEEDS = {
    "digits": (b"0000000000001\n0000000000002\n", [], 2, "--kind"),
    "empty": (b"", [], 2, ""),
    "page": (b"<!DOCTYPE html><html><body>Moved</body></html>", [], 2, "page|HTML"),
    "binary": (bytes(range(256)) * 9, [], 2, "UTF-8"),
    "comments": (b"# nothing\n# more nothing\n", [], 2, ""),
    "region": (b"0912\n", ["--kind", "phone", "--region", "ZZ"], 2, ""),
    "format": (b"a.example\n", ["--format", "xml"], 2, "xml"),
    "kind": (b"a.example\n", ["--kind", "domain"], 2, "domain"),
    "category": (b"a.example\n", ["--category", "evil"], 2, "evil"),
    "column": (b"a,b\n1,2\n", ["--column", "value"], 2, "FIELD=COLUMN"),
    "missing": (None, [], 3, "cannot be read"),
}
"""By name: a feed's bytes, options, the exit code, and a pattern of what is said."""


@pytest.mark.slow
def test_a_feed_that_cannot_be_loaded_is_refused_and_leaves_no_source(cli, feed, entries) -> None:
    """With a clear message on standard error, and nothing on standard output."""
    calls = []
    for name, (content, options, _, _) in BAD_FEEDS.items():
        path = "missing.txt" if content is None else feed(content, name)
        calls.append(("load", path, "--source", f"bad-{name}", *options))
    done = dict(zip(BAD_FEEDS, run_all(cli, calls), strict=True))
    codes = {name: one.returncode for name, one in done.items()}
    assert codes == {name: code for name, (_, _, code, _) in BAD_FEEDS.items()}
    for name, (*_, said) in BAD_FEEDS.items():
        assert done[name].stdout == ""
        assert done[name].stderr.strip()
        assert re.search(said, done[name].stderr), done[name].stderr
        assert "0000000000001" not in done[name].stderr
        assert entries(f"bad-{name}") is None


def test_a_folder_is_no_feed(cli, tmp_path) -> None:
    """It cannot be read, and that is said."""
    done = cli("load", tmp_path, "--source", "folder")
    assert done.returncode == 3
    assert "cannot be read" in done.stderr


@pytest.mark.slow
def test_a_source_needs_a_name_that_can_be_shown(cli, feed) -> None:
    """One word on one line: it stands in every answer and is printed on terminals."""
    path = feed("n1.example\n")
    names = ["", " ", "two\nlines", "\x1b[31mred"]
    done = run_all(cli, [("load", path, "--source", name, "--dry-run") for name in names])
    assert {name: one.returncode for name, one in zip(names, done, strict=True)} == dict.fromkeys(
        names, 2
    )


def test_a_feed_of_nothing_that_can_be_listed_leaves_what_was_there(cli, feed, outcomes) -> None:
    """Held for a person to look at: exit code 4."""
    cli("load", feed("k1.example\n"), "--source", "kept")
    done = cli("load", feed("???\n10.0.0.1\n"), "--source", "kept", "--kind", "link")
    assert done.returncode == 4
    assert "held" in done.stdout
    assert "--accept" in done.stderr
    assert outcomes("k1.example") == ["listed"]


@pytest.mark.slow
def test_a_second_load_of_a_source_at_once_is_refused(cli, feed, store_dir, outcomes) -> None:
    """Exit code 3, try again; another source can be loaded meanwhile."""
    client = connect.writer(EmbeddedServer(store_dir).url)
    publisher = Publisher(client, meta.require(client))
    with publisher.load(Source("busy", "Busy"), full=True):
        refused = cli("load", feed("b1.example\n"), "--source", "busy")
        other = cli("load", feed("b2.example\n"), "--source", "not-busy")
    client.close()
    assert (refused.returncode, refused.stdout) == (3, "")
    assert "another load" in refused.stderr
    assert other.returncode == 0
    assert cli("load", feed("b1.example\n"), "--source", "busy").returncode == 0
    assert outcomes("b1.example", "b2.example") == ["listed", "listed"]


def test_progress_is_shown_on_a_terminal_only(command, store_dir, feed) -> None:
    """As a bar on standard error; standard output stays one document."""
    arguments = ["load", feed("p1.example\n" * 5_000), "--source", "progress", "--json"]
    terminal, side = pty.openpty()
    ours = {name: text for name, text in os.environ.items() if not name.startswith("BLACKLIST_")}
    environment = {**ours, "BLACKLIST_DATA_DIR": str(store_dir), "TERM": "xterm"}
    with subprocess.Popen(
        [command, *arguments], env=environment, stdout=subprocess.PIPE, stderr=side
    ) as process:
        os.close(side)
        out, _ = process.communicate(timeout=60)
        shown = os.read(terminal, 10_000).decode()
        os.close(terminal)
    assert process.returncode == 0
    assert json.loads(out)["listed"] == 1
    assert "feed.txt" in shown
    assert "%" in shown


# sources, status, help


@pytest.mark.slow
def test_sources_and_status_say_what_is_there(cli) -> None:
    """For people and, with ``--json``, as one document."""
    calls = [(name, *form) for name in ("sources", "status") for form in ((), ("--json",))]
    done = run_all(cli, calls)
    assert [(one.returncode, one.stderr) for one in done] == [(0, "")] * 4
    sources, sources_json, status, status_json = (one.stdout for one in done)
    assert re.search(r"^known .*community .*1 link, 1 phone", sources, re.MULTILINE)
    known = next(one for one in json.loads(sources_json) if one["name"] == "known")
    assert (known["title"], known["trust"], known["state"]) == (
        "A known list",
        "community",
        "clean",
    )
    assert known["entries"] == {"link": 1, "phone": 1}
    assert re.search(r"^link +\d+ entries from \d+ sources", status, re.MULTILINE)
    state = json.loads(status_json)
    assert state["kinds"].keys() == {"phone", "account", "link"}
    assert state["kinds"]["account"]["entries"] == 0
    assert state["kinds"]["link"]["filter_keys"] >= 1
    assert re.fullmatch(r"\d+-\d+", state["journal"])


@pytest.mark.slow
def test_every_command_explains_itself(cli) -> None:
    """``--help`` and ``-h`` of the program and of each command: exit code 0, no store needed.

    The program is started for its own and for one command's; the rest is asked in this process.
    """
    calls = [("--help",), ("-h",), ("--version",), ("check", "--help")]
    done = run_all(partial(cli, BLACKLIST_REDIS_URL=NOWHERE), calls)
    assert [(one.returncode, one.stderr) for one in done] == [(0, "")] * len(calls)
    whole, _, version, started = [one.stdout for one in done]
    runner = CliRunner(env={"BLACKLIST_REDIS_URL": NOWHERE})
    asked = [runner.invoke(program, [name, "--help"], prog_name="blacklist") for name in COMMANDS]
    assert [(one.exit_code, one.stderr) for one in asked] == [(0, "")] * len(COMMANDS)
    each = [one.stdout for one in asked]
    assert each[0].split() == started.split()  # lines are as wide as who asks them has room
    listed = re.findall(r"^  ([a-z]+) ", whole.partition("Commands:")[2], re.MULTILINE)
    assert sorted(listed) == sorted(COMMANDS)
    assert re.fullmatch(r"blacklist, version \d+\.\d+\.\d+\S*\n", version)
    for name, text in zip(COMMANDS, each, strict=True):
        assert text.startswith(f"Usage: blacklist {name}")
    check, scan, _, load, *_ = each
    for option in ("--kind", "--bank", "--region", "--json"):
        assert option in check
    for option in ("--text", "--region", "--json"):
        assert option in scan
    for option in ("--source", "--format", "--kind", "--category", "--trust", "--mode"):
        assert option in load
    assert "--dry-run" in load
    assert "--json" in load


@pytest.mark.parametrize("arguments", [["nothing"], ["check"], ["check", "--nothing", "a.example"]])
def test_a_call_that_is_wrong_is_bad_input(cli, arguments) -> None:
    """Exit code 2, explained on standard error."""
    done = cli(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Usage:" in done.stderr


def test_a_listed_range_is_loaded_asked_and_answered_at_caution(cli, feed) -> None:
    path = feed("+447700901### # invented\n+4477009*\n+44*\n+44 7700 901 ###\n")
    report = json.loads(cli("load", path, "--source", "ranges", "--json").stdout)
    assert (report["listed"], report["duplicate"], report["rejected"]) == (2, 1, 1)
    assert report["reasons"] == {"range_too_wide": 1}
    done = cli("check", "+44 7700 901 234", "07700 901 234", "--region", "GB", "--json")
    assert done.returncode == 10
    first, second = json.loads(done.stdout)["results"]
    assert first["matches"] == second["matches"]
    assert (first["level"], first["suspicious"]) == ("caution", False)
    assert {(match["listed"], match["match"]) for match in first["matches"]} == {
        ("+447700901###", "range"),
        ("+4477009*", "range"),
    }
