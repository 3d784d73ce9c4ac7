"""How often an address may send a wrong key: a bound in the process, without the store.

No guess comes near 256 random bits; the bound keeps whoever tries from asking at no cost. A right
key is answered beyond it, too: many callers share an address, and none of them may be able to shut
the others out. Called for keys that are nobody's (``auth.py``).
"""

from typing import Any, Final

from blacklist.config import Networks
from blacklist.web.addresses import who
from blacklist.web.limits import AddressLimit

WRONG_KEYS_PER_MINUTE: Final = 600
"""Of an address, over all workers: what a wrongly set up client with many callers may reach."""

_DETAIL: Final = "too many wrong keys from this network; a right key is answered as always"


class Guesses:
    """Counts wrong keys by address."""

    def __init__(self, *, workers: int, trusted_proxies: Networks) -> None:
        self._trusted = trusted_proxies
        self._limit = AddressLimit(
            WRONG_KEYS_PER_MINUTE, workers=workers, name="wrong-keys", detail=_DETAIL
        )

    def count(self, environ: dict[str, Any]) -> None:
        """Count one for the address of a request; Refusal 429 past the bound."""
        self._limit.take(who(environ, self._trusted), 1)
