"""The brands of the directory, laid out so that a label is looked up and not compared with each.

A brand one letter away is found by deletions: two texts that differ by one letter added, dropped,
swapped or replaced share a text that lacks one letter of each (Garbe's SymSpell,
https://github.com/wolfgarbe/SymSpell). Made once, at first use. Used by ``look_alike``;
``spoofed_lines`` shares :func:`without_one`.
"""

from collections.abc import Iterator
from functools import cache
from typing import Final, NamedTuple

from blacklist.identifiers.confusables import fold_letters, fold_shape
from blacklist.identifiers.institutions import Brand, institutions

STATE: Final = "gov.vn"
"""Given to state bodies only."""

STATE_NAME: Final = "Government of Viet Nam"
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


class Near(NamedTuple):
    """A brand near a label. ``is_telltale``: a letter is doubled, or replaced by its twin."""

    brand: Brand
    is_telltale: bool


class Index(NamedTuple):
    """What labels are looked up in; brands by their shape (``confusables.fold_shape``).

    ``domains`` maps a whole domain to its institution, ``exact`` a shape to its brand,
    ``deletions`` a shape with or without one letter, and ``heads`` its first four letters, to the
    shapes they may come from, longest first. ``longest`` is the longest shape's length,
    ``edges`` are the first (``ab…``) and last (``…yz``) two and three letters of all shapes.
    """

    domains: dict[str, str]
    exact: dict[str, Brand]
    deletions: dict[str, tuple[tuple[str, Brand], ...]]
    heads: dict[str, tuple[tuple[str, Brand], ...]]
    longest: int
    edges: frozenset[str]


def find_exact(folded: str) -> Brand | None:
    """Return the brand that a label of plain letters is, in any shape."""
    exact = brand_index().exact
    shape = fold_shape(folded)
    # clmb is cimb, though cl passes for d
    return exact.get(shape) or exact.get(fold_letters(folded))


def nearest(folded: str) -> Near | None:
    """Return the longest brand that a label of plain letters is but for one letter, or None."""
    shape, letters = fold_shape(folded), fold_letters(folded)
    if not _SHORTEST <= len(shape) <= brand_index().longest + 1 or not _may_be_near(shape):
        return None
    found = _nearest(shape)
    if letters != shape and (found is None or not found.is_telltale):
        found = _nearest(letters) or found  # bidvv is bidv and a doubled letter, not bidw
    return found


def _may_be_near(shape: str) -> bool:
    """Tell cheaply whether a brand begins or ends so: one letter's change leaves an end as it is.

    Spares the deletions for four labels in five.
    """
    width = _WIDE_EDGE if len(shape) >= _WIDE else _EDGE
    edges = brand_index().edges
    return f"{shape[:width]}…" in edges or f"…{shape[-width:]}" in edges


def _nearest(shape: str) -> Near | None:
    index = brand_index()
    best: Near | None = None
    for variant in (shape, *without_one(shape)):
        for label, brand in index.deletions.get(variant, ()):
            telltale = _compare(shape, label)
            if telltale is None:
                continue
            if best is None or len(brand.label) > len(best.brand.label):
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
    edges = {
        edge
        for shape in exact
        for width in (_EDGE, _WIDE_EDGE)
        for edge in (f"{shape[:width]}…", f"…{shape[-width:]}")
    }
    return Index(
        domains=domains,
        exact=exact,
        deletions=_freeze(deletions),
        heads=_freeze(heads),
        longest=max(map(len, exact)),
        edges=frozenset(edges),
    )


def _freeze(
    lists: dict[str, list[tuple[str, Brand]]],
) -> dict[str, tuple[tuple[str, Brand], ...]]:
    """Return the lists as tuples, longest brand first."""
    return {
        key: tuple(sorted(found, key=lambda pair: -len(pair[0]))) for key, found in lists.items()
    }
