"""``blacklist report``: text, JSON, CSV and a document to print."""

import csv
import io
import json
import time
from datetime import timedelta
from pathlib import Path

import pytest

from blacklist.model import Category, Kind
from blacklist.store import connect, tallies
from blacklist.store.embedded import EmbeddedServer
from blacklist.store.tallies import Tally, What, day_of

TODAY = day_of(time.time())
DAYS = ("--from", str(TODAY - timedelta(days=9)), "--to", str(TODAY))


@pytest.fixture(scope="module")
def cli(run, store_dir):
    client = connect.writer(EmbeddedServer(store_dir).url)
    cell = (Kind.LINK, Category.PHISHING, "@unlucky")
    tallies.record(client, [Tally(TODAY, What.ADDED, *cell, 7)])
    tallies.record(client, [Tally(TODAY, What.CURRENT, *cell, 7)])
    client.close()
    return lambda *arguments: run(store_dir, "report", *arguments)


def test_in_words(cli) -> None:
    lines = cli(*DAYS).stdout.splitlines()
    (mine,) = [line for line in lines if "source @unlucky" in line and line.split()[2] == "7"][:1]
    assert mine.endswith("no data kept")


def test_as_json(cli) -> None:
    found = json.loads(cli(*DAYS, "--json").stdout)
    assert found["period"] == {"first": DAYS[1], "last": DAYS[3]}
    (row,) = [
        one
        for one in found["rows"]
        if (one["measure"], one["name"]) == ("entries_added", "@unlucky")
    ]
    assert (row["count"], row["year_before"]) == (7, None)
    assert found["kept"]["transfers"] == {"first": None, "year_before": None}


def test_as_csv(cli) -> None:
    rows = list(csv.DictReader(io.StringIO(cli(*DAYS, "--csv").stdout)))
    assert "'@unlucky" in {row["name"] for row in rows}
    assert {row["count"] for row in rows if row["measure"].startswith("transfers")} == {""}


@pytest.mark.parametrize(
    ("language", "title", "no_data"),
    [
        ("vi", "Báo cáo kết quả tra cứu", "không có số liệu lưu"),
        ("en", "Report on looking up", "no data kept"),
    ],
)
def test_as_a_document(cli, tmp_path: Path, language: str, title: str, no_data: str) -> None:
    """It stands alone: nothing is loaded from elsewhere."""
    file = tmp_path / "report.html"
    done = cli(*DAYS, "--html", file, "--unit", "<i>Đội 3</i>", "--language", language)
    assert (done.returncode, done.stdout) == (0, "")
    text = file.read_text("utf-8")
    assert f'<html lang="{language}">' in text
    for part in (title, no_data, "&lt;i&gt;Đội 3&lt;/i&gt;", "@media print", "@unlucky"):
        assert part in text
    assert not [word for word in ("http:", "https:", "src=", "<link", "<script") if word in text]


@pytest.mark.parametrize("preset", ["5-june", "15-november", "5-december", "15-december"])
def test_presets(cli, preset: str) -> None:
    found = json.loads(cli("--preset", preset, "--year", "2026", "--json").stdout)
    assert found["period"]["first"].startswith("2025-1")


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--to", "2026-01-01"],
        ["--preset", "5-june", "--from", "2026-01-01"],
        ["--from", "2026-02-01", "--to", "2026-01-01"],
        ["--preset", "5-june", "--year", "2098"],
        ["--preset", "5-june", "--year", "3"],
        [*DAYS, "--csv", "--json"],
    ],
)
def test_what_is_no_period_is_bad_input(cli, arguments: list[str]) -> None:
    assert cli(*arguments).returncode == 2
