"""``BLACKLIST_REDIS_URL`` taken apart."""

import pytest
from redis.connection import SSLConnection

from blacklist.errors import ConfigError
from blacklist.store.addresses import Cluster, Sentinels, Single, parse


@pytest.mark.parametrize(
    "url", ["redis://:secret@host:6380/2", "rediss://host", "unix:///run/redis.sock?db=1"]
)
def test_one_server_is_left_to_the_driver(url: str) -> None:
    assert parse(url) == Single(url)


def test_a_cluster_is_some_of_its_nodes() -> None:
    assert parse("redis+cluster://one:7000,two,[::1]:7001/0") == Cluster(
        (("one", 7000), ("two", 6379), ("::1", 7001)), {}
    )


def test_user_and_password_are_those_of_the_servers() -> None:
    found = parse("redis+cluster://user:p%40ss@one:7000")
    assert found == Cluster((("one", 7000),), {"username": "user", "password": "p@ss"})


def test_tls_has_options_of_its_own() -> None:
    found = parse("rediss+cluster://one?ssl_ca_certs=/etc/ca.pem&ssl_check_hostname=no")
    assert found == Cluster(
        (("one", 6379),),
        {
            "connection_class": SSLConnection,
            "ssl_ca_certs": "/etc/ca.pem",
            "ssl_check_hostname": False,
        },
    )


def test_sentinels_name_a_service_and_may_have_a_password_of_their_own() -> None:
    found = parse("redis+sentinel://:secret@one,two:26380/lists/3?sentinel_password=other")
    assert found == Sentinels(
        (("one", 26379), ("two", 26380)),
        "lists",
        {"password": "secret", "db": 3},
        {"password": "other"},
    )


@pytest.mark.parametrize(
    ("url", "what"),
    [
        ("redis+cluster://", "needs HOST:PORT"),
        ("redis+cluster://:secret@", "needs HOST:PORT"),
        ("redis+cluster://:secret@one:7000,", "needs HOST:PORT"),
        ("redis+cluster://:secret@one:99999", "needs HOST:PORT"),
        ("redis+cluster://:secret@one:0", "needs HOST:PORT"),
        ("redis+cluster://:secret@one:port", "needs HOST:PORT"),
        ("redis+cluster://:se@cret@one:7000", "cannot be understood"),
        ("redis+cluster://:se#cret@one:7000", "cannot be understood"),
        ("redis+cluster://:secret@one:7000/1", "names a database"),
        ("redis+cluster://:secret@one?sentinel_password=secret", "options that are not known"),
        ("redis+cluster://:secret@one?secret=1", "options that are not known"),
        ("redis+sentinel://:secret@one", "needs the service"),
        ("redis+sentinel://:secret@one/lists/first", "database's number"),
        ("redis+other://:secret@one", "cannot be understood"),
        ("redis+cluster://:secret@one:7000\n", "needs HOST:PORT"),
    ],
)
def test_what_is_wrong_is_told_without_the_password(url: str, what: str) -> None:
    with pytest.raises(ConfigError, match=what) as caught:
        parse(url)
    assert "secret" not in str(caught.value)
    assert "cret" not in str(caught.value)
