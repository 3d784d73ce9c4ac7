"""The id of a request: taken from the caller where it is safe, otherwise made; pure.

It stands in the answer, in every problem document and in log lines, so it must not be able to carry
anything else: a line break would forge a line, and a "token" of a caller's own may be the number
that was asked. So only what nobody would write otherwise is taken over: 32 hexadecimal digits, with
or without the hyphens of a UUID, at least one of them a letter (32 digits may be an account).
"""

import re
from contextvars import ContextVar
from random import Random
from typing import Final

HEADER: Final = "X-Request-Id"
ENVIRON: Final = "blacklist.request_id"
"""Where the id lies in a request's WSGI environment."""

_BITS: Final = 128
_SENT: Final = "HTTP_X_REQUEST_ID"
_SAFE: Final = re.compile(
    r"(?=[^a-f]*[a-f])(?:[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})", re.IGNORECASE
)


_GIVEN: Final[ContextVar[str | None]] = ContextVar("blacklist.request_id", default=None)

given = _GIVEN.get
"""The id of the request that is being answered; None in an application that gives none."""


class RequestIds:
    """Gives each request its id. Make one in each process, after the fork: two would agree."""

    def __init__(self) -> None:
        self._bits = Random().getrandbits  # noqa: S311 - an id and no secret; 8 times as fast

    def take(self, environ: dict[str, object]) -> str:
        """The id of a request, which is noted in its environment."""
        sent = environ.get(_SENT)
        if not (isinstance(sent, str) and _SAFE.fullmatch(sent)):
            sent = self.make()
        environ[ENVIRON] = sent
        _GIVEN.set(sent)
        return sent

    def make(self) -> str:
        """A new id: 32 hexadecimal digits."""
        return f"{self._bits(_BITS):032x}"
