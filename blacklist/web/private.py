"""Private lookups over HTTP: ``/v1/range…`` and ``/v1/filter/KIND`` (docs/private-lookups.md).

Links are open to all. Phones and accounts need the scope ``list``: all mobile numbers of a country
can be hashed in minutes, so that whoever has the hashes has the list.

Unlike every other answer these may be kept, for :data:`KEEP_SECONDS`: they are the same for
everybody, hold nothing of who asks or for what, and the less often they are asked for, the less is
told. What that costs is told, too: a listing is known to a client so much later.
"""

from typing import Annotated, Final

import msgspec
from flask import Blueprint, Flask, Response, current_app, request

from blacklist.callers import Scope
from blacklist.errors import OtherBits
from blacklist.model import ItemError, Kind
from blacklist.prefixes import PREFIX, SUFFIX_DIGITS, Tag, digits_of, is_prefix, skipped_digits
from blacklist.private_lookups import PrivateLookups
from blacklist.replica import Replica
from blacklist.store import Client
from blacklist.web.answers import METERED, encode, take
from blacklist.web.auth import caller, needs
from blacklist.web.described import Media, describes
from blacklist.web.parameters import NoParameters, exactly, read_parameters
from blacklist.web.problems import Refusal

KEEP_SECONDS: Final = 60
POSITION: Final = "Blacklist-Position"
"""Header: the journal row up to which an answer is complete, also of one that is only confirmed."""

_BAD_BITS: Final = ItemError("bad_prefix", "bits is the number of bits that the prefix is of")
_PROBLEMS: Final = {"store_unavailable", *METERED}
_EXTENSION: Final = "blacklist.private_lookups"

lookups = Blueprint("private_lookups", __name__)

_Prefix = Annotated[str, exactly(PREFIX)]
"""The first bits of a hash in hex digits."""

_FILTER: Final = Media(("application/octet-stream",), "The filter as docs/private-lookups.md says.")


class OfBits(msgspec.Struct):
    """``bits``: how many bits the client takes its prefix for, which of hex digits nobody sees."""

    bits: Annotated[int, msgspec.Meta(ge=0, le=999)] | None = None


class KindOfShards(msgspec.Struct):
    """How one kind is asked; ``scope`` is what a key needs, None where nobody needs a key."""

    bits: int
    prefix_digits: int
    skipped_digits: int
    scope: Scope | None


class HowToAsk(msgspec.Struct):
    """What is hashed (``of``) and how, and for each kind how its shards are named."""

    hash: str
    of: str
    suffix_digits: int
    tags: dict[Tag, str]
    kinds: dict[Kind, KindOfShards]


class Range(msgspec.Struct):
    """The answer for one prefix: ``SUFFIX:TAG`` each, sorted, dummies among them."""

    kind: Kind
    bits: int
    prefix: str
    entries: list[str]


class Bits(msgspec.Struct, frozen=True):
    """How the shards of a kind are named by now."""

    bits: int
    prefix_digits: int


class PhoneRanges(msgspec.Struct):
    """All listed ranges of numbers: ``RANGE:TAG`` each."""

    kind: Kind
    ranges: list[str]


def install(app: Flask, replica: Replica, client: Client) -> None:
    """Let the application answer private lookups."""
    app.extensions[_EXTENSION] = PrivateLookups(replica, client)
    app.register_blueprint(lookups)


@lookups.get("/v1/range")
@needs(Scope.CHECK, is_public=True)
@describes(parameters=NoParameters, answers={200: HowToAsk, 304: None}, problems=_PROBLEMS)
def describe() -> Response:
    """Tell how to ask: what is hashed, of how many bits the prefixes are, what tags mean."""
    read_parameters(NoParameters)
    take(1)
    how = HowToAsk(
        hash="sha256",
        of="KIND:VALUE",
        suffix_digits=SUFFIX_DIGITS,
        tags={tag: tag.name.lower() for tag in Tag},
        kinds={kind: _kind_of_shards(kind, bits) for kind, bits in _private().bits().items()},
    )
    return _keep(encode(how), is_public=True)


@lookups.get("/v1/range/link/<prefix>", defaults={"kind": Kind.LINK})
@needs(Scope.CHECK, is_public=True)
@describes(
    parameters=OfBits,
    path={"prefix": _Prefix},
    answers={200: Range, 304: None},
    problems={"bad_prefix", "other_bits", *_PROBLEMS},
    beside={"other_bits": Bits},
)
def link_range(kind: Kind, prefix: str) -> Response:
    """Answer all listed links of a shard."""
    return _range(kind, prefix)


@lookups.get("/v1/range/<any(phone, account):kind>/<prefix>")
@needs(Scope.LIST)
@describes(
    parameters=OfBits,
    path={"prefix": _Prefix},
    answers={200: Range, 304: None},
    problems={"bad_prefix", "other_bits", *_PROBLEMS},
    beside={"other_bits": Bits},
)
def number_range(kind: str, prefix: str) -> Response:
    """Answer all listed phones or accounts of a shard."""
    return _range(Kind(kind), prefix)


@lookups.get("/v1/range/phone/ranges")
@needs(Scope.LIST)
@describes(parameters=NoParameters, answers={200: PhoneRanges, 304: None}, problems=_PROBLEMS)
def phone_ranges() -> Response:
    """Answer all listed ranges of phone numbers."""
    read_parameters(NoParameters)
    take(1)
    answer = _private().phone_ranges()
    body = encode(PhoneRanges(Kind.PHONE, answer.entries))
    return _keep(body, is_public=False, position=answer.position)


@lookups.get("/v1/filter/link", defaults={"kind": Kind.LINK})
@needs(Scope.CHECK, is_public=True)
@describes(parameters=NoParameters, answers={200: _FILTER, 304: None}, problems=_PROBLEMS)
def link_filter(kind: Kind) -> Response:
    """Answer the filter of links, as bytes."""
    return _filter(kind)


@lookups.get("/v1/filter/<any(phone, account):kind>")
@needs(Scope.LIST)
@describes(parameters=NoParameters, answers={200: _FILTER, 304: None}, problems=_PROBLEMS)
def number_filter(kind: str) -> Response:
    """Answer the filter of phones or accounts, as bytes."""
    return _filter(Kind(kind))


def _kind_of_shards(kind: Kind, bits: int) -> KindOfShards:
    scope = None if kind is Kind.LINK else Scope.LIST
    return KindOfShards(bits, digits_of(bits), skipped_digits(bits), scope)


def _range(kind: Kind, prefix: str) -> Response:
    # Without it a client has to look at the answer's: prefixes of 13 to 16 bits have four digits.
    bits = read_parameters(OfBits, {"bits": _BAD_BITS}).bits
    if not is_prefix(prefix):
        raise Refusal(400, "bad_prefix", "a prefix is the first bits of a hash in digits 0-9a-f")
    take(1)
    try:
        answer = _private().shard(kind, prefix, bits)
    except OtherBits as exc:
        raise _other_bits(exc.bits) from exc
    body = encode(Range(kind, answer.bits, prefix, answer.entries))
    return _keep(body, is_public=kind is Kind.LINK, position=answer.position)


def _filter(kind: Kind) -> Response:
    read_parameters(NoParameters)
    take(1)
    found = _private().filter_bytes(kind)
    response = _keep(found.data, is_public=kind is Kind.LINK, position=found.position)
    response.content_type = "application/octet-stream"
    return response


def _keep(body: bytes, *, is_public: bool, position: str | None = None) -> Response:
    """An answer that may be kept, by caches between us if it is open to all.

    The tag is of the body alone: a change elsewhere in the lists leaves it, and only the position
    is told anew (304).
    """
    response = Response(body, content_type="application/json")
    # Who brings a key or a session gets more than the body: what is left of his quota, a cookie.
    who = "public" if is_public and caller() is None else "private"
    response.headers["Cache-Control"] = f"{who}, max-age={KEEP_SECONDS}"
    if position is not None:
        response.headers[POSITION] = position
    response.add_etag()
    response.make_conditional(request)
    return response


def _other_bits(bits: int) -> Refusal:
    detail = f"prefixes of this kind have {bits} bits, {digits_of(bits)} hex digits"
    return Refusal(404, "other_bits", detail, beside=Bits(bits, digits_of(bits)))


def _private() -> PrivateLookups:
    found: PrivateLookups = current_app.extensions[_EXTENSION]
    return found
