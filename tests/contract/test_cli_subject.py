"""What is held of an identifier, in every store and file; and what of it can be removed."""

import json
from typing import Any

import pytest

from blacklist.cli.subject import ARCHIVE, AUDIT
from blacklist.forget import STAYS
from blacklist.model import Identifier, Kind, Source
from blacklist.publish import Publisher
from blacklist.store import connect, meta, sources
from blacklist.store.embedded import EmbeddedServer
from blacklist.store.stage import Staged
from blacklist.subject import IN_STORE

PHONE = "+447700900211"
ACCOUNT = ("0000000000021", "--kind", "account", "--bank", "VCB")
NUMBER = "0000000000021"


@pytest.fixture
def cli(run, store_dir):
    """Run a command on the store that all tests here share."""

    def cli(*arguments, code: int = 0, **options):
        done = run(store_dir, *map(str, arguments), **options)
        assert done.returncode == code, (done.stdout, done.stderr)
        return done

    return cli


def load(cli, tmp_path, source: str, text: str, *options: str, code: int = 0) -> None:
    path = tmp_path / f"{source}.csv"
    path.write_text(text)
    cli("load", path, "--source", source, *options, code=code)


def held(cli, *asked: str) -> dict[str, list[dict[str, Any]]]:
    """What is held, without the sorts of which nothing is."""
    document = json.loads(cli("subject", *asked, "--json").stdout)
    return {sort: rows for sort, rows in document["held"].items() if rows}


def holders(rows) -> set[str]:
    return {one["of"].partition("/")[0] for one in rows}


def test_every_store_is_looked_into_and_what_stays_is_explained(cli) -> None:
    """A new store is one line more, and a reason why it stays."""
    document = json.loads(cli("subject", "+447700900299", "--json").stdout)
    assert document["identifier"] == {"kind": "phone", "value": "+447700900299"}
    assert list(document["held"]) == [*IN_STORE, ARCHIVE, AUDIT]
    assert document["held"].keys() == STAYS.keys()
    assert held(cli, "+447700900299") == {}


def test_a_phone_is_told_from_every_place(cli, tmp_path) -> None:
    """Lists with all that they say, a clearance, a decision, an archived feed, the journal."""
    said = f"phone,category,reference,note\n{PHONE},spam_call,case 7,twice\n"
    load(cli, tmp_path, "subject-1", said)
    load(cli, tmp_path, "subject-2", f"{PHONE}\n", "--trust", "authority", "--kind", "phone")
    cli("clear", PHONE, "--reason", "owner_verified", "--until", "2099-12-31")
    cli("decide", PHONE, "--keep-out", "--reason", "wrongly listed")
    load(cli, tmp_path, "subject-3", f"{PHONE}\n+447700900212\n", "--kind", "phone")
    found = held(cli, PHONE)
    assert found.keys() == {
        *("listings", "clearances", "decisions", "held_rows", "history", "journal", "archive")
    }
    first = next(one for one in found["listings"] if one["of"] == "subject-1")
    assert first["told"]["note"] == "twice"
    assert first["told"]["reference"] == "case 7"
    assert first["told"]["category"] == "spam_call"
    assert first["told"]["since"].endswith("Z")
    assert holders(found["listings"]) == {"subject-1", "subject-2"}
    assert found["clearances"][0]["told"]["until"].startswith("2099-12-31")
    assert found["decisions"][0]["told"]["reason"] == "wrongly listed"
    assert found["held_rows"][0]["told"]["reason"] == "kept_out"
    assert [one["told"]["row"] for one in found["archive"]] == [
        "listed",
        "listed",
        "listed",
        "rejected",
    ]
    assert holders(found["archive"]) == {"subject-1", "subject-2", "subject-3"}
    text = cli("subject", PHONE).stdout
    assert f"phone:{PHONE}  subject-1" in text
    assert "official: nothing" in text


def test_an_account_is_told_with_its_bare_number(cli, tmp_path) -> None:
    """And a bare number with the banks at which it is listed."""
    load(cli, tmp_path, "subject-4", f"account,bank\n{NUMBER},VCB\n")
    found = held(cli, *ACCOUNT)
    names = {"account:970436/0000000000021", "account:0000000000021"}
    assert {one["identifier"] for one in found["listings"]} == names
    assert {
        one["identifier"] for one in held(cli, NUMBER, "--kind", "account")["listings"]
    } == names
    other = held(cli, NUMBER, "--kind", "account", "--bank", "ACB")["listings"]
    assert {one["identifier"] for one in other} == {"account:0000000000021"}


def test_a_letter_that_was_withdrawn_is_told(cli, tmp_path) -> None:
    path = tmp_path / "letter.csv"
    path.write_text("phone\n+447700900213\n")
    of = ("--number", "7/CV", "--date", "2026-01-02", "--authority", "police-7")
    cli("letter", "load", path, *of, "--yes")
    of = ("--date", "2026-01-02", "--authority", "police-7")
    cli("letter", "withdraw", "7/CV", *of, "--reason", "wrong")
    (row,) = held(cli, "+447700900213")["letters"]
    assert row["told"]["authority"] == "police-7"
    assert row["told"]["reason"] == "wrong"


def test_a_load_that_was_cut_off_holds_it_in_its_stage(cli, store_dir) -> None:
    server = EmbeddedServer(store_dir)
    client = connect.writer(server.url)
    publisher = Publisher(client, meta.require(client), sleep=lambda _seconds: None)

    with publisher.load(Source("subject-cut", "Cut off"), full=True) as load_:
        load_.put([Staged(Identifier(Kind.PHONE, "+447700900214"))])
        assert holders(held(cli, "+447700900214")["staged"]) == {"subject-cut"}
    assert "staged" not in held(cli, "+447700900214")
    client.close()


def test_forgetting_removes_what_the_community_says_and_no_more(cli, tmp_path) -> None:
    """From lists, waiting rows and archived feeds; without --yes nothing."""
    phone, other = "+447700900221", "+447700900222"
    text = f"{phone}\n{other}\n"
    load(cli, tmp_path, "forget-1", text, "--kind", "phone")
    load(cli, tmp_path, "forget-2", text, "--kind", "phone", "--trust", "authority")
    load(cli, tmp_path, "forget-3", text, "--kind", "phone", "--trust", "partner")
    before = held(cli, phone)
    told = cli("forget", phone).stdout
    assert "would remove 1 listings, 1 archive; say --yes" in told
    assert held(cli, phone) == before
    done = cli("forget", phone, "--yes").stdout
    assert "removed 1 listings, 0 rows that waited, 1 archived" in done
    assert f"2 listings stay: {STAYS['listings']}" in done
    after = held(cli, phone)
    assert holders(after["listings"]) == holders(after["archive"]) == {"forget-2", "forget-3"}
    assert holders(held(cli, other)["archive"]) == {"forget-1", "forget-2", "forget-3"}
    checked = json.loads(cli("check", phone, "--json", code=10).stdout)["results"][0]
    assert {one["source"] for one in checked["matches"]} == {"forget-2", "forget-3"}


def test_a_forgotten_account_leaves_the_others_of_its_number(cli, tmp_path) -> None:
    number = "0000000000031"
    load(cli, tmp_path, "forget-4", f"account,bank\n{number},VCB\n{number},ACB\n")
    cli("forget", number, "--kind", "account", "--bank", "VCB", "--yes")
    cli("check", number, "--kind", "account", "--bank", "ACB", code=10)
    checked = cli("check", number, "--kind", "account", "--bank", "VCB", "--json", code=10)
    (match,) = json.loads(checked.stdout)["results"][0]["matches"]
    assert (match["match"], match["listed"]) == ("other_bank", f"970416/{number}")
    rows = held(cli, number, "--kind", "account", "--bank", "ACB")["archive"]
    assert [one["identifier"] for one in rows] == [f"account:970416/{number}"]


def test_a_waiting_row_is_forgotten(cli, tmp_path) -> None:
    phone = "+447700900231"
    cli("decide", phone, "--keep-out", "--reason", "asked for")
    load(cli, tmp_path, "forget-5", f"{phone}\n+447700900232\n", "--kind", "phone")
    assert "held_rows" in held(cli, phone)
    assert "1 rows that waited, 2 archived" in cli("forget", phone, "--yes").stdout
    assert held(cli, phone).keys() == {"decisions"}


def test_what_is_left_of_a_generation_can_be_gone_back_to(cli, tmp_path) -> None:
    """Also where it stands only in what was listed before."""
    gone, stays = "+447700900241", "+447700900242"
    load(cli, tmp_path, "forget-6", f"{gone}\n{stays}\n", "--kind", "phone")
    load(cli, tmp_path, "forget-6", "+447700900243\n+447700900244\n", "--kind", "phone")
    assert "archive" in held(cli, gone)
    cli("forget", gone, "--yes")
    assert "archive" not in held(cli, gone)
    cli("rollback", "forget-6")
    cli("check", stays, code=10)
    cli("check", gone)


def test_what_is_left_of_a_removed_source_is_forgotten_too(cli, tmp_path) -> None:
    phone = "+447700900245"
    load(cli, tmp_path, "forget-8", f"{phone}\n+447700900246\n", "--kind", "phone")
    cli("remove", "forget-8", "--yes")
    assert "archive" in held(cli, phone)
    assert "0 listings, 0 rows that waited, 1 archived" in cli("forget", phone, "--yes").stdout
    assert "archive" not in held(cli, phone)


def test_a_sweep_ends_what_is_too_old_in_the_archive(cli, tmp_path, store_dir) -> None:
    """Also of a source that nobody loads any more."""
    phone = "+447700900247"
    load(cli, tmp_path, "forget-9", f"{phone}\n", "--kind", "phone")
    (about,) = (store_dir / "feeds" / "forget-9").glob("*/about.json")
    kept = json.loads(about.read_text())
    cli("sweep")
    assert about.exists()
    about.write_text(json.dumps(kept | {"time": kept["time"] - 401 * 86_400}))
    cli("sweep")
    assert not about.parent.exists()


def test_a_list_gets_no_younger_by_forgetting(cli, tmp_path, store_dir) -> None:
    """Its age is what answers say of how fresh they are."""
    load(cli, tmp_path, "forget-7", "+447700900251\n+447700900252\n", "--kind", "phone")
    client = connect.reader(EmbeddedServer(store_dir).url)
    before = sources.read(client).named("forget-7")
    cli("forget", "+447700900251", "--yes")
    after = sources.read(client).named("forget-7")
    client.close()
    assert (after.loaded, after.whole) == (before.loaded, before.whole)
    assert sum(after.entries.values()) == 1


@pytest.mark.parametrize("command", ["subject", "forget"])
def test_what_may_be_two_things_is_not_guessed(cli, command: str) -> None:
    assert "say which" in cli(command, "0912345678", code=2).stderr


def test_the_trail_tells_who_asked(run, start_service, quick_data_dir, eventually) -> None:
    """By the pseudonym: whoever asked before, by whatever spelling."""
    service = start_service(quick_data_dir)
    service.request("GET", "/v1/check?value=07700900261&region=GB", None, {"X-Purpose": "transfer"})

    def asked() -> list[dict[str, Any]]:
        done = run(quick_data_dir, "subject", "+44 7700 900261", "--json")
        found: list[dict[str, Any]] = json.loads(done.stdout)["held"][AUDIT]
        return found

    eventually(lambda: len(asked()) == 1, 10)
    (row,) = asked()
    told = row["told"]
    assert (row["of"], told["purpose"], told["verdict"]) == ("public", "transfer", "no_record")
