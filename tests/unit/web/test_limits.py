"""Limits that wait for nobody: an address's minute and a key's day."""

from collections.abc import Mapping

import msgspec
import pytest

from blacklist.callers import Scope, mint
from blacklist.errors import Unavailable
from blacklist.web import limits
from blacklist.web.limits import DAY, AddressLimit, Quotas
from blacklist.web.problems import Refusal


class Clock:
    def __init__(self) -> None:
        self.now = 600.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def is_refused(take, *arguments) -> bool:
    try:
        take(*arguments)
    except Refusal as exc:
        refusal = exc
    else:
        return False
    assert refusal.status == 429
    assert int(refusal.headers["Retry-After"]) > 0
    assert refusal.headers["RateLimit"].endswith(f"t={refusal.headers['Retry-After']}")
    return True


def test_an_address_has_its_share_of_a_minute(clock: Clock) -> None:
    limit = AddressLimit(20, workers=2, clock=clock)
    assert [is_refused(limit.take, "192.0.2.1", 1) for _ in range(12)] == [False] * 10 + [True] * 2
    assert not is_refused(limit.take, "192.0.2.2", 10)
    clock.now += 60
    assert not is_refused(limit.take, "192.0.2.1", 10)


def test_what_was_refused_is_not_counted(clock: Clock) -> None:
    limit = AddressLimit(10, workers=1, clock=clock)
    limit.take("192.0.2.1", 5)
    assert is_refused(limit.take, "192.0.2.1", 6)
    assert not is_refused(limit.take, "192.0.2.1", 5)


def test_what_no_minute_could_hold_is_not_told_to_wait(clock: Clock) -> None:
    with pytest.raises(Refusal) as raised:
        AddressLimit(10, workers=1, clock=clock).take("192.0.2.1", 11)
    assert (raised.value.status, raised.value.reason) == (413, "too_many_items")


def test_what_is_left_is_told_in_the_standards_fields(clock: Clock) -> None:
    clock.now += 15
    left = AddressLimit(10, workers=1, clock=clock).take("192.0.2.1", 3)
    assert left.fields() == {
        "RateLimit-Policy": '"address";q=10;w=60',
        "RateLimit": '"address";r=7;t=45',
    }
    caller, _ = mint("Bank", [Scope.CHECK], now=0, quota=100)
    quotas = Quotas(None, wall=clock)  # type: ignore[arg-type]  # the store is never asked
    told = quotas.take(caller, 3)
    assert told is not None
    assert told.fields()["RateLimit"] == f'"day";r=97;t={DAY - 615}'
    assert quotas.take(msgspec.structs.replace(caller, quota=None), 3) is None


def test_what_is_being_written_counts_as_well(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the store is told, before it has answered, and when it failed."""
    caller, _ = mint("Bank", [Scope.CHECK], now=0, quota=5)
    quotas = Quotas(None, wall=clock)  # type: ignore[arg-type]  # the store is stood in for
    quotas.take(caller, 4)

    def fail(_client: object, counts: Mapping[object, int]) -> dict[object, int]:
        assert list(counts.values()) == [4]
        assert is_refused(quotas.take, caller, 2)
        raise Unavailable("away")

    def add(_client: object, counts: Mapping[object, int]) -> dict[object, int]:
        assert list(counts.values()) == [4]
        assert is_refused(quotas.take, caller, 2)
        return dict.fromkeys(counts, 4)

    monkeypatch.setattr(limits.usage, "add", fail)
    with pytest.raises(Unavailable):
        quotas.write()
    assert is_refused(quotas.take, caller, 2)
    monkeypatch.setattr(limits.usage, "add", add)
    quotas.write()
    assert is_refused(quotas.take, caller, 2)
    assert not is_refused(quotas.take, caller, 1)


def test_who_is_limited_is_told_whom_to_call(clock: Clock) -> None:
    limit = AddressLimit(1, workers=1, clock=clock)
    limit.take("192.0.2.1", 1)
    with pytest.raises(Refusal) as raised:
        limit.take("192.0.2.1", 1)
    assert "113" in raised.value.detail
    assert "says nothing about the thing asked" in raised.value.detail


def test_more_addresses_than_are_remembered_share_one_limit(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_ADDRESSES", 3)
    limit = AddressLimit(2, workers=1, clock=clock)
    for number in range(3):
        limit.take(f"192.0.2.{number}", 1)
    assert not is_refused(limit.take, "192.0.2.10", 1)
    assert not is_refused(limit.take, "192.0.2.11", 1)
    assert is_refused(limit.take, "192.0.2.12", 1)
    assert not is_refused(limit.take, "192.0.2.0", 1)


def test_a_quota_counts_before_the_store_knows_of_it(clock: Clock) -> None:
    caller, _ = mint("Bank", [Scope.CHECK], now=0, quota=3)
    free = msgspec.structs.replace(caller, id="free", quota=None)
    quotas = Quotas(None, wall=clock)  # type: ignore[arg-type]  # the store is never asked
    assert [is_refused(quotas.take, caller, 1) for _ in range(4)] == [False] * 3 + [True]
    assert not is_refused(quotas.take, free, 1_000_000)
    clock.now += DAY
    assert not is_refused(quotas.take, caller, 3)
