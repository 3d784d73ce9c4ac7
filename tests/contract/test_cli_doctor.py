"""``blacklist doctor``: finds what is wrong, says what to do, and changes nothing."""

import json
from pathlib import Path
from typing import Any

import pytest

from blacklist.model import Identifier, Kind, Source
from blacklist.publish import Publisher
from blacklist.store import connect, feeds, keys, meta, reviews, snapshot, sources
from blacklist.store.embedded import EmbeddedServer
from blacklist.store.feeds import FeedState
from blacklist.store.reviews import Held
from blacklist.store.stage import Staged
from loaders import catalogue
from own_server import OwnServer

FINE, TO_DO = 0, 4
KNOWN = Identifier(Kind.LINK, "known.example")


@pytest.fixture
def store(quick_data_dir: Path):
    """A store that runs, in which nothing is to be done, and a client that writes to it."""
    server = EmbeddedServer(quick_data_dir)
    server.use()
    client = connect.writer(server.url)
    publisher = Publisher(client, meta.require(client), sleep=lambda _seconds: None)
    with publisher.load(Source("known", "Known"), full=True) as load:
        load.put([Staged(KNOWN)])
        load.commit()
    yield client
    client.close()
    server.leave()


@pytest.fixture
def findings(run, quick_data_dir, tmp_path):
    """What doctor finds to do, by what it is about; no feed is enabled."""
    own = tmp_path / "catalogue.toml"
    own.write_text("".join(f"[feeds.{name}]\nenabled = false\n" for name in catalogue.read(None)))

    def findings(**settings: str) -> dict[str, str]:
        settings = {"BLACKLIST_CATALOGUE": str(own)} | settings
        done = run(quick_data_dir, "doctor", "--json", **settings)
        found: list[dict[str, Any]] = json.loads(done.stdout)["findings"]
        wanted = [one for one in found if one["grade"] == "do"]
        assert done.returncode == (TO_DO if wanted else FINE), done.stderr
        assert all(one["do"] for one in wanted)
        return {one["about"]: one["says"] for one in wanted}

    return findings


def everything_in(client) -> dict[bytes, Any]:
    """What every key of a store holds."""
    return {key: client.dump(key) for key in client.scan_iter()}


def test_a_store_that_is_well_needs_nothing_and_is_left_as_it_is(store, findings) -> None:
    before = everything_in(store)
    assert findings() == {}
    assert everything_in(store) == before


def test_each_finding_is_one_line_with_what_to_do(run, store, quick_data_dir) -> None:
    done = run(quick_data_dir, "doctor", BLACKLIST_POLICIES=str(quick_data_dir / "none"))
    lines = done.stdout.splitlines()
    assert done.returncode == TO_DO  # the feeds were never fetched
    assert all(line[:4] in {"ok  ", "note", "DO  "} for line in lines)
    assert any("feeds" in line and "blacklist update" in line for line in lines)


def test_settings_that_cannot_be_understood_are_found(findings) -> None:
    assert "BLACKLIST_WORKERS" in findings(BLACKLIST_WORKERS="none")["settings"]
    assert "settings" in findings(BLACKLIST_CATALOGUE="/nonexistent")


def test_where_there_is_no_store_none_is_made(run, tmp_path) -> None:
    done = run(tmp_path / "nowhere", "doctor")
    assert done.returncode == TO_DO
    assert not (tmp_path / "nowhere").exists()


def test_a_store_that_does_not_answer_is_found(findings) -> None:
    assert "store" in findings(BLACKLIST_REDIS_URL="unix:///nonexistent/store.sock")


def _other_schema(client) -> None:
    client.hset(keys.STORE, "schema", 99)


def _keys_dropped(client) -> None:
    client.config_set("maxmemory-policy", "allkeys-lru")


def _not_synced(client) -> None:
    client.config_set("appendfsync", "everysec")


def _low_limit(client) -> None:
    client.config_set("zset-max-listpack-entries", 128)


def _nearly_full(client) -> None:
    client.config_set("maxmemory", int(client.info("memory")["used_memory"] * 1.1))


def _cut_off(client) -> None:
    record = sources.read(client).named("known")
    client.hset(keys.SOURCES, "known", record_as(record, "dirty"))


def record_as(record, state: str) -> str:
    import msgspec

    return msgspec.json.encode(msgspec.structs.replace(record, state=sources.State(state))).decode()


def _lock_left(client) -> None:
    client.set(keys.lock("create"), "somebody")


def _damaged(client) -> None:
    state = snapshot.state(client, Kind.LINK)
    assert state is not None
    snapshot.note_damage(client, Kind.LINK, state.build)


def _snapshot_lost(client) -> None:
    client.delete(keys.snapshot(Kind.LINK))


def _long_journal(client) -> None:
    pipe = client.pipeline()
    for _ in range(40_100):
        pipe.xadd(keys.CHANGES, {"n": "x", "c": b""})
    pipe.execute()


def _held_rows(client) -> None:
    reviews.replace(client, "known", [Held(KNOWN, "known", "official", 0)])


def _full_shards(client) -> None:
    pipe = client.pipeline()
    for shard in range(16):
        name = keys.entries(Kind.PHONE, 4, shard)
        pipe.zadd(name, {f"\x10+4477009{number:05d}": 1 for number in range(300)})
    pipe.execute()


@pytest.mark.parametrize(
    ("harm", "about"),
    [
        (_other_schema, "store"),
        (_keys_dropped, "store"),
        (_not_synced, "durability"),
        (_low_limit, "compactness"),
        (_nearly_full, "memory"),
        (_cut_off, "sources"),
        (_lock_left, "locks"),
        (_damaged, "filters"),
        (_snapshot_lost, "filters"),
        (_long_journal, "journal"),
        (_held_rows, "held"),
        (_full_shards, "shards"),
    ],
)
def test_what_is_wrong_with_a_store_is_found(store, findings, harm, about: str) -> None:
    harm(store)
    assert about in findings()


def test_feeds_that_fail_or_are_overdue_are_found(store, findings, tmp_path) -> None:
    own = tmp_path / "own.toml"
    off = "".join(f"[feeds.{name}]\nenabled = false\n" for name in catalogue.read(None))
    own.write_text(off.replace("[feeds.urlhaus]\nenabled = false", "[feeds.urlhaus]\nenabled=true"))
    feeds.write(store, "urlhaus", FeedState().failed(1, "unreachable", "no answer"))
    assert "urlhaus is failing" in findings(BLACKLIST_CATALOGUE=str(own))["feeds"]


def test_files_that_others_may_read_are_found(store, findings, quick_data_dir) -> None:
    secret = quick_data_dir / "audit.secret"
    secret.write_text("x")
    secret.chmod(0o640)
    assert secret.name in findings()["files"]
    secret.chmod(0o600)
    (quick_data_dir / "store").chmod(0o755)
    assert "store" in findings()["files"]


def test_a_server_of_ones_own_is_looked_at_by_a_user_that_may_only_read(
    run, data_dir, tmp_path
) -> None:
    """What such a user may not see is a note, not a thing to do."""
    own = OwnServer(tmp_path / "own")
    own.start(maxmemory_policy="noeviction")
    try:
        client = own.client()
        meta.create(client, bits=dict.fromkeys(Kind, 4))
        client.acl_setuser(
            "reader",
            enabled=True,
            passwords=["+secret"],
            keys=["*"],
            commands=["+@read", "+multi", "+exec"],
        )
        url = f"unix://reader:secret@{own.socket}"
        done = run(data_dir, "doctor", "--json", BLACKLIST_REDIS_URL=url)
        grades = {one["about"]: one["grade"] for one in json.loads(done.stdout)["findings"]}
        assert (grades["durability"], grades["memory"], grades["store"]) == ("note", "note", "fine")
        client.close()
    finally:
        own.kill()
