"""The log of requests: whole lines, in order, never more at once than a pipe takes whole."""

import json
import os
import select
from typing import Any

import pytest

from blacklist.web import request_log
from blacklist.web.addresses import finder
from blacklist.web.request_log import Logged, RequestLog

FORGED = 'x"}\r\n{"event": "forged"}'


def logged(request_id: str = "a", key: str | None = None) -> Logged:
    return Logged(
        1_780_000_000.25, request_id, "GET /v1/check", 200, 0.0012345, ("192.0.2.7", None), key
    )


@pytest.fixture
def pieces() -> list[str]:
    return []


@pytest.fixture
def log(pieces: list[str]) -> RequestLog:
    return RequestLog(finder(()), pieces.append)


def lines(pieces: list[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for piece in pieces for line in piece.splitlines()]


def test_a_line_tells_route_status_time_address_and_key(log: RequestLog, pieces: list[str]) -> None:
    log.put(logged(key="abc"))
    log.write()
    assert lines(pieces) == [
        {
            "time": "2026-05-28T20:26:40.250Z",
            "level": "info",
            "event": "request",
            "request_id": "a",
            "endpoint": "GET /v1/check",
            "status": 200,
            "ms": 1.23,
            "address": "192.0.2.7",
            "key": "abc",
            "pid": os.getpid(),
        }
    ]


def test_nothing_is_written_where_nothing_came(log: RequestLog, pieces: list[str]) -> None:
    log.write()
    assert pieces == []


def test_many_lines_come_in_order_and_in_pieces_that_a_pipe_takes_whole(
    log: RequestLog, pieces: list[str]
) -> None:
    for number in range(500):
        log.put(logged(str(number)))
    log.write()
    assert [line["request_id"] for line in lines(pieces)] == [str(one) for one in range(500)]
    assert all(piece.endswith("\n") for piece in pieces)
    assert max(map(len, pieces)) <= select.PIPE_BUF
    assert len(pieces) < 50


def test_what_a_line_holds_cannot_end_it(log: RequestLog, pieces: list[str]) -> None:
    log.put(logged(FORGED))
    log.write()
    assert [line["request_id"] for line in lines(pieces)] == [FORGED]


def test_beyond_the_bound_requests_are_counted(
    log: RequestLog, pieces: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request_log, "MAX_WAITING", 2)
    for number in range(5):
        log.put(logged(str(number)))
    log.write()
    *kept, told = lines(pieces)
    assert [line["request_id"] for line in kept] == ["0", "1"]
    assert (told["event"], told["level"], told["requests"]) == ("requests_not_logged", "warning", 3)
    log.put(logged("after"))
    log.write()
    assert lines(pieces)[-1]["request_id"] == "after"


def test_lines_go_to_standard_error(capfd: pytest.CaptureFixture[str]) -> None:
    log = RequestLog(finder(()))
    log.put(logged())
    log.write()
    assert lines([capfd.readouterr().err])[0]["event"] == "request"


def test_a_unix_socket_has_no_address(log: RequestLog, pieces: list[str]) -> None:
    log.put(Logged(0.0, "a", "none", 404, 0.0, (None, None), None))
    log.write()
    assert lines(pieces)[0]["address"] == "unknown"
