"""docs/alerts.yml asks only for what /metrics tells, and documents name only what there is."""

import re
import shutil
import subprocess

import pytest

from documents import read
from servers import ROOT

ALERTS = read("docs/alerts.yml")
EXPRESSIONS = re.findall(r"expr: (?:>-\n\s+)?(.+)", ALERTS)
PROMTOOL = shutil.which("promtool")
LABELLED = re.compile(r"(blacklist_\w+)(?:\{([^}]*)\})?")


@pytest.fixture(scope="module")
def scraped(module_service, eventually) -> str:
    """A scrape of a worker that has its filters, when an answer has been written down."""
    service = module_service()
    service.post_items({"value": "vn-bank.example"})

    def scrape() -> str:
        text: str = service.request("GET", "/metrics").body.decode()
        return text

    found: list[str] = []

    def is_whole() -> bool:
        found.append(scrape())
        return "POST /v1/check" in found[-1] and "blacklist_filter_keys" in found[-1]

    eventually(is_whole, 5)
    return found[-1]


def test_every_rule_has_its_expression() -> None:
    assert len(EXPRESSIONS) == ALERTS.count("- alert: ") == len(re.findall("summary: ", ALERTS))
    assert len(EXPRESSIONS) >= 10


@pytest.mark.skipif(PROMTOOL is None, reason="promtool is not installed (Debian: prometheus)")
def test_prometheus_takes_the_rules() -> None:
    checked = subprocess.run(
        [PROMTOOL, "check", "rules", ROOT / "docs" / "alerts.yml"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert f"{len(EXPRESSIONS)} rules found" in checked.stdout


def told(text: str) -> dict[str, set[str]]:
    """The names of a scrape's metrics with their labels; also of those without a sample so far."""
    found: dict[str, set[str]] = {}
    for name in re.findall(r"^# TYPE (\w+) ", text, re.MULTILINE):
        found.setdefault(name, set())
    for name, labels in re.findall(r"^(\w+)(?:\{(.*)\})? ", text, re.MULTILINE):
        found.setdefault(name, set()).update(re.findall(r"(\w+)=", labels))
    return found


def test_rules_ask_for_metrics_and_labels_that_there_are(scraped: str) -> None:
    known = told(scraped)
    asked = [one for expression in EXPRESSIONS for one in LABELLED.findall(expression)]
    assert len(asked) >= 15
    for name, labels in asked:
        assert name in known, name
        assert set(re.findall(r"(\w+)=", labels)) <= known[name], (name, labels)


def test_values_of_labels_that_rules_name_occur(scraped: str) -> None:
    for label, value in re.findall(r'(layer|endpoint|queue)="([^"]+)"', " ".join(EXPRESSIONS)):
        assert f'{label}="{value}"' in scraped


def test_the_metrics_of_the_document_are_those_that_there_are(scraped: str) -> None:
    named = set(re.findall(r"^\| `(blacklist_\w+)`", read("docs/operations.md"), re.MULTILINE))
    assert named == set(re.findall(r"^# TYPE (\w+) ", scraped, re.MULTILINE))
