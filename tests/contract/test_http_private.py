"""Private lookups over HTTP: what is told by prefix, to whom, and for how long it may be kept."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blacklist import marks
from blacklist.callers import Scope
from blacklist.config import Settings
from blacklist.marks import Reason
from blacklist.model import Identifier, Kind, Source, Trust
from blacklist.prefixes import Tag
from blacklist.publish import Publisher
from blacklist.store import Client, connect, keys, meta
from blacklist.store.embedded import EmbeddedServer
from blacklist.store.listings import Detail
from blacklist.store.place import Place
from blacklist.store.stage import Staged
from blacklist.web import create_app
from documents import read, table, words

BITS = 4
"""Of the stores that the services here have."""

LINKS = Source("links-a", "Links")
PHONES = Source("phones-a", "Phones")
ACCOUNTS = Source("accounts-a", "Accounts", Trust.AUTHORITY)
ALL_PREFIXES = [f"{number:x}" for number in range(1 << BITS)]


def bearer(key: str | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"} if key else {}


def prefix_of(kind: Kind, value: str, bits: int = BITS) -> str:
    digest = sha256(f"{kind}:{value}".encode()).hexdigest()
    return f"{int(digest, 16) >> (256 - bits):0{-(-bits // 4)}x}"


def suffix_of(kind: Kind, value: str, bits: int = BITS) -> str:
    digest = sha256(f"{kind}:{value}".encode()).hexdigest()
    return digest[bits // 4 : bits // 4 + 20]


@contextmanager
def writing(service: Any) -> Iterator[Publisher]:
    """A publisher on the store of a running service, which waits for its workers."""
    client: Client = connect.writer(EmbeddedServer(service.data_dir).url)
    try:
        yield Publisher(client, meta.require(client))
    finally:
        client.close()


def put(publisher: Publisher, source: Source, kind: Kind, *values: str, **detail: Any) -> None:
    with publisher.load(source, full=False) as load:
        load.put(Staged(Identifier(kind, one), None, Detail(**detail)) for one in values)
        load.commit()


class Asking:
    """One service, and what it tells of single identifiers."""

    def __init__(self, service: Any, key: str | None) -> None:
        self.service = service
        self.key = key

    def get(self, path: str, key: str | None = None, **headers: str) -> Any:
        return self.service.request("GET", path, None, bearer(key) | headers)

    def entries(self, kind: Kind, prefix: str) -> list[str]:
        key = None if kind is Kind.LINK else self.key
        answer = self.get(f"/v1/range/{kind}/{prefix}", key)
        assert answer.status == 200, answer.body
        document = answer.json()
        assert (document["kind"], document["bits"], document["prefix"]) == (kind, BITS, prefix)
        found: list[str] = document["entries"]
        return found

    def tags(self, kind: Kind, value: str) -> set[str]:
        suffix = suffix_of(kind, value)
        entries = self.entries(kind, prefix_of(kind, value))
        return {one.rpartition(":")[2] for one in entries if one.startswith(suffix)}


@pytest.fixture(scope="module")
def asking(module_service, key_of) -> Asking:
    service = module_service()
    with writing(service) as publisher:
        put(publisher, LINKS, Kind.LINK, *(f"h{number}.example" for number in range(60)))
        put(publisher, PHONES, Kind.PHONE, "+447700900171", "+44770090018*", "+4477009001##")
        put(publisher, ACCOUNTS, Kind.ACCOUNT, "970436/0000000000071")
    return Asking(service, key_of(service.data_dir, Scope.LIST, Scope.CHECK))


def test_the_description_tells_how_to_ask(asking: Asking) -> None:
    answer = asking.get("/v1/range")
    assert answer.status == 200
    document = answer.json()
    assert (document["hash"], document["of"]) == ("sha256", "KIND:VALUE")
    assert document["suffix_digits"] == 20
    assert document["tags"] == {
        "a": "authority",
        "d": "danger",
        "w": "warning",
        "b": "at_a_bank",
        "c": "cleared",
        "o": "official",
    }
    of_links = {"bits": BITS, "prefix_digits": 1, "skipped_digits": 1, "scope": None}
    assert document["kinds"] == {
        "link": of_links,
        "phone": of_links | {"scope": "list"},
        "account": of_links | {"scope": "list"},
    }


def test_every_listed_identifier_is_in_its_shard_and_no_other_is(asking: Asking) -> None:
    for number in range(60):
        assert asking.tags(Kind.LINK, f"h{number}.example") == {"w"}
    for number in range(60, 200):
        assert asking.tags(Kind.LINK, f"h{number}.example") == set()
    assert asking.tags(Kind.PHONE, "+447700900171") == {"w"}
    assert asking.tags(Kind.PHONE, "+447700900172") == set()
    assert asking.tags(Kind.ACCOUNT, "970436/0000000000071") == {"a"}
    assert asking.tags(Kind.ACCOUNT, "970407/0000000000071") == set()


def test_a_bare_account_number_tells_that_some_bank_has_it(asking: Asking) -> None:
    """Until nothing is flagged at any bank."""
    number = "0000000000072"
    account = Identifier(Kind.ACCOUNT, f"970436/{number}")
    with writing(asking.service) as publisher:
        put(publisher, ACCOUNTS, Kind.ACCOUNT, account.value)
        with publisher.load(ACCOUNTS, full=False) as load:  # as the loaders list it
            load.put([Staged(Identifier(Kind.ACCOUNT, number), None, Detail(banks=("970436",)))])
            load.commit()
        assert asking.tags(Kind.ACCOUNT, number) == {"b"}
        marks.clear(publisher, [account], Reason.WRONGLY_LISTED)
        assert asking.tags(Kind.ACCOUNT, number) == set()
        assert asking.tags(Kind.ACCOUNT, account.value) == {"c"}


def test_what_is_cleared_is_not_told_as_listed(asking: Asking) -> None:
    """At once, and again when the clearance is lifted."""
    one = Identifier(Kind.LINK, "h1.example")
    with writing(asking.service) as publisher:
        marks.clear(publisher, [one], Reason.WRONGLY_LISTED)
        assert asking.tags(Kind.LINK, one.value) == {"c"}
        marks.lift(publisher, [one])
        assert asking.tags(Kind.LINK, one.value) == {"w"}


def test_what_an_institution_published_is_not_told_as_listed(asking: Asking) -> None:
    one = Identifier(Kind.LINK, "h2.example")
    with writing(asking.service) as publisher:
        marks.replace_official(publisher, [marks.Mark(one, 1, "A bank")])
        assert asking.tags(Kind.LINK, one.value) == {"o"}
        marks.replace_official(publisher, [])
        assert asking.tags(Kind.LINK, one.value) == {"w"}


def test_what_is_removed_is_gone_at_once(asking: Asking) -> None:
    source = Source("links-b", "Links")
    with writing(asking.service) as publisher:
        put(publisher, source, Kind.LINK, "gone.example", "stays.example")
        assert asking.tags(Kind.LINK, "gone.example") == {"w"}
        with publisher.load(source, full=True) as load:
            load.put([Staged(Identifier(Kind.LINK, "stays.example"))])
            load.commit()
        assert asking.tags(Kind.LINK, "gone.example") == set()
        assert asking.tags(Kind.LINK, "stays.example") == {"w"}


def test_what_has_ended_is_gone(asking: Asking, eventually: Callable[..., None]) -> None:
    """Without anybody writing anything."""
    with writing(asking.service) as publisher:
        ends = int(time.time()) + 3
        put(publisher, LINKS, Kind.LINK, "ended.example", expires=int(time.time()) - 1)
        put(publisher, LINKS, Kind.LINK, "ends.example", expires=ends)
    assert asking.tags(Kind.LINK, "ended.example") == set()
    if time.time() < ends - 1:
        assert asking.tags(Kind.LINK, "ends.example") == {"w"}
    eventually(lambda: asking.tags(Kind.LINK, "ends.example") == set(), 10)


@pytest.mark.parametrize("kind", list(Kind))
def test_the_size_of_an_answer_does_not_say_which_shard_it_is(asking: Asking, kind: Kind) -> None:
    key = None if kind is Kind.LINK else asking.key
    paths = [f"/v1/range/{kind}/{prefix}" for prefix in ALL_PREFIXES]
    answers = [asking.get(path, key) for path in paths]
    assert len({len(answer.body) for answer in answers}) == 1
    assert len({answer.headers["content-length"] for answer in answers}) == 1
    assert all(len(answer.json()["entries"]) >= 16 for answer in answers)


def test_every_worker_tells_the_same(asking: Asking) -> None:
    """Dummies that differed would be told from what is listed by asking twice."""
    answers = {asking.get("/v1/range/link/3").body for _ in range(20)}
    assert len(answers) == 1


def test_an_answer_may_be_kept_for_a_minute_and_confirmed(asking: Asking) -> None:
    for path, who, key in (
        ("/v1/range", "public", None),
        ("/v1/range/link/3", "public", None),
        ("/v1/filter/link", "public", None),
        ("/v1/range/phone/3", "private", asking.key),
        ("/v1/filter/phone", "private", asking.key),
        ("/v1/range/phone/ranges", "private", asking.key),
    ):
        answer = asking.get(path, key)
        assert answer.status == 200
        assert answer.headers["cache-control"] == f"{who}, max-age=60"
        again = asking.get(path, key, **{"If-None-Match": answer.headers["etag"]})
        assert (again.status, again.body) == (304, b"")
        assert again.headers["cache-control"] == f"{who}, max-age=60"


def test_what_a_key_or_a_session_is_answered_is_kept_by_its_own_client_only(
    asking: Asking,
) -> None:
    """Whoever else asks a cache between must not be given a cookie, or somebody's quota."""
    body, headers = b'{"person": "Ai"}', {"Content-Type": "application/json"}
    opened = asking.service.request("POST", "/v1/session", body, headers | bearer(asking.key))
    assert opened.status == 201, opened.body
    cookie = {"Cookie": opened.headers["set-cookie"].partition(";")[0]}
    for path in ("/v1/range", *PATHS[Kind.LINK]):
        for brought in (cookie, bearer(asking.key)):
            answer = asking.service.request("GET", path, None, brought)
            assert answer.status == 200
            assert answer.headers["cache-control"] in {"private, max-age=60", "no-store"}


def test_a_change_elsewhere_moves_the_position_and_leaves_the_answer(asking: Asking) -> None:
    prefix = prefix_of(Kind.LINK, "h3.example")
    before = asking.get(f"/v1/range/link/{prefix}")
    with writing(asking.service) as publisher:
        put(publisher, PHONES, Kind.PHONE, "+447700900173")
    after = asking.get(f"/v1/range/link/{prefix}", **{"If-None-Match": before.headers["etag"]})
    assert after.status == 304
    positions = [one.headers["blacklist-position"] for one in (before, after)]
    assert positions[0] < positions[1]


def test_the_filter_holds_what_came_after_its_snapshot(asking: Asking) -> None:
    from private_filter import FilterBits

    before = asking.get("/v1/filter/link")
    with writing(asking.service) as publisher:
        put(publisher, LINKS, Kind.LINK, "late.example")
    after = asking.get("/v1/filter/link")
    assert after.headers["content-type"] == "application/octet-stream"
    assert after.headers["etag"] != before.headers["etag"]
    assert not FilterBits(before.body).may_hold("late.example")
    assert FilterBits(after.body).may_hold("late.example")


def test_ranges_of_numbers_are_told_whole(asking: Asking) -> None:
    """A clearance of one takes it out."""

    def ranges() -> list[str]:
        answer = asking.get("/v1/range/phone/ranges", asking.key)
        assert answer.status == 200
        return [one for one in answer.json()["ranges"] if one.startswith("+4477009001")]

    assert sorted(ranges()) == ["+4477009001##:w", "+44770090018*:w"]
    with writing(asking.service) as publisher:
        one = Identifier(Kind.PHONE, "+44770090018*")
        marks.clear(publisher, [one], Reason.OTHER)
        assert ranges() == ["+4477009001##:w"]
        marks.lift(publisher, [one])


PATHS = {
    Kind.LINK: ["/v1/range/link/3", "/v1/filter/link"],
    Kind.PHONE: ["/v1/range/phone/3", "/v1/filter/phone", "/v1/range/phone/ranges"],
    Kind.ACCOUNT: ["/v1/range/account/3", "/v1/filter/account"],
}


@pytest.mark.parametrize("path", ["/v1/range", *PATHS[Kind.LINK]])
def test_links_are_open_to_all(asking: Asking, key_of, path: str) -> None:
    assert asking.get(path).status == 200
    assert asking.get(path, key_of(asking.service.data_dir, Scope.CHECK)).status == 200
    asking.get(path, "bl_000000000000_" + "A" * 43).problem(401, "bad_key")


def test_a_closed_service_tells_links_to_keys_only(module_service, key_of) -> None:
    closed = module_service(BLACKLIST_PUBLIC="no")
    key = key_of(closed.data_dir, Scope.CHECK)
    for path in ("/v1/range", *PATHS[Kind.LINK]):
        closed.request("GET", path).problem(401, "no_key")
        assert closed.request("GET", path, None, bearer(key)).status == 200


def test_asking_is_metered(module_service, key_of, eventually) -> None:
    """By address without a key, by the day's quota with one."""
    limited = Asking(module_service(BLACKLIST_PUBLIC_PER_MINUTE="20"), None)
    answers = [limited.get(f"/v1/range/link/{prefix}") for prefix in ALL_PREFIXES * 3]
    refused = next(one for one in answers if one.status != 200)
    refused.problem(429, "too_many_requests")
    key = key_of(limited.service.data_dir, Scope.LIST, quota=3)
    assert limited.get("/v1/range/phone/0", key).status == 200
    eventually(lambda: is_used_up(limited, key), 10)
    for path in PATHS[Kind.PHONE]:
        limited.get(path, key).problem(429, "too_many_requests")


def is_used_up(limited: Asking, key: str) -> bool:
    """Whether each of some requests, which reach both workers, is refused."""
    answers = [limited.get("/v1/range/phone/0", key) for _ in range(10)]
    return all(one.status == 429 for one in answers)


@pytest.mark.parametrize(
    ("path", "status", "reason"),
    [
        ("/v1/range/link/g", 400, "bad_prefix"),
        ("/v1/range/link/A", 400, "bad_prefix"),
        ("/v1/range/link/%20", 400, "bad_prefix"),
        ("/v1/range/link/%ff", 400, "bad_prefix"),
        ("/v1/range/link/0x1", 400, "bad_prefix"),
        ("/v1/range/link/ranges", 400, "bad_prefix"),
        ("/v1/range/link/" + "0" * 64, 400, "bad_prefix"),
        ("/v1/range/link/3?bits=four", 400, "bad_prefix"),
        ("/v1/range/link/3?bits=", 400, "bad_prefix"),
        ("/v1/range/link/3?bits=4&bits=4", 400, "repeated_parameter"),
        ("/v1/range/link/3?value=x", 400, "unknown_parameter"),
        ("/v1/range?value=x", 400, "unknown_parameter"),
        ("/v1/filter/link?value=x", 400, "unknown_parameter"),
        ("/v1/range/link/03", 404, "other_bits"),
        ("/v1/range/link/3?bits=3", 404, "other_bits"),
        ("/v1/range/link/3?bits=999", 404, "other_bits"),
        ("/v1/range/link", 404, "not_found"),
        ("/v1/range/link/", 404, "not_found"),
        ("/v1/range/email/3", 404, "not_found"),
        ("/v1/range/link/3/4", 404, "not_found"),
        ("/v1/filter", 404, "not_found"),
        ("/v1/filter/email", 404, "not_found"),
    ],
)
def test_what_is_no_prefix_is_refused(asking: Asking, path: str, status: int, reason: str) -> None:
    document = asking.get(path).problem(status, reason)
    if reason == "other_bits":
        assert (document["bits"], document["prefix_digits"]) == (BITS, 1)


def test_nothing_is_written_to_these_addresses(asking: Asking) -> None:
    for path in ("/v1/range", "/v1/range/link/3", "/v1/filter/link", "/v1/range/phone/ranges"):
        for method in ("POST", "PUT", "DELETE", "PATCH"):
            asking.service.request(method, path, b"{}").problem(405, "method_not_allowed")


SEGMENTS = st.one_of(
    st.sampled_from(["link", "phone", "account", "ranges", "range", "filter", "..", "", "3", "ff"]),
    st.text(alphabet="0123456789abcdefABCDEF%?#&=;:/\\.~ \t", max_size=12),
    st.binary(max_size=8).map(lambda raw: "".join(f"%{byte:02x}" for byte in raw)),
)
HEADERS = st.sampled_from(["", "*", '"x"', 'W/"x"', '"', ", ,", "x" * 300, '"x", *'])


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    root=st.sampled_from(["/v1/range/", "/v1/filter/"]),
    segments=st.lists(SEGMENTS, max_size=4),
    query=st.text(alphabet="bits=0123456789&%fx ", max_size=12),
    match=HEADERS,
    is_keyed=st.booleans(),
)
def test_no_address_is_a_500(
    asking: Asking, root: str, segments: list[str], query: str, match: str, *, is_keyed: bool
) -> None:
    target = (root + "/".join(segments) + "?" + query).replace(" ", "%20").replace("\t", "%09")
    headers = {"If-None-Match": match}
    if is_keyed:
        headers |= bearer(asking.key)
    answer = asking.service.request("GET", target, None, headers)
    assert answer.status in {200, 304, 308, 400, 401, 404}, (target, answer.status)
    if answer.status >= 400:
        answer.problem(answer.status)


def test_a_lost_shard_is_no_answer(module_service, key_of) -> None:
    """Neither of its own kind nor for accounts whose other places lay in it."""
    lost = Asking(module_service(), None)
    with writing(lost.service) as publisher:
        name = keys.entries(Kind.LINK, BITS, 3)
        publisher.client.delete(name)
        lost.get("/v1/range/link/3").problem(503, "store_unavailable")
        assert lost.get("/v1/range/link/4").status == 200


def test_a_store_that_is_away_is_no_answer(data_dir: Path) -> None:
    """Neither the description nor a shard nor a filter: each is a 503 that asks to come back."""
    app = create_app(Settings(), Place("unix:///nonexistent/store.sock", data_dir))
    try:
        for path in ("/v1/range", *PATHS[Kind.LINK]):
            response = app.test_client().get(path)
            assert (response.status_code, response.get_json(force=True)["reason"]) == (
                503,
                "store_unavailable",
            )
            assert int(response.headers["Retry-After"]) > 0
            assert response.headers["Cache-Control"] == "no-store"
    finally:
        app.extensions["blacklist.replica"].stop()


def test_a_resharded_kind_tells_its_new_bits(module_service, run, key_of) -> None:
    """A prefix of the old number of bits is refused, or answered for the new if it says no bits."""
    service = module_service()
    with writing(service) as publisher:
        put(publisher, LINKS, Kind.LINK, *(f"h{number}.example" for number in range(60)))
    done = run(service.data_dir, "reshard", "link", "--bits", "6")
    assert done.returncode == 0, done.stderr
    told = service.request("GET", "/v1/range/link/3?bits=4").problem(404, "other_bits")
    assert (told["bits"], told["prefix_digits"]) == (6, 2)
    service.request("GET", "/v1/range/link/3").problem(404, "other_bits")
    service.request("GET", "/v1/range/link/40").problem(404, "other_bits")
    assert json.loads(service.request("GET", "/v1/range").body)["kinds"]["link"]["bits"] == 6
    for number in range(60):
        value = f"h{number}.example"
        path = f"/v1/range/link/{prefix_of(Kind.LINK, value, 6)}?bits=6"
        answer = service.request("GET", path).json()
        assert answer["bits"] == 6
        assert suffix_of(Kind.LINK, value, 6) + ":w" in answer["entries"]


def test_the_document_hashes_as_the_service_does() -> None:
    page = read("docs/private-lookups.md")
    digest = sha256(b"link:vn-bank.example").hexdigest()
    assert f"`{digest}`" in page
    assert f"prefix is `{prefix_of(Kind.LINK, 'vn-bank.example', 12)}`" in page
    assert f"suffix `{suffix_of(Kind.LINK, 'vn-bank.example', 12)}`" in page
    assert [words(tag)[0] for tag, _ in table(page, "tag", "the identifier")] == list(Tag)
