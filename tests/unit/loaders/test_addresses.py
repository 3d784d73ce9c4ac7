"""Which addresses feeds are fetched from."""

import socket

import pytest

from blacklist.errors import Unreachable
from loaders import addresses
from loaders.addresses import is_public, resolve


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254"),
        *("100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
        *("::", "::1", "fe80::1", "fe80::1%1", "fc00::1", "ff02::1", "2001:db8::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe"),
        *("2002:7f00:1::", "2001:0:7f00:1::", "", "localhost", "127.1"),
    ],
)
def test_what_is_not_public_is_not(address) -> None:
    """Private, local, reserved, for documents, for many, or one of these inside another."""
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "8.8.8.8", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::808:808"]
)
def test_what_is_public_is(address) -> None:
    """Also as IPv6 has it."""
    assert is_public(address)


@pytest.fixture
def named(monkeypatch):
    """Let every name mean some addresses."""

    def named(*found):
        infos = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 80)) for one in found]
        monkeypatch.setattr(addresses.socket, "getaddrinfo", lambda *_, **__: infos)

    return named


def test_one_private_address_among_many_refuses_the_name(named) -> None:
    """Which of them would be connected to is chance."""
    named("1.1.1.1", "10.0.0.1")
    with pytest.raises(Unreachable, match="private network") as caught:
        resolve("lists.example", 80, private=False)
    assert caught.value.reason == "address_refused"
    assert resolve("lists.example", 80, private=True) == ["1.1.1.1", "10.0.0.1"]
    named("1.1.1.1")
    assert resolve("lists.example", 80, private=False) == ["1.1.1.1"]


def test_a_name_that_means_nothing_may_mean_something_later() -> None:
    """So it is tried again; a name that cannot be one is no crash."""
    for name in ("a" * 300, "a..b", "\udcff"):
        with pytest.raises(Unreachable) as caught:
            resolve(name, 80, private=False)
        assert (caught.value.reason, caught.value.passing) == ("no_answer", True)
