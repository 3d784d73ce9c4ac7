"""What a server's refusals mean, for people: why it takes no writes, and what to do.

The server's own words stay here: they can quote a command, and with it an identifier.
"""

import re

import redis

_CLASSES: list[tuple[type[redis.ResponseError], str]] = [
    (redis.ReadOnlyError, "READONLY"),
    (redis.OutOfMemoryError, "OOM"),
    (redis.exceptions.NoPermissionError, "NOPERM"),
]
"""The driver takes the first word away from the errors that it knows."""

_MEANING = {
    "READONLY": "its server is a copy of another one, which takes the writes: give its address",
    "OOM": "its server has no memory left: raise its 'maxmemory'",
    "NOREPLICAS": "its server takes no writes until enough copies follow it",
    "MISCONF": "its server cannot write to its disk",
    "NOPERM": "this user may not do that",
}

_WORD = re.compile(rf"\b(?:{'|'.join(_MEANING)})\b")


def message(exc: redis.ResponseError) -> str:
    """A sentence about a refusal; of an unknown one no more than the server's first word."""
    said = str(exc)
    found = _WORD.search(said)
    word = found[0] if found else (said.split() or ["?"])[0].strip(":,")
    for kind, known in _CLASSES:
        if isinstance(exc, kind):
            word = known
    if word in _MEANING:
        return f"the store refused ({word}): {_MEANING[word]}"
    return f"the store refused ({word if word.isupper() else 'error'})"
