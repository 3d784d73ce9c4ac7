"""People's decisions and the upkeep of lists, from the command line on a running service."""

import json

import pytest


@pytest.fixture
def cli(run, store_dir):
    """Run a command on the store that all tests here share."""

    def cli(*arguments, **options):
        return run(store_dir, *map(str, arguments), **options)

    return cli


def load(cli, tmp_path, source: str, *lines: str, options: tuple[str, ...] = ()) -> dict:
    path = tmp_path / "feed.txt"
    path.write_text("".join(f"{line}\n" for line in lines))
    done = cli("load", path, "--source", source, "--json", *options)
    assert done.returncode in {0, 4}, done.stderr
    return json.loads(done.stdout)


def verdict(cli, value: str, *options: str) -> dict:
    return json.loads(cli("check", value, "--json", *options).stdout)["results"][0]


def test_a_cleared_number_stays_cleared_over_loads_until_it_is_lifted(cli, tmp_path) -> None:
    number = "+447700900171"
    load(cli, tmp_path, "clear-1", number)
    done = cli("clear", number, "--reason", "number_reassigned", "--until", "2099-12-31")
    assert (done.returncode, done.stdout) == (0, "1 cleared\n")
    load(cli, tmp_path, "clear-2", number, options=("--trust", "authority"))
    answer = verdict(cli, number)
    assert (answer["verdict"], answer["level"]) == ("cleared", "none")
    assert "cleared_because:number_reassigned" in answer["notes"]
    (mark,) = [m for m in json.loads(cli("clearances", "--json").stdout) if number in str(m)]
    assert mark["until"] == 4102419600  # midnight in Vietnam after the last day
    assert number in cli("clearances").stdout
    assert cli("clear", number, "--lift").returncode == 0
    assert verdict(cli, number)["level"] == "danger"


@pytest.mark.parametrize(
    "arguments",
    [
        ["clear", "+447700900172"],
        ["clear", "+447700900172", "--reason", "because"],
        ["clear", "hello", "--reason", "other"],
        ["clear", "0912345678", "--reason", "other"],
        ["decide", "wikipedia.org", "--reason", "x"],
        ["decide", "wikipedia.org", "--list"],
        ["remove", "no-such-source"],
        ["rollback", "no-such-source"],
        ["rejected", "no-such-source"],
        ["tallies", "--from", "2019-01-01"],
    ],
)
def test_a_wrong_call_is_bad_input(cli, arguments) -> None:
    done = cli(*arguments)
    assert done.returncode == 2
    assert done.stderr


def test_the_official_directory_is_loaded_whole_and_never_listed(cli, tmp_path) -> None:
    path = tmp_path / "official.csv"
    path.write_text(
        "institution,kind,value,bank,hotline\n"
        "Ngân hàng Mẫu,link,ngan-hang-mau.example,,1900 0000\n"
        "Ngân hàng Mẫu,account,0000000000071,Vietcombank,1900 0000\n"
    )
    assert cli("official", "load", path).stdout == "2 official entries: +2 -0\n"
    report = load(cli, tmp_path, "official-1", "login.ngan-hang-mau.example", "evil-71.example")
    assert report["reasons"] == {"official": 1}
    answer = verdict(cli, "https://login.ngan-hang-mau.example/")
    assert answer["verdict"] == "official"
    assert "official_of:Ngân hàng Mẫu" in answer["notes"]
    assert "1900 0000" in cli("official", "list").stdout
    path.write_text("institution,kind,value,bank,hotline\nA,phone,hello,,\n,link,a.example,,\n")
    bad = cli("official", "load", path)
    assert bad.returncode == 2
    assert "line 2" in bad.stderr
    assert "line 3" in bad.stderr
    assert verdict(cli, "ngan-hang-mau.example")["verdict"] == "official"


def test_what_the_guard_holds_is_shown_and_decided_once(cli, tmp_path) -> None:
    load(cli, tmp_path, "guard-1", "wikipedia.org", "evil-72.example")
    assert "link:wikipedia.org  popular_host  guard-1" in cli("review").stdout
    done = cli("decide", "wikipedia.org", "--list", "--reason", "an invented hit")
    assert done.returncode == 0
    assert load(cli, tmp_path, "guard-1", "wikipedia.org", "evil-72.example")["listed"] == 2
    assert verdict(cli, "wikipedia.org")["verdict"] == "listed"
    document = json.loads(cli("review", "--json").stdout)
    assert document["decisions"][0]["may_be_listed"] is True
    cli("decide", "wikipedia.org", "--keep-out", "--reason", "it was none")
    assert load(cli, tmp_path, "guard-1", "wikipedia.org", "evil-72.example")["reasons"] == {
        "kept_out": 1
    }


def test_rejected_rows_are_shown_by_reason(cli, tmp_path) -> None:
    load(cli, tmp_path, "rejected-1", "evil-73.example", "10.0.0.1", "10.0.0.2", "google.com")
    shown = cli("rejected", "rejected-1").stdout
    assert "2 × private_address\n  line 2: 10.0.0.1\n  line 3: 10.0.0.2\n" in shown
    rows = json.loads(cli("rejected", "rejected-1", "--json").stdout)["rows"]
    assert [row["line"] for row in rows["shared_host"]] == [4]


def test_a_source_goes_back_to_its_generation_before(cli, tmp_path) -> None:
    load(cli, tmp_path, "back-1", "evil-74.example", "evil-75.example")
    load(cli, tmp_path, "back-1", "evil-74.example", "evil-76.example")
    assert cli("rollback", "back-1").returncode == 0
    assert verdict(cli, "evil-75.example")["verdict"] == "listed"
    assert verdict(cli, "evil-76.example")["verdict"] == "no_record"


def test_a_source_is_removed_with_all_it_lists(cli, tmp_path) -> None:
    load(cli, tmp_path, "gone-1", "evil-77.example")
    asked = cli("remove", "gone-1")
    assert (asked.returncode, asked.stdout) == (
        0,
        "gone-1: would remove 1 link; say --yes\n",
    )
    assert verdict(cli, "evil-77.example")["verdict"] == "listed"
    assert cli("remove", "gone-1", "--yes").returncode == 0
    assert verdict(cli, "evil-77.example")["verdict"] == "no_record"
    assert "gone-1" not in cli("sources").stdout


def test_the_day_is_counted_and_ended_entries_are_swept(cli, tmp_path) -> None:
    load(cli, tmp_path, "tally-1", "evil-78.example", options=("--category", "gambling"))
    assert json.loads(cli("sweep", "--json").stdout)["tally-1"]["link"]["removed"] == 0
    found = json.loads(cli("tallies", "--from", "2026-01-01", "--json").stdout)
    mine = {(one["what"], one["count"]) for one in found if one["source"] == "tally-1"}
    assert mine == {("added", 1), ("current", 1)}
    assert "gambling tally-1" in cli("tallies", "--from", "2026-01-01").stdout
