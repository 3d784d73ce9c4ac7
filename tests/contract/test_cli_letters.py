"""Letters at the command line: shown before they are applied, withdrawn, listed."""

import json
import os
import pty
import subprocess
import time
from itertools import count

import pytest

from blacklist import marks
from blacklist.lookup import Ask, Lookup
from blacklist.marks import Reason
from blacklist.model import Identifier, Kind
from blacklist.publish import Publisher
from blacklist.replica import Replica
from blacklist.store import connect, meta, tallies
from blacklist.store.embedded import EmbeddedServer
from documents import blocks, commands, read

FIRST, SECOND = "386/CAT-ANM", "412/CAT-ANM"
DAY = "2023-02-17"
_authorities = count(1)


@pytest.fixture
def cli(run, store_dir):
    """Run a command on the store that all tests here share."""

    def cli(*arguments, **options):
        return run(store_dir, *map(str, arguments), **options)

    return cli


@pytest.fixture
def authority():
    """The name of an authority that no other test uses."""
    return f"police-{next(_authorities)}"


@pytest.fixture
def feed(tmp_path):
    """Write a letter's file."""

    def feed(*lines):
        path = tmp_path / "letter.csv"
        path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
        return path

    return feed


@pytest.fixture
def shown(store_dir):
    """Ask in this process for what flags a value: source and reference."""
    client = connect.reader(EmbeddedServer(store_dir).url)

    def shown(value):
        matches = Lookup(Replica(client), client).check(Ask(value)).matches
        return [(match.source, match.reference) for match in matches]

    yield shown
    client.close()


def of(authority, day=DAY):
    return ("--date", day, "--authority", authority)


def loading(path, authority, *more, number=FIRST, day=DAY):
    return ("letter", "load", path, "--number", number, *of(authority, day), *more)


def documents(text):
    """The JSON documents of a text, one behind the other."""
    found, rest = [], text.strip()
    while rest:
        document, end = json.JSONDecoder().raw_decode(rest)
        found.append(document)
        rest = rest[end:].strip()
    return found


def test_a_letter_is_shown_before_it_is_applied(cli, feed, shown, authority) -> None:
    """Without a terminal and without a word for it nothing is changed: exit code 4."""
    path = feed("domain,note", "l1.example,shop", "L1.example,shop", "10.0.0.1,", ",")
    told = cli(*loading(path, authority, "--title", "Công an tỉnh Mẫu"))
    assert (told.returncode, shown("l1.example")) == (4, [])
    assert "--yes" in told.stderr
    for line in (
        f"386/CAT-ANM, 17/02/2023  {authority}  Công an tỉnh Mẫu",
        "4 rows = 1 listed + 1 duplicate + 1 rejected + 1 skipped",
        "new: +1 link",
        "1 × private_address: Đường dẫn dẫn đến địa chỉ mạng nội bộ hoặc dành riêng.",
        "line 4: 10.0.0.1",
    ):
        assert line in told.stdout
    dry = cli(*loading(path, authority, "--dry-run", "--yes"))
    assert (dry.returncode, shown("l1.example")) == (0, [])
    done = cli(*loading(path, authority, "--yes"))
    assert (done.returncode, done.stderr) == (0, "")
    assert "applied: +1 link" in done.stdout
    assert shown("l1.example") == [(authority, "386/CAT-ANM, 17/02/2023")]
    again = cli(*loading(path, authority))
    assert (again.returncode, again.stderr) == (0, "")
    assert "nothing to do" in again.stdout


@pytest.mark.slow
def test_a_letter_as_json_is_one_document(cli, feed, authority) -> None:
    """The same one, whether it is only shown or applied; it never asks."""
    path = feed("domain", "j1.example", "10.0.0.1")
    told, done, again = (
        cli(*loading(path, authority, "--json", *more)) for more in ((), ("--yes",), ())
    )
    assert [one.returncode for one in (told, done, again)] == [4, 0, 0]
    first, second, third = (documents(one.stdout) for one in (told, done, again))
    assert [one["outcome"] for (one,) in (first, second, third)] == [
        "shown",
        "applied",
        "unchanged",
    ]
    document = second[0]
    assert document["reference"] == "386/CAT-ANM, 17/02/2023"
    assert document["letter"]["id"] == f"{authority}:2023-02-17:386%2FCAT-ANM"
    assert (document["added"], document["file"]["rows"]) == ({"link": 1}, 2)
    (reason,) = document["reasons"]
    assert (reason["reason"], reason["count"]) == ("private_address", 1)
    assert reason["rows"] == [{"line": 3, "reason": "private_address", "text": "10.0.0.1"}]
    assert reason["sentence"].startswith("Đường dẫn")


@pytest.fixture
def answering(command, store_dir):
    """Run a command on a terminal and answer its question: the exit code and what it printed."""

    def answering(arguments, answer):
        return run_on_terminal([command, *map(str, arguments)], store_dir, answer)

    return answering


def run_on_terminal(arguments, store_dir, answer):
    """Standard input and error are a terminal, standard output is not."""
    terminal, side = pty.openpty()
    ours = {name: text for name, text in os.environ.items() if not name.startswith("BLACKLIST_")}
    environment = {**ours, "BLACKLIST_DATA_DIR": str(store_dir), "TERM": "xterm"}
    with subprocess.Popen(
        arguments,
        env=environment,
        stdin=side,
        stdout=subprocess.PIPE,
        stderr=side,
    ) as process:
        os.close(side)
        asked = ""
        while "[y/N]" not in asked:
            asked += os.read(terminal, 10_000).decode()
        os.write(terminal, f"{answer}\n".encode())
        out, _ = process.communicate(timeout=60)
        os.close(terminal)
    return process.returncode, out.decode()


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("n", 4)])
def test_on_a_terminal_it_asks(answering, feed, shown, authority, answer, code) -> None:
    """Once, after the letter was shown."""
    value = f"t-{answer}.example"
    ended, out = answering(loading(feed("domain", value), authority), answer)
    assert ended == code
    assert "new: +1 link" in out
    assert ("applied" in out) == (answer == "y")
    assert bool(shown(value)) == (answer == "y")


def test_a_letter_is_withdrawn_whole_or_by_row(cli, feed, shown, authority) -> None:
    """By the row as it is written or as it is shown; another letter keeps what it lists."""
    cli(*loading(feed("domain", "w1.example", "w2.example", "w3.example"), authority, "--yes"))
    cli(*loading(feed("domain", "w3.example"), authority, "--yes", number=SECOND, day="03/05/2023"))
    row = ("--row", "http://W1.example/", "--reason", "a mistake")
    one = cli("letter", "withdraw", FIRST, *of(authority), *row)
    assert (one.returncode, one.stderr) == (0, "")
    assert "1 rows withdrawn\n  -1 link" in one.stdout
    assert (shown("w1.example"), bool(shown("w2.example"))) == ([], True)
    listed = cli("letter", "show", FIRST, *of(authority)).stdout
    assert "link:w1.example  other, since 2023-02-17T00:00:00Z  withdrawn" in listed
    assert "a mistake" in listed
    whole = json.loads(cli("letter", "withdraw", FIRST, *of(authority), "--json").stdout)
    assert (whole["rows"], whole["removed"]) == (2, {"link": 1})
    assert shown("w3.example") == [(authority, "412/CAT-ANM, 03/05/2023")]
    back = cli(*loading(feed("domain", "w2.example"), authority, "--yes"))
    assert (back.returncode, shown("w2.example")) == (4, [])
    assert "--again" in back.stderr
    assert cli("letter", "withdraw", FIRST, *of(authority)).stdout.endswith("withdrawn before\n")
    other = cli(
        "letter", "withdraw", SECOND, *of(authority, "2023-05-03"), "--row", "link:x.example"
    )
    assert (other.returncode, "x.example" in other.stderr) == (2, False)


@pytest.mark.slow
def test_letters_are_listed_with_their_sums_and_state(cli, feed, authority) -> None:
    """Oldest first; of one authority or of all."""
    cli(*loading(feed("domain", "s1.example", "s2.example"), authority, "--yes", number=SECOND))
    cli(*loading(feed("domain", "s3.example"), authority, "--yes", day="2022-01-31"))
    cli("letter", "withdraw", SECOND, *of(authority), "--row", "link:s1.example")
    cli("letter", "withdraw", FIRST, *of(authority, "2022-01-31"), "--reason", "court")
    lines = cli("letters", "--authority", authority).stdout.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith(f"386/CAT-ANM, 31/01/2022  {authority}  withdrawn: nothing")
    assert lines[0].endswith("(court)")
    told = "applied: 1 link, 1 withdrawn; 2 rows, 0 rejected"
    assert lines[1] == f"412/CAT-ANM, 17/02/2023  {authority}  {told}"
    found = json.loads(cli("letters", "--json").stdout)
    mine = [one for one in found if one["authority"] == authority]
    assert [(one["day"], one["state"], one["in_force"]) for one in mine] == [
        ("2022-01-31", "withdrawn", {}),
        ("2023-02-17", "applied", {"link": 1}),
    ]
    rows = json.loads(cli("letter", "show", SECOND, *of(authority), "--json").stdout)["rows"]
    assert [row["identifier"]["value"] for row in rows] == ["s1.example", "s2.example"]


@pytest.fixture
def clear_before(store_dir):
    """Clear a link as if it had been some days ago."""

    def clear_before(value, days):
        client = connect.writer(EmbeddedServer(store_dir).url)
        publisher = Publisher(
            client, meta.require(client), wall=lambda: time.time() - days * 86_400
        )
        marks.clear(publisher, [Identifier(Kind.LINK, value)], Reason.SITE_CLEANED)
        client.close()

    return clear_before


@pytest.mark.slow
def test_a_clearance_ends_only_by_a_younger_letter_and_by_a_word_for_it(
    cli, feed, shown, clear_before, authority
) -> None:
    """Listing it does not, nor does a letter of the day of the clearance or before."""
    clear_before("c1.example", 3)
    clear_before("c2.example", 0)
    today = tallies.day_of(time.time()).isoformat()
    path = feed("domain", "c1.example", "c2.example")
    arguments = loading(path, authority, "--yes", day=today)
    told = cli(*arguments)
    assert (told.returncode, shown("c1.example"), shown("c2.example")) == (0, [], [])
    young, old = sorted(line for line in told.stdout.splitlines() if "cleared:" in line)[::-1]
    assert old.endswith("site_cleaned; it stays cleared (--lift-cleared would end it)")
    assert young.endswith("site_cleaned; it stays cleared")
    older = cli(*loading(path, authority, "--yes", "--lift-cleared", day="2023-01-01"))
    assert "ended" not in older.stdout
    done = cli(*arguments, "--lift-cleared")
    assert "site_cleaned; this ends it\n" in done.stdout
    assert done.stdout.endswith("1 clearances ended\n")
    assert [bool(shown(value)) for value in ("c1.example", "c2.example")] == [True, False]
    assert "nothing to do" in cli(*arguments, "--lift-cleared").stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--date", "2999-01-01", "--number", "1/X"), "future"),
        (("--date", "2023-02-30", "--number", "1/X"), "2023-02-30"),
        (("--date", DAY, "--number", "CAT"), "digit"),
        (("--date", DAY, "--number", "1/X", "--trust", "community"), "community"),
        (("--date", DAY, "--number", "1/X", "--authority", "two words"), "source's name"),
        (("--date", DAY, "--number", "1/X", "--authority", "known"), "another name"),
    ],
)
def test_a_letter_that_cannot_be_one_is_bad_input(cli, feed, arguments, said) -> None:
    """Whatever is wrong of it is said before anything is changed."""
    path = feed("domain", "n1.example")
    done = cli("letter", "load", path, "--authority", "police-bad", *arguments, "--yes")
    assert (done.returncode, "applied" in done.stdout) == (2, False)
    assert said in done.stderr


@pytest.mark.slow
def test_a_letter_of_nothing_is_shown_and_refused(cli, feed, authority) -> None:
    """With the reasons, so that it can be mended."""
    done = cli(*loading(feed("domain", "10.0.0.1"), authority, "--yes"))
    assert done.returncode == 2
    assert "nothing in the letter can be listed" in done.stderr
    assert "private_address" in done.stdout
    dry = cli(*loading(feed("domain", "10.0.0.1"), authority, "--dry-run", "--json"))
    assert (dry.returncode, json.loads(dry.stdout)["outcome"]) == (2, "empty")
    assert cli("letters", "--authority", authority).stdout == "no letter was loaded\n"


@pytest.mark.slow
def test_a_source_of_letters_is_loaded_by_no_feed(cli, feed, authority) -> None:
    """Nor rolled back: the message says what to do."""
    path = feed("domain", "f1.example")
    cli(*loading(path, authority, "--yes"))
    for arguments in (("load", path, "--source", authority), ("rollback", authority)):
        done = cli(*arguments)
        assert (done.returncode, "letter withdraw" in done.stderr) == (2, True)


@pytest.mark.slow
@pytest.mark.parametrize("readme", ["README.md", "README.vi.md"])
def test_the_letter_of_the_readme_is_shown_as_shown(answering, cli, tmp_path, readme) -> None:
    """The file, the question and what is printed; then the other commands run."""
    text = read(readme)
    (tmp_path / "letter.csv").write_text(blocks(text, "csv")[1], "utf-8")
    shown = next(one for one in blocks(text, "text") if "Apply it?" in one)
    load, *others = (one[1:] for one in commands(text) if one[1:2] in (["letter"], ["letters"]))
    load[load.index("letter.csv")] = str(tmp_path / "letter.csv")
    load[load.index("ca-mau")] = readme
    code, out = answering(load, "y")
    question = "Apply it? [y/N]: y\n"
    assert (code, out) == (0, shown.replace(question, "").replace("ca-mau", readme))
    for arguments in others:
        done = cli(*[readme if word == "ca-mau" else word for word in arguments])
        assert (done.returncode, done.stderr) == (0, "")
    assert len(others) == 4
