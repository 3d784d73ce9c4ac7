"""Only the server that takes the writes may say "not listed"."""

from collections.abc import Callable

import pytest

from blacklist.errors import Unavailable
from blacklist.lookup import Ask, Lookup
from blacklist.model import Outcome, Source
from blacklist.publish import Publisher
from blacklist.replica import Replica
from blacklist.store import Client, connect
from blacklist.store.embedded import EmbeddedServer
from blacklist.store.meta import StoreInfo

SOURCE = Source("a", "A")
ONLY_READS = ("asker", "on", ">secret", "~bl:*", "+@read", "+@transaction")


def test_a_server_that_became_a_copy_of_another_may_not_say_not_listed(
    server: EmbeddedServer, info: StoreInfo, list_values: Callable[..., None]
) -> None:
    """What the other acknowledges comes late, or never: neither filter nor store may answer."""
    list_values(SOURCE, "evil.example")
    client = connect.reader(server.url)
    replica = Replica(client)
    lookup = Lookup(replica, client)
    replica.poll()
    client.replicaof("127.0.0.1", 1)
    with pytest.raises(Unavailable, match="READONLY"):
        replica.poll()
    assert replica.view is not None
    replica.view.revoke()
    assert lookup.check(Ask("clean.example")).verdict is Outcome.UNAVAILABLE
    with pytest.raises(Unavailable):
        lookup.as_of()
    client.replicaof("NO", "ONE")
    replica.poll()
    assert lookup.check(Ask("clean.example")).verdict is Outcome.NO_RECORD
    assert lookup.check(Ask("evil.example")).verdict is Outcome.LISTED
    client.close()


def test_a_user_that_may_only_read_is_answered(
    server: EmbeddedServer, info: StoreInfo, list_values: Callable[..., None]
) -> None:
    list_values(SOURCE, "evil.example")
    admin = connect.reader(server.url)
    admin.execute_command(
        "ACL", "SETUSER", "asker", "on", ">secret", "~bl:*", "+@read", "+@transaction"
    )
    client = connect.reader(f"unix://asker:secret@{server.socket}")
    replica = Replica(client)
    replica.poll()
    assert Lookup(replica, client).check(Ask("evil.example")).verdict is Outcome.LISTED
    admin.close()
    client.close()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"min-replicas-to-write": "1"}, "NOREPLICAS.*copies"),
        ({"maxmemory": "1"}, "OOM.*maxmemory"),
    ],
)
def test_a_master_that_takes_no_writes_answers_and_says_why_it_refuses(
    client: Client,
    info: StoreInfo,
    publisher: Publisher,
    list_values: Callable[..., None],
    settings: dict[str, str],
    said: str,
) -> None:
    list_values(SOURCE, "evil.example")
    replica = Replica(client)
    for name, text in settings.items():
        client.config_set(name, text)
    with pytest.raises(Unavailable, match=said), publisher.load(SOURCE, full=False):
        pass
    replica.poll()
    assert Lookup(replica, client).check(Ask("evil.example")).verdict is Outcome.LISTED
