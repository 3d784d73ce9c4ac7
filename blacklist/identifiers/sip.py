"""``sip:``, ``sips:`` and ``tel:`` addresses as switches hand them over (RFC 3261, RFC 3966).

    "Ngan hang" <sip:+84912345678@host;user=phone>;tag=1
    sip:0912345678;phone-context=+84@10.0.0.1;transport=udp
    tel:+84-912-345-678;ext=5

The number is the user part. The display name is whatever the caller likes and is not looked at.
"""

import re
from typing import Final, NamedTuple
from urllib.parse import unquote

_ADDRESS: Final = re.compile(
    r"(?:(?P<display>\"(?:[^\"\\]|\\.)*\"|[^\"<>]*?)\s*<\s*)?"
    r"(?P<scheme>sips?|tel):(?P<rest>[^<>]*)"
    r"(?(display)>.*)",
    re.IGNORECASE,
)
_CONTEXT: Final = re.compile(r";phone-context=(?P<context>[^;@?]*)", re.IGNORECASE)
_GLOBAL_CONTEXT: Final = re.compile(r"\+[0-9().-]+")
_EXTENSION: Final = re.compile(r";ext=[0-9.-]+", re.IGNORECASE)
_HOSTLESS_NUMBER: Final = re.compile(r"\+?[0-9()-]+")
_PASSWORD: Final = re.compile(r":[^;]*\Z")
_PARAMETER: Final = re.compile(r"\s*[a-z]", re.IGNORECASE)
_INTERNATIONAL: Final = ("+", "00")


class Address(NamedTuple):
    """What an address says: its user part, whether that is a SIP user, and the context's prefix.

    ``user`` is None for a SIP address of a host alone. ``context`` (``+84``, ``+8424``) stands
    before a local number; empty where there is none or the number needs none.
    """

    user: str | None
    is_sip: bool
    context: str


def parse_address(text: str) -> Address | None:
    """Take an address apart; None for a text that is none. An unreadable escape stays readable."""
    found = _ADDRESS.fullmatch(text)
    if found is None:
        return None
    is_sip = found["scheme"].lower() != "tel"
    rest = _user_part(found["rest"]) if is_sip else found["rest"].removeprefix("//")
    if rest is None:
        return Address(None, is_sip, "")
    user, semicolon, parameters = map(unquote, rest.partition(";"))
    if not is_sip and not _is_parameters(parameters):
        return Address(unquote(rest).strip(), is_sip, "")  # two numbers, to be refused as such
    extension = _EXTENSION.search(semicolon + parameters)
    user = user.strip() + (extension[0] if extension else "")
    return Address(user, is_sip, _global_context(user, semicolon + parameters))


def _global_context(user: str, parameters: str) -> str:
    """Return the digits that a local number's context puts before it; a domain has none."""
    found = _CONTEXT.search(parameters)
    if found is None or user.startswith(_INTERNATIONAL):
        return ""
    return found["context"] if _GLOBAL_CONTEXT.fullmatch(found["context"]) else ""


def _user_part(rest: str) -> str | None:
    """Return what stands before the host, without a password; a bare host is no user."""
    user, at, _ = rest.rpartition("@")
    if at:
        return _PASSWORD.sub("", user)
    return rest if _HOSTLESS_NUMBER.fullmatch(rest.partition(";")[0]) else None


def _is_parameters(text: str) -> bool:
    """Tell whether the text behind a semicolon is parameters, ``name=value`` or a bare name."""
    return all(_PARAMETER.match(part) for part in text.split(";") if part)
