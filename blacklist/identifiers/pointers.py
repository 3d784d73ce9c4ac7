"""Where else a bare account number is listed.

An account listing also writes its number under no bank, with the banks it stands for: such an
entry flags nothing itself, it points to ``BANK/NUMBER``. Called by ``lookup.py`` when it meets one.
"""

from collections.abc import Iterable

from blacklist.model import Candidate, Identifier, Kind, Match, Reading


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
