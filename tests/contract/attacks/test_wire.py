"""Moves on the wire: smuggled requests, injected headers and log lines, bombs, other methods."""

import socket
from contextlib import suppress
from typing import Any

import pytest

from blacklist.callers import Scope

DEEP = 50_000
BATCH = b'{"items": [{"value": "vn-bank.example"}]}'
HIDDEN = b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n"
HEAD = b"POST /v1/check HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
FORGED = '{"event": "forged"}'


def answers_to(service: Any, data: bytes) -> list[int]:
    """The statuses of all answers to some bytes, until the connection ends."""
    received = b""
    with (
        socket.create_connection(("127.0.0.1", service.port), 8) as connection,
        suppress(ConnectionError),
    ):
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        while piece := connection.recv(65_536):
            received += piece
    return [int(one[:3]) for one in received.split(b"HTTP/1.1 ")[1:]]


@pytest.mark.parametrize(
    "lengths",
    [
        b"Content-Length: %d\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: %d\r\n",
        b"Content-Length: %d\r\nContent-Length: 0\r\n",
        b"Content-Length: 0, %d\r\n",
        b"Content-Length: +%d\r\n",
        b"Content-Length: 0x%d\r\n",
        b"Content-Length: %d\r\nTransfer-Encoding : chunked\r\n",
        b"Content-Length: %d\r\nTransfer-Encoding: xchunked\r\n",
        b"Content-Length: %d\r\nTransfer-Encoding:\x0bchunked\r\n",
        b"Content-Length: %d\r\nTransfer-Encoding: chunked, identity\r\n",
        b"Content-Length: %d\r\nX: a\nTransfer-Encoding: chunked\r\n",
        b"Content-Length: %d\r\nX: a\rTransfer-Encoding: chunked\r\n",
        b"Content-Length: %d\r\n Transfer-Encoding: chunked\r\n",
    ],
)
def test_smuggling_a_request_behind_two_lengths(target, lengths: bytes) -> None:
    """Whatever two servers could read differently is refused and the connection closed."""
    body = b"0\r\n\r\n" + HIDDEN
    (status,) = answers_to(target, HEAD + lengths % len(body) + b"\r\n" + body)
    assert 400 <= status < 500 or status == 501


def test_smuggling_with_bare_line_feeds(target) -> None:
    """One answer at most, and never one to what stands behind."""
    for data in (
        HEAD.replace(b"\r\n", b"\n") + b"Content-Length: 0\n\n" + HIDDEN,
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\n\n" + HIDDEN,
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n5;a=\nb\r\nabcde\r\n0\r\n\r\n" + HIDDEN,
    ):
        assert 200 not in answers_to(target, data)


INJECTED = "a%0d%0aX-Injected:%20yes%0d%0a%0d%0a<b>"


@pytest.mark.parametrize(
    "path",
    [
        f"/v1/check?value={INJECTED}",
        f"/v1/check?value=a.example&ref={INJECTED}",
        f"/v1/check?value=a.example&{INJECTED}=1",
        f"/v1/range/link/{INJECTED}",
        f"/v1/range/link/3?bits={INJECTED}",
        f"/v1/watches/hits?since={INJECTED}",
        f"/v1/export?format={INJECTED}",
        f"/v1/changes?since={INJECTED}",
        f"/{INJECTED}",
        f"//evil.example/{INJECTED}",
    ],
)
def test_injecting_headers_through_an_address(target, attacker, key_of, path: str) -> None:
    """No line break comes out of an address, and nobody is sent elsewhere."""
    key = key_of(target.data_dir, *Scope)
    answer = attacker(target).ask("GET", path, key=key)
    assert "x-injected" not in answer.headers
    assert "location" not in answer.headers
    assert answer.status < 500


def test_injecting_headers_through_what_is_echoed(target) -> None:
    """References and request ids: a reference is JSON, an id that is none is not taken over."""
    (result,) = target.post_items({"value": "a.example", "ref": "a\r\nX-Injected: yes"}).json()[
        "results"
    ]
    assert result["ref"] in {None, "a\r\nX-Injected: yes"}
    for sent in ("a\tX-Injected: yes", FORGED, "\x85X-Injected: yes", "a" * 5_000):
        answer = target.request("GET", "/healthz", None, {"X-Request-Id": sent})
        assert answer.headers["x-request-id"] != sent
        assert "x-injected" not in answer.headers


def test_forging_lines_of_the_log(start_service, quick_data_dir, run, eventually) -> None:
    """Through address, agent, request id, key name: each line of the log stays the service's."""
    service = start_service(quick_data_dir, BLACKLIST_ACCESS_LOG="yes")
    for name in (f"a\n{FORGED}", "\x1b[2Ja", "a\rb"):
        made = run(quick_data_dir, "keys", "create", "--name", name)
        assert made.returncode == 2
    headers = {"User-Agent": FORGED, "X-Request-Id": FORGED, "Referer": FORGED, "Host": "a"}
    escaped = "%0a" + "".join(f"%{byte:02x}" for byte in FORGED.encode()) + "%1b[2J"
    for path in (f"/v1/check?value={escaped}", f"/{escaped}", f"/v1/range/link/{escaped}"):
        service.request("GET", path, None, headers)
    service.send_raw(b"GET /" + b"\x1b[2J" * 9 + b" HTTP/1.1\r\nHost: a\r\n\r\n")
    service.send_raw(f"{FORGED}\r\n\r\n".encode())
    eventually(lambda: sum(one["event"] == "request" for one in service.told()) >= 3, 5)
    assert "forged" not in service.complained
    assert all(line.isprintable() for line in service.complained.splitlines())


POSTS = [
    *("/v1/check", "/v1/scan", "/v1/receipts/verify", "/v1/session", "/v1/history", "/v1/watches"),
    *("/v1/listings/confirm", "/v1/reports", "/v1/reports/decide"),
    *("/v1/disputes", "/v1/disputes/decide", "/v1/disputes/contact"),
]


@pytest.mark.parametrize("path", POSTS)
def test_json_made_to_exhaust_the_reader(target, attacker, key_of, path: str) -> None:
    """Deep nesting, huge numbers, half a document: 400, and the next question is answered."""
    key = key_of(target.data_dir, *Scope)
    for body in (
        b"[" * DEEP,
        b'{"items":' * DEEP + b"1" + b"}" * DEEP,
        b'{"value": ' + b"9" * DEEP + b"}",
        b'{"value": 1e' + b"9" * 400 + b"}",
        b'{"value": "' + b"\\ud800" * 2_000 + b'"}',
    ):
        headers = attacker(target).headers(key)
        target.request("POST", path, body, headers).problem(400)
    assert target.check("vn-bank.example")["verdict"] == "listed"


def test_one_value_for_the_proxy_and_another_for_the_service(target) -> None:
    """A field given twice: the answer says which one was asked."""
    (result,) = target.post(
        b'{"items": [{"value": "clean.example", "value": "vn-bank.example"}]}'
    ).json()["results"]
    assert (result["input"], result["verdict"]) == ("vn-bank.example", "listed")


def test_another_method_by_a_header_or_field(target, attacker, key_of) -> None:
    """``X-HTTP-Method-Override`` and ``_method`` mean nothing."""
    key = key_of(target.data_dir, Scope.LIST)
    for more in (
        {"X-HTTP-Method-Override": "DELETE"},
        {"X-HTTP-Method": "PUT"},
        {"X-Method-Override": "PUT"},
    ):
        for path in ("/v1/listings", "/v1/listings?_method=PUT"):
            answer = attacker(target).ask("POST", path, {"items": [{}]}, key=key, more=more)
            answer.problem(405, "method_not_allowed")
