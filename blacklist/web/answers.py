"""What every way of asking over HTTP shares: the lookup, the words, how an answer is written."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import msgspec

from blacklist.config import Networks
from blacklist.fixed_answers import FixedAnswers
from blacklist.identifiers.reasons import QUOTING
from blacklist.lookup import Answers, Ask, Lookup
from blacklist.model import AsOf, Audience, Verdict
from blacklist.policies import Policies
from blacklist.web import audit
from blacklist.web.addresses import who
from blacklist.web.asker import Asker, current
from blacklist.web.limits import AddressLimit, Left, Quotas

COULD_NOT_LOOK = (
    "the lists could not be looked at: this is not an answer about the thing asked; try again"
)

NOBODY_COULD_LOOK = ("store_unavailable", "store_rolled_back", "store_lost_a_shard")
"""Words of an answer that could not be given."""

METERED = ("too_many_requests", "too_many_items")
"""Words of what :func:`take` refuses."""

encode = msgspec.json.Encoder().encode


class Answering(msgspec.Struct, frozen=True):
    """What a process answers with: a lookup for each audience, limits and policies.

    ``fixed`` answers test keys; ``region`` is that of numbers whose question names none;
    ``account_get`` says that accounts may be asked for in an address line.
    """

    lookups: Mapping[Audience, Lookup]
    fixed: Mapping[Audience, FixedAnswers]
    addresses: AddressLimit
    quotas: Quotas
    policies: Policies
    trusted_proxies: Networks
    region: str
    account_get: bool


def home_region() -> str:
    """The region of numbers whose question names none, in two letters."""
    return _answering(current()).region


def is_account_get_open() -> bool:
    """Whether accounts may be asked for in an address line, which logs along the way may keep."""
    return _answering(current()).account_get


def lookup() -> Answers:
    """The lookup of this process for whoever asks; for a test key the fixed answers."""
    return _lookup_of(current())


class Account:
    """Counts what one request asks; it outlives the request where an answer is a stream."""

    def __init__(self, take: Callable[[int], Left | None]) -> None:
        self._take = take
        self.left: Left | None = None

    def take(self, count: int) -> None:
        """Count so many things; Refusal 429 where that is too much."""
        self.left = self._take(count)


class _ForCaller(Answers):
    """Counts what it is asked, at least one thing a time, and says what is to be done."""

    def __init__(
        self, answers: Answers, account: Account, advise: Callable[[Verdict], Verdict]
    ) -> None:
        self._answers = answers
        self._account = account
        self._advise = advise

    def check_many(self, asks: Sequence[Ask]) -> list[Verdict]:
        """Count, answer, advise."""
        self._account.take(max(1, len(asks)))
        return [self._advise(one) for one in self._answers.check_many(asks)]

    def as_of(self) -> AsOf:
        """As the lookup itself tells; it counts for nothing."""
        return self._answers.as_of()


def lookup_for_caller() -> Answers:
    """A lookup that counts and advises by itself, also while an answer is streamed.

    For messages and tables: only the asking shows how many things there are in them.
    """
    asker = current()
    return _ForCaller(_lookup_of(asker), _account_of(asker), _adviser_of(asker))


def take(count: int) -> None:
    """Count so many things asked by whoever asks; Refusal 429 where that is too much."""
    _account_of(current()).take(count)


def address_of(asker: Asker) -> str:
    """The address that a request without a key counts for."""
    return who(asker.environ, _answering(asker).trusted_proxies)


def left(asker: Asker) -> Left | None:
    """What is left of the limit that a request was counted against; None where it was not."""
    account: Account | None = asker.account
    return None if account is None else account.left


def _lookup_of(asker: Asker) -> Answers:
    """What answers whoever asks; the audit trail hears it."""
    caller, answering = asker.caller, _answering(asker)
    is_test = caller is not None and caller.test
    answers = (answering.fixed if is_test else answering.lookups)[asker.audience]
    return audit.heard(asker, answers)


def _account_of(asker: Asker) -> Account:
    found: Account | None = asker.account
    if found is None:
        found = asker.account = Account(_take_of(asker))
    return found


def _take_of(asker: Asker) -> Callable[[int], Left | None]:
    answering = _answering(asker)
    if asker.caller is not None:
        return partial(answering.quotas.take, asker.caller)
    return partial(answering.addresses.take, address_of(asker))


def advised(results: Sequence[Verdict]) -> Sequence[Verdict]:
    """Results with what the caller's policy says is to be done; without a key as they are."""
    asker = current()
    return results if asker.caller is None else list(map(_adviser_of(asker), results))


def _adviser_of(asker: Asker) -> Callable[[Verdict], Verdict]:
    caller, policies = asker.caller, _answering(asker).policies

    def advise(one: Verdict) -> Verdict:
        if caller is None or one.error:
            return one
        return msgspec.structs.replace(one, action=policies.advise(one, caller.policy))

    return advise


def _answering(asker: Asker) -> Answering:
    found: Answering = asker.extensions["blacklist.answering"]
    return found


def anonymous(results: Sequence[Verdict]) -> list[Verdict]:
    """Results as a problem document may hold them: those are logged by proxies and clients."""
    return [
        msgspec.structs.replace(one, input=None, identifiers=(), notes=_words(one.notes))
        for one in results
    ]


def _words(notes: Sequence[str]) -> tuple[str, ...]:
    """The notes that repeat nothing of the text."""
    return tuple(note for note in notes if note.partition(":")[0] not in QUOTING)
