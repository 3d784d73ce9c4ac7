"""Docstrings as readers of the document see them; pure."""

import inspect
import re
import sys
from typing import Final

_ROLE: Final = re.compile(r":\w+:`~?(?:[\w.]*\.)?(\w+)`")


def plain(text: str) -> str:
    """A docstring as Markdown: without roles, with single backticks."""
    return _ROLE.sub(r"`\1`", inspect.cleandoc(text)).replace("``", "`")


def first_paragraph(module: str) -> str:
    """What a module says that it is for."""
    return inspect.cleandoc(sys.modules[module].__doc__ or "").partition("\n\n")[0]


def summary_of(view: object) -> tuple[str, str]:
    """The first line of a view's docstring, and the rest."""
    text = plain(getattr(view, "__doc__", None) or "")
    first, _, rest = text.partition("\n")
    return first, rest.strip()
