"""How lines hang together: each carries a MAC over itself and the MAC of the line before; pure.

A line is 32 hexadecimal digits (the first half of an HMAC-SHA256), a blank, JSON, a line end.
Whoever has not the key can neither change, add, remove nor move a line without breaking the chain
there; what is cut off at the end of a file shows where the file is summed up elsewhere (``days``).
"""

import hmac
from typing import Final

from blacklist.audit.mac import Mac

_SHOWN: Final = 32


def begin(mac: Mac, *names: str) -> bytes:
    """Return what a file's first line is chained to: its names, so that none passes for another."""
    return mac("/".join(names).encode())


def link(mac: Mac, before: bytes, text: bytes) -> bytes:
    """Return the MAC of a line's JSON that follows the line with the MAC ``before``."""
    return mac(before + text)


def digits(mac: bytes) -> bytes:
    """Return what is written of a MAC."""
    return mac.hex().encode()[:_SHOWN]


def line(mac: bytes, text: bytes) -> bytes:
    """Return a line as it is written."""
    return digits(mac) + b" " + text + b"\n"


def read(written: bytes) -> tuple[bytes, bytes] | None:
    """Return the MAC's digits and the JSON of a whole line; None where it is none."""
    shown, blank, rest = written[:_SHOWN], written[_SHOWN : _SHOWN + 1], written[_SHOWN + 1 :]
    if blank != b" " or not rest.endswith(b"\n"):
        return None
    return shown, rest[:-1]


def fits(shown: bytes, mac: bytes) -> bool:
    """Whether the digits of a line are those of a MAC."""
    return hmac.compare_digest(shown, digits(mac))
