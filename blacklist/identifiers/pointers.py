"""Where else a bare account number is listed.

An account listing also writes its number under no bank, with the banks it stands for: such an
entry flags nothing itself, it points to ``BANK/NUMBER``. Called by ``lookup.py`` when it meets one.
"""

from collections.abc import Iterable, Sequence

from blacklist.model import Candidate, Identifier, Kind, Match, Reading


def filter_key(identifier: Identifier) -> str:
    """Return what a filter is asked about an identifier: of an account its bare number.

    A number is asked at a dozen wallets at once; the filter answers for all of them by one key,
    since it holds the bare number of every account it holds (:func:`with_bare_numbers`).
    """
    value = identifier.value
    return value.rpartition("/")[2] if identifier.kind is Kind.ACCOUNT else value


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
