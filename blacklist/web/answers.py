"""What every way of asking over HTTP shares: the lookup, the words, how an answer is written."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import msgspec
from flask import Response, current_app, g, request

from blacklist.callers import Caller
from blacklist.fixed_answers import FixedAnswers
from blacklist.identifiers.reasons import QUOTING
from blacklist.lookup import Answers, Ask, Lookup
from blacklist.model import AsOf, Audience, Verdict
from blacklist.policies import Policies
from blacklist.web import auth
from blacklist.web.addresses import who
from blacklist.web.limits import AddressLimit, Left, Quotas

COULD_NOT_LOOK = (
    "the lists could not be looked at: this is not an answer about the thing asked; try again"
)

encode = msgspec.json.Encoder().encode


class Answering(msgspec.Struct, frozen=True):
    """What a process answers with: a lookup for each audience, limits and policies.

    ``fixed`` answers test keys.
    """

    lookups: Mapping[Audience, Lookup]
    fixed: Mapping[Audience, FixedAnswers]
    addresses: AddressLimit
    quotas: Quotas
    policies: Policies


def lookup() -> Answers:
    """The lookup of this process for whoever asks; for a test key the fixed answers."""
    caller, answering = auth.caller(), _answering()
    is_test = caller is not None and caller.test
    return (answering.fixed if is_test else answering.lookups)[auth.audience()]


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
    return _ForCaller(lookup(), _account(), _adviser())


def take(count: int) -> None:
    """Count so many things asked by whoever asks; Refusal 429 where that is too much."""
    _account().take(count)


def tell_limits(response: Response) -> Response:
    """Say in an answer what is left of the limit that it counts against."""
    account: Account | None = g.get("account")
    if account is not None and account.left is not None and response.status_code != 429:  # noqa: PLR2004
        response.headers.update(account.left.fields())
    return response


def _account() -> Account:
    found: Account | None = g.get("account")
    if found is None:
        found = g.account = Account(_take_of(auth.caller()))
    return found


def _take_of(caller: Caller | None) -> Callable[[int], Left | None]:
    answering = _answering()
    if caller is not None:
        return partial(answering.quotas.take, caller)
    address = who(request.environ, current_app.config["TRUSTED_PROXIES"])
    return partial(answering.addresses.take, address)


def advised(results: Sequence[Verdict]) -> Sequence[Verdict]:
    """Results with what the caller's policy says is to be done; without a key as they are."""
    return results if auth.caller() is None else list(map(_adviser(), results))


def _adviser() -> Callable[[Verdict], Verdict]:
    caller, policies = auth.caller(), _answering().policies

    def advise(one: Verdict) -> Verdict:
        if caller is None or one.error:
            return one
        return msgspec.structs.replace(one, action=policies.advise(one, caller.policy))

    return advise


def _answering() -> Answering:
    found: Answering = current_app.extensions["blacklist.answering"]
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
