"""Which column holds the value, its bank and its kind: told, or found by a well-known name.

The words are those by which feeds are read (``loaders/formats/words.py``, which lies above this
layer), less what seldom heads a table to be screened; a test holds that each means the same there.
Where several columns may hold the value none is chosen: the one left out would not be looked up.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from blacklist.model import Kind
from blacklist.screening.form import Told
from blacklist.screening.reasons import refusal

FIELDS: Final = ("value", "bank", "kind")
"""What a column can be told to hold."""

PHONES: Final = (
    *("phone", "phonenumber", "phoneno", "telephone", "telephonenumber", "tel", "msisdn", "mobile"),
    *("mobilenumber", "mobilephone", "caller", "callerid", "callernumber", "callingnumber"),
    *("sdt", "sodienthoai", "dienthoai", "sodt", "dtdd", "thuebao", "sothuebao", "sodidong"),
)
ACCOUNTS: Final = (
    *("account", "accountnumber", "accountno", "acct", "acctno", "bankaccount"),
    *("bankaccountnumber", "bankaccountno", "iban", "wallet", "walletid", "ewallet"),
    *("stk", "sotk", "sotaikhoan", "taikhoan", "taikhoannganhang", "sotaikhoannganhang"),
    *("vidientu", "sovidientu", "idvidientu"),
)
LINKS: Final = (
    *("url", "uri", "link", "duongdan", "duonglink", "website", "trangweb", "fqdn", "hostname"),
    *("host", "domain", "domainname", "tenmien"),
)
ANY_KIND: Final = ("indicator", "ioc", "value", "identifier", "number", "entry")
BANKS: Final = (
    *("bin", "mabin", "bankbin", "bankcode", "manganhang", "bank", "bankname", "nganhang"),
    *("tennganhang", "swift", "bic"),
)

KINDS: Final[Mapping[str, Kind]] = {
    **dict.fromkeys(PHONES, Kind.PHONE),
    **dict.fromkeys(ACCOUNTS, Kind.ACCOUNT),
    **dict.fromkeys(LINKS, Kind.LINK),
}

_PARENTHESIS = re.compile(r"\([^()]*\)")
_NEITHER_LETTER_NOR_DIGIT = re.compile(r"[\W_]+")
_LONGEST_NAME = 100


class Columns(msgspec.Struct, frozen=True):
    """Positions in a row, from 0; ``named_kind`` is the kind that the value's column is named by.

    ``by_number`` says that the value's column was told by its number.
    """

    value: int
    bank: int | None
    kind: int | None
    named_kind: Kind | None
    by_number: bool


def fold(name: str) -> str:
    """A name without case, accents, punctuation and remarks in parentheses; too long is nothing."""
    if len(name) > _LONGEST_NAME:
        return ""
    plain = _PARENTHESIS.sub("", name) or name
    decomposed = unicodedata.normalize("NFKD", plain.casefold().replace("đ", "d"))
    letters = "".join(char for char in decomposed if not unicodedata.combining(char))
    return _NEITHER_LETTER_NOR_DIGIT.sub("", letters)


def is_known(name: str, told: Told) -> bool:
    """Whether a column of this name would be read."""
    word = fold(name)
    names = {fold(column) for column in told.columns.values()}
    return word in KINDS or word in ANY_KIND or word in BANKS or word in names - {""}


def resolve(names: Sequence[str], told: Told) -> Columns:
    """Find the columns; raises BadTable where the value's is not known, or one told is not there.

    Without being told, a bank's column is the first that a table of words knows.
    """
    words = [fold(name) for name in names]
    at = {field: _find_told(column, names, words) for field, column in told.columns.items()}
    by_number = "value" in at and not _is_named(told.columns["value"], names, words)
    value = at["value"] if "value" in at else _find_value(words)
    bank = at.get("bank")
    if bank is None:
        found = [words.index(word) for word in BANKS if word in words]
        bank = next((one for one in found if one != value), None)
    named_kind = KINDS.get(words[value])
    return Columns(value, bank, at.get("kind"), named_kind, by_number)


def _find_value(words: Sequence[str]) -> int:
    found = [at for at, word in enumerate(words) if word in KINDS]
    found = found or [at for at, word in enumerate(words) if word in ANY_KIND]
    if not found:
        raise refusal("no_value_column")
    if len(found) > 1:
        raise refusal("ambiguous_column")
    return found[0]


def _find_told(column: str, names: Sequence[str], words: Sequence[str]) -> int:
    """The position of a column told by name, exactly or as people write it, or by its number."""
    found = [at for at, name in enumerate(names) if name == column] or [
        at for at, word in enumerate(words) if word and word == fold(column)
    ]
    if len(found) > 1:
        raise refusal("ambiguous_column")
    if found:
        return found[0]
    if re.fullmatch(r"[0-9]{1,6}", column) and 0 < int(column) <= len(names):
        return int(column) - 1
    raise refusal("unknown_column")


def _is_named(column: str, names: Sequence[str], words: Sequence[str]) -> bool:
    return column in names or (fold(column) in words and bool(fold(column)))
