"""``/docs`` in Chromium: one page in English, for programmers."""

from typing import Any

from chromium import DESK, PHONE

from watched import COLOUR_RULES

CUT_WHAT_REPEATS = """() => {
  const shape = (one) => one === document.body ? ""
    : `${shape(one.parentElement)} ${one.tagName}.${one.className}`;
  const seen = new Set();
  for (const part of document.querySelectorAll("article, nav li, #problems > dl > *")) {
    const shapes = [part, ...part.querySelectorAll("*")].map(shape);
    if (shapes.every((one) => seen.has(one))) part.remove();
    else shapes.forEach((one) => seen.add(one));
  }
  return document.querySelectorAll("*").length;
}"""
"""Leaves of all parts those that hold an element under such others as none before them did."""

FEW = 1_000


def test_the_manual_is_accessible_and_fits(visit: Any) -> None:
    """The whole page by all rules but those of colour, on a telephone and at a desk.

    Those follow from what an element is and what it stands in, since the style names nothing else,
    and take a minute for 9,000 elements: one part of each shape is looked at in every look.
    """
    window = visit(language="en")
    page = window.page
    page.goto("/docs")
    page.wait_for_selector("h1")
    window.assert_well_behaved()
    for size in (PHONE, DESK):
        page.set_viewport_size(size)
        window.assert_fits()
        window.assert_accessible(but=COLOUR_RULES)
    assert page.evaluate(CUT_WHAT_REPEATS) < FEW
    window.assert_good_in_every_look()
