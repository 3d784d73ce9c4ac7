"""``scripts/check_feeds``: that it passes, and above all that it can fail."""

import importlib
import json
import os
import subprocess
import sys
from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from blacklist import identifiers
from blacklist.errors import InvalidIdentifier
from blacklist.model import Identifier, Kind
from servers import FEEDS, ROOT

OWN = ROOT / "tests" / "feeds"

COUNTS = ("listed", "duplicate", "rejected", "skipped")


def run(*arguments: str, seconds: int, **environment: str) -> subprocess.CompletedProcess[str]:
    """The program as a user runs it, in the environment that the tests run in."""
    return subprocess.run(
        [sys.executable, ROOT / "scripts" / "check_feeds.py", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


def assert_right(feed: dict, least: float = 1) -> None:
    assert feed["outcome"] in {"loaded", "refused", "missing"}, feed
    assert feed["rows"] == sum(feed[count] for count in COUNTS), feed
    assert sum(feed["reasons"].values()) == feed["rejected"] + feed["skipped"], feed
    assert (feed["wrong"], feed["neighbours_listed"], feed["faults"]) == (0, 0, []), feed
    assert feed["asked"] >= feed["listed"] * least, feed
    assert feed["listed"] >= feed["neighbours"], feed


@pytest.mark.slow
def test_every_feed_of_ours_is_found_again(tmp_path):
    """Without a folder it takes tests/feeds, each file of it, and leaves the user's store alone."""
    users = tmp_path / "users"
    done = run("--json", seconds=60, BLACKLIST_DATA_DIR=str(users), BLACKLIST_NO_SETTING="1")
    assert (done.returncode, done.stderr) == (0, "")
    feeds = {feed["feed"]: feed for feed in json.loads(done.stdout)}
    files = {path.relative_to(OWN).as_posix() for path in OWN.glob("*/*")}
    assert set(feeds) == files
    for name, feed in feeds.items():
        assert_right(feed)
        folder = name.partition("/")[0]
        expected = ("refused", "") if folder == "malformed" else ("loaded", folder)
        assert (feed["outcome"], feed["format"]) == expected
    assert sum(feed["listed"] for feed in feeds.values()) > 80
    assert sum(feed["neighbours"] for feed in feeds.values()) > 80
    assert not users.exists()


NAMED = (
    "chongluadao-elliot/urls.txt",
    "hostsVN-threat/hosts-VN",
    "hostsVN-threat/filter-VN.txt",
    "hostsVN-threat/domain-VN.txt",
    "phishing-database/phishing-domains-ACTIVE2.txt",
    "phishing-database/phishing-links-INACTIVE1.head.txt",
    "phishing-database/phishing-domains-INVALID.txt",
    "phishing-database/phishing-links-INVALID.txt",
    "spmedia-crypto/detected_urls.json",
    "spmedia-crypto/detected_urls.txt",
    "phone-us-ftc-dnc/2021-04-14.json",
    "phone-us-ftc-dnc/2021-04-15.json",
    "phone-us-ftc-dnc/ftc_dnc_sample.csv",
    "urlhaus-csv/urlhaus-hostfile-domains.txt",
    "misp-events/echap_misp_event.json",
    "phone-schema-contactsmanager/callblocker-main.json",
    "stix21/cytrox.stix2",
)


@pytest.mark.slow
@pytest.mark.skipif(not FEEDS.is_dir(), reason="the real feeds do not ship with the project")
def test_every_real_feed_is_found_again():
    """Nothing that a real feed lists is missed, and nobody else is accused.

    All rows are loaded and counted; of long feeds one row in five is asked about (the program by
    itself asks about each).
    """
    done = run(str(FEEDS), "--json", "--one-in", "5", seconds=400)
    feeds = {feed["feed"]: feed for feed in json.loads(done.stdout)}
    for feed in feeds.values():
        assert_right(feed, least=1 / 5)
    assert (done.returncode, done.stderr) == (0, "")
    files = {path.relative_to(FEEDS).as_posix() for path in FEEDS.glob("*/*")}
    assert {name for name in files if "PROVENANCE" not in name and "LICENSE" not in name} == set(
        feeds
    )
    assert {name: feeds[name]["outcome"] for name in NAMED} == dict.fromkeys(NAMED, "loaded")
    assert feeds["chongluadao-elliot/urls.txt"]["rows"] == 34_468
    assert feeds["chongluadao-elliot/urls.txt"]["listed"] >= 34_400


def test_a_folder_without_known_feeds_is_an_error(tmp_path):
    done = run(str(tmp_path), seconds=30)
    assert (done.returncode, done.stdout) == (1, "")
    assert "no known feed" in done.stderr


@pytest.fixture
def scripts(monkeypatch):
    """The program's modules."""
    monkeypatch.syspath_prepend(ROOT / "scripts")
    names = ("check_feeds", "feed_questions", "feed_table")
    return SimpleNamespace(**{name: importlib.import_module(name) for name in names})


@pytest.fixture
def folder(tmp_path):
    """A folder with one of our feeds."""
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "urls.csv").write_bytes((OWN / "plain" / "urls.csv").read_bytes())
    return tmp_path


@pytest.fixture
def check(scripts, monkeypatch, capsys):
    """Run it over a folder with a service that says what the test wants it to."""

    def run_in_process(folder, answer):
        @contextmanager
        def serving(_data_dir):
            yield lambda items: map(answer, items)

        monkeypatch.setattr(scripts.check_feeds, "serving", serving)
        code = scripts.check_feeds.main([str(folder), "--json"])
        feeds = {feed["feed"]: feed for feed in json.loads(capsys.readouterr().out)}
        return code, feeds["plain/urls.csv"]

    return run_in_process


def nothing_listed(item):
    """The answer of a service that lists nothing and refuses public suffixes."""
    try:
        identifiers.ask(item["value"], kind=Kind.LINK)
    except InvalidIdentifier as refused:
        return {"error": {"reason": refused.reason}}
    return {"verdict": "no_record"}


@pytest.fixture
def judged_right(scripts, monkeypatch):
    """Whatever is answered about rows and neighbours counts as right."""
    monkeypatch.setattr(scripts.check_feeds, "find_fault", lambda *_: None)


def test_it_passes_when_nothing_is_wrong(check, folder, judged_right):
    """The control of the tests below."""
    code, feed = check(folder, nothing_listed)
    assert code == 0
    assert_right(feed)


def test_listed_rows_that_are_not_found_fail(check, folder):
    code, feed = check(folder, nothing_listed)
    assert code == 1
    assert feed["wrong"] == feed["asked"] > 0
    assert feed["neighbours_listed"] == 0
    assert "no_record" in feed["faults"][0]


@pytest.mark.parametrize("answer", [{"verdict": "unavailable"}, {}, {"error": {"reason": "x"}}])
def test_answers_that_are_none_fail(check, folder, answer):
    code, feed = check(folder, lambda _item: answer)
    assert code == 1
    assert feed["wrong"] == feed["asked"] + feed["neighbours"]


def test_neighbours_that_are_listed_fail(check, folder, scripts, monkeypatch):
    monkeypatch.setattr(
        scripts.check_feeds, "find_fault", lambda query, *_: None if query.expected else "listed"
    )
    code, feed = check(folder, nothing_listed)
    assert code == 1
    assert (feed["wrong"], feed["neighbours_listed"]) == (0, feed["neighbours"])


def test_an_innocent_that_is_listed_fails(check, folder, judged_right):
    def accuse(item):
        is_innocent = item["value"] == "facebook.com"
        return {"verdict": "listed"} if is_innocent else nothing_listed(item)

    assert check(folder, accuse)[0] == 1


def test_a_public_suffix_that_is_answered_fails(check, folder, judged_right):
    assert check(folder, lambda _item: {"verdict": "no_record"})[0] == 1


def test_sums_that_do_not_add_up_fail(check, folder, judged_right, scripts, monkeypatch):
    real_run = scripts.check_feeds.pipeline.run

    def lose_a_row(*arguments, **named):
        report = real_run(*arguments, **named)
        report.listed -= 1
        return report

    monkeypatch.setattr(scripts.check_feeds.pipeline, "run", lose_a_row)
    code, feed = check(folder, nothing_listed)
    assert code == 1
    assert "the rows do not add up" in feed["faults"]


def test_a_row_that_the_pipeline_did_not_count_fails(
    check, folder, judged_right, scripts, monkeypatch
):
    """Sums that add up over too few rows are wrong, too: the rows are read anew."""
    real_read = scripts.check_feeds.read_listed
    monkeypatch.setattr(
        scripts.check_feeds, "read_listed", lambda *arguments: [*real_read(*arguments)] * 2
    )
    code, feed = check(folder, nothing_listed)
    assert code == 1
    assert "more or fewer rows" in feed["faults"][0]


def test_a_file_that_no_table_names_is_tried(folder, scripts, monkeypatch, capsys):
    """It may be refused, or have rows whose kind nobody told: neither is a fault."""
    (folder / "new").mkdir()
    (folder / "new" / "list.txt").write_text("evil2.example\n")
    (folder / "new" / "numbers.txt").write_text("1234567890\n+447700900123\n")
    (folder / "new" / "page.html").write_text("<html></html>\n")

    @contextmanager
    def serving(_data_dir):
        yield lambda items: map(nothing_listed, items)

    monkeypatch.setattr(scripts.check_feeds, "serving", serving)
    places = scripts.feed_table.find_places(folder)
    feeds, _ = scripts.check_feeds.check([place for place in places if not place.line.known])
    checked = {feed.checked.feed: feed.checked for feed in feeds}
    assert checked["new/list.txt"].listed == 1
    assert checked["new/numbers.txt"].listed + checked["new/numbers.txt"].rejected == 2
    assert (checked["new/page.html"].outcome, checked["new/page.html"].faults) == ("refused", [])
    scripts.check_feeds.print_reasons(list(checked.values()))
    assert "new/page.html: looks like a web page" in capsys.readouterr().out


def test_a_feed_that_should_be_refused_and_is_loaded_fails(check, folder, judged_right):
    (folder / "malformed").mkdir()
    (folder / "malformed" / "list.txt").write_text("evil.example\n")
    assert check(folder, nothing_listed)[0] == 1


def test_a_feed_that_cannot_be_loaded_fails(check, folder, judged_right):
    (folder / "plain" / "page.txt").write_text("<html></html>\n")
    assert check(folder, nothing_listed)[0] == 1


def test_a_feed_read_in_another_format_fails(check, folder, judged_right):
    (folder / "hosts").mkdir()
    (folder / "hosts" / "list").write_text("evil.example\n")
    assert check(folder, nothing_listed)[0] == 1


def test_a_row_must_be_listed_by_its_own_feed(scripts):
    """Found only in what others list, the feed's own row would be lost without them."""
    listed = Identifier(Kind.LINK, "evil.example")
    query = scripts.feed_questions.Query(1, "evil.example", None, None, "VN", listed)

    def answer(**match):
        return {"verdict": "listed", "matches": [{"kind": "link", **match}]}

    find_fault = scripts.feed_questions.find_fault
    assert find_fault(query, answer(source="own", listed="evil.example"), "own") is None
    assert find_fault(query, answer(source="other", listed="evil.example"), "own")
    assert find_fault(query, answer(source="own", listed="example"), "own")


def test_what_several_feeds_list_in_the_same_words_is_asked_once(scripts):
    """Anything else is asked each time: one feed's answer says nothing of another's."""
    asked = []

    sources = {"both": ("one", "other"), "single": ("one",)}

    def ask(items):
        for item in items:
            asked.append(item["value"])
            matches = [{"source": one} for one in sources.get(item["value"], ())]
            yield {"value": item["value"], "matches": matches}

    ask_new = scripts.check_feeds.asking_once(ask)
    for values in (["nothing", "both", "single"], ["both", "single", "nothing"]):
        answers = ask_new([{"value": value} for value in values])
        assert [answer["value"] for answer in answers] == values
    assert asked == ["nothing", "both", "single", "single", "nothing"]
    list(ask_new([{"value": "both", "kind": "link"}]))
    assert asked[-1] == "both"


def test_no_more_faults_are_shown_than_ten_and_no_row_is_quoted(
    folder, scripts, monkeypatch, capsys
):
    @contextmanager
    def serving(_data_dir):
        yield lambda items: map(nothing_listed, items)

    monkeypatch.setattr(scripts.check_feeds, "serving", serving)
    assert scripts.check_feeds.main([str(folder)]) == 1
    captured = capsys.readouterr()
    shown = [line for line in captured.out.splitlines() if "plain/urls.csv: row" in line]
    assert len(shown) == scripts.check_feeds.SHOWN_FAULTS
    assert "evil.example" not in captured.out + captured.err


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Kind.LINK, "evil.example"),
        (Kind.LINK, "www.evil.com.vn"),
        (Kind.LINK, "xn--thng-6qa76m.test"),
        (Kind.LINK, "evil.weebly.com"),
        (Kind.LINK, "evil.example/login"),
        (Kind.LINK, "facebook.com/profile.php?id=1"),
        (Kind.LINK, "play.google.com/store/apps/details?id=a.b"),
        (Kind.LINK, "203.0.113.77"),
        (Kind.LINK, "[2001:db8::1]"),
        (Kind.PHONE, "+447700900123"),
        (Kind.ACCOUNT, "970436/0000000000001"),
        (Kind.ACCOUNT, "0000000000004"),
    ],
)
def test_a_neighbour_is_another_thing_of_the_same_sort(scripts, kind, value):
    """It can be asked, is always the same, and what is listed does not flag it."""
    (listed,) = [one for one in identifiers.list_as(value, kind=kind) if one.value == value]
    row = scripts.feed_questions.Listed(7, value, kind, True, None, (listed,))
    make, is_unlisted = scripts.feed_questions.make_neighbour, scripts.feed_questions.is_unlisted
    made = [
        [make(row, "VN", salt) for salt in range(scripts.feed_questions.ATTEMPTS)] for _ in "12"
    ]
    assert made[0] == made[1]
    query = next(one for one in made[0] if is_unlisted(one, {listed}))
    assert (query.line, query.kind, query.expected) == (7, kind, None)
    reading = identifiers.ask(query.value, kind=kind).readings[0]
    assert listed not in {candidate.identifier for candidate in reading.candidates}
    assert len(reading.identifier.value.split("/")) == len(value.split("/"))


def test_a_neighbour_that_is_rightly_listed_is_left_out(check, folder, scripts, monkeypatch):
    """Where everything that is made up is listed, each is counted, and none is a fault."""
    monkeypatch.setattr(
        scripts.check_feeds, "find_fault", lambda query, *_: None if query.expected else "listed"
    )
    monkeypatch.setattr(scripts.check_feeds, "is_unlisted", lambda *_: False)
    code, feed = check(folder, nothing_listed)
    assert (code, feed["neighbours"], feed["neighbours_listed"]) == (0, 0, 0)
    assert feed["neighbours_skipped"] == feed["listed"] > 0


def test_another_neighbour_is_asked_about_where_one_is_rightly_listed(
    check, folder, scripts, monkeypatch
):
    """Only what is made up in the first place is listed here."""
    real_make, first = scripts.check_feeds.make_neighbour, set()

    def make(row, region, salt):
        query = real_make(row, region, salt)
        if salt == 0:
            first.add(query.value)
        return query

    monkeypatch.setattr(scripts.check_feeds, "make_neighbour", make)
    monkeypatch.setattr(
        scripts.check_feeds,
        "find_fault",
        lambda query, *_: "listed" if query.value in first and not query.expected else None,
    )
    monkeypatch.setattr(
        scripts.check_feeds, "is_unlisted", lambda query, _: query.value not in first
    )
    code, feed = check(folder, nothing_listed)
    assert (code, feed["neighbours"]) == (0, feed["listed"])


@pytest.mark.parametrize("known", ["+44770090####", "+447700900###"])
def test_a_number_in_a_listed_range_is_rightly_listed(scripts, known):
    query = scripts.feed_questions.Query(1, "+447700900123", Kind.PHONE, None, "VN", None)
    is_unlisted = scripts.feed_questions.is_unlisted
    assert is_unlisted(query, {Identifier(Kind.PHONE, "+447700900124")})
    assert not is_unlisted(query, {Identifier(Kind.PHONE, known)})


@pytest.mark.parametrize("value", ["a.evil.example/page", "evil.example"])
def test_a_link_under_a_listed_one_is_rightly_listed(scripts, value):
    query = scripts.feed_questions.Query(1, value, None, None, "VN", None)
    is_unlisted = scripts.feed_questions.is_unlisted
    assert is_unlisted(query, {Identifier(Kind.LINK, "evil2.example")})
    assert not is_unlisted(query, {Identifier(Kind.LINK, "evil.example")})


def test_what_cannot_be_asked_is_no_neighbour(scripts):
    query = scripts.feed_questions.Query(1, "com.vn", Kind.LINK, None, "VN", None)
    assert not scripts.feed_questions.is_unlisted(query, set())
