"""Log lines: one JSON object each, and nothing in them that could be somebody's text."""

import json
import logging
import sys

import pytest

from blacklist.web.logs import JsonFormatter, event

FORGED = 'x"}\r\n{"event": "forged"}\u2028\u0085\x1b[2J'


def record(name: str, message: str, *args: object, **more: object) -> logging.LogRecord:
    made = logging.LogRecord(name, logging.ERROR, "", 0, message, args, None)
    made.__dict__.update(more)
    return made


def test_an_event_is_one_line_whatever_it_holds() -> None:
    line = JsonFormatter().format(record("blacklist.web", "m", event="refused", told={"a": FORGED}))
    assert line.isprintable()
    assert json.loads(line)["a"] == FORGED
    assert json.loads(line)["event"] == "refused"


def test_a_library_is_quoted_with_its_numbers_only() -> None:
    line = JsonFormatter().format(record("gunicorn.error", "Error handling %s (%s)", FORGED, 7))
    assert json.loads(line)["message"] == "Error handling … (7)"


@pytest.mark.parametrize("message", ["%d of %s", "100 %"])
def test_a_librarys_words_that_fit_nothing_are_left_as_they_are(message: str) -> None:
    line = JsonFormatter().format(record("gunicorn.error", message, FORGED, FORGED))
    assert json.loads(line)["message"] == message


def test_of_an_exception_only_the_class_is_told() -> None:
    made = record("gunicorn.error", "failed")
    try:
        int("vn-bank.example")
    except ValueError:
        made.exc_info = sys.exc_info()
    line = JsonFormatter().format(made)
    assert "vn-bank" not in line
    assert json.loads(line)["error"] == "ValueError"


def test_events_reach_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "tests"):
        event(logging.getLogger("tests"), logging.INFO, "something_happened", count=3)
    (made,) = caplog.records
    assert (made.__dict__["event"], made.__dict__["told"]) == ("something_happened", {"count": 3})
