"""HMAC-SHA256 under one key, for the thread that writes the trail; pure.

``hmac.digest`` lets another thread run during each call, as do all calls that may take long. A line
has two MACs of a microsecond each, and to wait for the interpreter twice a line cost the threads
that answer far more than the MACs (docs/measurements.md).
"""

import hmac


class Mac:
    """Makes MACs of short texts without letting other threads run in between."""

    def __init__(self, key: bytes) -> None:
        self._begun = hmac.new(key, digestmod="sha256")

    def __call__(self, text: bytes) -> bytes:
        """Return the 32 bytes of a text's MAC."""
        one = self._begun.copy()
        one.update(text)
        return one.digest()
