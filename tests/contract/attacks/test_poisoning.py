"""Moves to have the innocent listed, or to speak under another's name."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from blacklist.callers import Scope
from blacklist.model import Trust

DIRECTORY = (
    "institution,kind,value,bank,hotline\n"
    "A bank,account,0000000000019,970436,\n"
    "A bank,phone,+447700900919,,1900 0000\n"
    "A bank,link,poisoned-bank.example,,\n"
)
OWN = {
    "a bank's account": {"value": "0000000000019", "kind": "account", "bank": "970436"},
    "a bank's line": {"value": "+447700900919", "kind": "phone"},
    "a bank's site": {"value": "poisoned-bank.example", "kind": "link"},
    "a page at a bank": {"value": "login.poisoned-bank.example", "kind": "link"},
    "a published hotline": {"value": "1900545413", "kind": "phone"},
    "the state": {"value": "gov.vn", "kind": "link"},
    "a ministry": {"value": "mps.gov.vn", "kind": "link"},
}
SHARED = {
    "a public suffix": {"value": "com.vn", "kind": "link"},
    "a host of everybody's pages": {"value": "sites.google.com", "kind": "link"},
    "a much visited host": {"value": "google.com", "kind": "link"},
    "all numbers of a country": {"value": "+84*", "kind": "phone"},
    "all numbers of an operator": {"value": "+8490*", "kind": "phone"},
    "the police's number": {"value": "113", "kind": "phone"},
}
EVERYTHING = OWN | SHARED
BOMB_BYTES = 64 << 20
CROWD = 12
DATED = ("--number", "1/X", "--date", "2026-11-20", "--yes")


@pytest.fixture(scope="module")
def directory(target, run, tmp_path_factory) -> None:
    """What a bank published, in the service's store."""
    path = tmp_path_factory.mktemp("official") / "official.csv"
    path.write_text(DIRECTORY)
    assert run(target.data_dir, "official", "load", str(path)).returncode == 0


@pytest.fixture(scope="module")
def authority(target, key_of) -> str:
    return key_of(target.data_dir, Scope.LIST, Scope.ADMIN, trust=Trust.AUTHORITY)


def is_flagged(target: Any, thing: dict[str, str]) -> bool:
    """Whether a question about a thing, or about a number in a range, meets a listing."""
    asked = {**thing, "value": thing["value"].replace("*", "0123456")}
    (result,) = target.post_items(asked, {"value": "ok.example"}).json()["results"][:1]
    return result["verdict"] == "listed"


@pytest.mark.usefixtures("directory")
@pytest.mark.parametrize("name", EVERYTHING)
def test_listing_what_is_an_institutions_or_everybodys(
    target, attacker, authority, name: str
) -> None:
    """With the strongest key there is, by hand: refused, and nothing is flagged."""
    item = {**EVERYTHING[name], "category": "other"}
    answer = attacker(target).ask("PUT", "/v1/listings", {"items": [item]}, key=authority)
    answer.problem(400, "no_valid_item")
    assert not is_flagged(target, EVERYTHING[name])


@pytest.mark.usefixtures("directory")
@pytest.mark.parametrize("name", EVERYTHING)
def test_reporting_what_is_an_institutions_or_everybodys(target, attacker, name: str) -> None:
    """It does not even reach a reviewer."""
    answer = attacker(target).ask("POST", "/v1/reports", {**EVERYTHING[name], "category": "other"})
    answer.problem(answer.status)
    assert answer.status in {400, 422}


@pytest.mark.usefixtures("directory")
def test_slipping_it_into_a_feed(target, run, tmp_path: Path) -> None:
    """Of a feed that names all of it between swindlers, the swindlers alone are listed."""
    rows = ["kind,value,bank", "link,poison-beside.example,"]
    rows += [f"{one['kind']},{one['value']},{one.get('bank', '')}" for one in EVERYTHING.values()]
    feed = tmp_path / "feed.csv"
    feed.write_text("\n".join(rows) + "\n")
    told = ("--source", "poison", "--trust", "authority", "--accept", "--json")
    done = run(target.data_dir, "load", str(feed), *told)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert (report["listed"], report["rejected"]) == (1, len(EVERYTHING)), report["reasons"]
    assert target.check("poison-beside.example")["verdict"] == "listed"
    for name, thing in EVERYTHING.items():
        assert not is_flagged(target, thing), name


def test_confirming_ones_own_listing(target, attacker, key_of) -> None:
    """Not with the key that made it, nor by a session of it under another person's name."""
    one, key = attacker(target), key_of(target.data_dir, Scope.LIST, Scope.ADMIN)
    item = {"value": "own-word.example", "kind": "link", "category": "phishing"}
    (told,) = one.ask("PUT", "/v1/listings", {"items": [item]}, key=key).json()["results"]
    opened = one.ask("POST", "/v1/session", {"person": "Ai Khác"}, key=key)
    session = {
        "Cookie": opened.headers["set-cookie"].partition(";")[0],
        "X-CSRF-Token": opened.json()["csrf_token"],
    }
    word = {"items": [{"id": told["id"], "decision": "confirm"}]}
    by_key = one.ask("POST", "/v1/listings/confirm", word, key=key)
    by_session = one.ask("POST", "/v1/listings/confirm", word, more=session)
    for answer in (by_key, by_session):
        assert answer.json()["results"][0]["error"]["reason"] == "own_listing"
    assert target.check("own-word.example")["verdict"] == "no_record"


def test_reporting_somebody_from_many_addresses(target, attacker, authority) -> None:
    """However many tell of a thing it is a number before a reviewer, and no listing."""
    thing = {"value": "accused.example", "kind": "link", "category": "phishing"}
    for number in range(CROWD):
        answer = attacker(target, f"203.0.113.{number}").ask("POST", "/v1/reports", thing)
        assert answer.status == 202
        assert attacker(target, "203.0.113.0").ask("POST", "/v1/reports", thing).status == 202
    shown = attacker(target).ask("GET", "/v1/reports", key=authority).json()["reports"]
    assert [one["citizens"] for one in shown if one["value"] == "accused.example"] == [CROWD]
    assert target.check("accused.example")["verdict"] == "no_record"


@pytest.mark.parametrize("taken", ["reports", "HAND-KEY"])
def test_loading_a_feed_under_anothers_name(
    target, attacker, authority, run, tmp_path: Path, taken: str
) -> None:
    """As reviewers, or as a key: a whole load would take out what that key listed.

    Neither a feed, nor a letter, nor the user's own catalogue may.
    """
    item = {"value": "by-hand.example", "kind": "link", "category": "phishing"}
    answer = attacker(target).ask("PUT", "/v1/listings", {"items": [item]}, key=authority)
    assert answer.status == 200
    name = taken.replace("KEY", authority.split("_")[1])
    feed, catalogue = tmp_path / "feed.txt", tmp_path / "feeds.toml"
    feed.write_text("other.example\n")
    catalogue.write_text(
        f'[feeds."{name}"]\ntitle = "x"\naddress = "https://lists.example/a"\n'
        'refresh = "1d"\nlicence = "x"\nchecked = "x"\nterms = "x"\n'
    )
    for arguments in (
        ("load", str(feed), "--source", name, "--accept"),
        ("load", str(feed), "--source", name, "--mode", "add", "--trust", "authority"),
        ("letter", "load", str(feed), "--authority", name, *DATED),
    ):
        done = run(target.data_dir, *arguments)
        assert (done.returncode, "another name" in done.stderr) == (2, True), done.stderr
    done = run(target.data_dir, "feeds", BLACKLIST_CATALOGUE=str(catalogue))
    assert (done.returncode, "another name" in done.stderr) == (2, True), done.stderr
    assert target.check("by-hand.example")["verdict"] == "listed"
    assert target.check("other.example")["verdict"] == "no_record"


@pytest.mark.parametrize("way_out", ["../outside", ".x"])
def test_a_source_whose_name_leads_out_of_the_folder(
    target, run, tmp_path: Path, way_out: str
) -> None:
    """Commands that keep or read files by a source's name look at the name first."""
    feed = tmp_path / "feed.txt"
    feed.write_text("outside.example\n")
    before = sorted(target.data_dir.parent.glob("outside*"))
    for arguments in (
        ("load", str(feed), "--source", way_out),
        ("letter", "load", str(feed), "--authority", way_out, *DATED),
        ("rejected", way_out),
        ("rollback", way_out),
    ):
        assert run(target.data_dir, *arguments).returncode == 2, arguments
    assert sorted(target.data_dir.parent.glob("outside*")) == before
    assert not (target.data_dir / "outside").exists()
    assert not (target.data_dir / "feeds" / ".x").exists()


def test_a_feed_that_is_small_until_it_is_unpacked(target, run, tmp_path: Path) -> None:
    """One long line in a small archive: refused, and the lists stay as they were."""
    feed = tmp_path / "feed.csv.gz"
    feed.write_bytes(gzip.compress(b"x" * BOMB_BYTES, 1))
    done = run(target.data_dir, "load", str(feed), "--source", "bomb", "--kind", "link")
    assert done.returncode not in {0, 1}, done.stdout
    assert target.check("vn-bank.example")["verdict"] == "listed"
