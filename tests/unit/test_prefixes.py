"""How shards are named by hash, and the dummies that hide how much is listed."""

import random
from hashlib import sha256

import pytest

from blacklist import prefixes
from blacklist.model import Identifier, Kind
from blacklist.prefixes import Padding, Tag
from blacklist.store import keys

STORE_ID = 0x123456789ABC
SEED = 20261128


def told_of(count: int, bits: int, shard: int) -> list[str]:
    """So many entries of a shard, as if they were listed."""
    found = []
    for number in range(100_000):
        one = Identifier(Kind.LINK, f"h{number}.example")
        if keys.shard_of(one, bits) == shard:
            found.append(prefixes.entry(prefixes.suffix_of(one, bits), Tag.WARNING))
            if len(found) == count:
                return found
    raise AssertionError("not enough")


@pytest.mark.parametrize("bits", [4, 5, 12, 14, 16, 24])
def test_a_prefix_and_a_suffix_are_the_whole_beginning_of_a_hash(bits: int) -> None:
    """Together they are at least 80 bits behind the prefix's, whatever the number of bits."""
    one = Identifier(Kind.LINK, "evil.example")
    digest = sha256(b"link:evil.example").hexdigest()
    shard = keys.shard_of(one, bits)
    prefix = prefixes.name(shard, bits)
    assert int(prefix, 16) == int(digest, 16) >> (256 - bits)
    assert len(prefix) == prefixes.digits_of(bits)
    assert prefixes.shard_named(prefix, bits) == shard
    start = prefixes.skipped_digits(bits)
    assert prefixes.suffix_of(one, bits) == digest[start : start + 20]
    assert start * 4 <= bits < start * 4 + 4


@pytest.mark.parametrize(
    "text", ["", "3F0", "0x3", "3f", "3f00", "３f0", "3f0\n", " 3f", "+3f", "-3f", "3_f"]
)
def test_another_text_is_no_prefix(text: str) -> None:
    assert prefixes.shard_named(text, 12) is None


def test_a_number_past_the_last_shard_is_no_prefix() -> None:
    assert prefixes.shard_named("3fff", 14) == 0x3FFF
    assert prefixes.shard_named("4000", 14) is None


@pytest.mark.parametrize("bits", [4, 14])
@pytest.mark.parametrize("kind", list(Kind))
def test_dummies_look_like_what_is_listed(kind: Kind, bits: int) -> None:
    """Of the same length and tags, and with the prefix's last bits where a suffix holds them."""
    shard = (1 << bits) - 2
    dummies = Padding(STORE_ID).fill(kind, bits, shard, told=[], multiple=64)
    assert len(set(dummies)) == 64
    shared = bits % 4
    for entry in dummies:
        suffix, _, tag = entry.partition(":")
        assert len(suffix) == prefixes.SUFFIX_DIGITS
        assert int(suffix, 16) >> (80 - shared) == shard & ((1 << shared) - 1)
        assert tag in set(Tag)


def test_answers_are_of_one_size_and_order_tells_nothing() -> None:
    padding = Padding(STORE_ID)
    for count in (0, 1, 15, 16):
        told = told_of(count, 4, 3) if count else []
        filled = padding.fill(Kind.LINK, 4, 3, told=told, multiple=16)
        assert len(filled) == 16
        assert filled == sorted(filled)
        assert set(told) <= set(filled)
    assert len(padding.fill(Kind.LINK, 4, 3, told=told_of(17, 4, 3), multiple=16)) == 32


def test_one_more_listing_takes_the_place_of_one_dummy() -> None:
    """Whoever keeps answers sees one entry go and one come, and not which was listed."""
    padding = Padding(STORE_ID)
    told = told_of(9, 4, 3)
    before = set(padding.fill(Kind.LINK, 4, 3, told=told[:8], multiple=16))
    after = set(padding.fill(Kind.LINK, 4, 3, told=told, multiple=16))
    assert len(before - after) == len(after - before) == 1


def test_dummies_are_the_stores_own() -> None:
    """The same in every process of a store, others in another store and another shard."""
    ours = Padding(STORE_ID).fill(Kind.LINK, 4, 3, told=[], multiple=16)
    assert Padding(STORE_ID).fill(Kind.LINK, 4, 3, told=[], multiple=16) == ours
    assert set(Padding(STORE_ID + 2).fill(Kind.LINK, 4, 3, told=[], multiple=16)).isdisjoint(ours)
    assert set(Padding(STORE_ID).fill(Kind.LINK, 4, 4, told=[], multiple=16)).isdisjoint(ours)


def test_nearly_every_shard_has_the_same_size() -> None:
    """Entries fall into shards as hashes do; one shard in ten thousand may be larger."""
    drawn = random.Random(SEED)
    for bits, entries in ((12, 60_000), (12, 1_000_000), (14, 3_000_000)):
        multiple = prefixes.multiple_for(entries, bits)
        mean = entries / (1 << bits)
        sizes = [drawn.gauss(mean, mean**0.5) for _ in range(10_000)]
        assert sum(size > multiple for size in sizes) <= 1
        assert multiple < 4 * mean + 64
