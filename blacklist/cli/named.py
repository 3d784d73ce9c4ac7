"""The one thing that a command's argument names."""

from blacklist import identifiers
from blacklist.errors import ConfigError
from blacklist.model import Identifier, Kind


def identify(value: str, kind: str | None, bank: str | None, region: str) -> Identifier:
    """Return the one thing that a text names; ConfigError where it may be several."""
    question = identifiers.ask(value, kind=Kind(kind) if kind else None, bank=bank, region=region)
    if len(question.readings) > 1:
        raise ConfigError("this may be a phone number or an account: say which (--kind)")
    return question.readings[0].identifier
