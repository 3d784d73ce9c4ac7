"""What is told of a file that cannot be read: a sentence for every word of the readers."""

import ast

from blacklist.web.pages.letter_form import FLAWS
from loaders.unpack import _OTHERS
from servers import ROOT


def test_every_flaw_that_a_reader_names_has_its_sentence() -> None:
    """And no sentence is left of one that none names any more."""
    named = {flaw for flaw, _ in _OTHERS.values()}
    for module in ROOT.glob("loaders/**/*.py"):
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "flaw":
                named |= {node.value.value} if isinstance(node.value, ast.Constant) else set()
    assert named == set(FLAWS)
