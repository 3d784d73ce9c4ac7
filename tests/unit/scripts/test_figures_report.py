"""The report: tables and a picture made of saved figures."""

import json
import sys
from xml.etree import ElementTree as ET

import figures_report
import pytest
from bars import BARS

from servers import ROOT

MACHINE = {"cores": 2, "cpu": "A processor", "memory GiB": 8.0, "python": "3.11.7"}
CLEAN = {
    "name": "http_clean_ratio",
    "value": 0.8123,
    "unit": "of a bare route",
    "bar": 0.75,
    "holds": True,
}
LINKS = {
    "name": "load_link_per_s",
    "value": 12_345,
    "unit": "rows a second",
    "bar": 15_000,
    "holds": False,
    "baseline": 1_000_000,
    "ratio": 0.01235,
    "against": "SADD",
}
GROWTH = [
    {"name": f"growth_{size}_{share}_us", "value": 60, "unit": "µs", "bar": None, "holds": None}
    for size in ("10k", "100k", "1m", "10m")
    for share in ("p50", "p99")
]
WRONG = {"name": "wrong_answers", "value": 0, "unit": "answers", "bar": 0, "holds": True}


@pytest.fixture
def report(tmp_path, monkeypatch):
    """Report documents; returns the exit code, the page and the picture (None where unwritten)."""
    page, picture = tmp_path / "measurements.md", tmp_path / "figures.svg"
    page.write_text(f"before\n{figures_report.BEGIN}old\n{figures_report.END}after\n", "utf-8")

    def report(*documents, note=()):
        files = []
        for number, document in enumerate(documents):
            files.append(tmp_path / f"{number}.json")
            files[-1].write_text(json.dumps(document), "utf-8")
        arguments = [*map(str, files), "--docs", str(tmp_path), *note]
        monkeypatch.setattr(sys, "argv", ["report", *arguments])
        code = figures_report.main()
        drawn = picture.read_text("utf-8") if picture.exists() else None
        return code, page.read_text("utf-8"), drawn

    return report


def document(*figures, quick=False, machine=MACHINE):
    """What a benchmark prints."""
    return {"machine": machine, "quick": quick, "figures": list(figures)}


def test_the_tables_take_the_place_of_the_old_ones(report) -> None:
    code, page, _ = report(document(CLEAN, LINKS, *GROWTH, WRONG), note=["--note", "Loaded."])
    assert code == 0
    lines = page.splitlines()
    assert (lines[0], lines[-1], "old" in lines) == ("before", "after", False)
    assert "Machine: cores 2, cpu A processor, memory GiB 8.0, python 3.11.7. Loaded." in lines
    assert (
        "| `http_clean_ratio` | `GET`, a clean number | 0.812 of a bare route | ≥ 0.75 | yes | |"
        in lines
    )
    assert (
        "| `load_link_per_s` | a feed of domains | 12,345 rows a second | ≥ 15,000 | **no** "
        "| SADD: 1,000,000 (0.0123 of it) |"
    ) in lines
    assert "| `growth_10k_p50_us` | 60 µs | |" in lines


def test_the_picture_shows_what_holds_and_what_does_not(report) -> None:
    _, _, drawn = report(document(CLEAN, LINKS, *GROWTH, WRONG))
    svg = "{http://www.w3.org/2000/svg}"
    root = ET.fromstring(drawn)
    words = [one.text for one in root.iter(f"{svg}text")]
    assert {"http_clean_ratio", "1.08 ×", "load_link_per_s", "0.82 ×", "p99 60"} <= set(words)
    assert "wrong_answers" not in words  # nothing is so many times better than none
    assert {one.get("fill") for one in root.iter(f"{svg}rect")} == {"#fff", "#2a7f62", "#c0392b"}
    assert len(list(root.iter(f"{svg}polyline"))) == 2


def test_a_later_file_wins(report) -> None:
    _, page, _ = report(document(CLEAN, LINKS), document({**CLEAN, "value": 0.9}))
    assert "0.9 of a bare route" in page
    assert "0.812" not in page
    assert "load_link_per_s" in page


@pytest.mark.parametrize(
    "documents",
    [[document(CLEAN, quick=True)], [document(CLEAN), document(LINKS, machine={"cores": 8})]],
    ids=["a quick run", "two machines"],
)
def test_figures_that_say_nothing_are_refused(report, capsys, documents) -> None:
    code, page, drawn = report(*documents)
    assert (code, drawn) == (2, None)
    assert "old" in page
    assert capsys.readouterr().err.count("\n") == 1


def test_the_page_has_a_place_for_the_tables() -> None:
    page = (ROOT / "docs" / "measurements.md").read_text("utf-8")
    assert page.index(figures_report.BEGIN) < page.index(figures_report.END)
    assert all(bar.what for bar in BARS.values())
