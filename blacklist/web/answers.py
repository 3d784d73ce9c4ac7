"""What every way of asking over HTTP shares: the lookup, the words, how an answer is written."""

from collections.abc import Mapping, Sequence

import msgspec
from flask import current_app, request

from blacklist.identifiers.reasons import QUOTING
from blacklist.lookup import Answers, Lookup
from blacklist.model import Audience, Verdict
from blacklist.policies import Policies
from blacklist.web import audit, auth
from blacklist.web.addresses import who
from blacklist.web.limits import AddressLimit, Quotas

COULD_NOT_LOOK = (
    "the lists could not be looked at: this is not an answer about the thing asked; try again"
)

encode = msgspec.json.Encoder().encode


class Answering(msgspec.Struct, frozen=True):
    """What a process answers with: a lookup for each audience, limits and policies."""

    lookups: Mapping[Audience, Lookup]
    addresses: AddressLimit
    quotas: Quotas
    policies: Policies


def lookup() -> Answers:
    """The lookup of this process for whoever asks; what it answers goes into the audit trail."""
    return audit.heard(_answering().lookups[auth.audience()])


def take(count: int) -> None:
    """Count so many things asked by whoever asks; Refusal 429 where that is too much."""
    caller, answering = auth.caller(), _answering()
    if caller is not None:
        answering.quotas.take(caller, count)
    else:
        trusted = current_app.config["TRUSTED_PROXIES"]
        answering.addresses.take(who(request.environ, trusted), count)


def advised(results: Sequence[Verdict]) -> Sequence[Verdict]:
    """Results with what the caller's policy says is to be done; without a key as they are."""
    caller = auth.caller()
    if caller is None:
        return results
    policies = _answering().policies
    return [
        one
        if one.error
        else msgspec.structs.replace(one, action=policies.advise(one, caller.policy))
        for one in results
    ]


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
