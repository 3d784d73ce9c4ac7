"""Feeds from a server that misbehaves: what was listed before answers after everything it does."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from blacklist.lookup import Ask, Lookup
from blacklist.model import Kind, Source
from blacklist.publish import Publisher
from blacklist.replica import Replica
from blacklist.store import Client, connect, feeds, sources
from blacklist.store.embedded import EmbeddedServer
from blacklist.store.meta import StoreInfo
from feed_server import (
    FeedServer,
    dripping,
    endless,
    feed_server,
    head,
    in_turn,
    known,
    packed,
    raw,
    redirect,
    status,
    text,
    whole,
)
from loaders import update as updates
from loaders.catalogue import Entry
from loaders.download import Limits
from loaders.schedule import Standing, next_due, stand
from loaders.update import Outcome, Result, Updater
from loaders.watch import run_round, watch

LISTED = ("evil.example", "scam.example", "fraud.example")
BODY = text(*LISTED)
LIMITS = Limits(connect_seconds=2.0, read_seconds=0.6, total_seconds=1.6, attempts=2)
HOUR = 3_600


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[FeedServer]:
    monkeypatch.setenv("no_proxy", "127.0.0.1,127.0.0.2,localhost")
    with feed_server() as found:
        yield found


@pytest.fixture
def entry(web: FeedServer) -> Entry:
    return Entry(
        name="feed",
        title="A feed",
        address=f"{web.base}/feed",
        refresh="1 h",
        days=2,
        private=True,
        max_bytes=200_000,
    )


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def updater(publisher: Publisher, data_dir: Path, pauses: list[float]) -> Updater:
    return Updater(publisher, data_dir / "fetched", "VN", limits=LIMITS, sleep=pauses.append)


@pytest.fixture
def outcomes(server: EmbeddedServer, info: StoreInfo) -> Iterator[Callable[..., list[str | None]]]:
    client = connect.reader(server.url)

    def outcomes(*values: str) -> list[str | None]:
        lookup = Lookup(Replica(client), client)
        return [one.verdict for one in lookup.check_many([Ask(value) for value in values])]

    yield outcomes
    client.close()


def loaded(updater: Updater, web: FeedServer, entry: Entry) -> None:
    """Load the feed once as it should be."""
    web.answers["/feed"] = whole(BODY, ETag='"1"')
    assert updater.update(entry).outcome is Outcome.LOADED


def state(client: Client, name: str = "feed") -> feeds.FeedState:
    return feeds.read(client)[name]


def record(client: Client) -> sources.SourceRecord:
    found = sources.read(client).named("feed")
    assert found is not None
    return found


BOMB = b"bomb.example\n" * 2_000_000

MISBEHAVIOUR: dict[str, tuple[Callable[[FeedServer], object], str]] = {
    "silent": (lambda web: lambda _file, _headers: web.stopped.wait(5), "timeout"),
    "slow": (lambda web: dripping(web, head(200, Content_Length=90) + BODY, 0.05), "timeout"),
    "slow headers": (lambda web: dripping(web, head(200, X="y" * 99), 0.1), "timeout"),
    "cut off": (lambda web: raw(head(200, Content_Length=len(BODY)) + BODY[:20]), "cut_off"),
    "cut chunk": (
        lambda web: raw(head(200, Transfer_Encoding="chunked") + b"d\r\nevil.example\n\r\n"),
        "cut_off",
    ),
    "cut gzip": (lambda web: cut_gzip(), "cut_off"),
    "no answer": (lambda web: raw(b""), "cut_off"),
    "too long": (lambda web: raw(head(200, Content_Length=20) + BODY), "wrong_length"),
    "no length": (lambda web: raw(head(200) + BODY), "no_length"),
    "strange length": (lambda web: raw(head(200, Content_Length="many") + BODY), "no_length"),
    "500": (lambda web: status(500), "status"),
    "404": (lambda web: status(404), "status"),
    "304 unasked": (lambda web: status(304), "status"),
    "206": (lambda web: raw(head(206, Content_Length=13) + BODY[:13]), "status"),
    "endless": (lambda web: endless(web, b"more.example\n"), "too_large"),
    "said too large": (lambda web: raw(head(200, Content_Length=9**9)), "too_large"),
    "gzip bomb": (lambda web: packed(BOMB), "too_large"),
    "not gzip": (lambda web: whole(BODY, Content_Encoding="gzip"), "bad_encoding"),
    "other packing": (lambda web: whole(BODY, Content_Encoding="br"), "bad_encoding"),
    "in circles": (lambda web: redirect("/feed"), "bad_redirect"),
    "to nowhere": (lambda web: status(302), "bad_redirect"),
    "to a file": (lambda web: redirect("file:///etc/passwd"), "bad_address"),
    "no http": (lambda web: raw(b"SSH-2.0-x\r\n" * 9), "cut_off"),
    "headers without end": (lambda web: raw(head(200, X="y" * 99_999)), "cut_off"),
    "nothing": (lambda web: whole(b""), "malformed"),
    "blank": (lambda web: whole(b"\n\n"), "malformed"),
    "comments only": (lambda web: whole(b"# none today\n"), "held"),
    "web page": (lambda web: whole(b"<!DOCTYPE html><html>Sign in</html>"), "malformed"),
    "binary": (lambda web: whole(bytes(range(256)) * 99), "malformed"),
}


def cut_gzip():
    import gzip

    packed_body = gzip.compress(BODY * 9)[:-9]
    return whole(packed_body, Content_Encoding="gzip")


def test_whatever_the_server_does_what_was_listed_answers(
    updater, web, entry, outcomes, client
) -> None:
    """With the reason in the feed's state; and the next good body is loaded as if nothing was."""
    for case, (answer, reason) in MISBEHAVIOUR.items():
        web.answers["/feed"] = whole(BODY)
        updater.update(entry, force=True)
        if case == "304 unasked":
            feeds.write(client, "feed", feeds.FeedState())
        web.answers["/feed"] = answer(web)
        result = updater.update(entry, force=True)
        bad = result.outcome in {Outcome.FAILED, Outcome.HELD}
        assert (case, bad, result.reason) == (case, True, reason)
        assert outcomes(*LISTED) == ["listed"] * 3, case
        failed = state(client)
        assert (failed.error, failed.failures) == (reason, 1), case
        assert web.base.removeprefix("http://") not in str(failed.message)
        assert record(client).state is sources.State.CLEAN
        assert not list(updater._folder.iterdir())
        web.answers["/feed"] = whole(BODY + b"more.example\n")
        assert updater.update(entry, force=True).outcome is Outcome.LOADED
        assert outcomes(*LISTED, "more.example") == ["listed"] * 4
        assert (state(client).failures, state(client).error) == (0, None)


def test_what_may_pass_is_tried_again_and_what_may_not_is_not(updater, web, entry, pauses) -> None:
    """A 503 twice at most here, after a pause; a 404 once."""
    web.answers["/feed"] = in_turn(status(503), whole(BODY))
    assert updater.update(entry).outcome is Outcome.LOADED
    assert len(web.asked) == 2
    assert 1.0 <= sum(pauses) <= 2.0
    web.answers["/feed"] = status(404)
    assert updater.update(entry, force=True).reason == "status"
    assert len(web.asked) == 3


def test_retry_after_is_kept_up_to_a_minute(updater, web, entry, pauses) -> None:
    """The lock is renewed on the way, so the pause comes in pieces."""
    web.answers["/feed"] = in_turn(status(429, Retry_After="7"), whole(BODY))
    assert updater.update(entry).outcome is Outcome.LOADED
    assert (sum(pauses), max(pauses)) == (7.0, updates.EXTEND_SECONDS)
    pauses.clear()
    web.answers["/feed"] = in_turn(status(503, Retry_After="86400"), whole(BODY))
    updater.update(entry, force=True)
    assert sum(pauses) == 60.0


def test_an_unchanged_list_is_not_loaded_and_its_age_is_renewed(
    updater, publisher, web, entry, client, outcomes
) -> None:
    """So its entries live on: 304, or the same bytes from a server without marks."""
    begun = time.time()
    web.answers["/feed"] = known(BODY, '"1"')
    publisher.wall = lambda: begun
    assert updater.update(entry).outcome is Outcome.LOADED
    generation = record(client).generation
    publisher.wall = lambda: begun + HOUR
    assert updater.update(entry).outcome is Outcome.UNCHANGED
    assert web.asked[-1][1]["if-none-match"] == '"1"'
    renewed = record(client)
    assert (renewed.loaded, renewed.whole) == (int(begun) + HOUR, int(begun) + HOUR)
    assert renewed.generation == generation
    web.answers["/feed"] = whole(BODY)
    publisher.wall = lambda: begun + 2 * HOUR
    assert updater.update(entry).outcome is Outcome.UNCHANGED
    assert record(client).loaded == int(begun) + 2 * HOUR
    assert outcomes(*LISTED) == ["listed"] * 3


@pytest.mark.parametrize("case", ["by hand", "added", "ran out", "other entry", "cut off", "gone"])
def test_unchanged_is_not_believed_where_the_list_is_another_by_now(  # noqa: PLR0917 - fixtures
    case, updater, publisher, web, entry, client, outcomes, list_values
) -> None:
    """Then the body is fetched whole and loaded again."""
    web.answers["/feed"] = known(BODY, '"1"')
    assert updater.update(entry).outcome is Outcome.LOADED
    if case == "by hand":
        list_values(Source("feed", "A feed"), "other.example", full=True)
    elif case == "added":
        publisher.wall = lambda: time.time() + 5
        list_values(Source("feed", "A feed"), "other.example")
    elif case == "ran out":
        publisher.wall = lambda: time.time() + 3 * 24 * HOUR
    elif case == "other entry":
        entry = msgspec.structs.replace(entry, kind=Kind.LINK)
    elif case == "cut off":
        dirty = msgspec.structs.replace(record(client), state=sources.State.DIRTY)
        sources.write(client, dirty)
    else:
        list_values(Source("feed", "A feed"), "other.example", full=True)
        sources.forget(client, "feed")
    assert updater.update(entry, force=True).outcome is Outcome.LOADED
    assert outcomes(*LISTED, "other.example")[3] == "no_record"
    assert record(client).entries == {Kind.LINK: 3}


def test_a_packed_body_and_a_redirect_are_followed(updater, web, entry, outcomes) -> None:
    """As every server does it; several gzip members are one body."""
    import gzip

    members = gzip.compress(text("evil.example")) + gzip.compress(text("scam.example"))
    web.answers |= {
        "/feed": redirect("/there?x=1", 308),
        "/there?x=1": whole(members, Content_Encoding="gzip"),
    }
    assert updater.update(entry).outcome is Outcome.LOADED
    assert outcomes("evil.example", "scam.example") == ["listed"] * 2


# private networks


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0x7f.1", "2130706433", "[::1]"])
def test_a_private_address_is_not_even_connected_to(host, updater, web, entry) -> None:
    """However it is written."""
    port = web.base.rpartition(":")[2]
    hidden = msgspec.structs.replace(entry, private=False, address=f"http://{host}:{port}/feed")
    assert updater.update(hidden).reason in {"address_refused", "bad_address", "no_answer"}
    assert web.asked == []


def test_a_redirect_into_a_private_network_is_refused(
    updater, web, entry, outcomes, monkeypatch, client
) -> None:
    """Also when the name of the first hop, and only that one, counts as public."""
    import loaders.addresses

    loaded(updater, web, entry)
    public = msgspec.structs.replace(entry, private=False)
    monkeypatch.setattr(loaders.addresses, "is_public", lambda address: address == "127.0.0.1")
    web.answers["/feed"] = redirect(web.base.replace("127.0.0.1", "127.0.0.2") + "/inside")
    web.answers["/inside"] = whole(text("innocent.example"))
    result = updater.update(public, force=True)
    assert result.reason == "address_refused"
    assert "/inside" not in web.paths()
    assert outcomes(*LISTED, "innocent.example") == [*["listed"] * 3, "no_record"]


def test_a_proxy_of_the_environment_is_used_and_not_asked_for_private_addresses(
    updater, web, entry, monkeypatch
) -> None:
    """It connects itself; names that only it knows are left to it."""
    for name in ("http_proxy", "no_proxy"):
        monkeypatch.setenv(name, web.base if name == "http_proxy" else "")
    web.answers["http://lists.invalid/feed"] = whole(BODY)
    behind = msgspec.structs.replace(entry, private=False, address="http://lists.invalid/feed")
    assert updater.update(behind).outcome is Outcome.LOADED
    for host in ("10.0.0.1", "localhost"):
        hidden = msgspec.structs.replace(behind, address=f"http://{host}/feed")
        assert updater.update(hidden, force=True).reason == "address_refused"
    assert web.paths() == ["http://lists.invalid/feed"]
    web.answers["http://lists.invalid/feed"] = dripping(web, head(200, X="y" * 99), 0.1)
    assert updater.update(behind, force=True).reason == "timeout"


def test_a_key_stays_with_its_server(updater, web, entry) -> None:
    """A redirect elsewhere goes without it."""
    with feed_server() as other:
        other.answers["/there"] = whole(BODY)
        web.answers["/feed"] = redirect(f"{other.base}/there")
        keyed = msgspec.structs.replace(entry, key="s3cret", authorization="Bearer {key}")
        assert updater.update(keyed).outcome is Outcome.LOADED
        assert web.asked[0][1]["authorization"] == "Bearer s3cret"
        assert "authorization" not in other.asked[0][1]
    keyless = msgspec.structs.replace(keyed, key=None)
    assert updater.update(keyless, force=True).reason == "key_missing"


def test_the_setting_allows_private_networks(publisher, data_dir, web, entry) -> None:
    """For every feed."""
    web.answers["/feed"] = whole(BODY)
    updater = Updater(publisher, data_dir, "VN", private=True, limits=LIMITS)
    public = msgspec.structs.replace(entry, private=False)
    assert updater.update(public).outcome is Outcome.LOADED


# when, and who else


def test_a_feed_is_fetched_when_it_is_due(updater, publisher, web, entry, client, info) -> None:
    """And a failure is tried again sooner, later each time."""
    begun = time.time()
    publisher.wall = lambda: begun
    loaded(updater, web, entry)
    assert updater.update(entry).outcome is Outcome.NOT_DUE
    assert len(web.asked) == 1
    due = next_due(entry, state(client), record(client), info.id)
    assert 0.9 * HOUR <= due - int(begun) <= HOUR
    web.answers["/feed"] = status(404)
    waits = []
    for _ in range(6):
        result = updater.update(entry, force=True)
        assert result.next_due is not None
        waits.append(result.next_due - int(begun))
    assert waits == [300, 600, 1200, 2400, HOUR, HOUR]
    assert state(client).failing_since == int(begun)
    now = int(begun) + 2 * HOUR + 1
    assert stand(entry, state(client), record(client), now=now, store_id=1) is Standing.FAILING
    good = feeds.FeedState(succeeded=int(begun))
    assert stand(entry, good, record(client), now=now, store_id=1) is Standing.OVERDUE
    assert stand(entry, good, record(client), now=int(begun), store_id=1) is Standing.OK


def test_a_list_that_missed_its_turns_is_told_with_every_answer(
    updater, publisher, web, entry, server
) -> None:
    """``lists_stale``, until the feed comes again."""
    begun = time.time()
    publisher.wall = lambda: begun - 2 * HOUR - 60
    loaded(updater, web, entry)
    client = connect.reader(server.url)
    assert "lists_stale" in Lookup(Replica(client), client).check(Ask("a.example")).notes
    publisher.wall = lambda: begun
    updater.update(entry)
    assert "lists_stale" not in Lookup(Replica(client), client).check(Ask("a.example")).notes
    client.close()


def test_one_feeds_failure_never_stops_another(updater, web, entry, outcomes) -> None:
    """Whatever it is, a defect of ours too."""
    others = [
        msgspec.structs.replace(entry, name=name, address=f"{web.base}/{name}")
        for name in ("lost", "page", "odd", "good")
    ]
    others[2] = msgspec.structs.replace(others[2], columns={"nonsense": "x"}, format="csv")
    web.answers |= {"/page": whole(b"<html>"), "/good": whole(BODY), "/odd": whole(b"a,b\n1,2\n")}
    told: list[Result] = []
    results = run_round(updater, others, tell=told.append)
    assert [one.outcome for one in results] == [*[Outcome.FAILED] * 3, Outcome.LOADED]
    assert told == results
    assert outcomes(*LISTED) == ["listed"] * 3


def test_a_defect_is_a_failure_of_its_feed(updater, web, entry, monkeypatch, client) -> None:
    """Told by the exception's class, since its message may hold anything."""

    def crash(*_arguments: object, **_options: object) -> None:
        raise RuntimeError("0912345678")

    web.answers["/feed"] = whole(BODY)
    monkeypatch.setattr(updates.pipeline, "run", crash)
    result = updater.update(entry)
    assert (result.outcome, result.reason) == (Outcome.FAILED, "defect")
    assert "RuntimeError" in str(state(client).message)
    assert "0912345678" not in str(state(client).message)


def test_two_updates_at_once_fetch_once(server, info, data_dir, web, entry, outcomes) -> None:
    """One says that the other is at it."""
    asked, go_on = threading.Event(), threading.Event()

    def answer(file, headers):
        asked.set()
        go_on.wait(5)
        whole(BODY)(file, headers)

    web.answers["/feed"] = answer
    patient = msgspec.structs.replace(LIMITS, read_seconds=9.0, total_seconds=9.0)
    done: list[Result] = []

    def run() -> None:
        client = connect.writer(server.url)
        publisher = Publisher(client, info, sleep=lambda _seconds: None)
        done.append(Updater(publisher, data_dir, "VN", limits=patient).update(entry))
        client.close()

    first = threading.Thread(target=run)
    first.start()
    assert asked.wait(5)
    run()
    go_on.set()
    first.join()
    assert sorted(one.outcome for one in done) == [Outcome.BUSY, Outcome.LOADED]
    assert len(web.asked) == 1
    assert outcomes(*LISTED) == ["listed"] * 3


def test_two_loaders_of_one_source_end_as_one_of_them(
    updater, publisher, web, entry, client, outcomes
) -> None:
    """An update while the source is loaded by hand changes nothing, and says so."""
    web.answers["/feed"] = whole(BODY)
    other = connect.writer(connect_url(client))
    by_hand = Publisher(other, publisher.info, sleep=lambda _seconds: None)
    with by_hand.load(entry.source(), full=True) as load:
        load.put([])
        result = updater.update(entry)
    other.close()
    assert (result.outcome, result.reason) == (Outcome.BUSY, "busy")
    assert feeds.read(client) == {}
    assert updater.update(entry).outcome is Outcome.LOADED
    assert outcomes(*LISTED) == ["listed"] * 3


def connect_url(client: Client) -> str:
    return "unix://" + str(client.connection_pool.connection_kwargs["path"])


def test_a_store_that_is_away_is_a_failure_and_no_crash(updater, web, entry, client, server):
    """Nothing of ours is raised."""
    server.leave()
    result = updater.update(entry)
    assert (result.outcome, result.reason) == (Outcome.FAILED, "store_unavailable")
    server.use()


def test_a_state_of_another_program_counts_as_none(client, info) -> None:
    """It costs a fetch, no more."""
    client.hset("bl:{bl}:feeds", "x", b'{"tried": "yesterday"}')
    client.hset("bl:{bl}:feeds", "y", b'{"tried": 5, "new": 1}')
    assert feeds.read(client) == {"x": feeds.FeedState(), "y": feeds.FeedState(tried=5)}


# watching


def test_watching_goes_round_until_told_to_stop(updater, publisher, web, entry, outcomes) -> None:
    """It sleeps until the next feed is due, and bears a store that is away."""
    clock = [1_800_000_000.0]
    publisher.wall = lambda: clock[0]
    web.answers["/feed"] = in_turn(whole(text("one.example")), whole(text("two.example")))
    pauses: list[float] = []
    complaints: list[str] = []
    quick = msgspec.structs.replace(entry, refresh=30)

    def wait(seconds: float) -> bool:
        pauses.append(seconds)
        clock[0] += seconds
        return len(pauses) > 4

    def one_round() -> list[Result]:
        if len(pauses) == 2:
            raise updates.StoreError("the store does not answer")
        return run_round(updater, [quick], tell=lambda _result: None)

    watch(one_round, wait=wait, complain=complaints.append, wall=publisher.wall)
    assert pauses[0] == 0
    assert 27 <= pauses[1] <= 30
    assert pauses[2] == 5
    assert complaints == ["the store does not answer"]
    assert web.paths() == ["/feed"] * 3
    assert outcomes("one.example", "two.example") == ["no_record", "listed"]


COMMAND = Path(sys.executable).with_name("blacklist")


@pytest.fixture
def start(data_dir: Path, info: StoreInfo, web: FeedServer, tmp_path: Path):
    """Start ``blacklist update`` on the test's store, with a catalogue of one feed."""
    own = tmp_path / "feeds.toml"
    own.write_text(
        f'[feeds.feed]\ntitle = "A feed"\naddress = "{web.base}/feed"\nrefresh = "1 s"\n'
    )
    started = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("BLACKLIST_")}
        process = subprocess.Popen(
            [COMMAND, "update", "feed", *arguments],
            env=inherited
            | {
                "BLACKLIST_DATA_DIR": str(data_dir),
                "BLACKLIST_CATALOGUE": str(own),
                "BLACKLIST_ALLOW_PRIVATE_FEEDS": "yes",
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def wait_until(is_so: Callable[[], bool], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_watching_process_ends_cleanly(number, start, web, outcomes) -> None:
    """On a signal, also in the middle of a download."""
    web.answers["/feed"] = in_turn(whole(text("one.example")), endless_slow(web))
    process = start("--watch")
    wait_until(lambda: len(web.asked) == 2)
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    assert "Traceback" not in err
    assert "feed: loaded" in out
    assert outcomes("one.example") == ["listed"]


def endless_slow(web: FeedServer):
    return dripping(web, head(200, Content_Length=99_999) + b"a.example\n" * 9_000, 0.01)


def test_an_update_killed_in_the_middle_is_done_again(start, web, outcomes, client) -> None:
    """Nothing is lost, nothing left behind; the lock runs out by itself."""
    web.answers["/feed"] = whole(BODY)
    assert start().wait(20) == 0
    web.answers["/feed"] = endless_slow(web)
    process = start("--force")
    wait_until(lambda: len(web.asked) == 2)
    process.kill()
    process.communicate()
    assert outcomes(*LISTED) == ["listed"] * 3
    web.answers["/feed"] = whole(BODY + b"more.example\n")
    client.delete("bl:{bl}:lock:feed:feed")  # what thirty seconds would do
    again = start("--force")
    assert again.wait(20) == 0, again.stderr
    assert outcomes(*LISTED, "more.example") == ["listed"] * 4
