"""A key is told from every guess, and only its hash is kept."""

import hmac

import msgspec
import pytest

from blacklist.callers import Caller, CallerTable, Scope, mint

NOW = 1_764_000_000


def table(*callers: Caller) -> CallerTable:
    return CallerTable(1, {one.id: one for one in callers})


def test_a_key_is_found_and_holds_what_it_was_given() -> None:
    caller, token = mint("Bank A", [Scope.CHECK, Scope.LIST], now=NOW, quota=10)
    found = table(caller).find(token)
    assert found == caller
    assert (caller.name, caller.quota, caller.may(Scope.LIST), caller.may(Scope.ADMIN)) == (
        "Bank A",
        10,
        True,
        False,
    )


def test_what_is_kept_does_not_tell_the_key() -> None:
    caller, token = mint("Bank A", [Scope.CHECK], now=NOW)
    kept = msgspec.json.encode(caller).decode()
    assert token.rpartition("_")[2] not in kept
    assert msgspec.json.decode(kept, type=Caller) == caller


@pytest.mark.parametrize(
    "change",
    [
        lambda token: token[:-1] + ("A" if token[-1] != "A" else "B"),
        lambda token: token + "A",
        lambda token: token[:-1],
        lambda token: token.upper(),
        lambda token: f" {token}",
        lambda token: f"{token}\n",
        lambda token: token.replace("bl_", "bl_0", 1),
        lambda _token: "",
        lambda _token: "bl__",
        lambda _token: "\udc80",
    ],
)
def test_a_key_that_was_changed_is_nobodys(change) -> None:
    caller, token = mint("Bank A", [Scope.CHECK], now=NOW)
    assert table(caller).find(change(token)) is None


def test_the_secret_of_one_key_does_not_open_another() -> None:
    one, first = mint("One", [Scope.CHECK], now=NOW)
    other, second = mint("Other", [Scope.ADMIN], now=NOW)
    mixed = "_".join([*second.split("_", 2)[:2], first.split("_", 2)[2]])
    assert table(one, other).find(mixed) is None


def test_a_revoked_key_is_nobodys() -> None:
    caller, token = mint("Bank A", [Scope.CHECK], now=NOW)
    revoked = msgspec.structs.replace(caller, revoked=NOW + 1)
    assert table(revoked).find(token) is None


def test_every_wrong_key_is_compared_once_and_in_constant_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Unknown, revoked, half right, malformed: two digests of one length, never the key itself."""
    caller, token = mint("Bank A", [Scope.CHECK], now=NOW)
    revoked, old = mint("Bank B", [Scope.CHECK], now=NOW)
    known = table(caller, msgspec.structs.replace(revoked, revoked=NOW + 1))
    compared: list[tuple[int, int]] = []
    compare = hmac.compare_digest

    def noted(one: str, other: str) -> bool:
        compared.append((len(one), len(other)))
        return compare(one, other)

    monkeypatch.setattr(hmac, "compare_digest", noted)
    for wrong in ("bl_000000000000_" + "A" * 43, old, token[:-43] + "A" * 43, "x", token[:-1]):
        assert known.find(wrong) is None
    assert compared == [(64, 64)] * 5


def test_no_two_keys_are_alike() -> None:
    assert len({mint("x", [], now=NOW)[1] for _ in range(200)}) == 200
