"""Where else a bare account number is listed.

An account listing also writes its number under no bank, with the banks it stands for: such an
entry flags nothing itself, it points to ``BANK/NUMBER``. A number that wallets write in another way
is asked at every wallet. Called by ``lookup.py``: before the store is asked, and when it has told
of a pointer.
"""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from blacklist.identifiers.wallets import fold_unnamed, wallet_accounts
from blacklist.model import Candidate, Identifier, Kind, Match, Question, Reading

_ACCOUNT: Final = Kind.ACCOUNT


def filter_key(identifier: Identifier) -> str:
    """Return what a filter is asked about an identifier: of an account its bare number.

    A number is asked at a dozen wallets at once; the filter answers for all of them by one key,
    since it holds the bare number of every account it holds (:func:`with_bare_numbers`).
    """
    value = identifier.value
    return value.rpartition("/")[2] if identifier.kind is _ACCOUNT else value


def filter_keys(reading: Reading) -> list[str]:
    """Return what a filter is asked about a reading: :func:`filter_key` of all its candidates.

    Those at wallets (:func:`with_wallets`) are among them without being made.
    """
    if reading.identifier.kind is not _ACCOUNT:
        return [one.identifier.value for one in reading.candidates]
    value = reading.identifier.value
    number = filter_key(reading.identifier)
    folded = fold_unnamed(number) if number == value else number
    return [number] if folded == number else [number, folded]


def with_wallets(question: Question) -> Question:
    """Return the question with the accounts at wallets as candidates that its numbers may be."""
    return Question(
        tuple(map(_at_wallets, question.readings)), tuple(map(_at_wallets, question.related))
    )


def _at_wallets(reading: Reading) -> Reading:
    identifier = reading.identifier
    if identifier.kind is not _ACCOUNT or "/" in identifier.value:
        return reading
    places = [Identifier(_ACCOUNT, value) for value in wallet_accounts(identifier.value)]
    if not places:
        return reading
    more = [Candidate(place, Match.UNKNOWN_BANK) for place in places]
    candidates = tuple(dict.fromkeys((*reading.candidates, *more)))
    return msgspec.structs.replace(reading, candidates=candidates)


def with_bare_numbers(accounts: Sequence[str]) -> list[str]:
    """Return values of accounts with the bare numbers of those at a bank: what a filter holds."""
    return [*accounts, *(value.rpartition("/")[2] for value in accounts if "/" in value)]


def pointed_to(reading: Reading, candidate: Candidate, banks: Iterable[str]) -> list[Candidate]:
    """The candidates that an entry for ``candidate`` under ``banks`` adds to a reading.

    Another bank's account is ``other_bank`` where the reading names a bank, else ``unknown_bank``.
    """
    identifier = candidate.identifier
    if identifier.kind is not Kind.ACCOUNT or "/" in identifier.value:
        return []
    own = {known.identifier for known in reading.candidates}
    match = Match.OTHER_BANK if "/" in reading.identifier.value else Match.UNKNOWN_BANK
    places = (Identifier(Kind.ACCOUNT, f"{bank}/{identifier.value}") for bank in banks if bank)
    return [Candidate(place, match) for place in places if place not in own]
