"""How values stand in shards: phone numbers in six bytes, all else as text."""

import pytest

from blacklist.model import Identifier, Kind
from blacklist.store.members import member, pack, unpack, value_of
from blacklist.store.sources import CLEARANCE, FIRST_SOURCE, LAST_SOURCE


@pytest.mark.parametrize(
    "number", ["+84900000001", "+1", "+447700900123", "+99999999999999", "+10000000000000"]
)
def test_a_number_takes_six_bytes(number: str) -> None:
    packed = pack(Kind.PHONE, number)
    assert len(packed) == 6
    assert packed[0] >= 0x80
    assert unpack(Kind.PHONE, packed) == number


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Kind.PHONE, "+8489999*"),
        (Kind.PHONE, "+4121560####"),
        (Kind.PHONE, "VN:113"),
        (Kind.PHONE, "+123456789012345"),
        (Kind.PHONE, "+0123"),
        (Kind.PHONE, "+"),
        (Kind.PHONE, "+84٣"),
        (Kind.PHONE, ""),
        (Kind.ACCOUNT, "970436/0000000000001"),
        (Kind.ACCOUNT, "+84900000001"),
        (Kind.LINK, "sites.example/view/abc"),
    ],
)
def test_everything_else_is_text(kind: Kind, value: str) -> None:
    assert pack(kind, value) == value.encode()
    assert unpack(kind, value.encode()) == value


@pytest.mark.parametrize("code", [CLEARANCE, FIRST_SOURCE, 127, 128, 2047, 2048, LAST_SOURCE])
@pytest.mark.parametrize("value", ["+84900000001", "+8489999*"])
def test_a_member_tells_its_value_whoever_says_it(code: int, value: str) -> None:
    said = member(code, Identifier(Kind.PHONE, value))
    assert said.startswith(chr(code).encode())
    assert value_of(Kind.PHONE, said) == value
