"""Lengths of time as people write them, ``45 s``, ``30 min``, ``6 h``, ``1 d``; pure."""

import re
from typing import Final

_WRITTEN: Final = re.compile(r"([0-9]{1,9})\s*(s|min|h|d)")
_SECONDS: Final = {"s": 1, "min": 60, "h": 3_600, "d": 86_400}


def parse(written: str | int) -> int:
    """The seconds that are meant, at least 1; raises ValueError "must …"."""
    if isinstance(written, int):
        seconds = written
    else:
        found = _WRITTEN.fullmatch(written.strip())
        seconds = int(found[1]) * _SECONDS[found[2]] if found else 0
    if seconds < 1:
        raise ValueError('must be a length of time: "45 s", "30 min", "6 h", "1 d", or seconds')
    return seconds


def say(seconds: float) -> str:
    """A length of time in its largest whole unit, for people."""
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{max(0, int(seconds))} s"
