"""The brands of the directory, laid out so that a label is looked up and not compared with each.

A brand one letter away is found by deletions: two texts that differ by one letter added, dropped,
swapped or replaced share a text that lacks one letter of each (Garbe's SymSpell,
https://github.com/wolfgarbe/SymSpell). Made once, at first use. Used by ``look_alike``;
``spoofed_lines`` shares :func:`without_one`.
"""

from collections.abc import Iterator
from functools import cache
from typing import Final, NamedTuple

from blacklist.identifiers.confusables import fold_shape
from blacklist.identifiers.institutions import Brand, institutions

STATE: Final = "gov.vn"
"""Given to state bodies only."""

STATE_NAME: Final = "Government of Viet Nam"
LONG: Final = 8
"""Letters of a brand from which it is looked for anywhere."""

_SHORTEST: Final = 4
"""Letters of the shortest brand that is looked for inside a label or near one."""

_WIDE: Final = 8
_WIDE_EDGE: Final = 3
_EDGE: Final = 2
"""Letters at either end of a label, of eight or more, and of fewer, that a change may leave."""

_TWINS: Final = frozenset(
    frozenset(pair) for pair in ("bd", "ce", "mn", "nr", "uv", "gq", "38", "69", "hb", "ad", "yv")
)
"""Plain letters that pass for each other at a glance, beyond what ``fold_shape`` makes one."""


Shapes = tuple[str, str]
"""What a label of plain letters is looked up by: both its forms of ``confusables.fold_both``."""


class Near(NamedTuple):
    """A brand near a label. ``is_telltale``: a letter is doubled, or replaced by its twin."""

    brand: Brand
    is_telltale: bool


class Index(NamedTuple):
    """What labels are looked up in; brands by their shape (``confusables.fold_shape``).

    ``domains`` maps a whole domain to its institution, ``first_labels`` are what these begin with,
    ``exact`` a shape to its brand,
    ``deletions`` a shape with or without one letter, and ``heads`` its first four letters, to the
    shapes they may come from, longest first. ``longest`` is the longest shape's length,
    ``shortest_long`` is the shortest shape of a brand of :data:`LONG` letters or more, ``suffixes``
    are those of all institutions' domains, ``beginnings`` and ``endings`` are the first and last
    two and three letters of all shapes.
    """

    domains: dict[str, str]
    first_labels: frozenset[str]
    exact: dict[str, Brand]
    deletions: dict[str, tuple[tuple[str, Brand], ...]]
    heads: dict[str, tuple[tuple[str, Brand], ...]]
    longest: int
    shortest_long: int
    suffixes: frozenset[str]
    beginnings: frozenset[str]
    endings: frozenset[str]


def may_bear_brand(label: Shapes, *, is_at_home: bool) -> bool:
    """Tell cheaply whether a label is a brand, holds the head of one, or may be near one.

    False for nearly every name on earth: no rule for a whole label can find anything then. A brand
    of fewer than :data:`LONG` letters may be near only where a label ``is_at_home``.
    """
    index, (shape, letters) = brand_index(), label
    if shape in index.exact or letters in index.exact:
        return True
    if len(shape) < _SHORTEST:
        return False
    if (is_at_home or len(letters) + 1 >= index.shortest_long) and _may_be_near(shape):
        return True
    heads = index.heads
    for start in range(len(shape) - _SHORTEST + 1):
        if shape[start : start + _SHORTEST] in heads:
            return True
    return False


def may_be_near_long(label: Shapes) -> bool:
    """Tell cheaply whether a label has letters enough to be one away from a long brand."""
    return len(label[1]) + 1 >= brand_index().shortest_long


def find_exact(label: Shapes) -> Brand | None:
    """Return the brand that a label is, in any shape."""
    exact, (shape, letters) = brand_index().exact, label
    return exact.get(shape) or exact.get(letters)  # clmb is cimb, though cl passes for d


def nearest(label: Shapes) -> Near | None:
    """Return the longest brand that a label is but for one letter, or None."""
    shape, letters = label
    if not _may_be_near(shape):
        return None
    found = _nearest(shape)
    if letters != shape and (found is None or not found.is_telltale):
        found = _nearest(letters) or found  # bidvv is bidv and a doubled letter, not bidw
    return found


def _may_be_near(shape: str) -> bool:
    """Tell cheaply whether a brand begins or ends so: one letter's change leaves an end as it is.

    Spares the deletions for four labels in five.
    """
    index, length = brand_index(), len(shape)
    if not _SHORTEST <= length <= index.longest + 1:
        return False
    width = _WIDE_EDGE if length >= _WIDE else _EDGE
    return shape[:width] in index.beginnings or shape[-width:] in index.endings


def _nearest(shape: str) -> Near | None:
    index = brand_index()
    best: Near | None = None
    for variant in (shape, *without_one(shape)):
        for label, brand in index.deletions.get(variant, ()):
            if best is not None and len(brand.label) <= len(best.brand.label):
                continue
            telltale = _compare(shape, label)
            if telltale is not None:
                best = Near(brand, telltale)
    return best


def _compare(shape: str, label: str) -> bool | None:
    """Return None for more than one letter's difference, else whether it is a telltale one."""
    start = 0
    while start < len(shape) and start < len(label) and shape[start] == label[start]:
        start += 1
    here, there = shape[start:], label[start:]
    if len(here) == len(there) + 1:
        doubled = start > 0 and here[0] == shape[start - 1]
        return doubled if here[1:] == there else None
    if len(here) + 1 == len(there):
        return False if here == there[1:] else None
    if len(here) != len(there) or not here:
        return None
    if here[1:] == there[1:]:
        return frozenset((here[0], there[0])) in _TWINS
    is_swapped = here[:2] == there[1::-1] and here[2:] == there[2:]
    return False if is_swapped else None


def without_one(text: str) -> Iterator[str]:
    """Yield the text without one of its letters, each once."""
    for at in range(len(text)):
        if at == 0 or text[at] != text[at - 1]:
            yield text[:at] + text[at + 1 :]


@cache
def brand_index() -> Index:
    """Return the tables, made from the directory at the first call."""
    domains = {STATE: STATE_NAME}
    exact: dict[str, Brand] = {}
    deletions: dict[str, list[tuple[str, Brand]]] = {}
    heads: dict[str, list[tuple[str, Brand]]] = {}
    for institution in institutions():
        domains.update(dict.fromkeys(institution.domains, institution.name))
        for brand in institution.brands:
            shape = fold_shape(brand.label)
            exact.setdefault(shape, brand)
            if len(shape) >= _SHORTEST:
                heads.setdefault(shape[:_SHORTEST], []).append((shape, brand))
                for variant in (shape, *without_one(shape)):
                    deletions.setdefault(variant, []).append((shape, brand))
    widths = (_EDGE, _WIDE_EDGE)
    brands = [brand for institution in institutions() for brand in institution.brands]
    return Index(
        domains=domains,
        first_labels=frozenset(domain.partition(".")[0] for domain in domains),
        exact=exact,
        deletions=_freeze(deletions),
        heads=_freeze(heads),
        longest=max(map(len, exact)),
        shortest_long=min(
            len(fold_shape(brand.label)) for brand in brands if len(brand.label) >= LONG
        ),
        suffixes=frozenset(suffix for brand in brands for suffix in brand.suffixes),
        beginnings=frozenset(shape[:width] for shape in exact for width in widths),
        endings=frozenset(shape[-width:] for shape in exact for width in widths),
    )


def _freeze(
    lists: dict[str, list[tuple[str, Brand]]],
) -> dict[str, tuple[tuple[str, Brand], ...]]:
    """Return the lists as tuples, longest brand first."""
    return {
        key: tuple(sorted(found, key=lambda pair: -len(pair[0]))) for key, found in lists.items()
    }
