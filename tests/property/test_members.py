"""No two numbers share a member, and each is read as it was written."""

from hypothesis import given
from hypothesis import strategies as st

from blacklist.model import Kind
from blacklist.store.members import pack, unpack

VALUES = st.from_regex(r"\+[0-9]{0,16}[*#]{0,3}|[A-Z]{2}:[0-9]{2,6}", fullmatch=True)


@given(VALUES, VALUES)
def test_packing_can_be_undone_and_never_collides(one: str, other: str) -> None:
    packed = pack(Kind.PHONE, one)
    assert unpack(Kind.PHONE, packed) == one
    assert (packed == pack(Kind.PHONE, other)) == (one == other)
