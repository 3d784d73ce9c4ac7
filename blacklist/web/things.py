"""One thing that a body names, understood: what history and watches share."""

from typing import Final

from blacklist import identifiers
from blacklist.errors import InvalidIdentifier
from blacklist.identifiers.reasons import REASONS as OF_TEXTS
from blacklist.items import REASONS, Item, ask_of
from blacklist.model import ItemError, Question
from blacklist.web.answers import home_region
from blacklist.web.problems import Refusal

PROBLEMS: Final = frozenset(OF_TEXTS) | REASONS
"""Words of a thing that is not understood, as a problem document or as an item's error."""


def understood(item: Item) -> Question:
    """What a thing is understood as; Refusal 400 where it is not."""
    ask = ask_of(item, region=home_region())
    if isinstance(ask, ItemError):
        raise Refusal(400, ask.reason, ask.detail)
    try:
        return identifiers.ask(ask.value, kind=ask.kind, bank=ask.bank, region=ask.region)
    except InvalidIdentifier as exc:
        raise Refusal(400, exc.reason, exc.detail) from exc
