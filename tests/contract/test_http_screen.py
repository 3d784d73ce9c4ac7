"""``/v1/screen``: a table of any length, in and out at once, asked from a real service."""

import csv
import http.client
import io
import json
import os
import signal
import socket
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from blacklist.screening import BATCH_ROWS
from blacklist.screening.cells import ACTION_COLUMN, VERDICT_COLUMNS
from blacklist.screening.lines import MAX_LINE_BYTES
from blacklist.store import connect
from blacklist.store.embedded import EmbeddedServer
from blacklist.web.worker import RECEIVE_SECONDS

CSV, NDJSON = "text/csv", "application/x-ndjson"
ROWS = 200_000
ALLOWED_BYTES = 24 << 20
"""What a worker may grow by while it screens: far less than the table and its answer."""

LISTED_NUMBER = "+44 7700 900123"
MARK = "zq9unlikely7"
WAIT_SECONDS = 20


@pytest.fixture(scope="module")
def key(service, key_of):
    """A key of the shared service."""
    return key_of(service.data_dir)


@pytest.fixture
def post(service, key):
    """Send a whole table to ``/v1/screen``."""

    def post(body, content_type=CSV, target="/v1/screen"):
        body = body if isinstance(body, bytes) else body.encode()
        headers = {"Content-Type": content_type, "Authorization": f"Bearer {key}"}
        return service.request("POST", target, body, headers)

    return post


class Exchange:
    """A request whose body is sent in chunks while its answer is read."""

    def __init__(self, port, key, content_type=CSV, target="/v1/screen", headers=""):
        self.socket = socket.create_connection(("127.0.0.1", port), WAIT_SECONDS)
        framing = headers or "Transfer-Encoding: chunked\r\n"
        self.socket.sendall(
            f"POST {target} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {key}\r\n"
            f"Content-Type: {content_type}\r\n"
            f"{framing}\r\n".encode()
        )

    def send(self, data):
        """Send one chunk; an empty one ends the body."""
        self.socket.sendall(b"%x\r\n%b\r\n" % (len(data), data))

    def send_behind(self, chunks):
        """Send chunks in a thread of its own, and the end."""

        def send():
            with suppress(OSError):
                for chunk in chunks:
                    self.send(chunk)
                self.send(b"")

        thread = threading.Thread(target=send, daemon=True)
        thread.start()
        return thread

    def answer(self):
        """The response, of which the head has come."""
        response = http.client.HTTPResponse(self.socket)
        response.begin()
        return response

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()


@pytest.fixture
def exchange(service, key):
    """Begin an exchange with the shared service."""
    return lambda *arguments, **options: Exchange(service.port, key, *arguments, **options)


def rows_of(body):
    """The rows of a CSV answer by its header."""
    return list(csv.DictReader(io.StringIO(body.decode(), newline="")))


def timeless(line):
    """A result without what differs from one moment to the next."""
    return {name: value for name, value in json.loads(line).items() if name != "as_of"}


def test_a_table_comes_back_with_its_verdicts(post) -> None:
    table = f'﻿id;SĐT;note\r\n1;{LISTED_NUMBER};"a;\r\nb"\r\n2;0912345678;=1\r\n3;12;\r\n'
    answer = post(table, "text/csv; charset=utf-8")
    assert answer.status == 200
    assert answer.headers["content-type"].startswith(CSV)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["transfer-encoding"] == "chunked"
    lines = answer.body.decode("utf-8").split("\r\n")
    assert lines[0] == "﻿id;SĐT;note;" + ";".join((*VERDICT_COLUMNS, ACTION_COLUMN))
    assert lines[1:3][0] == f'1;{LISTED_NUMBER};"a;'
    assert lines[2].startswith('b";listed;true;')
    assert lines[3].startswith("2;0912345678;=1;no_record;false;none;")
    assert lines[4].startswith("3;12;;;;;;;;;;")
    assert [line.rpartition(";")[2] for line in lines[2:5]] == ["inform", "allow", ""]


def test_each_result_is_that_of_check(post) -> None:
    items = [
        {"value": LISTED_NUMBER, "ref": "a"},
        {"value": "0000000000001", "kind": "account", "bank": "VCB"},
        {"value": "vn-bank.example"},
        {"value": "hello"},
        {"value": "0912345678", "region": "XX"},
        {"value": 17, "ref": "b"},
    ]
    answer = post("\n".join(map(json.dumps, items)), NDJSON)
    batch = json.dumps({"items": items})
    checked = post(batch, "application/json", "/v1/check").json()["results"]
    results = [timeless(line) for line in answer.body.splitlines()]
    assert results == [timeless(json.dumps(one)) for one in checked]


def test_columns_and_defaults_are_told_in_the_address(post) -> None:
    target = "/v1/screen?column=b&bank_column=3&kind=account"
    rows = rows_of(post("phone,b,c\nx,0000000000001,VCB\n", target=target).body)
    assert rows[0]["verdict"] == "listed"
    target = "/v1/screen?column=2&kind_column=1&bank=VCB"
    body = post("account,0000000000001\nlink,vn-bank.example\n", target=target).body
    assert [row.split(b",")[2] for row in body.splitlines()] == [b"listed"] * 2
    assert b'"notes":["' in post('{"value": "+447700900123"}', NDJSON, "/v1/screen?region=GB").body


def test_an_answer_begins_before_the_table_ends(exchange) -> None:
    """And a table in chunks of any size is one table."""
    with exchange() as begun:
        head, row = b"id,phone\n", b"1,0912345678\n"
        begun.send(head + row * (2 * BATCH_ROWS))
        begun.send(row * (2 * BATCH_ROWS))
        response = begun.answer()
        assert response.readline().startswith(b"id,phone,verdict")
        assert response.readline().startswith(b"1,0912345678,no_record")
        for at in range(len(row)):
            begun.send(row[at : at + 1])
        begun.send(b"")
        assert response.read().count(b"no_record") == 4 * BATCH_ROWS


def worker_of(service):
    """The one worker of a service."""
    children = f"/proc/{service.process.pid}/task/{service.process.pid}/children"
    (worker,) = Path(children).read_text("ascii").split()
    return int(worker)


def peak_bytes(pid):
    """The most memory that a process has had."""
    status = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) << 10 for line in status if line.startswith("VmHWM:"))


def big_table(format_):
    """A table of many rows in pieces, each row with its number."""
    if format_ == CSV:
        yield b"phone,id,padding\n"
    for start in range(0, ROWS, 500):
        rows = range(start, start + 500)
        if format_ == CSV:
            yield b"".join(b"09%08d,%d,%b\n" % (row, row, b"x" * 60) for row in rows)
        else:
            yield b"".join(b'{"value":"09%08d","ref":"%d"}\n' % (row, row) for row in rows)


@pytest.fixture
def lone(start_service, quick_data_dir, key_of):
    """A service of one worker with the sample, which tests may harm."""

    def start(**settings):
        service = start_service(quick_data_dir, BLACKLIST_WORKERS="1", **settings)
        service.key = key_of(quick_data_dir)
        return service

    return start


@pytest.mark.slow
def test_many_rows_are_screened_in_order_and_in_bounded_memory(lone) -> None:
    """In both formats, while questions are answered beside."""
    service = lone()
    worker = worker_of(service)
    for format_ in (CSV, NDJSON):
        with Exchange(service.port, service.key, format_) as begun:
            begun.send_behind(list(big_table(format_))[:20])
            begun.answer().read()
        before = peak_bytes(worker)
        with Exchange(service.port, service.key, format_) as begun:
            begun.send_behind(big_table(format_))
            response = begun.answer()
            if format_ == CSV:
                response.readline()
            count = 0
            for count, line in enumerate(response, 1):
                place = line.split(b",")[1] if format_ == CSV else json.loads(line)["ref"]
                assert int(place) == count - 1
                assert b"no_record" in line
                if count == ROWS // 2:
                    assert service.check("0912345678")["verdict"] == "no_record"
        assert count == ROWS
        assert peak_bytes(worker) - before < ALLOWED_BYTES


@pytest.mark.parametrize(
    ("body", "content_type", "target", "status", "reason"),
    [
        ("", CSV, "", 400, "empty_table"),
        ("a,b\n1,2\n", CSV, "", 400, "no_value_column"),
        ("phone,stk\n1,2\n", CSV, "", 400, "ambiguous_column"),
        (f"phone\n{MARK}\n", CSV, "?column=x", 400, "unknown_column"),
        (f"phone\n{MARK}\n".encode("utf-16"), CSV, "", 400, "not_utf8"),
        (f'"phone\n{MARK}\n', CSV, "", 400, "bad_header"),
        ("x" * (MAX_LINE_BYTES + 1), CSV, "", 400, "bad_header"),
        ("", NDJSON, "", 400, "no_items"),
        ("\n\n", NDJSON, "", 400, "no_items"),
        ("{}", NDJSON, "?column=x", 400, "no_columns"),
        ("phone\n1\n", CSV, "?colum=x", 400, "unknown_parameter"),
        ("phone\n1\n", CSV, "?kind=x", 400, "unknown_kind"),
        ("phone\n1\n", CSV, "?kind=link&kind=phone", 400, "repeated_parameter"),
        ("phone\n1\n", CSV, "?region=XX", 400, "unknown_region"),
        ("phone\n1\n", "application/json", "", 415, "not_a_table"),
        ("phone\n1\n" * 300_000, "text/plain", "", 415, "not_a_table"),
    ],
    ids=lambda one: str(one)[:30],
)
def test_what_cannot_be_begun_is_a_problem(
    post, body, content_type, target, status, reason
) -> None:
    answer = post(body, content_type, "/v1/screen" + target)
    answer.problem(status, reason)
    assert MARK.encode() not in answer.body


def test_the_address_has_no_other_method(service) -> None:
    service.request("GET", "/v1/screen").problem(405, "method_not_allowed")


@pytest.mark.parametrize("content_type", [CSV, NDJSON])
def test_a_broken_row_is_a_row_and_the_others_are_answered(post, content_type) -> None:
    if content_type == CSV:
        long = "9" * (MAX_LINE_BYTES + 1)
        body = post(f'phone,a\n"0912345678,x\n{long},y\n0912345678,z\n').body
        told = [(row["verdict"], row["error"].partition(":")[0]) for row in rows_of(body)]
    else:
        long = '{"value": "' + "9" * MAX_LINE_BYTES + '"}'
        body = post(f'{{"value": "091\n{long}\n{{"value": "0912345678"}}', NDJSON).body
        results = [json.loads(line) for line in body.splitlines()]
        told = [(one["verdict"] or "", one.get("error", {}).get("reason", "")) for one in results]
    first = "broken_row" if content_type == CSV else "not_an_item"
    assert told == [("", first), ("", "line_too_long"), ("no_record", "")]


CUT = {
    "a chunk that is none": b"zz\r\n",
    "an end in a chunk": b"ff\r\nabc",
    "an end between chunks": b"",
}


@pytest.mark.parametrize("how", CUT)
@pytest.mark.parametrize("content_type", [CSV, NDJSON])
def test_an_answer_to_a_broken_body_never_looks_whole(exchange, content_type, how) -> None:
    row = b"0912345678,x\n" if content_type == CSV else b'{"value":"0912345678"}\n'
    head = b"phone,a\n" if content_type == CSV else b""
    with exchange(content_type) as begun:
        begun.send(head + row * (3 * BATCH_ROWS))
        begun.socket.sendall(CUT[how])
        begun.socket.shutdown(socket.SHUT_WR)
        assert_incomplete(begun.answer(), content_type, "the body cannot be read to its end")


def assert_incomplete(response, content_type, why):
    """The transfer is broken, and the last row says so."""
    assert response.status == 200
    with pytest.raises(http.client.IncompleteRead) as broken:
        response.read()
    last = broken.value.partial.splitlines()[-1]
    if content_type == CSV:
        (cells,) = csv.reader([last.decode()])
        *empty, error, action = cells
        assert [*empty, action] == [""] * (2 + len(VERDICT_COLUMNS))
        assert error.startswith(f"incomplete: {why}")
    else:
        told = json.loads(last)["incomplete"]
        assert told["reason"] == "incomplete"
        assert told["detail"].startswith(why)


def test_a_body_shorter_than_it_says_is_broken(exchange) -> None:
    body = b"phone,a\n" + b"0912345678,x\n" * (3 * BATCH_ROWS)
    with exchange(headers=f"Content-Length: {len(body) + 1}\r\n") as begun:
        begun.socket.sendall(body)
        begun.socket.shutdown(socket.SHUT_WR)
        assert_incomplete(begun.answer(), CSV, "the body is shorter than its Content-Length")
    with exchange(headers="Content-Length: 100\r\n") as begun:
        begun.socket.sendall(b"phone,a\n1,x\n")
        begun.socket.shutdown(socket.SHUT_WR)
        assert begun.answer().status == 400


@pytest.mark.slow
def test_rows_are_unavailable_while_the_store_is_away(lone, quick_data_dir) -> None:
    """Never "no record"; and before the first row it is a problem."""
    service = lone()
    server = EmbeddedServer(quick_data_dir)
    client = connect.reader(server.url)
    pid = int(client.info("server")["process_id"])
    client.close()
    row = b"0912345678,x\n"
    with Exchange(service.port, service.key) as begun:
        begun.send(b"phone,a\n" + row * (2 * BATCH_ROWS))
        begun.send(row * (2 * BATCH_ROWS))
        response = begun.answer()
        response.readline()
        os.kill(pid, signal.SIGSTOP)
        try:
            time.sleep(1)  # the lease of a fifth of a second is over
            begun.send_behind([row * (4 * BATCH_ROWS)])
            rows = [line.split(b",") for line in response]
            late = [one for one in rows[-3 * BATCH_ROWS :] if one[2] != b"unavailable"]
            assert not late
            assert all(one[3] == b"" for one in rows if one[2] == b"unavailable")
            assert len(rows) == 8 * BATCH_ROWS
            answer = screen_one(service)
            answer.problem(503, "store_unavailable")
        finally:
            os.kill(pid, signal.SIGCONT)


def test_half_of_the_threads_screen_and_the_others_answer(lone, eventually) -> None:
    """What is more is told to come again, until a stream has ended, or its client has gone."""
    service = lone(BLACKLIST_THREADS="4")
    streams = [Exchange(service.port, service.key) for _ in range(2)]
    for begun in streams:
        begun.send(b"phone\n")
    time.sleep(0.3)
    refused = screen_one(service)
    refused.problem(503, "too_many_screens")
    assert refused.headers["retry-after"]
    assert service.check("vn-bank.example")["verdict"] == "listed"
    streams[0].send(b"")
    assert streams[0].answer().read()
    eventually(lambda: screens(service), WAIT_SECONDS)
    streams[1].socket.close()  # without an end
    streams[0].socket.close()
    again = Exchange(service.port, service.key)
    eventually(lambda: screens(service), WAIT_SECONDS)
    again.socket.close()


@pytest.mark.slow
def test_clients_that_stop_sending_hold_up_nobody(lone) -> None:
    """Each is answered when it was waited for, and other questions beside it at once."""
    service = lone()
    stopped = [Exchange(service.port, service.key) for _ in range(4)]
    for begun in stopped:
        begun.send(b"phone\n")
    deadline = time.monotonic() + RECEIVE_SECONDS + 2
    while time.monotonic() < deadline:
        assert service.check("vn-bank.example")["verdict"] == "listed"
        time.sleep(0.05)  # asked without a pause, they only take the processor from other tests
    for begun in stopped:
        assert begun.answer().status == 400
        begun.socket.close()


def screen_one(service):
    """Send a small table."""
    headers = {"Content-Type": CSV, "Authorization": f"Bearer {service.key}"}
    return service.request("POST", "/v1/screen", b"phone\n1\n", headers)


def screens(service):
    """Whether a small table is screened now."""
    answer = screen_one(service)
    return answer.status == 200
