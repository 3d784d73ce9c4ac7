"""One thing that a body names, understood: what history and watches share."""

from flask import current_app

from blacklist import identifiers
from blacklist.errors import InvalidIdentifier
from blacklist.items import Item, ask_of
from blacklist.model import ItemError, Question
from blacklist.web.problems import Refusal


def understood(item: Item) -> Question:
    """What a thing is understood as; Refusal 400 where it is not."""
    ask = ask_of(item, region=current_app.config["REGION"])
    if isinstance(ask, ItemError):
        raise Refusal(400, ask.reason, ask.detail)
    try:
        return identifiers.ask(ask.value, kind=ask.kind, bank=ask.bank, region=ask.region)
    except InvalidIdentifier as exc:
        raise Refusal(400, exc.reason, exc.detail) from exc
