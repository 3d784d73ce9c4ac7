"""Whatever is sent to the service: a clear refusal in good time, and the next one is served."""

import contextlib
import http.client
import json
import re
import socket

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

MARK = "zq9unlikely7"
"""Stands in what is sent; no refusal may repeat it."""

CARD = "4111111111111111"
DEEP = 100_000
SURROGATE = "\\ud800"
"""Half of a pair, as JSON writes it."""

NOT_TEXT = [5, 1.5, {"value": MARK}, [MARK], True]

quick = settings(max_examples=60, deadline=None)


@pytest.fixture(autouse=True)
def _still_answers(service):
    """After every test the service answers as before."""
    yield
    assert service.check("vn-bank.example")["verdict"] == "listed"


def item_error(service, item, ref=None):
    """The error of an item among good ones, which are answered all the same."""
    answer = service.post_items(
        {"value": "vn-bank.example", "ref": "before"}, item, {"value": "ok.example", "ref": "after"}
    )
    assert answer.status == 200
    before, result, after = answer.json()["results"]
    assert (before["ref"], before["verdict"]) == ("before", "listed")
    assert (after["ref"], after["verdict"]) == ("after", "no_record")
    assert (result["verdict"], result["suspicious"], result["level"]) == (None, None, None)
    assert (result["matches"], result["identifiers"]) == ([], [])
    assert result["ref"] == ref
    assert MARK not in result["error"]["detail"]
    assert result["error"]["reason"]
    return result["error"]["reason"]


# Bodies


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", None),
        (b" ", None),
        (b"value=" + MARK.encode(), None),
        (b"{", None),
        (b'{"items": [{"value": "' + MARK.encode(), None),
        (b'{"items": [{"value": "a.example"}]} ' + MARK.encode(), None),
        (b"\x00" * 100, None),
        (b"\xff\xfe" + '{"items": []}'.encode("utf-16-le"), None),
        (b'{"items": [{"value": "\xff' + MARK.encode() + b'"}]}', None),
        (b'{"items": [{"value": "a.example", "max_age_s": NaN}]}', None),
        (b'{"items": [{"value": "a.example", "max_age_s": Infinity}]}', None),
        (f'"{SURROGATE}"'.encode(), None),
        (b"null", "not_a_batch"),
        (b"17", "not_a_batch"),
        (b"true", "not_a_batch"),
        (f'"{MARK}"'.encode(), "not_a_batch"),
        (b"[]", "not_a_batch"),
        (b"{}", "not_a_batch"),
        (b'{"value": "vn-bank.example"}', "not_a_batch"),
        (b'{"items": null}', "not_a_batch"),
        (b'{"items": {"value": "a.example"}}', "not_a_batch"),
        (b'{"items": "a.example"}', "not_a_batch"),
        (b'{"items": [{"value": "a.example"}], "' + MARK.encode() + b'": 1}', "not_a_batch"),
        (b'{"items": []}', "no_items"),
        (b"[" * DEEP, None),
        (b"[" * DEEP + b"]" * DEEP, None),
        (b'{"items": [{"value": ' + b"[" * DEEP + b"]" * DEEP + b"}]}", None),
        (b'{"items": ' + b"[" * DEEP + b"]" * DEEP + b"}", None),
        (b'{"a":' * DEEP + b"1" + b"}" * DEEP, None),
        (b"1" * DEEP, None),
        (b'{"items": [{"value": ' + b"9" * 5000 + b"}]}", None),
        (b'{"items": [{"value": "a.example", "max_age_s": ' + b"9" * DEEP + b"}]}", None),
    ],
    ids=lambda value: repr(value[:30]) if isinstance(value, bytes) else "",
)
def test_a_body_that_is_no_batch_is_refused(service, body: bytes, reason: str | None) -> None:
    """400 with a reason; what was sent is not repeated."""
    answer = service.post(body)
    answer.problem(400, reason)
    assert MARK.encode() not in answer.body


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "application/xml", "", "\xff", "json"],
)
def test_a_batch_of_another_media_type_is_refused(service, content_type: str) -> None:
    """415: what a browser's form can send across sites is not taken."""
    body = b'{"items": [{"value": "vn-bank.example"}]}'
    service.post(body, content_type).problem(415, "not_json")


@pytest.mark.parametrize("count", [1001, 50_000])
def test_more_than_a_thousand_items_are_refused(service, count: int) -> None:
    """413, none of them answered."""
    problem = service.post_items(*[{"value": "a.example"}] * count).problem(413, "too_many_items")
    assert "results" not in problem


def test_a_body_over_four_mebibytes_is_refused(service) -> None:
    """Ten megabytes of one value: 413, also for a client that sends it all before it reads."""
    body = json.dumps({"items": [{"value": MARK * (10_000_000 // len(MARK))}]}).encode()
    answer = service.post(body)
    answer.problem(413, "too_large")
    assert MARK.encode() not in answer.body


def test_a_batch_near_the_size_limit_is_answered_or_refused_as_too_large(service) -> None:
    """A thousand links of four thousand characters."""
    stem = "https://vn-bank.example/"
    items = [{"value": stem + "a/" * 2000 + str(n)} for n in range(1000)]
    answer = service.post_items(*items)
    if answer.status != 200:
        answer.problem(413)
        return
    assert {result["verdict"] for result in answer.json()["results"]} == {"listed"}


# Items


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        *(({"value": wrong, "ref": "r"}, "not_text") for wrong in [*NOT_TEXT, None]),
        *(({"value": MARK, "ref": "r", "kind": wrong}, "unknown_kind") for wrong in NOT_TEXT),
        *(({"value": MARK, "ref": "r", "bank": wrong}, "unknown_bank") for wrong in NOT_TEXT),
        *(({"value": MARK, "ref": "r", "region": wrong}, "unknown_region") for wrong in NOT_TEXT),
        *(({"value": MARK, "ref": wrong}, "bad_ref") for wrong in NOT_TEXT),
        *(
            ({"value": MARK, "ref": "r", "max_age_s": wrong}, "bad_max_age")
            for wrong in [-1, -0.001, 1e99, 86_401, MARK, [MARK], True, None]
        ),
        ({"value": MARK + ".example", "ref": MARK * 6}, "bad_ref"),
        ({"ref": "r"}, "no_value"),
        ({}, "no_value"),
        ({"value": MARK, "ref": "r", MARK: 1}, "unknown_field"),
        ({"value": "vn-bank.example", "ref": "r", "Bank": "VCB"}, "unknown_field"),
        (None, "not_an_item"),
        (MARK, "not_an_item"),
        (17, "not_an_item"),
        ([], "not_an_item"),
        ({"value": "", "ref": "r"}, "empty"),
        ({"value": " \t\u200b", "ref": "r"}, "empty"),
        ({"value": MARK + "\0.example", "ref": "r"}, "control_characters"),
        ({"value": "\x07" + MARK, "ref": "r"}, "control_characters"),
        ({"value": "+44 7700\n900123", "kind": "phone", "ref": "r"}, "control_characters"),
        ({"value": "\ud800", "ref": "r"}, "not_text"),
        ({"value": MARK + "\udfff.example", "ref": "r"}, "not_text"),
        ({"value": MARK * 1000, "ref": "r"}, "too_long"),
        ({"value": "0000000000001", "bank": MARK, "ref": "r"}, "unknown_bank"),
        ({"value": "0000000000001", "bank": MARK * 1000, "ref": "r"}, "unknown_bank"),
        ({"value": "0000000000001", "bank": "BVB", "ref": "r"}, "ambiguous_bank"),
        ({"value": "970436/0000000000001", "bank": "ACB", "ref": "r"}, "bank_conflict"),
        ({"value": "vn-bank.example", "kind": MARK, "ref": "r"}, "unknown_kind"),
        ({"value": "vn-bank.example", "kind": "LINK", "ref": "r"}, "unknown_kind"),
        ({"value": "0912", "kind": "phone", "region": MARK, "ref": "r"}, "unknown_region"),
        ({"value": "07700900123", "kind": "phone", "region": "ZZ", "ref": "r"}, "unknown_region"),
        ({"value": CARD, "ref": "r"}, "card_number"),
        ({"value": "4111 1111-1111 1111", "kind": "account", "ref": "r"}, "card_number"),
        ({"value": MARK + " ???", "ref": "r"}, "not_understood"),
    ],
    ids=lambda value: json.dumps(value)[:40] if not isinstance(value, str) else value,
)
def test_a_bad_item_is_its_own_result(service, item, reason: str) -> None:
    """With its error and its reference; the items around it are answered."""
    ref = item.get("ref") if isinstance(item, dict) else None
    assert item_error(service, item, ref if ref == "r" else None) == reason


@pytest.mark.parametrize("field", ["kind", "bank", "region", "ref"])
@pytest.mark.parametrize("wrong", [MARK + SURROGATE, SURROGATE])
def test_half_a_surrogate_pair_in_any_field_is_an_error_of_the_item(
    service, field: str, wrong: str
) -> None:
    """And not of the batch, and never an answer that cannot be written."""
    bad = f'{{"value": "0000000000001", "{field}": "{wrong}"}}'
    answer = service.post(f'{{"items": [{{"value": "vn-bank.example"}}, {bad}]}}'.encode())
    assert answer.status == 200
    good, result = answer.json()["results"]
    assert good["verdict"] == "listed"
    assert (result["verdict"], result["suspicious"], result["ref"]) == (None, None, None)
    assert MARK not in result["error"]["detail"]


def test_a_reference_of_65_characters_is_refused_and_not_echoed(service) -> None:
    """64 are the limit."""
    assert item_error(service, {"value": "a.example", "ref": "x" * 65}) == "bad_ref"


@pytest.mark.parametrize("value", [CARD, "4111 1111 1111 1111", "970436/" + CARD])
def test_a_card_number_is_never_sent_back(service, value: str) -> None:
    """Neither as the input of a result nor in a problem document."""
    results = service.post_items({"value": value}, {"value": "ok.example"}).json()["results"]
    assert results[0]["input"] is None
    assert results[0]["error"]["reason"] == "card_number"
    for answer in (service.post_items({"value": value}), service.get(value=value)):
        answer.problem(400)
        assert re.search(rb"1111 ?1111", answer.body) is None


def test_a_batch_of_bad_items_only_is_a_problem_with_its_results(service) -> None:
    """So that each can be put right."""
    answer = service.post_items({"value": "???", "ref": "a"}, {"ref": "b"}, 17)
    results = answer.problem(400, "no_valid_item")["results"]
    assert [result["ref"] for result in results] == ["a", "b", None]
    assert [result["error"]["reason"] for result in results] == [
        "not_understood",
        "no_value",
        "not_an_item",
    ]


@pytest.mark.parametrize("item", [{"value": f"{MARK} ???"}, {"value": MARK, "kind": "phone"}])
def test_a_problem_document_never_holds_the_value(service, item) -> None:
    """Error bodies end in logs (DESIGN 9), so not even its results repeat what was asked."""
    answer = service.post_items(item)
    answer.problem(400)
    assert MARK.encode() not in answer.body


def test_an_unknown_region_does_not_lose_the_phone_reading(service) -> None:
    """``UK`` is no region: the number listed under GB must not be answered ``no_record``."""
    assert service.check("07700900123", region="GB")["verdict"] == "listed"
    item = {"value": "07700900123", "region": "UK"}
    assert item_error(service, item) == "unknown_region"


# Address lines


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("", "no_value"),
        ("?kind=link", "no_value"),
        ("?value=", "empty"),
        ("?value=%20%E2%80%8B", "empty"),
        (f"?value=vn-bank.example&{MARK}=1", "unknown_parameter"),
        (f"?value=vn-bank.example&Kind={MARK}", "unknown_parameter"),
        (f"?value=vn-bank.example&kind={MARK}", "unknown_kind"),
        (f"?value=0000000000001&bank={MARK}", "unknown_bank"),
        ("?value=0000000000001&bank=BVB", "ambiguous_bank"),
        (f"?value=07700900123&kind=phone&region={MARK}", "unknown_region"),
        (f"?value=a.example&ref={MARK * 6}", "bad_ref"),
        ("?value=a.example&max_age_s=-1", "bad_max_age"),
        ("?value=a.example&max_age_s=nan", "bad_max_age"),
        ("?value=a.example&max_age_s=inf", "bad_max_age"),
        (f"?value=a.example&max_age_s={MARK}", "bad_max_age"),
        (f"?value={CARD}", "card_number"),
        (f"?value={MARK}%00.example", "control_characters"),
        (f"?value={MARK}%1b[31m", "control_characters"),
        (f"?value={MARK}%20???", "not_understood"),
        (f"?value=%zz{MARK}", None),
        (f"?value=%ff{MARK}", None),
        ("?value=vn-bank.example%ff", None),
        ("?value=%ed%a0%80", None),
    ],
)
def test_a_bad_question_by_address_is_a_problem(service, query: str, reason: str | None) -> None:
    """400 with the reason; the value is not repeated."""
    answer = service.request("GET", "/v1/check" + query)
    answer.problem(400, reason)
    assert MARK.encode() not in answer.body


@pytest.mark.parametrize(
    "query",
    [
        f"value=ok.example&value={MARK}.example",
        "value=ok.example&value=vn-bank.example",
        "value=0000000000001&bank=ACB&bank=VCB",
        "value=ok.example&kind=link&kind=phone",
    ],
)
def test_a_parameter_given_twice_is_refused(service, query: str) -> None:
    """Taking one of two values in silence would answer a question that was not put."""
    answer = service.request("GET", "/v1/check?" + query)
    answer.problem(400)
    assert MARK.encode() not in answer.body


@pytest.mark.parametrize("length", [8_200, 100_000])
def test_an_over_long_address_line_is_our_problem_document(service, length: int) -> None:
    """Not the server's page."""
    value = (MARK * (length // len(MARK) + 1))[:length]
    answer = service.send_raw(f"GET /v1/check?value={value} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
    answer.problem(414, "address_too_long")
    assert MARK.encode() not in answer.body


@pytest.mark.parametrize(
    "path", ["/nothing", "/v1/check/", "/v1", f"/{MARK}", "/v1/%00", "/v1/%ff", "/static/a"]
)
def test_an_unknown_path_is_a_problem(service, path: str) -> None:
    """404, not repeated."""
    answer = service.request("GET", path)
    answer.problem(404, "not_found")
    assert MARK.encode() not in answer.body


@pytest.mark.parametrize("method", ["DELETE", "PUT", "PATCH", "TRACE", "PROPFIND"])
def test_another_method_is_refused_with_those_allowed(service, method: str) -> None:
    """405 with ``Allow``."""
    answer = service.request(method, "/v1/check?value=vn-bank.example")
    answer.problem(405, "method_not_allowed")
    assert {"GET", "POST"} <= set(answer.headers["allow"].split(", "))


def test_a_page_that_is_only_read_allows_no_post(service) -> None:
    """405 with ``Allow``."""
    answer = service.request("POST", "/readyz", b"{}")
    answer.problem(405, "method_not_allowed")
    assert "POST" not in answer.headers["allow"]


# The wire

LINE = b"POST /v1/check HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
BODY = b'{"items": [{"value": "vn-bank.example"}]}'


@pytest.mark.parametrize(
    "data",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200) + b"\r\n\r\n",
        b"nothing like HTTP\r\n\r\n",
        b"GET /healthz\r\n\r\n",
        b"GET /healthz HTTP/9.9\r\nHost: a\r\n\r\n",
        b"G\x00T /healthz HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost : a\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: a\r\nX: a\x00b\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: a\r\n folded: yes\r\n\r\n",
        LINE + b"Content-Length: -1\r\n\r\n" + BODY,
        LINE + b"Content-Length: many\r\n\r\n" + BODY,
        LINE + b"Content-Length: 41\r\nContent-Length: 40\r\n\r\n" + BODY,
        LINE + b"Content-Length: 41\r\nTransfer-Encoding: chunked\r\n\r\n" + BODY,
    ],
)
def test_broken_http_is_a_problem(service, data: bytes) -> None:
    """Answered in our words, with the connection closed."""
    answer = service.send_raw(data)
    answer.problem(400)
    assert answer.headers["connection"] == "close"


@pytest.mark.parametrize("coding", [b"gzip, chunked", b"rubbish"])
def test_an_unknown_transfer_coding_is_a_problem(service, coding: bytes) -> None:
    """A 4xx or 501 in our words."""
    answer = service.send_raw(LINE + b"Transfer-Encoding: " + coding + b"\r\n\r\n0\r\n\r\n")
    answer.problem(answer.status)
    assert 400 <= answer.status < 500 or answer.status == 501


@pytest.mark.parametrize(
    "headers",
    [
        b"X-Long: " + MARK.encode() * 10_000 + b"\r\n",
        b"".join(b"X-%d: %s\r\n" % (n, MARK.encode()) for n in range(500)),
    ],
    ids=["one long", "many"],
)
def test_over_long_headers_are_a_problem(service, headers: bytes) -> None:
    """431 in our words."""
    answer = service.send_raw(b"GET /healthz HTTP/1.1\r\nHost: a\r\n" + headers + b"\r\n")
    answer.problem(431, "headers_too_large")
    assert MARK.encode() not in answer.body


def test_a_chunked_body_is_taken(service) -> None:
    """Clients that stream have no length to tell."""
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (BODY[:7], BODY[7:]))
    answer = service.send_raw(LINE + b"Transfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n")
    assert answer.status == 200
    assert answer.json()["results"][0]["verdict"] == "listed"


@pytest.mark.parametrize(
    "chunks", [b"zz\r\nrubbish", b"5\r\n{", b"-1\r\n\r\n", b"29\r\n" + BODY + b"rubbish\r\n"]
)
def test_broken_chunks_are_a_problem_or_the_end(service, chunks: bytes) -> None:
    """Never an answer as if the body had been whole."""
    answer = service.send_raw(LINE + b"Transfer-Encoding: chunked\r\n\r\n" + chunks)
    if answer is not None:
        answer.problem(400)


def test_a_chunked_body_over_the_limit_is_refused(service) -> None:
    """The limit holds without a length, too: no answer as if what was read had been all."""
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    first = b"%x\r\n%s\r\n" % (len(BODY), BODY)
    data = LINE + b"Transfer-Encoding: chunked\r\n\r\n" + first + chunk * 80 + b"0\r\n\r\n"
    answer = service.send_raw(data)
    assert answer is not None
    answer.problem(413, "too_large")


def test_a_body_shorter_than_its_length_is_no_batch(service) -> None:
    """The connection ends before the body: a problem or nothing, never an answer."""
    answer = service.send_raw(LINE + b"Content-Length: 400\r\n\r\n" + BODY)
    if answer is not None:
        answer.problem(400)


def test_a_client_that_leaves_in_the_middle_does_not_matter(service) -> None:
    """Many of them, more than there are threads: the service answers the next one."""
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", service.port), 2) as connection:
            connection.sendall(LINE + b"Content-Length: 4000\r\n\r\n{")
    assert service.check("vn-bank.example")["verdict"] == "listed"


@pytest.fixture
def held_open(service):
    """Begin many requests and keep them open: two calls take more threads than a worker has."""
    with contextlib.ExitStack() as stack:

        def held_open(begun: bytes) -> None:
            for _ in range(12):
                connection = socket.create_connection(("127.0.0.1", service.port), 2)
                stack.enter_context(connection).sendall(begun)

        yield held_open


def test_clients_that_send_nothing_keep_nobody_waiting(service, held_open) -> None:
    """Connections that browsers open ahead cost no thread."""
    held_open(b"")
    assert service.check("vn-bank.example")["verdict"] == "listed"


@pytest.mark.slow
def test_clients_that_never_finish_are_given_up(service, held_open, eventually) -> None:
    """They hold a worker's threads for some seconds at most, although they stay."""
    held_open(LINE[:30])
    held_open(LINE + b"Content-Length: 400\r\n\r\n{")

    def answers() -> bool:
        with contextlib.suppress(TimeoutError):
            return service.check("vn-bank.example")["verdict"] == "listed"
        return False

    eventually(answers, 15)


def test_http_1_0_is_served(service) -> None:
    """Also without a Host header."""
    answer = service.send_raw(b"GET /v1/check?value=vn-bank.example HTTP/1.0\r\n\r\n")
    assert (answer.status, answer.json()["verdict"]) == (200, "listed")


# Anything at all


@pytest.fixture(scope="module")
def ask(service):
    """Ask over one connection that is kept, as fast as it goes."""
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=2)

    def ask(method, target, body=None):
        try:
            return send(method, target, body)
        except TimeoutError:  # of two that take too long the second is not the machine's doing
            connection.close()
            return send(method, target, body)

    def send(method, target, body):
        connection.request(method, target, body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        return response.status, response.headers["Content-Type"], json.loads(response.read())

    yield ask
    connection.close()


def assert_served(status, content_type, document) -> None:
    """An answer or a problem document, never a failure of the service."""
    if status == 200:
        assert content_type == "application/json"
        return
    assert 400 <= status < 500
    assert content_type == "application/problem+json"
    assert document["reason"]
    assert document["suspicious"] is None


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
FIELDS = st.sampled_from(["value", "kind", "bank", "region", "ref", "max_age_s"])
ANY_TEXT = st.text(st.characters(), max_size=60)


@quick
@given(body=st.binary(max_size=200))
def test_any_bytes_are_served(ask, body: bytes) -> None:
    """As a body that says it is JSON."""
    assert_served(*ask("POST", "/v1/check", body))


@quick
@given(document=JSON_VALUES)
def test_any_document_is_served(ask, document) -> None:
    """As a body."""
    assert_served(*ask("POST", "/v1/check", json.dumps(document).encode()))


@quick
@given(items=st.lists(JSON_VALUES | st.dictionaries(FIELDS, JSON_VALUES), min_size=1, max_size=5))
def test_any_items_are_served(ask, items) -> None:
    """One result an item, in order, with good ones between them answered."""
    document = {"items": [*items, {"value": "vn-bank.example", "ref": "last"}]}
    status, _, answer = ask("POST", "/v1/check", json.dumps(document).encode())
    assert status == 200
    assert len(answer["results"]) == len(items) + 1
    assert (answer["results"][-1]["ref"], answer["results"][-1]["verdict"]) == ("last", "listed")


@quick
@given(fields=st.dictionaries(FIELDS, ANY_TEXT | JSON_VALUES))
def test_any_texts_are_served(ask, fields) -> None:
    """In every field, surrogates and control characters included."""
    body = json.dumps({"items": [{"value": "a.example", **fields}]}).encode()
    assert_served(*ask("POST", "/v1/check", body))


@quick
@given(query=st.binary(max_size=80))
def test_any_query_is_served(ask, query: bytes) -> None:
    """Percent escapes of any bytes, valid UTF-8 or not."""
    escaped = "".join(f"%{byte:02x}" for byte in query)
    assert_served(*ask("GET", f"/v1/check?value={escaped}"))
