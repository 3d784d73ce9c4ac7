"""When the bank that a form names beside a text counts: only where the text may need one."""

from blacklist.errors import InvalidIdentifier
from blacklist.lookup import Ask, identify
from blacklist.model import Kind


def may_need_bank(text: str, region: str) -> bool:
    """Whether a thing may be an account that names no bank itself."""
    try:
        question = identify(Ask(text, region=region))
    except InvalidIdentifier:
        return False
    readings = (reading.identifier for reading in question.readings)
    return any(one.kind is Kind.ACCOUNT and "/" not in one.value for one in readings)
