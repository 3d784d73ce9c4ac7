"""The words of this package: why a text is refused, and what is noted about one that is not.

Every module here raises through :func:`refusal` and notes with the words of ``NOTES``, so the two
tables are complete; ``docs/reasons.md`` repeats them for readers and a test holds the two equal.
The sentences are for people and never repeat the text that was refused.
"""

from typing import Final

from blacklist.errors import InvalidIdentifier

REASONS: Final[dict[str, str]] = {
    "empty": "The text is empty or blank.",
    "too_long": "The text is longer than 8192 characters.",
    "control_characters": "The text holds control characters.",
    "not_text": "The text holds half of a surrogate pair and cannot be written as UTF-8.",
    "not_understood": "The text does not look like a phone number, an account or a link.",
    "unknown_region": "The region is not a two-letter country code that has phone numbers.",
    "not_a_number": "The text is not a phone number that can be dialled.",
    "letters_in_number": "The phone number holds letters.",
    "several_numbers": "The text holds several phone numbers or an extension; give one number.",
    "placeholder": "The digits are a placeholder, not somebody's number.",
    "not_an_account": "An account is 4 to 19 letters and digits with at least one digit.",
    "card_number": "The text is a payment card's number, which is never looked up or stored.",
    "unknown_bank": "The bank is not known by this BIN, code, name or SWIFT.",
    "ambiguous_bank": "The bank's name stands for more than one bank.",
    "bank_conflict": "The text names one bank and the question another.",
    "several_links": "The text holds several links, or words beside one; give one link.",
    "email_address": "The text is an e-mail address, not a link.",
    "unsupported_scheme": "Only http, https, ftp, ws and wss links are looked up.",
    "not_a_domain": "The link's host is not a domain name or an internet address.",
    "private_address": "The link leads to a private or reserved address.",
    "public_suffix": "Anybody has a site under this host; it cannot be listed whole.",
    "shared_host": "The host carries everybody's pages; only a page on it can be listed.",
    "shared_path": "The path carries many people's pages; only one of them can be listed.",
}

NOTES: Final[dict[str, str]] = {
    "not_assigned": "The numbering plan has no such number in use; a forged caller may show it.",
    "prefix_2018": "An 11-digit mobile of before 15 September 2018 was read as its new number.",
    "foreign_number": "The number's country is not the region it was asked from.",
    "bank_missing": "No bank was named, so the number was looked up at every bank.",
    "refanged": "The link was written so that it cannot be clicked, and was put back.",
    "unknown_suffix": "The host's top-level domain is not in the public suffix list.",
    "public_suffix": "Anybody has a site under this host; what is listed there was not looked up.",
    "shared_host": "The host carries everybody's pages; only the bare host was looked up.",
    "shared_path": "The path carries many people's pages; only the bare path was looked up.",
}


def refusal(reason: str, detail: str | None = None) -> InvalidIdentifier:
    """Return the exception to raise; ``detail`` replaces the reason's own sentence."""
    return InvalidIdentifier(reason, detail or REASONS[reason])
