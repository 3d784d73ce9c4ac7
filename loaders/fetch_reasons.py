"""Why a feed could not be fetched, or was fetched and not loaded: a word and its sentence each."""

from blacklist.errors import Unreachable

REASONS = {
    "address_refused": "The address leads into a private network, which is not allowed.",
    "bad_address": "The address is not one of the web: only http and https are fetched.",
    "bad_certificate": "The server could not prove that it is the one the address names.",
    "bad_encoding": "The server packed the feed in a way that cannot be unpacked.",
    "bad_redirect": "The server sent on too often, to nowhere, or from https to http.",
    "busy": "Another load of this source is running.",
    "cut_off": "The connection ended before the feed did.",
    "defect": "The program failed; please report it.",
    "held": "The guard stopped the load for a person to look at; nothing was changed.",
    "key_missing": "The feed needs a key, and the catalogue names none.",
    "malformed": "What came is not in the format it should be in.",
    "misconfigured": "A setting, or a column or format named for the feed, does not fit.",
    "no_answer": "The server did not answer.",
    "no_length": "The server does not say where the feed ends, so a cut could not be noticed.",
    "no_room": "The feed could not be kept on disk.",
    "status": "The server answered with an error.",
    "stopped": "The program was asked to end.",
    "store_unavailable": "The store did not answer, or could not take the load.",
    "timeout": "The feed did not come in time.",
    "too_large": "The feed is larger than it may be.",
    "unreadable": "The file cannot be read.",
    "wrong_length": "The feed is longer than the server said.",
}
"""Every reason, and what it means (docs/reasons.md says the same)."""


def unreachable(
    reason: str, more: str = "", *, passing: bool = False, wait_seconds: float | None = None
) -> Unreachable:
    """The error of a reason; ``more`` is a figure or a word, never an address."""
    sentence = REASONS[reason].removesuffix(".")
    message = sentence[0].lower() + sentence[1:] + (f" ({more})" if more else "")
    return Unreachable(message, reason=reason, passing=passing, wait_seconds=wait_seconds)
