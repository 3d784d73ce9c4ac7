"""All pages and states in Chromium: in both languages, at each size, light and dark."""

from typing import Any

import pytest
from chromium import DESK, PHONE

from looks import LOOKS, name_of
from scenes import SCENES, Scene

ZOOMED = {"width": 640, "height": 400}
"""What is left of 1280 × 800 at 200 %."""


@pytest.mark.parametrize("look", LOOKS, ids=name_of)
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_a_page_is_accessible_and_fits(visit: Any, scene: Scene, look: Any) -> None:
    """axe-core finds nothing, no line is wider than the screen, nothing is asked of other hosts.

    How wide a line is depends on the language, so each is tried at every size. What axe-core finds
    is of the words or of the size, and of both the markup and style are one: it looks at the one
    language on a telephone and at the other at a desk.
    """
    window = visit(role=scene.role, **look)
    page = window.page
    page.goto(scene.path)
    scene.lead(page)
    page.wait_for_selector(scene.shows)
    assert page.locator("html").get_attribute("lang") == look["language"]
    window.assert_well_behaved()
    window.assert_good_at(look["size"])
    for size in (DESK, ZOOMED, PHONE):
        page.set_viewport_size(size)
        window.assert_fits()
