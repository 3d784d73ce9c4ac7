"""The beginning of a feed, by which the formats recognise their own.

Detection never sees a file's name: feeds named ``.csv`` that hold one URL a line are real.
"""

import ipaddress
import re
from collections.abc import Callable, Iterable
from itertools import islice

_LINE_END = re.compile(r"\r\n|\r|\n")
_SAMPLE_LINES = 500


def data_lines(head: str, comments: str | tuple[str, ...]) -> list[str]:
    """Return the first lines that are neither blank nor begin with a comment mark, stripped."""
    lines = (line.strip() for line in _LINE_END.split(head))
    return list(
        islice((line for line in lines if line and not line.startswith(comments)), _SAMPLE_LINES)
    )


def is_address(word: str) -> bool:
    """Say whether a word is an IP address."""
    try:
        ipaddress.ip_address(word)
    except ValueError:
        return False
    return True


def most(lines: Iterable[str], holds: Callable[[str], object]) -> bool:
    """Say whether there are lines and ``holds`` is true of at least half of them."""
    votes = [bool(holds(line)) for line in lines]
    return bool(votes) and sum(votes) * 2 >= len(votes)
