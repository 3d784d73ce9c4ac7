"""The keys of the trail, and the pseudonyms made with them; pure.

A pseudonym is the first half of an HMAC-SHA256: the same thing has the same one as long as the
secret stays, and without the secret nobody can try all numbers to find whose it is.
"""

from base64 import urlsafe_b64encode

import msgspec

from blacklist.audit.mac import Mac
from blacklist.model import Kind
from blacklist.secret import derive

_BYTES = 16


class AuditKeys(msgspec.Struct, frozen=True):
    """One key a purpose, all from the secret of the installation."""

    identifiers: Mac
    addresses: Mac
    lines: Mac
    digests: Mac

    @classmethod
    def of(cls, secret: bytes) -> "AuditKeys":
        """The keys that follow from a secret."""
        return cls(*(Mac(derive(secret, f"audit {name}")) for name in cls.__struct_fields__))

    def pseudonym(self, kind: Kind, value: str) -> str:
        """Return the pseudonym of a canonical identifier, the same for good."""
        return _shortened(self.identifiers((kind + ":" + value).encode()))

    def address_pseudonym(self, address: str, day: str) -> str:
        """Return an address's pseudonym for one day: nobody is followed from day to day."""
        return _shortened(self.addresses(f"{day} {address}".encode()))


def _shortened(digest: bytes) -> str:
    return urlsafe_b64encode(digest[:_BYTES]).rstrip(b"=").decode()
