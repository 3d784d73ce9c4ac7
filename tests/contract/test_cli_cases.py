"""``blacklist reports``, ``disputes`` and ``pending``: the queues at the command line."""

import json
import time

import pytest

from blacklist import disputes, hand, pending, reports
from blacklist.callers import Scope, mint
from blacklist.disputes import Claim
from blacklist.hand import Row
from blacklist.marks import Reason
from blacklist.model import Category, Identifier, Kind, Trust
from blacklist.publish import Publisher
from blacklist.store import callers, connect, meta
from blacklist.store.embedded import EmbeddedServer
from blacklist.store.listings import Detail
from blacklist.store.reports import Report


@pytest.fixture
def cli(run, store_dir):
    """Run a command on the store that all tests here share."""

    def cli(*arguments):
        return run(store_dir, *arguments)

    return cli


@pytest.fixture
def publisher(store_dir):
    client = connect.writer(EmbeddedServer(store_dir).url)
    yield Publisher(client, meta.require(client))
    client.close()


def link(value: str) -> Identifier:
    return Identifier(Kind.LINK, value)


def verdict(cli, value: str) -> dict:
    return json.loads(cli("check", value, "--json").stdout)["results"][0]


def case_of(cli, value: str) -> dict:
    shown = json.loads(cli("reports", "list", "--json").stdout)["reports"]
    (case,) = [one for one in shown if one["identifier"]["value"] == value]
    return case


def report(publisher: Publisher, value: str, note: str = "") -> None:
    told = Report(link(value), Category.PHISHING, note, "192.0.2.1", is_key=False)
    reports.count(publisher, told)


def test_a_report_is_shown_and_accepted(cli, publisher) -> None:
    report(publisher, "cli-accepted.example", note="\x1b[31mred")
    case = case_of(cli, "cli-accepted.example")
    shown = cli("reports", "list", "--order", "most")
    assert f"{case['id']}  link:cli-accepted.example  1 citizens" in shown.stdout
    assert "\x1b" not in shown.stdout
    accept = ("reports", "accept", case["id"])
    assert cli(*accept).returncode == 2
    assert cli(*accept, "--reason", " ").returncode == 2
    done = cli(*accept, "--reason", "seen", "--category", "investment")
    assert (done.returncode, done.stdout) == (0, "listed\n")
    (match,) = verdict(cli, "cli-accepted.example")["matches"]
    assert (match["category"], match["reference"]) == ("investment", case["id"])
    again = cli(*accept, "--reason", "seen")
    assert (again.returncode, again.stdout) == (2, "")


def test_reports_are_rejected_and_merged(cli, publisher) -> None:
    for name in ("one", "two", "three"):
        report(publisher, f"cli-{name}.example")
    one, two, three = (case_of(cli, f"cli-{name}.example") for name in ("one", "two", "three"))
    assert cli("reports", "merge", one["id"], two["id"], "--reason", "same").returncode == 0
    assert case_of(cli, "cli-two.example")["citizens"] == 2
    assert cli("reports", "reject", three["id"], "--reason", "nothing").returncode == 0
    left = [one["id"] for one in json.loads(cli("reports", "list", "--json").stdout)["reports"]]
    assert one["id"] not in left
    assert three["id"] not in left


def test_disputes_are_shown_answered_kept_and_cleared(cli, publisher) -> None:
    source = hand.source_of("0", "An authority", Trust.AUTHORITY)
    names = ("cli-kept.example", "cli-cleared.example")
    hand.publish(publisher, source, [Row(link(name), Detail()) for name in names])
    kept, cleared = (
        disputes.open_dispute(
            publisher,
            Claim(
                identifier=link(name),
                claim=Reason.SITE_CLEANED,
                note="mine",
                contact="owner@shop.example",
                teller="192.0.2.1",
            ),
        ).reference
        for name in names
    )
    shown = cli("disputes", "list")
    assert f"{kept}  link:cli-kept.example  site_cleaned  answer by" in shown.stdout
    (found,) = [
        one
        for one in json.loads(cli("disputes", "list", "--json").stdout)["disputes"]
        if one["reference"] == kept
    ]
    assert (found["has_contact"], found["is_late"], "contact" in found) == (True, False, False)
    assert "disputed" in verdict(cli, "cli-kept.example")["notes"]
    assert cli("disputes", "answer", kept, "--reason", "called").returncode == 0
    assert "answered" in cli("disputes", "list").stdout
    assert cli("disputes", "keep", kept, "--reason", "right").stdout == "kept\n"
    assert verdict(cli, "cli-kept.example")["verdict"] == "listed"
    until = ("--until", "2099-12-31")
    assert cli("disputes", "clear", cleared, "--reason", "clean", *until).stdout == "cleared\n"
    answer = verdict(cli, "cli-cleared.example")
    assert answer["verdict"] == "cleared"
    assert "cleared_because:site_cleaned" in answer["notes"]
    assert cli("disputes", "keep", cleared, "--reason", "x").returncode == 2


def test_a_partners_listing_is_confirmed_or_refused(cli, publisher) -> None:
    maker, _ = mint("A partner", [Scope.LIST], now=int(time.time()))
    callers.write(publisher.client, maker)
    rows = [
        Row(link(f"cli-{name}.example"), Detail(category=Category.PHISHING))
        for name in ("confirmed", "refused")
    ]
    confirmed, refused = (one.id for one in pending.submit(publisher, maker, rows))
    assert f"{confirmed}  link:cli-confirmed.example  phishing, by" in cli("pending", "list").stdout
    shown = json.loads(cli("pending", "list", "--json").stdout)["pending"]
    assert {confirmed, refused} <= {one["id"] for one in shown}
    assert cli("pending", "confirm", confirmed).stdout == f"{confirmed}  listed\n"
    assert cli("pending", "refuse", refused).stdout == f"{refused}  refused\n"
    assert verdict(cli, "cli-confirmed.example")["level"] == "danger"
    assert verdict(cli, "cli-refused.example")["verdict"] == "no_record"
    done = cli("pending", "confirm", confirmed)
    assert (done.returncode, done.stdout) == (2, f"{confirmed}  unknown\n")
